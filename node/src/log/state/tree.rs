//! Tree hashes at every level, from stored tiles.

use std::sync::Arc;

use quick_cache::sync::Cache;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::merkle::{HashReader, Tree, node_hash};

use super::error::ReadError;
use crate::storage::{Store, TILE_WIDTH, TreeHash};

/// Tile height: 256 hashes are eight levels of the binary tree.
const TILE_HEIGHT: u8 = TILE_WIDTH.ilog2() as u8;

/// Tiles kept with all their inner hashes, 16 KB each: 16 MB, the right edge of many trees.
const TILES_CACHED_MAX: usize = 1_024;

/// Appends leaves and gives the tile hashes that become complete by them.
pub(in crate::log) fn extend(tree: &mut Tree, leaves: &[Hash]) -> Vec<TreeHash> {
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

/// Tiles in memory, each as wide as anyone has read it. The hashes of a tile never change, so what was read
/// while it was narrower stays true.
pub(in crate::log) struct TileCache {
    tiles: Cache<(u8, u64), Arc<Expanded>>,
}

impl Default for TileCache {
    fn default() -> Self {
        Self { tiles: Cache::new(TILES_CACHED_MAX) }
    }
}

/// A tile with the inner hashes between its lowest level and its root.
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

    fn width(&self) -> u64 {
        self.levels.first().map_or(0, |hashes| hashes.len() as u64)
    }

    fn get(&self, height: u8, at: u64) -> Option<Hash> {
        self.levels.get(usize::from(height))?.get(usize::try_from(at).ok()?).copied()
    }
}

impl TileCache {
    fn get(&self, tile: (u8, u64), at_least: u64) -> Option<Arc<Expanded>> {
        self.tiles.get(&tile).filter(|expanded| expanded.width() >= at_least)
    }

    /// Keeps the tile, unless one as wide is here. That another thread puts a narrower one over it costs a read.
    fn put(&self, tile: (u8, u64), expanded: &Arc<Expanded>) {
        if self.get(tile, expanded.width()).is_none() {
            self.tiles.insert(tile, Arc::clone(expanded));
        }
    }
}

/// The place of a subtree's hash: its tile, how wide that has to be, and height and position within.
struct Place {
    tile: (u8, u64),
    at_least: u64,
    height: u8,
    at: u64,
}

fn place(level: u8, index: u64) -> Place {
    let height = level % TILE_HEIGHT;
    // A subtree lies within one tile, since its width divides the tile's.
    let across = TILE_WIDTH >> height;
    let at = index % across;
    Place { tile: (level / TILE_HEIGHT, index / across), at_least: (at + 1) << height, height, at }
}

/// Reads hashes of complete subtrees from the store's tiles.
pub(in crate::log) struct TileHashes<'a> {
    store: &'a dyn Store,
    cache: &'a TileCache,
}

impl<'a> TileHashes<'a> {
    pub(super) fn new(store: &'a dyn Store, cache: &'a TileCache) -> Self {
        Self { store, cache }
    }
}

impl HashReader for TileHashes<'_> {
    type Error = ReadError;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        const SHORT: ReadError = ReadError::Record("tile is too short");
        let Place { tile, at_least, height, at } = place(level, index);
        if let Some(hash) = self.cache.get(tile, at_least).and_then(|expanded| expanded.get(height, at)) {
            return Ok(hash);
        }
        let expanded = Arc::new(Expanded::new(self.store.tile(tile.0, tile.1)?));
        let hash = expanded.get(height, at).ok_or(SHORT)?;
        self.cache.put(tile, &expanded);
        Ok(hash)
    }
}

/// Takes hashes of complete subtrees from memory only.
pub(in crate::log) struct CachedHashes<'a>(pub(in crate::log) &'a TileCache);

/// A hash that is not in memory.
pub(in crate::log) struct NotCached;

impl HashReader for CachedHashes<'_> {
    type Error = NotCached;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, NotCached> {
        let Place { tile, at_least, height, at } = place(level, index);
        self.0.get(tile, at_least).and_then(|expanded| expanded.get(height, at)).ok_or(NotCached)
    }
}
