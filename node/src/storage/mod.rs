//! What the node keeps, behind two contracts.
//!
//! [`Journal`] is the truth: entries, tree, blobs, signed heads. [`Index`] is derived from it and can be dropped and
//! rebuilt. [`Store`] is one handle on both, and what the log holds. All three speak of entries, chains, tree hashes
//! and blobs, never of keys and values, so that an engine of another kind (an object store with conditional writes and
//! an index of each node's own) can take the place of the embedded one.
//!
//! Which engine it is nobody outside this module knows: a store comes from [`open`], [`create`] or [`in_memory`]. One
//! suite, `conformance.rs`, holds for every engine.
//!
//! This module knows digests, positions and names, and nothing of what an entry means.

mod batch;
mod family;
pub mod guard;
mod index;
mod journal;
mod memory;
#[cfg(feature = "server")]
mod rocks;

#[cfg(test)]
pub(crate) mod conformance;

pub use batch::{Batch, Blob, ChainUpdate, IndexBatch, JournalBatch, LocatedRow, TreeHash};
pub use family::{DAMAGES_MAX, Family, FamilyCheck};
pub use index::Index;
pub use journal::{AppendPolicy, Commit, Head, Journal, Position, Published};
pub use memory::{Fault, InMemory, Stall};

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// The number of hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;

/// The most entries that one [`Journal::entries`] call gives: one entry bundle.
pub const ENTRIES_PER_READ_MAX: usize = 256;

/// The most rows of a listing (chains, checkpoints, a chain's entries) that one call gives.
pub const ROWS_PER_READ_MAX: usize = 1_000;

/// Why a store could not answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "a field is described where its name leaves something open")]
pub enum Error {
    /// A record is not what was written: a flipped byte, a lost block, a foreign file.
    #[error("damaged record in family {family}, key {key}: {detail}")]
    Damaged {
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
        doing: &'static str,
        /// The engine's own message.
        detail: String,
    },
    /// The batch contradicts itself or the position it is for: a defect of the caller, nothing was stored.
    #[error("inconsistent batch: {0}")]
    Batch(&'static str),
    /// The index is derived from the first entries only: `reindex` was interrupted, or is needed.
    #[error("the index covers {derived} of {size} entries; it is rebuilt by: sanwu-node reindex")]
    Unindexed {
        /// The index's cursor.
        derived: u64,
        /// The size of the journal's head.
        size: u64,
    },
}

/// A journal and the index over it, as one handle.
pub trait Store: Journal + Index {
    /// Commits to the journal as [`Journal::commit`] does, and applies the index's part of the batch.
    ///
    /// After [`Commit::Committed`] the cursor is at the head and every later read sees both parts.
    /// [`Commit::Lost`]: nothing was stored in either. After [`Commit::Unknown`] the caller resolves the batch as the
    /// journal asks; if it is stored after all, it calls [`Index::apply`] with the same part, which does nothing where
    /// it is applied already. [`Error::Unindexed`] if the index is behind `expected`: nothing was stored. An error of
    /// the index after the journal's commit is [`Error::Engine`], and the process ends as after any other.
    ///
    /// As it is written here, for an engine that keeps the two apart, the journal comes first, so that the index is
    /// never ahead of it; a crash in between leaves an index that is behind. An engine that keeps both in one place
    /// makes it one write, so that the index is never behind either.
    fn commit_indexed(&self, expected: Option<Position>, head: &Head, batch: &Batch) -> Result<Commit, Error> {
        let entries = expected.map_or(0, |position| position.size)..head.position.size;
        let derived = self.cursor()?;
        if derived < entries.start {
            return Err(Error::Unindexed { derived, size: entries.start });
        }
        batch.index.check(&entries)?;
        let outcome = self.commit(expected, head, &batch.journal)?;
        if outcome == Commit::Committed {
            self.apply(entries, &batch.index)?;
        }
        Ok(outcome)
    }

    /// Returns [`Error::Unindexed`] unless the index is derived from every entry of the journal.
    ///
    /// Asked when a log is opened, before anything is read from the index.
    fn check_indexed(&self) -> Result<(), Error> {
        let size = self.head()?.map_or(0, |head| head.position.size);
        let derived = self.cursor()?;
        if derived == size { Ok(()) } else { Err(Error::Unindexed { derived, size }) }
    }

    /// Reads every record of every family and checks it, in the order of [`Family::ALL`].
    fn check_records(&self) -> Result<Vec<FamilyCheck>, Error> {
        let mut checks = self.check_journal()?;
        checks.extend(self.check_index()?);
        checks.sort_by_key(|check| check.family);
        Ok(checks)
    }
}

/// Which store, and what its engine needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder of the embedded engine.
    pub folder: PathBuf,
}

/// What a store is opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading and writing. A second process that asks for it is refused.
    Write,
    /// Reading only; nothing on disk changes.
    Read,
    /// Finding out what is damaged, and nothing else: opens what can be opened.
    Damaged,
    /// Reading a store that another process is writing to, as it is at this moment.
    Beside {
        /// A folder for the engine's own files of the view; may be removed when the store is closed.
        scratch: PathBuf,
    },
}

/// Makes an empty store in a folder that is not there or empty.
#[cfg(feature = "server")]
pub fn create(settings: &Settings, policy: AppendPolicy) -> Result<Box<dyn Store>, Error> {
    Ok(Box::new(rocks::Rocks::create(&settings.folder, policy)?))
}

/// Opens an existing store. One whose index is incomplete opens, too: see [`Store::check_indexed`].
#[cfg(feature = "server")]
pub fn open(settings: &Settings, access: &Access) -> Result<Box<dyn Store>, Error> {
    Ok(Box::new(rocks::Rocks::open(&settings.folder, access)?))
}

/// Returns an empty store that is gone with the process, with faults on demand: for tests.
pub fn in_memory(policy: AppendPolicy) -> Arc<InMemory> {
    Arc::new(InMemory::new(policy))
}
