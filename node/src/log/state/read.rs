//! The read state: storage handles, caches, and what is fixed while the log is open. Knows no thread and no head.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::json::{Canon, from_canonical};
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::build;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::validity::{ChainFacts, ChainHead, ChainState, Located, Slot};

use super::caches::{ChainCache, RootCache};
use super::error::ReadError;
use super::tree::{TileCache, TileHashes};
use super::witnesses::WitnessFacts;
use crate::storage::{Position, Store};

/// What everybody reads: the store, and what of it is kept in memory.
pub(in crate::log) struct ReadState {
    /// Its contract allows reads from any thread. `commit` is for the sequencer, `publish` for the publisher; of a
    /// replica both are for the follower.
    pub(in crate::log) store: Arc<dyn Store>,
    /// Fixed when the log is opened.
    pub(in crate::log) origin: Origin,
    /// The public halves of the signing keys held here; of a replica, the pinned keys. Fixed when the log is opened.
    pub(in crate::log) held: Vec<Vkey>,
    /// The witnesses of the policy. Fixed when the log is opened, but for their rows.
    pub(in crate::log) witnesses: Arc<WitnessFacts>,
    tiles: TileCache,
    chains: ChainCache,
    roots: RootCache,
}

/// Reads a stored canonical record.
pub(in crate::log) fn record<T: Canon>(bytes: &[u8], what: &'static str) -> Result<T, ReadError> {
    from_canonical(bytes).map_err(|_| ReadError::Record(what))
}

/// Returns a slot as the store knows it. Neither part can hold a space.
pub(in crate::log) fn slot_text(slot: &Slot) -> String {
    format!("{} {} {}", slot.chain.as_str(), slot.what, slot.period.as_str())
}

impl ReadState {
    pub(in crate::log) fn new(
        store: Arc<dyn Store>,
        origin: Origin,
        held: Vec<Vkey>,
        witnesses: Arc<WitnessFacts>,
    ) -> Self {
        Self {
            store,
            origin,
            held,
            witnesses,
            tiles: TileCache::default(),
            chains: ChainCache::default(),
            roots: RootCache::default(),
        }
    }

    /// Takes over the chains that a commit has changed. Called after the commit, before the new head is shown.
    pub(in crate::log) fn advance(&self, changed: impl IntoIterator<Item = ChainState>) {
        self.chains.advance(changed);
    }

    pub(in crate::log) fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, ReadError> {
        self.chains.get_or_load(chain, || {
            let Some(head) = self.store.chain_head(chain.as_str())? else { return Ok(None) };
            let head: ChainHead = record(&head, "chain head")?;
            let facts = self.facts_after(chain, head.seq)?.ok_or(ReadError::Record("chain facts"))?;
            Ok(Some(ChainState::new(head, facts)))
        })
    }

    pub(in crate::log) fn facts_after(&self, chain: &ChainId, seq: u64) -> Result<Option<Arc<ChainFacts>>, ReadError> {
        match self.store.chain_facts(chain.as_str(), seq)? {
            Some(facts) => Ok(Some(Arc::new(record(&facts, "chain facts")?))),
            None => Ok(None),
        }
    }

    pub(in crate::log) fn locate(&self, id: &StatementId) -> Result<Option<Located>, ReadError> {
        match self.store.located(&id.0)? {
            Some(located) => Ok(Some(record(&located, "located statement")?)),
            None => Ok(None),
        }
    }

    pub(in crate::log) fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, ReadError> {
        Ok(self.store.slot(&slot_text(slot))?.map(StatementId))
    }

    pub(in crate::log) fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, ReadError> {
        Ok(self.store.was_granted(chain.as_str(), &Hash(keyid.0))?)
    }

    pub(in crate::log) fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, ReadError> {
        Ok(self.store.corrected_by(&id.0)?.map(StatementId))
    }

    /// Returns the root at a size up to that of `head`, which is committed; `None` beyond.
    pub(in crate::log) fn root_at(&self, head: Position, size: u64) -> Result<Option<Hash>, ReadError> {
        if size >= head.size {
            return Ok((size == head.size).then_some(head.root));
        }
        self.roots.get_or_make(size, || Ok(build::root_at(size, &self.hashes())?)).map(Some)
    }

    /// Returns the hashes of complete subtrees of the committed tree.
    pub(in crate::log) fn hashes(&self) -> TileHashes<'_> {
        TileHashes::new(&*self.store, &self.tiles)
    }

    /// Returns the tiles that are in memory.
    pub(in crate::log) fn tiles(&self) -> &TileCache {
        &self.tiles
    }

    /// Takes the right edge at `size` into memory, where every new entry's proof starts.
    pub(in crate::log) fn keep_edge(&self, size: u64) {
        if let Err(error) = build::tree_at(size, &self.hashes()) {
            // The next proof reads it again, and reports the error.
            tracing::warn!(%error, size, "the tree's edge could not be read: {error}");
        }
    }
}
