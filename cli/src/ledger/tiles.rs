//! Tree hashes out of a server's tiles, for proofs that this machine makes itself.

use std::cell::RefCell;
use std::collections::HashMap;

use sanwu_schema::code::Code;
use sanwu_schema::hash::Hash;
use sanwu_schema::log::merkle::build::BuildError;
use sanwu_schema::log::merkle::{HashReader, root_of_leaves};
use sanwu_schema::log::tile::{Tile, TileKind};

use crate::client::{Client, TILE_BYTES_MAX};
use crate::error::Error;

/// Levels of the tree in one tile.
const HEIGHT: u8 = 8;

/// The tiles of a tree of some size. What they say is proved by the root that a proof leads to.
pub struct RemoteTiles<'a> {
    client: &'a Client,
    size: u64,
    cache: RefCell<HashMap<Tile, Vec<Hash>>>,
}

impl<'a> RemoteTiles<'a> {
    /// The tiles as they are in a tree of `size` leaves.
    pub fn new(client: &'a Client, size: u64) -> Self {
        Self { client, size, cache: RefCell::default() }
    }

    fn tile(&self, tile: Tile) -> Result<Vec<Hash>, Error> {
        if let Some(hashes) = self.cache.borrow().get(&tile) {
            return Ok(hashes.clone());
        }
        let bytes = fetch(self.client, tile)?;
        let hashes = tile.hashes(&bytes).map_err(|e| self.client.nonsense(&tile.path(), &e.to_string()))?;
        self.cache.borrow_mut().insert(tile, hashes.clone());
        Ok(hashes)
    }
}

/// A tile's bytes; where a partial one is gone, the beginning of the full one.
pub fn fetch(client: &Client, tile: Tile) -> Result<Vec<u8>, Error> {
    match client.get(&format!("/{}", tile.path()), TILE_BYTES_MAX) {
        Err(e) if e.exit() == 5 && tile.is_partial() && matches!(tile.kind(), TileKind::Hashes(_)) => {
            let full = client.get(&format!("/{}", tile.full().path()), TILE_BYTES_MAX)?;
            Ok(full.get(..usize::from(tile.width()) * 32).unwrap_or_default().to_vec())
        }
        other => other,
    }
}

impl HashReader for RemoteTiles<'_> {
    type Error = Error;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, Error> {
        let out_of_range = || Error::new(Code::TreeRange).at(format!("{level}/{index}"));
        let within = level % HEIGHT;
        let first = index << within;
        let count = 1usize << within;
        let kind = TileKind::Hashes(level / HEIGHT);
        let tile = Tile::at_size(kind, first >> HEIGHT, self.size).ok_or_else(out_of_range)?;
        let hashes = self.tile(tile)?;
        let from = (first & 0xff) as usize;
        let part = hashes.get(from..from + count).ok_or_else(out_of_range)?;
        Ok(root_of_leaves(part.iter().copied()))
    }
}

/// Why a proof could not be made.
pub fn build_error(error: BuildError<Error>) -> Error {
    match error {
        BuildError::Read(e) => e,
        BuildError::Range => Error::new(Code::TreeRange),
        BuildError::Short => Error::new(Code::Internal).at("tile"),
    }
}
