//! Tree hashes out of a server's tiles, for proofs that this machine makes itself.

use std::cell::RefCell;
use std::collections::HashMap;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::merkle::build::{BuildError, Node};
use sanwu_schema::tlog::merkle::{HashReader, root_of_leaves};
use sanwu_schema::tlog::tile::{Tile, node_in_tile};

use crate::error::Error;
use crate::log_source::client::Client;
use crate::log_source::source::{Remote, Source, tile_or_full};

/// The tiles of a tree of some size. What they say is proved by the root that a proof leads to.
pub struct RemoteTiles {
    source: Remote,
    size: u64,
    cache: RefCell<HashMap<Tile, Vec<Hash>>>,
}

impl RemoteTiles {
    /// Returns the tiles as they are in a tree of `size` leaves.
    pub fn new(client: &Client, size: u64) -> Self {
        Self { source: Remote::new(client.clone()), size, cache: RefCell::default() }
    }

    fn tile(&self, tile: Tile) -> Result<Vec<Hash>, Error> {
        if let Some(hashes) = self.cache.borrow().get(&tile) {
            return Ok(hashes.clone());
        }
        let place = || format!("{}/{}", self.source.name(), tile.path());
        let bytes = tile_or_full(&self.source, tile)?.ok_or_else(|| Error::new(ErrorCode::NoRecord).at(place()))?;
        let hashes =
            tile.hashes(&bytes).map_err(|e| Error::new(ErrorCode::ServerAnswer).at(format!("{}: {e}", place())))?;
        self.cache.borrow_mut().insert(tile, hashes.clone());
        Ok(hashes)
    }
}

impl HashReader for RemoteTiles {
    type Error = Error;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, Error> {
        let out_of_range = || Error::new(ErrorCode::TreeRange).at(format!("{level}/{index}"));
        let (tile, part) = node_in_tile(Node { level, index }, self.size).ok_or_else(out_of_range)?;
        let hashes = self.tile(tile)?;
        Ok(root_of_leaves(hashes.get(part).ok_or_else(out_of_range)?.iter().copied()))
    }
}

/// Returns the error of a proof that could not be made.
pub fn build_error(error: BuildError<Error>) -> Error {
    match error {
        BuildError::Read(e) => e,
        BuildError::Range => Error::new(ErrorCode::TreeRange),
        BuildError::Short => Error::new(ErrorCode::Internal).at("tile"),
    }
}
