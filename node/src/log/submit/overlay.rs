//! The past as the next entry sees it: the committed log, and what this batch has accepted so far.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_canonical;
use sanwu_schema::record::entry::{Entry, Invalid, SignedEntry};
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::build;
use sanwu_schema::validity::{ChainState, Effect, History, Located, Slot};

use crate::log::state::{ReadError, ReadState, slot_text};
use crate::storage::{self, Batch, ChainUpdate, Position};

/// What accepted entries have changed. A package writes into its own layer, which is dropped if the
/// package is refused and laid over the batch's if not.
#[derive(Default)]
pub(in crate::log) struct Layer {
    chains: HashMap<ChainId, ChainState>,
    located: HashMap<StatementId, Located>,
    slots: HashMap<Slot, StatementId>,
    granted: HashSet<(ChainId, KeyId)>,
    corrected: HashMap<StatementId, StatementId>,
    /// The leaf hashes accepted, after those of the layer below.
    leaves: Vec<Hash>,
    /// The rows that the store will get, but for the head.
    rows: Batch,
}

impl Layer {
    /// Takes over what the entry changes. `index` is the entry's.
    pub(in crate::log) fn add(&mut self, entry: &Entry, leaf: Hash, effect: Effect) {
        let statement = &entry.statement;
        let chain = &statement.chain;
        let Effect { state, facts_changed, slot, granted, corrects, located, .. } = effect;
        self.leaves.push(leaf);
        self.rows.journal.entries.push(entry.bytes.as_slice().into());
        self.rows.index.located.push(storage::LocatedRow {
            id: entry.id.0,
            chain: chain.as_str().to_owned(),
            seq: statement.seq,
            index: located.index,
            record: to_canonical(&located),
        });
        self.rows.index.chains.push(ChainUpdate {
            chain: chain.as_str().to_owned(),
            seq: statement.seq,
            head: to_canonical(&state.head),
            facts: facts_changed.then(|| to_canonical(&*state.facts)),
        });
        if let Some(slot) = slot {
            self.rows.index.slots.push((slot_text(&slot), entry.id.0));
            self.slots.insert(slot, entry.id);
        }
        for keyid in granted {
            self.rows.index.granted.push((chain.as_str().to_owned(), Hash(keyid.0)));
            self.granted.insert((chain.clone(), keyid));
        }
        if let Some(corrected) = corrects {
            self.rows.index.corrected.push((corrected.0, entry.id.0));
            self.corrected.insert(corrected, entry.id);
        }
        self.located.insert(entry.id, located);
        self.chains.insert(chain.clone(), state);
    }

    /// Takes over a leaf without a statement.
    pub(in crate::log) fn add_raw(&mut self, leaf: Arc<[u8]>, hash: Hash) {
        self.leaves.push(hash);
        self.rows.journal.entries.push(leaf);
    }

    /// Takes over bytes that an accepted entry names.
    pub(in crate::log) fn add_blob(&mut self, blob: storage::Blob) {
        self.rows.journal.blobs.push(blob);
    }

    /// Lays a package's layer over this one.
    pub(in crate::log) fn merge(&mut self, mut above: Self) {
        self.chains.extend(above.chains);
        self.located.extend(above.located);
        self.slots.extend(above.slots);
        self.granted.extend(above.granted);
        self.corrected.extend(above.corrected);
        self.leaves.append(&mut above.leaves);
        self.rows.append(&mut above.rows);
    }

    /// The number of entries accepted.
    pub(in crate::log) fn len(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The leaf hashes accepted.
    pub(in crate::log) fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// The rows for the store, and the chains' states after them.
    pub(in crate::log) fn into_rows(self) -> (Batch, Vec<ChainState>) {
        (self.rows, self.chains.into_values().collect())
    }
}

/// The committed log under a batch's layer under a package's layer.
pub(in crate::log) struct Overlay<'a> {
    /// The committed log.
    pub(in crate::log) state: &'a ReadState,
    /// Its head.
    pub(in crate::log) head: Position,
    /// What earlier packages of the batch have changed.
    pub(in crate::log) batch: &'a Layer,
    /// What earlier entries of the package have changed.
    pub(in crate::log) package: &'a Layer,
}

impl Overlay<'_> {
    /// The index of the next entry.
    pub(in crate::log) fn next_index(&self) -> u64 {
        self.head.size + self.batch.len() + self.package.len()
    }

    fn layered<T>(
        &self,
        find: impl Fn(&Layer) -> Option<T>,
        committed: impl FnOnce() -> Result<Option<T>, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        match find(self.package).or_else(|| find(self.batch)) {
            Some(found) => Ok(Some(found)),
            None => committed(),
        }
    }
}

impl History for Overlay<'_> {
    type Error = ReadError;

    fn origin(&self) -> &Origin {
        &self.state.origin
    }

    fn root_at(&self, size: u64) -> Result<Option<Hash>, ReadError> {
        let Some(ahead) = size.checked_sub(self.head.size).filter(|ahead| *ahead > 0) else {
            return self.state.root_at(self.head, size);
        };
        // A size inside this batch: nobody can have seen its signature, but the rule is about roots.
        if ahead > self.batch.len() + self.package.len() {
            return Ok(None);
        }
        let mut tree = build::tree_at(self.head.size, &self.state.hashes())?;
        for leaf in self.batch.leaves.iter().chain(&self.package.leaves).take(ahead as usize) {
            tree.append(*leaf);
        }
        Ok(Some(tree.root()))
    }

    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, ReadError> {
        self.layered(|layer| layer.chains.get(chain).cloned(), || self.state.chain(chain))
    }

    fn locate(&self, id: &StatementId) -> Result<Option<Located>, ReadError> {
        self.layered(|layer| layer.located.get(id).cloned(), || self.state.locate(id))
    }

    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, ReadError> {
        self.layered(|layer| layer.slots.get(slot).copied(), || self.state.slot(slot))
    }

    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, ReadError> {
        let key = (chain.clone(), *keyid);
        if self.package.granted.contains(&key) || self.batch.granted.contains(&key) {
            return Ok(true);
        }
        self.state.was_granted(chain, keyid)
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, ReadError> {
        self.layered(|layer| layer.corrected.get(id).copied(), || self.state.corrected_by(id))
    }
}

/// Checks an entry's signatures with the keys that the past knows: those in its chain's ring, or for a
/// chain's first entry those of `root`.
pub(in crate::log) fn verify<H: History<Error = ReadError>>(entry: Entry, past: &H) -> Result<SignedEntry, Invalid> {
    let chain = &entry.statement.chain;
    let unreadable = |_| Invalid::new(ErrorCode::StoreDamaged, "chain facts");
    let ring = match past.chain(chain).map_err(unreadable)? {
        Some(state) => Some(state),
        None => past.chain(&ChainId::root()).map_err(unreadable)?,
    };
    entry.verify_signatures(|keyid| ring.as_ref().and_then(|state| state.facts.key(keyid)).cloned())
}
