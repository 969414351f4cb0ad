//! What is kept in memory of the store: chain states and roots.

use quick_cache::sync::Cache;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::validity::ChainState;

use super::error::ReadError;

/// Chain states kept in memory. Each has its own copy of the catalogue, some 40 KB: 160 MB at most.
pub(in crate::log) const CHAINS_CACHED_MAX: usize = 4_096;

/// Roots kept in memory; drafters pin published checkpoints, of which one a second comes about.
const ROOTS_CACHED_MAX: usize = 4_096;

/// Chain states by chain.
///
/// A reader that finds none loads it from the store, and what it loaded stays here only if no commit changed that chain
/// meanwhile: otherwise it could put an old state over a newer one. The cache holds a place for the reader before it
/// loads; [`advance`](Self::advance) takes the place away.
pub(super) struct ChainCache {
    states: Cache<ChainId, ChainState>,
}

impl Default for ChainCache {
    fn default() -> Self {
        Self { states: Cache::new(CHAINS_CACHED_MAX) }
    }
}

impl ChainCache {
    /// Takes over the states after a commit.
    pub(super) fn advance(&self, changed: impl IntoIterator<Item = ChainState>) {
        changed.into_iter().for_each(|state| self.states.insert(state.facts.chain.clone(), state));
    }

    /// Returns a chain's state, from here or from the store.
    pub(super) fn get_or_load(
        &self,
        chain: &ChainId,
        load: impl FnOnce() -> Result<Option<ChainState>, ReadError>,
    ) -> Result<Option<ChainState>, ReadError> {
        // A chain that is not there keeps no place.
        match self.states.get_or_insert_with(chain, || load().map_err(Some)?.ok_or(None)) {
            Ok(state) => Ok(Some(state)),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }
}

/// Roots by size. Anyone fills it: the root at a size never changes.
pub(super) struct RootCache {
    roots: Cache<u64, Hash>,
}

impl Default for RootCache {
    fn default() -> Self {
        Self { roots: Cache::new(ROOTS_CACHED_MAX) }
    }
}

impl RootCache {
    pub(super) fn get_or_make(
        &self,
        size: u64,
        make: impl FnOnce() -> Result<Hash, ReadError>,
    ) -> Result<Hash, ReadError> {
        self.roots.get_or_insert_with(&size, make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tests::{Bed, village::CHAIN};

    #[tokio::test]
    async fn an_old_state_never_overwrites_a_newer_one() {
        let bed = Bed::with_village().await;
        let chain = ChainId::parse(CHAIN).unwrap();
        let old = bed.reader().chain(&chain).unwrap().unwrap();
        let mut new = old.clone();
        new.head.seq += 1;
        let cache = ChainCache::default();
        let get = |load: &dyn Fn() -> Result<Option<ChainState>, ReadError>| cache.get_or_load(&chain, load);
        let unused = || -> Result<Option<ChainState>, ReadError> { panic!("it is in memory") };
        // What is not there, or cannot be read, is not remembered.
        assert_eq!(get(&|| Ok(None)), Ok(None));
        assert_eq!(get(&|| Err(ReadError::Range)), Err(ReadError::Range));
        // A commit comes between the reader's load and its end.
        let loaded = get(&|| {
            cache.advance([new.clone()]);
            Ok(Some(old.clone()))
        });
        assert_eq!(loaded, Ok(Some(old.clone())));
        assert_eq!(get(&unused), Ok(Some(new.clone())));
        // One of another chain does not matter.
        let other = ChainCache::default();
        let loaded = other.get_or_load(&chain, || {
            other.advance([bed.reader().chain(&ChainId::root()).unwrap().unwrap()]);
            Ok(Some(old.clone()))
        });
        assert_eq!(loaded, Ok(Some(old.clone())));
        assert_eq!(other.get_or_load(&chain, unused), Ok(Some(old)));
    }
}
