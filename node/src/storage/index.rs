//! The index: what the journal's entries say, laid out for questions.

use std::ops::Range;

use sanwu_schema::crypto::hash::Hash;

use super::{Error, FamilyCheck, IndexBatch};

/// Statements, chains, slots, grants and corrections, derived from the entries of a [`Journal`](super::Journal).
///
/// **Rebuildable.** Nothing here is kept nowhere else: [`clear`](Self::clear) loses nothing that a replay of the
/// journal does not give again. The engine cannot derive it; the caller, who knows what an entry means, does, and
/// hands the result to [`apply`](Self::apply).
///
/// **Cursor.** [`cursor`](Self::cursor) is the number of entries, from the first on, that the index is derived from. It
/// is never larger than the size of the journal's durable head, also after a crash: `apply` comes after the commit, or
/// is one write with it. An index whose cursor is behind answers for an earlier log, so nothing is served from it
/// ([`Store::check_indexed`](super::Store::check_indexed)).
///
/// **Atomic.** `apply` stores all of a batch and moves the cursor, or does nothing. So a batch is never applied by half,
/// and one that is applied already is ignored.
///
/// **Durable.** Not promised: a crash may take the newest batches, and the cursor with them. The caller derives them
/// again from the cursor on.
///
/// **One writer**, the thread that commits to the journal. After [`Error::Engine`] every later write returns the same
/// error until the store is reopened; the cursor then says what was applied.
///
/// **Reads** may be called from any thread at any time and do not wait for `apply`. One read is consistent in itself.
/// Located statements, facts, chain entries, slots, grants and corrections never change once written; a chain's head
/// does. A record that was damaged is [`Error::Damaged`].
///
/// Chain heads, facts and located statements are opaque bytes here.
pub trait Index: Send + Sync {
    /// Returns the number of entries that the index is derived from. May wait for a write under way.
    fn cursor(&self) -> Result<u64, Error>;

    /// Stores what the entries `entries.start..entries.end` change, and moves the cursor to `entries.end`.
    ///
    /// Does nothing if the cursor is there or beyond. [`Error::Batch`] if it is anywhere else than at `entries.start`,
    /// or if the journal does not hold the entries yet.
    fn apply(&self, entries: Range<u64>, batch: &IndexBatch) -> Result<(), Error>;

    /// Drops everything and sets the cursor to 0.
    ///
    /// Does not read what it drops, so that a damaged index can be dropped. If it is interrupted, the cursor is 0 or
    /// unchanged. The journal's records are not touched.
    fn clear(&mut self) -> Result<(), Error>;

    /// Returns the record of the statement with this id.
    fn located(&self, statement: &Hash) -> Result<Option<Vec<u8>>, Error>;

    /// Returns statement ids from `from` on in byte order, at most [`ROWS_PER_READ_MAX`](super::ROWS_PER_READ_MAX).
    fn statements_from(&self, from: &Hash, count: usize) -> Result<Vec<Hash>, Error>;

    /// Returns the record of the chain's head.
    fn chain_head(&self, chain: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Returns the record of the facts in force after the chain's entry `seq`.
    fn chain_facts(&self, chain: &str, seq: u64) -> Result<Option<Vec<u8>>, Error>;

    /// Returns the indexes of the chain's entries from `first_seq` on, at most
    /// [`ROWS_PER_READ_MAX`](super::ROWS_PER_READ_MAX).
    fn chain_entries(&self, chain: &str, first_seq: u64, count: usize) -> Result<Vec<u64>, Error>;

    /// Names and head records of the chains after `after` in byte order, at most
    /// [`ROWS_PER_READ_MAX`](super::ROWS_PER_READ_MAX).
    fn chains(&self, after: Option<&str>, count: usize) -> Result<Vec<(String, Vec<u8>)>, Error>;

    /// Returns the statement that took the slot.
    fn slot(&self, slot: &str) -> Result<Option<Hash>, Error>;

    /// Returns whether the chain ever granted the key.
    fn was_granted(&self, chain: &str, key: &Hash) -> Result<bool, Error>;

    /// Returns the statement that corrects this one.
    fn corrected_by(&self, statement: &Hash) -> Result<Option<Hash>, Error>;

    /// Reads every record of the index's families and checks it. Takes as long as the index is large.
    fn check_index(&self) -> Result<Vec<FamilyCheck>, Error>;
}
