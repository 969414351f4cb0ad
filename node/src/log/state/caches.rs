//! What is kept in memory of the store: chain states and roots.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
/// A reader that finds none loads it from the store and may put it here only if no commit came between:
/// otherwise it could put an old state over a newer one.
#[derive(Default)]
pub(super) struct Chains {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    states: HashMap<ChainId, ChainState>,
    /// Counts commits.
    generation: u64,
}

impl Chains {
    /// Takes over the states after a commit.
    pub(super) fn advance(&self, changed: impl IntoIterator<Item = ChainState>) {
        let mut inner = self.lock();
        inner.generation += 1;
        for state in changed {
            if inner.states.len() >= CHAINS_CACHED_MAX && !inner.states.contains_key(&state.facts.chain) {
                inner.states.clear();
            }
            inner.states.insert(state.facts.chain.clone(), state);
        }
    }

    /// A chain's state, from here or from the store.
    pub(super) fn get_or_load(
        &self,
        chain: &ChainId,
        load: impl FnOnce() -> Result<Option<ChainState>, ReadError>,
    ) -> Result<Option<ChainState>, ReadError> {
        let generation = {
            let inner = self.lock();
            if let Some(state) = inner.states.get(chain) {
                return Ok(Some(state.clone()));
            }
            inner.generation
        };
        let Some(state) = load()? else { return Ok(None) };
        let mut inner = self.lock();
        if inner.generation == generation && inner.states.len() < CHAINS_CACHED_MAX {
            inner.states.insert(chain.clone(), state.clone());
        }
        Ok(Some(state))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Roots by size. Anyone fills it: the root at a size never changes.
#[derive(Default)]
pub(super) struct Roots {
    roots: Mutex<HashMap<u64, Hash>>,
}

impl Roots {
    pub(super) fn get_or_make(
        &self,
        size: u64,
        make: impl FnOnce() -> Result<Hash, ReadError>,
    ) -> Result<Hash, ReadError> {
        if let Some(root) = self.lock().get(&size) {
            return Ok(*root);
        }
        let root = make()?;
        let mut roots = self.lock();
        if roots.len() >= ROOTS_CACHED_MAX {
            roots.clear();
        }
        roots.insert(size, root);
        Ok(root)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Hash>> {
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
