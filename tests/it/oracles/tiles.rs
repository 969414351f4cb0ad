//! Tile contents against `tlog_tiles`: their verifying tile reader reads our tiles, and every tile that they would
//! publish is one of ours, byte for byte.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use sanwu_schema::tlog::merkle::HashReader as _;
use sanwu_schema::tlog::merkle::Node;
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, node_in_tile, tiles_of_growth};
use tlog_tiles::{HashReader, TileHashReader, TileReader, tlog as theirs};

use super::merkle::{EDGES, Trees};

/// Tile height in the C2SP format; theirs may have others.
const HEIGHT: u8 = 8;

/// Serves our tiles to their reader.
struct Ours<'a> {
    trees: &'a Trees,
    /// The bit to flip in the first tile that is read.
    spoil: Option<usize>,
    saved: RefCell<usize>,
}

impl Ours<'_> {
    /// The bytes of one of our tiles.
    fn content(&self, tile: &Tile) -> Vec<u8> {
        let TileKind::Hashes(level) = tile.kind() else { panic!("a hash tile") };
        let first = tile.index() * u64::from(TILE_WIDTH);
        let hashes = first..first + u64::from(tile.width());
        hashes.flat_map(|index| self.trees.hash(level * HEIGHT, index).expect("in the tree").0).collect()
    }
}

/// Our name for one of their tiles.
fn ours(tile: &tlog_tiles::Tile) -> Tile {
    assert_eq!(tile.height(), HEIGHT);
    Tile::new(TileKind::Hashes(tile.level()), tile.level_index(), tile.width() as u16).expect("a tile")
}

impl TileReader for Ours<'_> {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, theirs::Error> {
        let mut found: Vec<Vec<u8>> = tiles.iter().map(|tile| self.content(&ours(tile))).collect();
        if let (Some(bit), Some(tile)) = (self.spoil, found.first_mut()) {
            let at = bit / 8 % tile.len();
            tile[at] ^= 1 << (bit % 8);
        }
        Ok(found)
    }

    fn save_tiles(&self, tiles: &[tlog_tiles::Tile], _: &[Vec<u8>]) {
        *self.saved.borrow_mut() += tiles.len();
    }
}

/// Every hash of the tree through their reader; its tiles; their proofs out of our tiles.
fn check(trees: &Trees, spoil: usize) {
    let (size, root) = (trees.size(), theirs::Hash(trees.root().0));
    let server = Ours { trees, spoil: None, saved: RefCell::default() };
    let reader = TileHashReader::new(size, root, &server);
    let indexes: Vec<u64> = (0..theirs::stored_hash_count(size)).collect();
    // Their reader only gives hashes below the last leaf's own: see its first check.
    let below: Vec<u64> = indexes.iter().copied().filter(|at| *at < theirs::stored_hash_index(0, size)).collect();
    let read = reader.read_hashes(&below).expect("our tiles");
    for (index, hash) in below.iter().zip(&read) {
        let (level, at) = theirs::split_stored_hash_index(*index);
        assert_eq!(hash.0, trees.hash(level, at).expect("in the tree").0, "hash {level}/{at} of {size}");
        // And our own arithmetic finds it in the same tile.
        let (tile, _) = node_in_tile(Node { level, index: at }, size).expect("in a tile");
        let theirs = tlog_tiles::Tile::from_index(HEIGHT, *index);
        assert_eq!((tile.kind(), tile.index()), (TileKind::Hashes(theirs.level()), theirs.level_index()));
    }
    assert!(*server.saved.borrow() > 0);

    let published: BTreeSet<Tile> = tlog_tiles::Tile::new_tiles(HEIGHT, 0, size).iter().map(ours).collect();
    assert_eq!(published, tiles_of_growth(0, size).into_iter().collect(), "tiles of {size}");
    for tile in tlog_tiles::Tile::new_tiles(HEIGHT, 0, size) {
        let theirs = tile.read_data(trees.stored()).expect("their tile");
        assert_eq!(theirs, server.content(&ours(&tile)), "{}", tile.path());
    }

    // The first tile that they read is one that the root is made of. Of those below they compare some with their
    // parents and some not: their loop starts at the number of subtrees in the root, and tiles may be fewer.
    let spoiled = Ours { trees, spoil: Some(spoil), saved: RefCell::default() };
    let refused = TileHashReader::new(size, root, &spoiled).read_hashes(&[0]);
    assert!(refused.is_err(), "a flipped bit in a tile of {size}");
    assert_eq!(*spoiled.saved.borrow(), 0);
}

#[test]
fn their_reader_reads_our_tiles_at_the_edges() {
    for size in EDGES {
        check(&Trees::of(size), size as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn their_reader_reads_our_tiles_at_random_sizes(size in 1..2_000u64, spoil: usize) {
        check(&Trees::of(size), spoil);
    }

    /// Which tiles a growth makes, far beyond what a test can fill.
    #[test]
    fn the_tiles_of_a_growth_are_theirs(old in 0..1u64 << 40, more in 0..100_000u64) {
        let theirs: BTreeSet<Tile> = tlog_tiles::Tile::new_tiles(HEIGHT, old, old + more).iter().map(ours).collect();
        prop_assert_eq!(tiles_of_growth(old, old + more).into_iter().collect::<BTreeSet<_>>(), theirs);
    }
}
