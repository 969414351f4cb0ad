//! A store in memory, with faults on demand: for tests of what stands above the contract.
//!
//! It keeps the same promises as the engine on disk (the conformance suite holds for both) but that it
//! forgets everything with the process.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use sanwu_schema::crypto::hash::Hash;

use super::{
    Admission, Batch, Commit, ENTRIES_PER_READ_MAX, Error, Family, FamilyCheck, Head, Position, Published,
    ROWS_PER_READ_MAX, Store, TILE_WIDTH,
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

/// The store. Shared by reference between the threads of a test.
#[derive(Default)]
pub struct Memory {
    admission: Admission,
    state: Mutex<State>,
}

/// While it lives every call of the store waits: a disk that does not answer.
pub struct Stall<'a> {
    _state: MutexGuard<'a, State>,
}

#[derive(Default)]
struct State {
    head: Option<Head>,
    entries: Vec<Vec<u8>>,
    tree: BTreeMap<(u8, u64), Hash>,
    located: BTreeMap<Hash, Vec<u8>>,
    chains: BTreeMap<String, Vec<u8>>,
    facts: BTreeMap<(String, u64), Vec<u8>>,
    chain_entries: BTreeMap<(String, u64), u64>,
    slots: BTreeMap<String, Hash>,
    granted: BTreeSet<(String, Hash)>,
    corrected: BTreeMap<Hash, Hash>,
    blobs: BTreeMap<Hash, Vec<u8>>,
    published: BTreeMap<u64, Published>,
    /// Faults of the next commits, first one first.
    faults: Vec<Fault>,
    broken: bool,
    /// Commits that were asked for, faulty ones too.
    commits: u64,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store of a log made under this rule.
    pub fn made_for(admission: Admission) -> Self {
        Self { admission, ..Self::default() }
    }

    /// Lets every call wait until the stall is dropped.
    pub fn stall(&self) -> Stall<'_> {
        Stall { _state: self.state() }
    }

    /// Lets the next commits fail, one fault each, in this order.
    pub fn inject(&self, faults: &[Fault]) {
        self.state().faults.extend_from_slice(faults);
    }

    /// Ends all faults, as a restart on a sound disk does.
    pub fn repair(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.broken = false;
    }

    /// How many commits were asked for.
    pub fn commits(&self) -> u64 {
        self.state().commits
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn broken() -> Error {
    Error::Engine { doing: "committing", detail: "injected fsync failure".into() }
}

impl State {
    fn apply(&mut self, batch: &Batch, head: &Head) {
        self.entries.extend(batch.entries.iter().map(|entry| entry.to_vec()));
        self.tree.extend(batch.tree.iter().map(|hash| ((hash.level, hash.index), hash.hash)));
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
        self.blobs.extend(batch.blobs.iter().map(|blob| (blob.digest, blob.bytes.to_vec())));
        self.head = Some(head.clone());
    }
}

impl Store for Memory {
    fn admission(&self) -> Admission {
        self.admission
    }

    fn head(&self) -> Result<Option<Head>, Error> {
        Ok(self.state().head.clone())
    }

    fn commit(&self, expected: Option<Position>, batch: &Batch) -> Result<Commit, Error> {
        let mut state = self.state();
        state.commits += 1;
        if state.broken {
            return Err(broken());
        }
        if state.head.as_ref().map(|head| head.position) != expected {
            return Ok(Commit::Lost(state.head.clone()));
        }
        let head = batch.check(expected)?;
        let fault = if state.faults.is_empty() { None } else { Some(state.faults.remove(0)) };
        match fault {
            Some(Fault::NotStored) => return Ok(Commit::Unknown("injected: failed, not stored".into())),
            Some(Fault::Broken) => {
                state.broken = true;
                return Err(broken());
            }
            Some(Fault::Lost) => return Ok(Commit::Lost(state.head.clone())),
            Some(Fault::Stored) | None => state.apply(batch, head),
        }
        Ok(match fault {
            Some(_) => Commit::Unknown("injected: failed, but stored".into()),
            None => Commit::Committed,
        })
    }

    fn publish(&self, checkpoint: &Published) -> Result<(), Error> {
        self.state().published.insert(checkpoint.size, checkpoint.clone());
        Ok(())
    }

    fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, Error> {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        Ok(self.state().entries.get(index).cloned())
    }

    fn entries(&self, first: u64, count: usize) -> Result<Vec<Vec<u8>>, Error> {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let state = self.state();
        Ok(state.entries.iter().skip(first).take(count.min(ENTRIES_PER_READ_MAX)).cloned().collect())
    }

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error> {
        let first = index.saturating_mul(TILE_WIDTH);
        let state = self.state();
        let hashes = state.tree.range((level, first)..=(level, first.saturating_add(TILE_WIDTH - 1)));
        Ok(hashes.map(|(_, hash)| *hash).collect())
    }

    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.state().blobs.get(digest).cloned())
    }

    fn has_blob(&self, digest: &Hash) -> Result<bool, Error> {
        Ok(self.state().blobs.contains_key(digest))
    }

    fn located(&self, statement: &Hash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.state().located.get(statement).cloned())
    }

    fn statements_from(&self, from: &Hash, count: usize) -> Result<Vec<Hash>, Error> {
        let state = self.state();
        Ok(state.located.range(from..).map(|(id, _)| *id).take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn chain_head(&self, chain: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.state().chains.get(chain).cloned())
    }

    fn chain_facts(&self, chain: &str, seq: u64) -> Result<Option<Vec<u8>>, Error> {
        let state = self.state();
        let range = (chain.to_owned(), 0)..=(chain.to_owned(), seq);
        Ok(state.facts.range(range).next_back().map(|(_, facts)| facts.clone()))
    }

    fn chain_entries(&self, chain: &str, first_seq: u64, count: usize) -> Result<Vec<u64>, Error> {
        let state = self.state();
        let range = (chain.to_owned(), first_seq)..=(chain.to_owned(), u64::MAX);
        Ok(state.chain_entries.range(range).map(|(_, index)| *index).take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn chains(&self, after: Option<&str>, count: usize) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let state = self.state();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let chains = state.chains.range::<str, _>((from, Bound::Unbounded));
        Ok(chains.map(|(chain, head)| (chain.clone(), head.clone())).take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn slot(&self, slot: &str) -> Result<Option<Hash>, Error> {
        Ok(self.state().slots.get(slot).copied())
    }

    fn was_granted(&self, chain: &str, key: &Hash) -> Result<bool, Error> {
        Ok(self.state().granted.contains(&(chain.to_owned(), *key)))
    }

    fn corrected_by(&self, statement: &Hash) -> Result<Option<Hash>, Error> {
        Ok(self.state().corrected.get(statement).copied())
    }

    fn last_published(&self) -> Result<Option<Published>, Error> {
        Ok(self.state().published.last_key_value().map(|(_, published)| published.clone()))
    }

    fn published_before(&self, size: u64, count: usize) -> Result<Vec<Published>, Error> {
        let state = self.state();
        let published = state.published.range(..size).rev().map(|(_, published)| published.clone());
        Ok(published.take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn published_from(&self, size: u64, count: usize) -> Result<Vec<Published>, Error> {
        let state = self.state();
        let published = state.published.range(size..).map(|(_, published)| published.clone());
        Ok(published.take(count.min(ROWS_PER_READ_MAX)).collect())
    }

    fn check_records(&self) -> Result<Vec<FamilyCheck>, Error> {
        let state = self.state();
        let tiles = state.tree.keys().filter(|(_, index)| index % TILE_WIDTH == TILE_WIDTH - 1).count();
        let records = |family| match family {
            Family::Meta => 1 + usize::from(state.head.is_some()),
            Family::Entry => state.entries.len(),
            Family::Statement => state.located.len(),
            Family::Chain => state.chains.len(),
            Family::Facts => state.facts.len(),
            Family::ChainEntry => state.chain_entries.len(),
            Family::Slot => state.slots.len(),
            Family::Grant => state.granted.len(),
            Family::Corrected => state.corrected.len(),
            Family::Edge => state.tree.len() - tiles * TILE_WIDTH as usize,
            Family::Tile => tiles,
            Family::Blob => state.blobs.len(),
            Family::Checkpoint => state.published.len(),
        };
        let check = |family| FamilyCheck { family, records: records(family) as u64, damages: Vec::new() };
        Ok(Family::ALL.into_iter().map(check).collect())
    }
}
