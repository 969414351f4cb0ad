//! The journal: what cannot be made again if it is lost.

#![allow(missing_docs, reason = "a field is described where its name leaves something open")]

use sanwu_schema::crypto::hash::Hash;
use serde::{Deserialize, Serialize};

use super::{Error, FamilyCheck, JournalBatch};

/// Who may append to a log. Fixed when its store is made: everything in the store was admitted by this rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum AppendPolicy {
    /// Signed statements by keys in the ring.
    #[default]
    Statements,
    /// Also raw leaves without a statement, at `POST /add`: test logs for load generators only.
    Open,
}

impl AppendPolicy {
    /// Returns the word for it in `log.toml` and on the command line.
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
    pub position: Position,
    /// The signed note, as it leaves the process after the commit.
    pub note: Vec<u8>,
}

/// A checkpoint that the log has published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The tree size of the checkpoint.
    pub size: u64,
    /// When this node published it, in milliseconds since 1970: the node's own statement, no evidence.
    pub published_ms: u64,
    /// The signed note, with the cosignatures gathered so far.
    pub note: Vec<u8>,
}

/// The outcome of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Commit {
    /// All of the batch is durable and visible to every later read.
    Committed,
    /// Nothing of the batch was stored: the head is not the expected one but this.
    Lost(Option<Head>),
    /// The batch may be stored or not, and why that is not known. See [`Journal`], "After `Unknown`".
    Unknown(String),
}

/// The entries in their order, the tree over them, the bytes that they name, and the signed heads.
///
/// **Atomic.** [`commit`](Self::commit) stores all of a batch, head included, or nothing. No reader ever sees a head
/// without the entries, tree hashes and blobs that it covers.
///
/// **Durable.** When `commit` returns [`Commit::Committed`], the batch survives power loss. When
/// [`publish`](Self::publish) returns `Ok`, so does the checkpoint.
///
/// **One writer.** One thread calls `commit` (the sequencer; of a replica, the follower) and one calls `publish`; the
/// two write different records and need not wait for each other. A second process that commits is detected by
/// `expected`: it gets [`Commit::Lost`] and has overwritten nothing. The loser stops; it does not retry at the new head.
///
/// **After `Unknown`.** The caller reads [`head`](Self::head) and resolves this very batch before it forms another. The
/// head is the batch's: it is stored. The head is still `expected`: the same commit is repeated, with the same bytes,
/// since the first may still be under way. Any other head: another writer, stop. No signature of the batch leaves the
/// process before it is known to be stored.
///
/// **After an error.** [`Error::Batch`] and [`Error::Damaged`] of a write: nothing was stored. [`Error::Engine`]: what
/// the disk holds is not known and is never asked again; every later write returns the same error until the store is
/// reopened, and the caller ends the process.
///
/// **Reads** may be called from any thread at any time and do not wait for a commit under way. One read is consistent
/// in itself; two reads may see different heads. Entries, blobs and the hashes of tiles never change once written, so a
/// reader that starts from one head and asks only for what it covers gets one consistent picture. What a head covers
/// is never reported as absent: an engine that cannot give it now answers [`Error::Engine`], not `None`.
///
/// **Integrity.** A read that returns `Ok` returns what was written: every record carries a check over its family, key
/// and value (a blob: its own digest), and a mismatch is [`Error::Damaged`].
pub trait Journal: Send + Sync {
    /// Returns who may append, as it was fixed when the store was made.
    fn append_policy(&self) -> AppendPolicy;

    /// Returns the committed head; `None` in a store that was never committed to.
    fn head(&self) -> Result<Option<Head>, Error>;

    /// Stores the batch and moves the head from `expected` (`None`: a store never committed to) to `head`.
    ///
    /// The first of the batch's entries has the index `expected.size`. Does not touch the index: see
    /// [`Store::commit_indexed`](super::Store::commit_indexed).
    fn commit(&self, expected: Option<Position>, head: &Head, batch: &JournalBatch) -> Result<Commit, Error>;

    /// Retains a published checkpoint. The same size again replaces the note (more cosignatures).
    fn publish(&self, checkpoint: &Published) -> Result<(), Error>;

    /// Returns the envelope at `index`.
    fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, Error>;

    /// Returns up to `count` envelopes from `first` on; fewer at the end.
    ///
    /// At most [`ENTRIES_PER_READ_MAX`](super::ENTRIES_PER_READ_MAX).
    fn entries(&self, first: u64, count: usize) -> Result<Vec<Vec<u8>>, Error>;

    /// Returns the hashes that tile `index` at tile level `level` holds so far: 0 to 256.
    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error>;

    /// Returns the blob with this SHA-256.
    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, Error>;

    /// Returns whether the blob with this SHA-256 is stored. Does not check its bytes.
    fn has_blob(&self, digest: &Hash) -> Result<bool, Error>;

    /// Returns the largest published checkpoint.
    fn last_published(&self) -> Result<Option<Published>, Error>;

    /// Returns published checkpoints of at least `size`, smallest first, at most
    /// [`ROWS_PER_READ_MAX`](super::ROWS_PER_READ_MAX).
    fn published_from(&self, size: u64, count: usize) -> Result<Vec<Published>, Error>;

    /// Returns published checkpoints of less than `size`, largest first, at most
    /// [`ROWS_PER_READ_MAX`](super::ROWS_PER_READ_MAX).
    fn published_before(&self, size: u64, count: usize) -> Result<Vec<Published>, Error>;

    /// Reads every record of the journal's families and checks it. Takes as long as the store is large.
    fn check_journal(&self) -> Result<Vec<FamilyCheck>, Error>;
}
