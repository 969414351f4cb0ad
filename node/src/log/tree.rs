//! Tree hashes at every level, from stored tiles.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use sanwu_schema::hash::Hash;
use sanwu_schema::log::merkle::{HashReader, Tree, node_hash};

use super::ReadError;
use super::state::Shared;
use crate::storage::{TILE_WIDTH, TreeHash};

/// Tile height: 256 hashes are eight levels of the binary tree.
const TILE_HEIGHT: u8 = TILE_WIDTH.ilog2() as u8;

/// Full tiles kept with all their inner hashes, 16 KB each: 16 MB, the right edge of many trees.
const TILES_CACHED_MAX: usize = 1_024;

/// Appends leaves and gives the tile hashes that become complete by them.
pub(super) fn extend(tree: &mut Tree, leaves: &[Hash]) -> Vec<TreeHash> {
    let mut hashes = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        tree.append_with(*leaf, |node, hash| {
            if node.level % TILE_HEIGHT == 0 {
                hashes.push(TreeHash { level: node.level / TILE_HEIGHT, index: node.index, hash });
            }
        });
    }
    hashes
}

/// Full tiles in memory.
#[derive(Default)]
pub(super) struct TileCache {
    tiles: Mutex<HashMap<(u8, u64), Arc<Expanded>>>,
}

/// A full tile with the inner hashes between its lowest level and its root.
struct Expanded {
    /// `levels[h][i]`: the root of the 2^h hashes from i · 2^h on.
    levels: Vec<Vec<Hash>>,
}

impl Expanded {
    fn new(hashes: Vec<Hash>) -> Self {
        let mut levels = vec![hashes];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
            levels.push(above);
        }
        Self { levels }
    }

    fn get(&self, height: u8, at: u64) -> Option<Hash> {
        self.levels.get(usize::from(height))?.get(usize::try_from(at).ok()?).copied()
    }
}

impl TileCache {
    fn tiles(&self) -> MutexGuard<'_, HashMap<(u8, u64), Arc<Expanded>>> {
        self.tiles.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn get(&self, tile: (u8, u64)) -> Option<Arc<Expanded>> {
        self.tiles().get(&tile).map(Arc::clone)
    }

    fn put(&self, tile: (u8, u64), expanded: &Arc<Expanded>) {
        let mut tiles = self.tiles();
        if tiles.len() >= TILES_CACHED_MAX {
            tiles.clear();
        }
        tiles.insert(tile, Arc::clone(expanded));
    }
}

/// Reads hashes of complete subtrees from the store's tiles.
pub(super) struct TileHashes<'a> {
    shared: &'a Shared,
    /// The partial tiles read for this one proof, so that none is read twice.
    partial: Mutex<HashMap<(u8, u64), Arc<Expanded>>>,
}

impl<'a> TileHashes<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared, partial: Mutex::default() }
    }

    fn tile(&self, tile: (u8, u64), at_least: u64) -> Result<Arc<Expanded>, ReadError> {
        if let Some(expanded) = self.shared.tiles.get(tile) {
            return Ok(expanded);
        }
        let mut partial = self.partial.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(expanded) = partial.get(&tile) {
            return Ok(Arc::clone(expanded));
        }
        let hashes = self.shared.store.tile(tile.0, tile.1)?;
        let width = hashes.len() as u64;
        if width < at_least {
            return Err(ReadError::Record("tile is too short"));
        }
        let expanded = Arc::new(Expanded::new(hashes));
        if width == TILE_WIDTH {
            self.shared.tiles.put(tile, &expanded);
        } else {
            partial.insert(tile, Arc::clone(&expanded));
        }
        Ok(expanded)
    }
}

impl HashReader for TileHashes<'_> {
    type Error = ReadError;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        let height = level % TILE_HEIGHT;
        // A subtree lies within one tile, since its width divides the tile's.
        let across = TILE_WIDTH >> height;
        let (tile, at) = (index / across, index % across);
        let expanded = self.tile((level / TILE_HEIGHT, tile), (at + 1) << height)?;
        expanded.get(height, at).ok_or(ReadError::Record("tile is too short"))
    }
}
