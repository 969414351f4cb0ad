//! What a replay needs to know of the entries before the next one, and how it grows.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::convert::Infallible;

use super::books::{BookKeeper, Shelf};
use crate::admission::Books;
use crate::crypto::hash::Hash;
use crate::crypto::key::{KeyId, PublicKey};
use crate::date::Period;
use crate::kinds::{AccountBalance, Body, Control, Erased, MonthBook};
use crate::record::entry::Entry;
use crate::record::statement::{ChainId, Seen, Statement, StatementId};
use crate::tlog::checkpoint::Origin;
use crate::tlog::merkle::build::root_at;
use crate::tlog::merkle::{HashReader, Tree};
use crate::validity::{ChainState, Effect, History, Located, Slot};

/// The log before the next leaf: what validity asks of it, its tree, and the bytes of keys.
pub trait Past: History {
    /// Returns the number of leaves, which is the next leaf's index.
    fn size(&self) -> u64;

    /// Returns the tree's growing edge after those leaves.
    fn tree(&self) -> Result<Tree, Self::Error>;

    /// Returns the bytes of a key with which an entry of `chain` may be signed.
    ///
    /// At least the keys of the chain's ring are found, and those of `root` if the chain does not exist. Finding more
    /// is harmless: whether a key may sign is decided by validity.
    fn key(&self, chain: &ChainId, keyid: &KeyId) -> Result<Option<PublicKey>, Self::Error> {
        let ring = match self.chain(chain)? {
            Some(state) => Some(state),
            // A chain's genesis is signed by keys of `root`.
            None => self.chain(&ChainId::root())?,
        };
        Ok(ring.and_then(|state| state.facts.key(keyid).cloned()))
    }
}

/// A past that takes over the leaves that are replayed.
pub trait Growing: Past {
    /// Takes over what a valid entry changes. Its leaf is appended apart.
    fn apply(&mut self, entry: &Entry, effect: &Effect);

    /// Appends a leaf to the tree: every leaf of a log is part of it, valid or not.
    fn append(&mut self, leaf: Hash);
}

/// An erasure of a statement's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The statement that erases.
    pub by: StatementId,
    /// What it takes.
    pub what: Erased,
}

/// What entries have changed, without the tree.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub(super) chains: BTreeMap<ChainId, ChainState>,
    pub(super) located: BTreeMap<StatementId, Located>,
    pub(super) slots: BTreeMap<Slot, StatementId>,
    pub(super) granted: BTreeMap<ChainId, BTreeSet<KeyId>>,
    pub(super) keys: BTreeMap<KeyId, PublicKey>,
    pub(super) corrected: BTreeMap<StatementId, StatementId>,
    pub(super) erased: BTreeMap<StatementId, Vec<Erasure>>,
    pub(super) shelf: Shelf,
}

impl Changes {
    /// Takes over what a valid entry changes.
    pub fn apply(&mut self, entry: &Entry, effect: &Effect) {
        let chain = &entry.statement.chain;
        self.chains.insert(chain.clone(), effect.state.clone());
        self.located.insert(entry.id, effect.located.clone());
        if let Some(slot) = &effect.slot {
            self.slots.insert(slot.clone(), entry.id);
        }
        if !effect.granted.is_empty() {
            self.granted.entry(chain.clone()).or_default().extend(effect.granted.iter().copied());
            let grants = entry.statement.grants();
            self.keys.extend(grants.iter().map(|grant| (grant.key.key_id(), grant.key.clone())));
        }
        if let Some(target) = effect.corrects {
            self.corrected.insert(target, entry.id);
        }
        if let (Some(target), Some(Control::Erasure(erasure))) = (effect.erases, &entry.statement.control) {
            self.erased.entry(target).or_default().push(Erasure { by: entry.id, what: erasure.what });
        }
    }

    /// Lays later changes over these.
    pub fn merge(&mut self, later: Self) {
        self.chains.extend(later.chains);
        self.located.extend(later.located);
        self.slots.extend(later.slots);
        for (chain, keys) in later.granted {
            self.granted.entry(chain).or_default().extend(keys);
        }
        self.keys.extend(later.keys);
        self.corrected.extend(later.corrected);
        for (target, erasures) in later.erased {
            self.erased.entry(target).or_default().extend(erasures);
        }
        self.shelf.merge(later.shelf);
    }

    /// Returns a chain's state, if an entry here changed it.
    pub fn chain(&self, chain: &ChainId) -> Option<&ChainState> {
        self.chains.get(chain)
    }

    /// Returns the state of every chain that an entry here changed.
    pub fn chains(&self) -> impl Iterator<Item = (&ChainId, &ChainState)> {
        self.chains.iter()
    }

    /// Returns what later references ask about a statement.
    pub fn located(&self, id: &StatementId) -> Option<&Located> {
        self.located.get(id)
    }

    /// Returns the index of a chain's first entry.
    pub fn opened_at(&self, chain: &ChainId) -> Option<u64> {
        self.located.values().find(|located| located.seq == 0 && located.chain == *chain).map(|located| located.index)
    }

    /// Returns the statement that corrects this one.
    pub fn corrected_by(&self, id: &StatementId) -> Option<StatementId> {
        self.corrected.get(id).copied()
    }

    /// Returns the erasures of a statement's data, in order.
    pub fn erasures(&self, id: &StatementId) -> &[Erasure] {
        self.erased.get(id).map_or(&[], Vec::as_slice)
    }

    /// Returns whether an erasure takes a statement's body; of `rows` the body stays.
    pub fn is_body_erased(&self, id: &StatementId) -> bool {
        self.erasures(id).iter().any(|erasure| erasure.what != Erased::Rows)
    }

    /// Returns the statements whose bodies erasures take.
    pub fn bodies_erased(&self) -> impl Iterator<Item = StatementId> {
        self.erased.keys().filter(|id| self.is_body_erased(id)).copied()
    }

    /// Returns the books among them.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    pub(super) fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> bool {
        self.granted.get(chain).is_some_and(|keys| keys.contains(keyid))
    }
}

/// A whole log in memory, from its first leaf.
#[derive(Clone, Debug)]
pub struct LogState {
    origin: Origin,
    changes: Changes,
    tree: Tree,
    /// Hashes of complete subtrees, by height.
    levels: Vec<Vec<Hash>>,
    /// The size and root that the last valid entry has seen: statements drafted together have seen the same.
    last_seen: Option<Seen>,
}

impl LogState {
    /// Returns the empty log of this origin.
    pub fn new(origin: Origin) -> Self {
        Self { origin, changes: Changes::default(), tree: Tree::new(), levels: Vec::new(), last_seen: None }
    }

    /// Returns what the entries so far have changed.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Returns the root of all leaves.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Returns the hashes of complete subtrees of one height; of height 0 the leaf hashes.
    pub fn level(&self, level: usize) -> &[Hash] {
        self.levels.get(level).map_or(&[], Vec::as_slice)
    }
}

impl HashReader for LogState {
    type Error = ();

    fn hash(&self, level: u8, index: u64) -> Result<Hash, ()> {
        let at = usize::try_from(index).map_err(|_| ())?;
        self.level(usize::from(level)).get(at).copied().ok_or(())
    }
}

impl History for LogState {
    type Error = Infallible;

    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn root_at(&self, size: u64) -> Result<Option<Hash>, Infallible> {
        match &self.last_seen {
            Some(seen) if seen.size == size => Ok(Some(seen.root)),
            _ if size > self.tree.size() => Ok(None),
            _ => Ok(root_at(size, self).ok()),
        }
    }

    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, Infallible> {
        Ok(self.changes.chain(chain).cloned())
    }

    fn locate(&self, id: &StatementId) -> Result<Option<Located>, Infallible> {
        Ok(self.changes.located(id).cloned())
    }

    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, Infallible> {
        Ok(self.changes.slots.get(slot).copied())
    }

    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, Infallible> {
        Ok(self.changes.was_granted(chain, keyid))
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Infallible> {
        Ok(self.changes.corrected_by(id))
    }
}

impl Past for LogState {
    fn size(&self) -> u64 {
        self.tree.size()
    }

    fn tree(&self) -> Result<Tree, Infallible> {
        Ok(self.tree.clone())
    }

    /// Any key that a valid entry of any chain has granted.
    fn key(&self, _: &ChainId, keyid: &KeyId) -> Result<Option<PublicKey>, Infallible> {
        Ok(self.changes.keys.get(keyid).cloned())
    }
}

impl Growing for LogState {
    fn apply(&mut self, entry: &Entry, effect: &Effect) {
        self.last_seen = Some(entry.statement.seen.clone());
        self.changes.apply(entry, effect);
    }

    fn append(&mut self, leaf: Hash) {
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
}

impl Books for LogState {
    type Error = Infallible;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Infallible> {
        self.changes.shelf.month_book(chain, period)
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Infallible> {
        self.changes.shelf.opening(chain)
    }
}

impl BookKeeper for LogState {
    fn keep(&mut self, statement: &Statement, body: Body) {
        self.changes.shelf.keep(statement, body);
    }
}
