//! Where a replica's bytes come from. Nothing of it is used before it is checked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::merkle::build::BuildError;
use sanwu_schema::tlog::merkle::{HashReader, Node, root_of_leaves};
use sanwu_schema::tlog::tile::{ENTRY_BYTES_MAX, TILE_WIDTH, Tile, TileKind, node_in_tile, parse_bundle};
use thiserror::Error;

use crate::log::state::FollowTrouble;
use crate::storage::Published;

/// The largest entry bundle: 256 entries of 65,535 bytes, each with two bytes of length.
pub const BUNDLE_BYTES_MAX: u64 = TILE_WIDTH as u64 * (ENTRY_BYTES_MAX as u64 + 2);

/// A full hash tile.
pub const HASHES_BYTES_MAX: u64 = TILE_WIDTH as u64 * 32;

/// The largest body or attachment: a node takes attachments of 20 MiB.
pub const BLOB_BYTES_MAX: u64 = 21 << 20;

/// Requests at the same time: enough to hide a slow line's latency, too few to trouble upstream.
pub(super) const REQUESTS_MAX: usize = 4;

/// Hash tiles kept while one checkpoint is copied, 8 KB each: 8 MB.
const TILES_KEPT_MAX: usize = 1_024;

/// Why something could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FetchError {
    /// No answer, or one that speaks of the server's own trouble.
    #[error("{0}")]
    Unreachable(String),
    /// There is no such thing.
    #[error("{0}: missing")]
    Missing(String),
    /// The answer is not of the form it should have.
    #[error("{0}")]
    Answer(String),
}

impl From<FetchError> for FollowTrouble {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Unreachable(why) => Self::Unreachable(why),
            FetchError::Missing(what) => Self::Missing(what),
            FetchError::Answer(what) => Self::Data(what),
        }
    }
}

/// Returns a proof that could not be made from upstream's tiles.
pub(super) fn unprovable(error: BuildError<FollowTrouble>) -> FollowTrouble {
    match error {
        BuildError::Read(trouble) => trouble,
        BuildError::Range | BuildError::Short => FollowTrouble::Data("tile".into()),
    }
}

/// A node or a folder of files that a log is read from. Calls block; many threads may call.
pub trait Upstream: Send + Sync + 'static {
    /// Returns its address, for people.
    fn address(&self) -> &str;

    /// Returns the newest checkpoint, a signed note.
    fn checkpoint(&self) -> Result<Vec<u8>, FetchError>;

    /// Returns the bytes of a hash tile or entry bundle of exactly this width.
    fn tile(&self, tile: Tile) -> Result<Vec<u8>, FetchError>;

    /// Returns the bytes of a body or attachment.
    fn blob(&self, digest: &Hash) -> Result<Vec<u8>, FetchError>;

    /// Returns a page of the retained checkpoints of at least `from`, smallest first, with the time of each as upstream
    /// states it; empty at the end.
    ///
    /// `None`: this upstream retains none.
    fn checkpoints(&self, from: u64) -> Result<Option<Vec<Published>>, FetchError>;
}

/// A tile's bytes; where a partial tile is gone already, the beginning of the full one.
fn hashes_of(upstream: &dyn Upstream, tile: Tile) -> Result<Vec<Hash>, FetchError> {
    let answer = |_| FetchError::Answer(tile.path());
    match upstream.tile(tile) {
        Err(FetchError::Missing(_)) if tile.is_partial() => {
            let full = tile.full();
            let mut hashes = full.hashes(&upstream.tile(full)?).map_err(answer)?;
            hashes.truncate(usize::from(tile.width()));
            Ok(hashes)
        }
        bytes => tile.hashes(&bytes?).map_err(answer),
    }
}

/// Returns a bundle's entries; where a partial bundle is gone already, the first of the full one.
pub(super) fn entries_of(upstream: &dyn Upstream, tile: Tile) -> Result<Vec<Vec<u8>>, FetchError> {
    let (bytes, width) = match upstream.tile(tile) {
        Err(FetchError::Missing(_)) if tile.is_partial() => (upstream.tile(tile.full())?, TILE_WIDTH),
        bytes => (bytes?, tile.width()),
    };
    let entries = parse_bundle(&bytes, width).map_err(|_| FetchError::Answer(tile.path()))?;
    Ok(entries.into_iter().take(usize::from(tile.width())).map(<[u8]>::to_vec).collect())
}

/// The hashes of upstream's tree at one size, for proofs that are made here.
pub(super) struct RemoteHashes {
    upstream: Arc<dyn Upstream>,
    size: u64,
    tiles: Mutex<HashMap<Tile, Arc<Vec<Hash>>>>,
}

impl RemoteHashes {
    pub(super) fn new(upstream: Arc<dyn Upstream>, size: u64) -> Self {
        Self { upstream, size, tiles: Mutex::default() }
    }

    fn tile(&self, tile: Tile) -> Result<Arc<Vec<Hash>>, FollowTrouble> {
        let mut tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hashes) = tiles.get(&tile) {
            return Ok(Arc::clone(hashes));
        }
        let hashes = Arc::new(hashes_of(&*self.upstream, tile)?);
        if tiles.len() >= TILES_KEPT_MAX {
            tiles.clear();
        }
        tiles.insert(tile, Arc::clone(&hashes));
        Ok(hashes)
    }
}

impl HashReader for RemoteHashes {
    type Error = FollowTrouble;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, FollowTrouble> {
        let outside = || FollowTrouble::Data(format!("tile {level}/{index}"));
        let (tile, range) = node_in_tile(Node { level, index }, self.size).ok_or_else(outside)?;
        let hashes = self.tile(tile)?;
        Ok(root_of_leaves(hashes.get(range).ok_or_else(outside)?.iter().copied()))
    }
}

/// Returns the entry bundles from the one that holds `first` on, in a tree of `size` leaves; at most `count`.
pub(super) fn bundles(first: u64, size: u64, count: usize) -> Vec<Tile> {
    let from = first / u64::from(TILE_WIDTH);
    (from..).map_while(|index| Tile::at_size(TileKind::Entries, index, size)).take(count).collect()
}

/// Does the work for every item, [`REQUESTS_MAX`] at a time; results in the items' order.
pub(super) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let Some((number, item)) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            items.get(number).map(|item| (number, item))
        } {
            done.push((number, work(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..REQUESTS_MAX.min(items.len())).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for thread in threads {
            match thread.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
