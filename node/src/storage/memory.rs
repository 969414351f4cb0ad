//! A store in memory, with faults on demand: for tests of what is built on the contracts.
//!
//! It makes the same promises as the engine on disk (the conformance suite holds for both), except that it is gone with
//! the process. It keeps journal and index apart, as an engine with a shared journal does: a commit of unknown outcome
//! leaves the index behind, and a reader may meet the moment between the two.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::sync::{Mutex, MutexGuard};

use sanwu_schema::crypto::hash::Hash;

use super::{
    AppendPolicy, Commit, ENTRIES_PER_READ_MAX, Error, Family, FamilyCheck, Head, Index, IndexBatch, Journal,
    JournalBatch, Position, Published, ROWS_PER_READ_MAX, Store, TILE_WIDTH,
};

/// What the next commit does instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Stores nothing and answers [`Commit::Unknown`].
    NotStored,
    /// Stores everything and answers [`Commit::Unknown`].
    Stored,
    /// Stores nothing, answers [`Error::Engine`], and so does every later write: a failed fsync.
    Broken,
    /// Another writer has moved the head: stores nothing, answers [`Commit::Lost`].
    Lost,
}

/// A store in memory, shared by reference between the threads of a test.
#[derive(Default)]
pub struct InMemory {
    policy: AppendPolicy,
    /// Where both are held, this one is taken first.
    journal: Mutex<JournalState>,
    index: Mutex<IndexState>,
}

/// While it exists every call of the store waits: a disk that does not answer.
pub struct Stall<'a> {
    _held: (MutexGuard<'a, JournalState>, MutexGuard<'a, IndexState>),
}

#[derive(Default)]
struct JournalState {
    head: Option<Head>,
    entries: Vec<Vec<u8>>,
    tree: BTreeMap<(u8, u64), Hash>,
    blobs: BTreeMap<Hash, Vec<u8>>,
    published: BTreeMap<u64, Published>,
    /// Faults of the next commits, first one first.
    faults: Vec<Fault>,
    broken: bool,
    /// Commits that were asked for, faulty ones too.
    commits: u64,
}

#[derive(Default)]
struct IndexState {
    cursor: u64,
    located: BTreeMap<Hash, Vec<u8>>,
    chains: BTreeMap<String, Vec<u8>>,
    facts: BTreeMap<(String, u64), Vec<u8>>,
    chain_entries: BTreeMap<(String, u64), u64>,
    slots: BTreeMap<String, Hash>,
    granted: BTreeSet<(String, Hash)>,
    corrected: BTreeMap<Hash, Hash>,
}

impl InMemory {
    pub(super) fn new(policy: AppendPolicy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Lets every call wait until the stall is dropped.
    pub fn stall(&self) -> Stall<'_> {
        Stall { _held: (self.journal(), self.index()) }
    }

    /// Lets the next commits fail, one fault each, in this order.
    pub fn inject(&self, faults: &[Fault]) {
        self.journal().faults.extend_from_slice(faults);
    }

    /// Ends all faults, as a restart on a sound disk does.
    pub fn repair(&self) {
        let mut state = self.journal();
        state.faults.clear();
        state.broken = false;
    }

    /// Returns how many commits were asked for.
    pub fn commits(&self) -> u64 {
        self.journal().commits
    }

    fn journal(&self) -> MutexGuard<'_, JournalState> {
        self.journal.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn index(&self) -> MutexGuard<'_, IndexState> {
        self.index.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn broken() -> Error {
    Error::Engine { doing: "committing", detail: "injected fsync failure".into() }
}

impl JournalState {
    fn apply(&mut self, head: &Head, batch: &JournalBatch) {
        self.entries.extend(batch.entries.iter().map(|entry| entry.to_vec()));
        self.tree.extend(batch.tree.iter().map(|hash| ((hash.level, hash.index), hash.hash)));
        self.blobs.extend(batch.blobs.iter().map(|blob| (blob.digest, blob.bytes.to_vec())));
        self.head = Some(head.clone());
    }
}

impl IndexState {
    fn apply(&mut self, batch: &IndexBatch) {
        for located in &batch.located {
            self.located.insert(located.id, located.record.clone());
            self.chain_entries.insert((located.chain.clone(), located.seq), located.index);
        }
        for update in &batch.chains {
            self.chains.insert(update.chain.clone(), update.head.clone());
            if let Some(facts) = &update.facts {
                self.facts.insert((update.chain.clone(), update.seq), facts.clone());
            }
        }
        self.slots.extend(batch.slots.iter().cloned());
        self.granted.extend(batch.granted.iter().cloned());
        self.corrected.extend(batch.corrected.iter().copied());
    }
}

impl Store for InMemory {}

impl Journal for InMemory {
    fn append_policy(&self) -> AppendPolicy {
        self.policy
    }

    fn head(&self) -> Result<Option<Head>, Error> {
        Ok(self.journal().head.clone())
    }

    fn commit(&self, expected: Option<Position>, head: &Head, batch: &JournalBatch) -> Result<Commit, Error> {
        let mut state = self.journal();
        state.commits += 1;
        if state.broken {
            return Err(broken());
        }
        if state.head.as_ref().map(|head| head.position) != expected {
            return Ok(Commit::Lost(state.head.clone()));
        }
        batch.check(expected, head)?;
        let fault = if state.faults.is_empty() { None } else { Some(state.faults.remove(0)) };
        match fault {
            Some(Fault::NotStored) => return Ok(Commit::Unknown("injected: failed, not stored".into())),
            Some(Fault::Broken) => {
                state.broken = true;
                return Err(broken());
            }
            Some(Fault::Lost) => return Ok(Commit::Lost(state.head.clone())),
            Some(Fault::Stored) | None => state.apply(head, batch),
        }
        Ok(match fault {
            Some(_) => Commit::Unknown("injected: failed, but stored".into()),
            None => Commit::Committed,
        })
    }

    fn publish(&self, checkpoint: &Published) -> Result<(), Error> {
        self.journal().published.insert(checkpoint.size, checkpoint.clone());
        Ok(())
    }

    fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, Error> {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        Ok(self.journal().entries.get(index).cloned())
    }

    fn entries(&self, first: u64, count: usize) -> Result<Vec<Vec<u8>>, Error> {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let state = self.journal();
        Ok(state.entries.iter().skip(first).take(count.min(ENTRIES_PER_READ_MAX)).cloned().collect())
    }

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error> {
        let first = index.saturating_mul(TILE_WIDTH);
        let state = self.journal();
        let hashes = state.tree.range((level, first)..=(level, first.saturating_add(TILE_WIDTH - 1)));
        Ok(hashes.map(|(_, hash)| *hash).collect())
    }

    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.journal().blobs.get(digest).cloned())
    }

    fn has_blob(&self, digest: &Hash) -> Result<bool, Error> {
        Ok(self.journal().blobs.contains_key(digest))
    }

    fn last_published(&self) -> Result<Option<Published>, Error> {
        Ok(self.journal().published.last_key_value().map(|(_, published)| published.clone()))
    }

    fn published_from(&self, size: u64, count: usize) -> Result<Vec<Published>, Error> {
        let state = self.journal();
        let published = state.published.range(size..).map(|(_, published)| published.clone());
        Ok(published.take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn published_before(&self, size: u64, count: usize) -> Result<Vec<Published>, Error> {
        let state = self.journal();
        let published = state.published.range(..size).rev().map(|(_, published)| published.clone());
        Ok(published.take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn check_journal(&self) -> Result<Vec<FamilyCheck>, Error> {
        let state = self.journal();
        let tiles = state.tree.keys().filter(|(_, index)| index % TILE_WIDTH == TILE_WIDTH - 1).count();
        Ok(vec![
            // The format version, too, as on a disk.
            whole(Family::Meta, 1 + usize::from(state.head.is_some())),
            whole(Family::Entry, state.entries.len()),
            whole(Family::Edge, state.tree.len() - tiles * TILE_WIDTH as usize),
            whole(Family::Tile, tiles),
            whole(Family::Blob, state.blobs.len()),
            whole(Family::Checkpoint, state.published.len()),
        ])
    }
}

impl Index for InMemory {
    fn cursor(&self) -> Result<u64, Error> {
        Ok(self.index().cursor)
    }

    fn apply(&self, entries: Range<u64>, batch: &IndexBatch) -> Result<(), Error> {
        let committed = self.journal().entries.len() as u64;
        let mut state = self.index();
        if entries.end <= state.cursor {
            return Ok(());
        }
        if entries.start != state.cursor || entries.end > committed {
            return Err(Error::Batch("not the entries at the index's cursor"));
        }
        batch.check(&entries)?;
        state.apply(batch);
        state.cursor = entries.end;
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Error> {
        *self.index() = IndexState::default();
        Ok(())
    }

    fn located(&self, statement: &Hash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.index().located.get(statement).cloned())
    }

    fn statements_from(&self, from: &Hash, count: usize) -> Result<Vec<Hash>, Error> {
        let state = self.index();
        Ok(state.located.range(from..).map(|(id, _)| *id).take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn chain_head(&self, chain: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.index().chains.get(chain).cloned())
    }

    fn chain_facts(&self, chain: &str, seq: u64) -> Result<Option<Vec<u8>>, Error> {
        let state = self.index();
        let range = (chain.to_owned(), 0)..=(chain.to_owned(), seq);
        Ok(state.facts.range(range).next_back().map(|(_, facts)| facts.clone()))
    }

    fn chain_entries(&self, chain: &str, first_seq: u64, count: usize) -> Result<Vec<u64>, Error> {
        let state = self.index();
        let range = (chain.to_owned(), first_seq)..=(chain.to_owned(), u64::MAX);
        Ok(state.chain_entries.range(range).map(|(_, index)| *index).take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn chains(&self, after: Option<&str>, count: usize) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let state = self.index();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let chains = state.chains.range::<str, _>((from, Bound::Unbounded));
        Ok(chains.map(|(chain, head)| (chain.clone(), head.clone())).take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn slot(&self, slot: &str) -> Result<Option<Hash>, Error> {
        Ok(self.index().slots.get(slot).copied())
    }

    fn was_granted(&self, chain: &str, key: &Hash) -> Result<bool, Error> {
        Ok(self.index().granted.contains(&(chain.to_owned(), *key)))
    }

    fn corrected_by(&self, statement: &Hash) -> Result<Option<Hash>, Error> {
        Ok(self.index().corrected.get(statement).copied())
    }

    fn check_index(&self) -> Result<Vec<FamilyCheck>, Error> {
        let state = self.index();
        Ok(vec![
            whole(Family::Statement, state.located.len()),
            whole(Family::Chain, state.chains.len()),
            whole(Family::Facts, state.facts.len()),
            whole(Family::ChainEntry, state.chain_entries.len()),
            whole(Family::Slot, state.slots.len()),
            whole(Family::Grant, state.granted.len()),
            whole(Family::Corrected, state.corrected.len()),
        ])
    }
}

fn whole(family: Family, records: usize) -> FamilyCheck {
    FamilyCheck { family, records: records as u64, damages: Vec::new() }
}
