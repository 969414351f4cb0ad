//! A cache of tiles as the bytes that are sent: every client asks for the edge of the tree.
//!
//! The bytes of a tile at a width never change, so nothing is ever invalidated.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use axum::body::Bytes;
use sanwu_schema::tlog::tile::Tile;

use super::limits::READY_TILES_BYTES_MAX;

/// Can be asked from an async handler: no disk, one short lock.
#[derive(Default)]
pub(super) struct ReadyTiles {
    generations: Mutex<Generations>,
}

/// Two generations, each with half of the room.
///
/// A tile that is asked for moves to the young one; when that is full it becomes the old one, and the old one is
/// dropped. A client that reads the whole log once does not evict what all others read.
#[derive(Default)]
struct Generations {
    young: HashMap<Tile, Bytes>,
    young_bytes: usize,
    old: HashMap<Tile, Bytes>,
}

impl ReadyTiles {
    /// Returns the tile's bytes, if they are cached.
    pub(super) fn get(&self, tile: &Tile) -> Option<Bytes> {
        let mut generations = self.lock();
        if let Some(bytes) = generations.young.get(tile) {
            return Some(bytes.clone());
        }
        let bytes = generations.old.remove(tile)?;
        generations.put(*tile, bytes.clone());
        Some(bytes)
    }

    /// Caches the bytes of a tile that the tree has at this width.
    pub(super) fn put(&self, tile: Tile, bytes: Bytes) {
        self.lock().put(tile, bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Generations {
    fn put(&mut self, tile: Tile, bytes: Bytes) {
        if self.young_bytes + bytes.len() > READY_TILES_BYTES_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes.len();
        if let Some(replaced) = self.young.insert(tile, bytes) {
            self.young_bytes -= replaced.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use sanwu_schema::tlog::tile::TileKind;

    use super::*;

    const PIECE: usize = READY_TILES_BYTES_MAX / 8;

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
        for index in 0..100 {
            ready.put(tile(index), bytes(index));
            assert_eq!(ready.get(&tile(0)), Some(bytes(0)), "asked for again and again");
            let generations = ready.lock();
            let held: usize = generations.young.values().chain(generations.old.values()).map(Bytes::len).sum();
            assert!(held <= READY_TILES_BYTES_MAX);
            assert_eq!(generations.young_bytes, generations.young.values().map(Bytes::len).sum::<usize>());
        }
        assert_eq!(ready.get(&tile(50)), None);
        assert_eq!(ready.get(&tile(99)), Some(bytes(99)));
        ready.put(tile(99), bytes(99));
        assert_eq!(ready.lock().young_bytes % PIECE, 0);
    }
}
