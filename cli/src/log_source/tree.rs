//! A source's tree, checked by its own signed checkpoint: every hash that is returned leads to the signed root.
//!
//! The tiles at the right edge fold to the root, and a full tile folds to its element in the tile above; so one path
//! of tiles, not the whole log, proves any hash. Safe to read by several threads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::build::{self, BuildError};
use sanwu_schema::tlog::merkle::{HashReader, leaf_hash, root_of_leaves};
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, node_in_tile, parse_bundle};

use crate::error::Error;
use crate::log_source::source::{Source, tile_or_full};
use crate::text::text;

/// Levels of tiles that a tree can have: eight levels of the binary tree each, 2^63 leaves at most.
const LEVELS: u8 = 8;
const WIDTH: u64 = TILE_WIDTH as u64;

/// Why a source's tree gives no hash.
#[derive(Clone, Debug)]
pub enum TreeError {
    /// The tile is not there.
    Missing(Tile),
    /// The tile is not the one that the signed root covers.
    Contradicts(Tile),
    /// The tree has no such place.
    Range,
    /// Reading failed.
    Read(Error),
}

/// The tree of a signed checkpoint.
pub struct SignedTree<'a> {
    source: &'a dyn Source,
    size: u64,
    tiles: Mutex<HashMap<Tile, Arc<[Hash]>>>,
}

impl<'a> SignedTree<'a> {
    /// Reads the tiles at the right edge, at most eight, and checks them by the root.
    pub fn open(source: &'a dyn Source, checkpoint: &Checkpoint) -> Result<Self, TreeError> {
        let (size, root) = (checkpoint.size, checkpoint.root);
        let tree = Self { source, size, tiles: Mutex::default() };
        let mut last = None;
        for level in 0..LEVELS {
            let elements = size.checked_shr(u32::from(level) * 8).unwrap_or(0);
            if let Some(tile) = Tile::at_size(TileKind::Hashes(level), elements / WIDTH, size) {
                let hashes = tree.fetch(tile)?;
                tree.keep(tile, hashes);
                last = Some(tile);
            }
        }
        match (tree.root_at(size)?, last) {
            (own, _) if own == root => Ok(tree),
            (_, Some(tile)) => Err(TreeError::Contradicts(tile)),
            (_, None) => Err(TreeError::Range),
        }
    }

    /// Returns the number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns a tile's hashes.
    pub fn tile(&self, level: u8, index: u64) -> Result<Arc<[Hash]>, TreeError> {
        let tile = Tile::at_size(TileKind::Hashes(level), index, self.size).ok_or(TreeError::Range)?;
        self.checked(tile)
    }

    /// Returns the root at an earlier size.
    pub fn root_at(&self, size: u64) -> Result<Hash, TreeError> {
        if size > self.size {
            return Err(TreeError::Range);
        }
        build::root_at(size, self).map_err(unbuilt)
    }

    /// Returns the proof that the leaf at `index` is in the tree.
    pub fn inclusion(&self, index: u64) -> Result<Vec<Hash>, TreeError> {
        build::inclusion_proof(index, self.size, self).map_err(unbuilt)
    }

    /// Returns whether a bundle is the one that the root covers: its leaves are those of the tile, which a full bundle
    /// need not fetch.
    ///
    /// Gives the leaf hashes; `None` if it is another one.
    pub fn covers(&self, bundle: Tile, bytes: &[u8]) -> Result<Option<Vec<Hash>>, TreeError> {
        let Ok(entries) = parse_bundle(bytes, bundle.width()) else { return Ok(None) };
        let leaves: Vec<Hash> = entries.into_iter().map(leaf_hash).collect();
        let index = bundle.index();
        let right = if bundle.is_partial() {
            self.tile(0, index)?.iter().eq(&leaves)
        } else {
            self.element(1, index)? == root_of_leaves(leaves.iter().copied())
        };
        Ok(right.then_some(leaves))
    }

    /// Returns one entry; `None` if the source does not have its bundle.
    pub fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, TreeError> {
        let tile = Tile::at_size(TileKind::Entries, index / WIDTH, self.size).ok_or(TreeError::Range)?;
        let Some(bytes) = tile_or_full(self.source, tile).map_err(TreeError::Read)? else { return Ok(None) };
        let wrong = || TreeError::Contradicts(tile);
        let entries = parse_bundle(&bytes, tile.width()).map_err(|_| wrong())?;
        let at = usize::try_from(index % WIDTH).map_err(|_| TreeError::Range)?;
        let entry = entries.get(at).ok_or_else(wrong)?;
        if leaf_hash(entry) == self.hash(0, index)? { Ok(Some(entry.to_vec())) } else { Err(wrong()) }
    }

    /// A tile that folds to its element in the tile above. The way up ends at the right edge.
    fn checked(&self, tile: Tile) -> Result<Arc<[Hash]>, TreeError> {
        if let Some(known) = self.known(tile) {
            return Ok(known);
        }
        let TileKind::Hashes(level) = tile.kind() else { return Err(TreeError::Range) };
        let above = self.element(level + 1, tile.index())?;
        let hashes = self.fetch(tile)?;
        if root_of_leaves(hashes.iter().copied()) != above {
            return Err(TreeError::Contradicts(tile));
        }
        Ok(self.keep(tile, hashes))
    }

    /// One element of a level of tiles.
    fn element(&self, level: u8, index: u64) -> Result<Hash, TreeError> {
        let at = usize::try_from(index % WIDTH).map_err(|_| TreeError::Range)?;
        self.tile(level, index / WIDTH)?.get(at).copied().ok_or(TreeError::Range)
    }

    fn fetch(&self, tile: Tile) -> Result<Vec<Hash>, TreeError> {
        let bytes = tile_or_full(self.source, tile).map_err(TreeError::Read)?.ok_or(TreeError::Missing(tile))?;
        tile.hashes(&bytes).map_err(|_| TreeError::Contradicts(tile))
    }

    // The cache holds whole tiles only: one that a panicking thread left behind is as good as any.
    fn known(&self, tile: Tile) -> Option<Arc<[Hash]>> {
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner).get(&tile).cloned()
    }

    fn keep(&self, tile: Tile, hashes: Vec<Hash>) -> Arc<[Hash]> {
        let hashes: Arc<[Hash]> = hashes.into();
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner).insert(tile, hashes.clone());
        hashes
    }
}

impl HashReader for SignedTree<'_> {
    type Error = TreeError;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, TreeError> {
        let (tile, part) = node_in_tile(build::Node { level, index }, self.size).ok_or(TreeError::Range)?;
        let hashes = self.checked(tile)?;
        Ok(root_of_leaves(hashes.get(part).ok_or(TreeError::Range)?.iter().copied()))
    }
}

fn unbuilt(error: BuildError<TreeError>) -> TreeError {
    match error {
        BuildError::Read(e) => e,
        BuildError::Range | BuildError::Short => TreeError::Range,
    }
}

impl TreeError {
    /// Returns the error of a command that cannot go on with this source.
    pub fn at(self, source: &str) -> Error {
        match self {
            Self::Missing(tile) => Error::new(ErrorCode::BlobMissing).at(format!("{source}/{}", tile.path())),
            Self::Contradicts(tile) => Error::new(ErrorCode::Inclusion)
                .because(text!(
                    "给出的内容和它自己签发的总数对不上",
                    "what is shown is not what its own signed checkpoint covers"
                ))
                .at(format!("{source}/{}", tile.path())),
            Self::Range => Error::new(ErrorCode::TreeRange).at(source),
            Self::Read(e) => e,
        }
    }
}
