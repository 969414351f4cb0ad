//! New entries over a past that they do not change: a batch over the committed store, a package over the batch.

use alloc::vec::Vec;

use super::books::{BookKeeper, month_over, opening_over};
use super::state::{Changes, Growing, Past};
use crate::admission::Books;
use crate::crypto::hash::Hash;
use crate::crypto::key::{KeyId, PublicKey};
use crate::date::Period;
use crate::kinds::{AccountBalance, Body, MonthBook};
use crate::record::entry::Entry;
use crate::record::statement::{ChainId, Statement, StatementId};
use crate::tlog::checkpoint::Origin;
use crate::tlog::merkle::Tree;
use crate::validity::{ChainState, Effect, History, Located, Slot};

/// New entries over a past. Dropping it rolls them back; [`Layer::into_parts`] keeps them, for [`Layer::merge`] of
/// the layer below.
pub struct Layer<'a, P> {
    below: &'a P,
    parts: LayerParts,
}

/// What a layer has accepted, without what is below it.
#[derive(Debug, Default)]
pub struct LayerParts {
    /// What the entries change.
    pub changes: Changes,
    /// The leaf hashes, after those of the layer below.
    pub leaves: Vec<Hash>,
}

impl<'a, P: Past> Layer<'a, P> {
    /// Returns an empty layer. What is below must stay as it is as long as the layer lives.
    pub fn new(below: &'a P) -> Self {
        Self::resume(below, LayerParts::default())
    }

    /// Returns a layer that goes on where another one over the same past ended.
    pub fn resume(below: &'a P, parts: LayerParts) -> Self {
        Self { below, parts }
    }

    /// Returns what was accepted here.
    pub fn parts(&self) -> &LayerParts {
        &self.parts
    }

    /// Returns what was accepted here.
    pub fn into_parts(self) -> LayerParts {
        self.parts
    }

    /// Takes over what a layer that was made over this one has accepted.
    pub fn merge(&mut self, mut above: LayerParts) {
        self.parts.changes.merge(above.changes);
        self.parts.leaves.append(&mut above.leaves);
    }

    fn over<T>(
        &self,
        here: Option<T>,
        below: impl FnOnce(&P) -> Result<Option<T>, P::Error>,
    ) -> Result<Option<T>, P::Error> {
        match here {
            Some(found) => Ok(Some(found)),
            None => below(self.below),
        }
    }
}

impl<P: Past> History for Layer<'_, P> {
    type Error = P::Error;

    fn origin(&self) -> &Origin {
        self.below.origin()
    }

    fn root_at(&self, size: u64) -> Result<Option<Hash>, P::Error> {
        let Some(ahead) = size.checked_sub(self.below.size()).filter(|ahead| *ahead > 0) else {
            return self.below.root_at(size);
        };
        // A size inside this layer: nobody can have seen its signature, but the rule is about roots.
        let Some(leaves) = usize::try_from(ahead).ok().and_then(|ahead| self.parts.leaves.get(..ahead)) else {
            return Ok(None);
        };
        let mut tree = self.below.tree()?;
        leaves.iter().for_each(|leaf| _ = tree.append(*leaf));
        Ok(Some(tree.root()))
    }

    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, P::Error> {
        self.over(self.parts.changes.chain(chain).cloned(), |below| below.chain(chain))
    }

    fn locate(&self, id: &StatementId) -> Result<Option<Located>, P::Error> {
        self.over(self.parts.changes.located(id).cloned(), |below| below.locate(id))
    }

    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, P::Error> {
        self.over(self.parts.changes.slots.get(slot).copied(), |below| below.slot(slot))
    }

    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, P::Error> {
        Ok(self.parts.changes.was_granted(chain, keyid) || self.below.was_granted(chain, keyid)?)
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, P::Error> {
        self.over(self.parts.changes.corrected_by(id), |below| below.corrected_by(id))
    }
}

impl<P: Past> Past for Layer<'_, P> {
    fn size(&self) -> u64 {
        self.below.size() + self.parts.leaves.len() as u64
    }

    fn tree(&self) -> Result<Tree, P::Error> {
        let mut tree = self.below.tree()?;
        self.parts.leaves.iter().for_each(|leaf| _ = tree.append(*leaf));
        Ok(tree)
    }

    fn key(&self, chain: &ChainId, keyid: &KeyId) -> Result<Option<PublicKey>, P::Error> {
        self.over(self.parts.changes.keys.get(keyid).cloned(), |below| below.key(chain, keyid))
    }
}

impl<P: Past> Growing for Layer<'_, P> {
    fn apply(&mut self, entry: &Entry, effect: &Effect) {
        self.parts.changes.apply(entry, effect);
    }

    fn append(&mut self, leaf: Hash) {
        self.parts.leaves.push(leaf);
    }
}

impl<P: Past + Books<Error = <P as History>::Error>> Books for Layer<'_, P> {
    type Error = <P as History>::Error;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Self::Error> {
        month_over(&self.parts.changes.shelf, self.below, chain, period)
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Self::Error> {
        opening_over(&self.parts.changes.shelf, self.below, chain)
    }
}

impl<P: Past + Books<Error = <P as History>::Error>> BookKeeper for Layer<'_, P> {
    fn keep(&mut self, statement: &Statement, body: Body) {
        self.parts.changes.shelf.keep(statement, body);
    }
}
