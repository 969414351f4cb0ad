//! The log's past in memory: what validity by position asks, from indexes below the entry's.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::kinds::{Control, Erased};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::build::root_at;
use sanwu_schema::tlog::merkle::{HashReader, Tree};
use sanwu_schema::validity::{ChainState, Effect, History, Located, Slot};

/// All that has been replayed so far.
pub struct Past {
    origin: Origin,
    tree: Tree,
    /// Hashes of complete subtrees, by level.
    levels: Vec<Vec<Hash>>,
    chains: HashMap<ChainId, ChainState>,
    located: HashMap<StatementId, Located>,
    slots: HashMap<Slot, StatementId>,
    granted: HashSet<(ChainId, KeyId)>,
    corrected: HashMap<StatementId, StatementId>,
    /// The statements whose bodies valid erasures take, each with the erasure.
    erased: HashMap<StatementId, StatementId>,
    /// The root asked for last: statements drafted together have seen the same tree.
    last_root: Cell<Option<(u64, Hash)>>,
}

impl Past {
    /// The empty log.
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            tree: Tree::new(),
            levels: Vec::new(),
            chains: HashMap::new(),
            located: HashMap::new(),
            slots: HashMap::new(),
            granted: HashSet::new(),
            corrected: HashMap::new(),
            erased: HashMap::new(),
            last_root: Cell::new(None),
        }
    }

    /// Appends a leaf, whatever it is worth.
    pub fn append(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.tree.append_with(leaf, |node, hash| {
            let level = usize::from(node.level);
            while levels.len() <= level {
                levels.push(Vec::new());
            }
            if let Some(level) = levels.get_mut(level) {
                level.push(hash);
            }
        });
    }

    /// Takes over what a valid entry changes.
    pub fn apply(&mut self, entry: &Entry, effect: Effect) {
        let chain = entry.statement.chain.clone();
        self.chains.insert(chain.clone(), effect.state);
        self.located.insert(entry.id, effect.located);
        if let Some(slot) = effect.slot {
            self.slots.insert(slot, entry.id);
        }
        self.granted.extend(effect.granted.into_iter().map(|key| (chain.clone(), key)));
        if let Some(corrected) = effect.corrects {
            self.corrected.insert(corrected, entry.id);
        }
        // Of `rows` the body stays, and a body that is not there is missing.
        let takes_body =
            matches!(&entry.statement.control, Some(Control::Erasure(erasure)) if erasure.what != Erased::Rows);
        self.erased.extend(effect.erases.filter(|_| takes_body).map(|target| (target, entry.id)));
    }

    /// The tree so far.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Hashes of complete subtrees of one height.
    pub fn level(&self, level: usize) -> &[Hash] {
        self.levels.get(level).map_or(&[], Vec::as_slice)
    }

    /// A chain's state.
    pub fn state(&self, chain: &ChainId) -> Option<&ChainState> {
        self.chains.get(chain)
    }

    /// Every chain.
    pub fn chains(&self) -> impl Iterator<Item = (&ChainId, &ChainState)> {
        self.chains.iter()
    }

    /// Whether a valid erasure takes this statement's body.
    pub fn is_erased(&self, id: &StatementId) -> bool {
        self.erased.contains_key(id)
    }

    /// The erasure that takes this statement's body.
    pub fn erased_by(&self, id: &StatementId) -> Option<StatementId> {
        self.erased.get(id).copied()
    }

    /// The statements whose bodies valid erasures take.
    pub fn erased(&self) -> HashSet<StatementId> {
        self.erased.keys().copied().collect()
    }

    /// The index of a chain's first entry.
    pub fn opened_at(&self, chain: &ChainId) -> Option<u64> {
        self.located.values().find(|one| one.chain == *chain && one.seq == 0).map(|one| one.index)
    }
}

impl HashReader for Past {
    type Error = ();

    fn hash(&self, level: u8, index: u64) -> Result<Hash, ()> {
        let at = usize::try_from(index).map_err(|_| ())?;
        self.level(usize::from(level)).get(at).copied().ok_or(())
    }
}

impl History for Past {
    type Error = Infallible;

    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn root_at(&self, size: u64) -> Result<Option<Hash>, Infallible> {
        if let Some((known, root)) = self.last_root.get()
            && known == size
        {
            return Ok(Some(root));
        }
        let root = if size > self.tree.size() { None } else { root_at(size, self).ok() };
        if let Some(root) = root {
            self.last_root.set(Some((size, root)));
        }
        Ok(root)
    }

    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, Infallible> {
        Ok(self.chains.get(chain).cloned())
    }

    fn locate(&self, id: &StatementId) -> Result<Option<Located>, Infallible> {
        Ok(self.located.get(id).cloned())
    }

    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, Infallible> {
        Ok(self.slots.get(slot).copied())
    }

    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, Infallible> {
        Ok(self.granted.contains(&(chain.clone(), *keyid)))
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Infallible> {
        Ok(self.corrected.get(id).copied())
    }
}
