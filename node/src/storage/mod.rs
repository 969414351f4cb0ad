//! What the node keeps, behind one narrow contract.
//!
//! [`Store`] speaks of entries, chains, tree hashes and blobs, never of keys and values, so that an
//! engine of another kind (an object store with conditional writes) can take the place of the embedded
//! one. The two engines here are [`rocks`] (on disk) and [`memory`] (tests, with faults on demand); one
//! suite, `conformance.rs`, holds for both.
//!
//! Records that have an own format (chain heads, facts, located statements) pass through as opaque
//! bytes: this module knows digests, positions and names, and nothing of what an entry means.

mod batch;
pub mod guard;
pub mod memory;
#[cfg(feature = "server")]
pub mod rocks;

#[cfg(test)]
pub(crate) mod conformance;

pub use batch::{Batch, Blob, ChainUpdate, Located, TreeHash};

use sanwu_schema::crypto::hash::Hash;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The number of hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;

/// The most entries that one [`Store::entries`] call gives: one entry bundle.
pub const ENTRIES_PER_READ_MAX: usize = 256;

/// The most rows of a listing (chains, checkpoints, a chain's entries) that one call gives.
pub const ROWS_PER_READ_MAX: usize = 1_000;

/// Who may append to a log. Fixed when its store is made: all that stands in the store came in by this rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    /// Signed statements by keys in the ring.
    #[default]
    Statements,
    /// Also raw leaves without a statement, at `POST /add`: test logs for load generators only.
    Open,
}

impl Admission {
    /// The word for it in `log.toml` and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Statements => "statements",
            Self::Open => "open",
        }
    }
}

/// A size of the tree and the root at that size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The number of leaves.
    pub size: u64,
    /// The Merkle root over them.
    pub root: Hash,
}

/// The committed head: a position and the log's signed note over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What is signed.
    pub position: Position,
    /// The signed note, as it leaves the process after the commit.
    pub note: Vec<u8>,
}

/// A checkpoint that the log has shown to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The tree size of the checkpoint.
    pub size: u64,
    /// When this node published it, in milliseconds since 1970: the node's word, no evidence.
    pub published_ms: u64,
    /// The signed note, with the cosignatures gathered so far.
    pub note: Vec<u8>,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    /// All of the batch is durable and visible to every later read.
    Committed,
    /// Nothing of the batch was stored: the head is not the expected one but this.
    Lost(Option<Head>),
    /// The batch may be stored or not. The caller reads [`Store::head`] and resolves this very batch
    /// before it forms another.
    Unknown(String),
}

/// Why a store could not answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// A record is not what was written: a flipped byte, a lost block, a foreign file.
    #[error("damaged record in family {family}, key {key}: {detail}")]
    Damaged {
        /// The family that holds the record.
        family: Family,
        /// The record's key, readable.
        key: String,
        /// What does not fit.
        detail: String,
    },
    /// The directory holds no store, or one of another format version.
    #[error("{0}")]
    Format(String),
    /// The engine failed (I/O, fsync, no space). After a failed write no later write is accepted: what
    /// an fsync error leaves on disk is unknown, and trying again would hide it. Restart and check.
    #[error("store failed while {doing}: {detail}")]
    Engine {
        /// What was being done.
        doing: &'static str,
        /// The engine's own words.
        detail: String,
    },
    /// The batch contradicts itself or the expected head: a defect of the caller, nothing was stored.
    #[error("inconsistent batch: {0}")]
    Batch(&'static str),
}

/// The kinds of record a store keeps; damage reports and `fsck` name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Format version, signed head.
    Meta,
    /// Envelopes by index.
    Entry,
    /// Statement id → where it stands.
    Statement,
    /// Chain → its head.
    Chain,
    /// Chain and seq → the facts in force after that entry.
    Facts,
    /// Chain and seq → index.
    ChainEntry,
    /// Slot (chain, code, period) → statement id.
    Slot,
    /// Chain and key → granted once.
    Grant,
    /// Statement → the one that corrects it.
    Corrected,
    /// Hashes of tiles that are not full yet.
    Edge,
    /// Full tiles.
    Tile,
    /// Bodies, rows, attachments by SHA-256.
    Blob,
    /// Published checkpoints by size.
    Checkpoint,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 13] = [
        Self::Meta,
        Self::Entry,
        Self::Statement,
        Self::Chain,
        Self::Facts,
        Self::ChainEntry,
        Self::Slot,
        Self::Grant,
        Self::Corrected,
        Self::Edge,
        Self::Tile,
        Self::Blob,
        Self::Checkpoint,
    ];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Entry => "entry",
            Self::Statement => "statement",
            Self::Chain => "chain",
            Self::Facts => "facts",
            Self::ChainEntry => "chain_entry",
            Self::Slot => "slot",
            Self::Grant => "grant",
            Self::Corrected => "corrected",
            Self::Edge => "edge",
            Self::Tile => "tile",
            Self::Blob => "blob",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a full read of one family found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyCheck {
    /// The family.
    pub family: Family,
    /// Records read.
    pub records: u64,
    /// The first damages met, at most [`DAMAGES_MAX`].
    pub damages: Vec<String>,
}

/// The most damages a [`FamilyCheck`] lists: enough to see a pattern, never a report of gigabytes.
pub const DAMAGES_MAX: usize = 100;

/// The contract between the log and whatever keeps its records.
///
/// **Atomic and durable.** [`commit`](Self::commit) stores all of a batch or nothing. When it returns
/// [`Commit::Committed`] the batch survives power loss, and every later read from any thread sees it.
/// [`publish`](Self::publish) is durable on return.
///
/// **One writer.** Only the sequencer calls `commit`, only the publisher calls `publish`, and they do
/// not touch the same records. `expected` makes a second writer visible: it loses, it never overwrites.
///
/// **Reads** may be called from any thread at any time and never wait for a commit. A single read is
/// consistent in itself; two reads may see different heads. Since entries, tiles, blobs, located
/// statements and facts are never changed once written, a reader that starts from one head and asks
/// only for what lies below it gets one consistent picture.
///
/// **Integrity.** A read that returns `Ok` returns what was written: every record carries a check over
/// its family, key and value (a blob: its own digest), and a mismatch is [`Error::Damaged`].
pub trait Store: Send + Sync + 'static {
    /// Who may append, as it was fixed when the store was made.
    fn admission(&self) -> Admission;

    /// The committed head; `None` in a store that was never committed to.
    fn head(&self) -> Result<Option<Head>, Error>;

    /// Stores the batch if the head is at `expected` (`None`: a store never committed to).
    fn commit(&self, expected: Option<Position>, batch: &Batch) -> Result<Commit, Error>;

    /// Retains a published checkpoint. The same size again replaces the note (more cosignatures).
    fn publish(&self, checkpoint: &Published) -> Result<(), Error>;

    /// The envelope at `index`.
    fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, Error>;

    /// Up to `count` envelopes from `first` on, at most [`ENTRIES_PER_READ_MAX`]; fewer at the end.
    fn entries(&self, first: u64, count: usize) -> Result<Vec<Vec<u8>>, Error>;

    /// The hashes that tile `index` at tile level `level` holds so far: 0 to 256.
    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error>;

    /// The blob with this SHA-256.
    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, Error>;

    /// Whether the blob with this SHA-256 is there.
    fn has_blob(&self, digest: &Hash) -> Result<bool, Error>;

    /// The record of the statement with this id.
    fn located(&self, statement: &Hash) -> Result<Option<Vec<u8>>, Error>;

    /// Statement ids from `from` on in byte order, at most [`ROWS_PER_READ_MAX`].
    fn statements_from(&self, from: &Hash, count: usize) -> Result<Vec<Hash>, Error>;

    /// The record of the chain's head.
    fn chain_head(&self, chain: &str) -> Result<Option<Vec<u8>>, Error>;

    /// The record of the facts in force after the chain's entry `seq`.
    fn chain_facts(&self, chain: &str, seq: u64) -> Result<Option<Vec<u8>>, Error>;

    /// The indexes of the chain's entries from `first_seq` on, at most [`ROWS_PER_READ_MAX`].
    fn chain_entries(&self, chain: &str, first_seq: u64, count: usize) -> Result<Vec<u64>, Error>;

    /// Names and head records of the chains after `after` in byte order, at most [`ROWS_PER_READ_MAX`].
    fn chains(&self, after: Option<&str>, count: usize) -> Result<Vec<(String, Vec<u8>)>, Error>;

    /// The statement that took the slot.
    fn slot(&self, slot: &str) -> Result<Option<Hash>, Error>;

    /// Whether the chain ever granted the key.
    fn was_granted(&self, chain: &str, key: &Hash) -> Result<bool, Error>;

    /// The statement that corrects this one.
    fn corrected_by(&self, statement: &Hash) -> Result<Option<Hash>, Error>;

    /// The largest published checkpoint.
    fn last_published(&self) -> Result<Option<Published>, Error>;

    /// Published checkpoints of at least `size`, smallest first, at most [`ROWS_PER_READ_MAX`].
    fn published_from(&self, size: u64, count: usize) -> Result<Vec<Published>, Error>;

    /// Published checkpoints of less than `size`, largest first, at most [`ROWS_PER_READ_MAX`].
    fn published_before(&self, size: u64, count: usize) -> Result<Vec<Published>, Error>;

    /// Reads every record of every family and checks it. Slow: as long as the store is large.
    fn check_records(&self) -> Result<Vec<FamilyCheck>, Error>;
}
