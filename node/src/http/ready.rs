//! A cache of tiles as the bytes that are sent: every client asks for the edge of the tree.
//!
//! The bytes of a tile at a width never change, so nothing is ever invalidated. A client that reads the whole log once
//! does not evict what all others read: `quick_cache` (S3-FIFO) keeps what is asked for again.

use axum::body::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sanwu_schema::tlog::tile::Tile;

use super::limits::READY_TILES_BYTES_MAX;

/// Tiles that fit at most when all are small; an estimate that sizes the cache's tables, no limit.
const TILES_ESTIMATED: usize = 8_192;

/// Can be asked from an async handler: no disk, one short lock.
pub(super) struct ReadyTiles {
    tiles: Cache<Tile, Bytes, ByLength>,
}

/// A tile weighs as much as its bytes.
#[derive(Clone)]
struct ByLength;

impl Weighter<Tile, Bytes> for ByLength {
    fn weight(&self, _: &Tile, bytes: &Bytes) -> u64 {
        // A weight of 0 would never be evicted.
        bytes.len().max(1) as u64
    }
}

impl Default for ReadyTiles {
    fn default() -> Self {
        Self { tiles: Cache::with_weighter(TILES_ESTIMATED, READY_TILES_BYTES_MAX as u64, ByLength) }
    }
}

impl ReadyTiles {
    /// Returns the tile's bytes, if they are cached.
    pub(super) fn get(&self, tile: &Tile) -> Option<Bytes> {
        self.tiles.get(tile)
    }

    /// Caches the bytes of a tile that the tree has at this width.
    pub(super) fn put(&self, tile: Tile, bytes: Bytes) {
        self.tiles.insert(tile, bytes);
    }
}

#[cfg(test)]
mod tests {
    use sanwu_schema::tlog::tile::TileKind;

    use super::*;

    /// A full bundle of entries of 1 KiB.
    const PIECE: usize = 256 << 10;

    fn tile(index: u64) -> Tile {
        Tile::new(TileKind::Entries, index, 256).unwrap()
    }

    fn bytes(index: u64) -> Bytes {
        vec![index as u8; PIECE].into()
    }

    #[test]
    fn what_is_asked_for_stays_and_the_room_is_bounded() {
        let ready = ReadyTiles::default();
        assert_eq!(ready.get(&tile(0)), None);
        let pieces = (4 * READY_TILES_BYTES_MAX / PIECE) as u64;
        ready.put(tile(0), bytes(0));
        for index in 1..pieces {
            ready.put(tile(index), bytes(index));
            assert_eq!(ready.get(&tile(0)), Some(bytes(0)), "asked for again and again");
            assert!(ready.tiles.weight() <= READY_TILES_BYTES_MAX as u64);
        }
        let held = (0..pieces).filter(|index| ready.get(&tile(*index)).is_some()).count();
        assert!(held <= READY_TILES_BYTES_MAX / PIECE, "{held}");
        assert!(held > 1, "it holds more than what is asked for all the time");
    }
}
