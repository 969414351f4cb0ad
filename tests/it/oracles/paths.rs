//! Tile paths against `tlog_tiles`, whose paths carry the tile's height and call entry bundles `data`:
//! `tile/8/data/000` there is `tile/entries/000` here.

use proptest::prelude::*;
use sanwu_schema::tlog::tile::{Tile, TileKind};

use super::refusing_panics;

/// Their path for one of ours; `None` where the words differ: `data` is a word of theirs only.
fn translated(path: &str) -> Option<String> {
    let rest = path.strip_prefix("tile/")?;
    match rest.split_once('/') {
        Some(("entries", rest)) => Some(format!("tile/8/data/{rest}")),
        Some(("data", _)) => None,
        _ => Some(format!("tile/8/{rest}")),
    }
}

/// What their parser reads, in our words. Theirs panics on width 0 and on levels from 64 on, which is a refusal.
fn theirs(path: &str) -> Option<Tile> {
    let path = translated(path)?;
    let tile = refusing_panics(|| tlog_tiles::Tile::from_path(&path).ok())?;
    let kind = if tile.is_data() { TileKind::Entries } else { TileKind::Hashes(tile.level()) };
    (tile.height() == 8).then(|| Tile::new(kind, tile.level_index(), tile.width() as u16))?
}

fn tile() -> impl Strategy<Value = Tile> {
    let kind = prop_oneof![Just(TileKind::Entries), (0..64u8).prop_map(TileKind::Hashes)];
    let index = prop_oneof![0..1_100u64, 999_000..1_001_000u64, any::<u64>(), (0..64u32).prop_map(|bit| 1 << bit)];
    let width = prop_oneof![1..=256u16, Just(256)];
    (kind, index, width).prop_map(|(kind, index, width)| Tile::new(kind, index, width).unwrap())
}

#[test]
fn malformed_paths_are_refused_by_both() {
    let mut refused = 0;
    for path in [
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/00",
        "tile/0/000.p/01",
        "tile/0/000.p/-1",
        "tile/0/000.p/+1",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/1",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000.P/1",
        "tile/0/000 .p/1",
        "tile/0/.p/1",
        "tile/64/000",
        "tile/100/000",
        "tile/256/000",
        "tile/18446744073709551616/000",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile//000",
        "tile/0//000",
        "tile/0/000/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/x000",
        "tile/0/x000/000",
        "tile/0/x000/x001/000",
        "tile/0/000/000",
        "tile/0/001/000",
        "tile/0/x1/000",
        "tile/0/x01/000",
        "tile/0/x0001/000",
        "tile/0/X001/000",
        "tile/0/xx001/000",
        "tile/0/x001/x000",
        "tile/0/x001000",
        "tile/0/x001/",
        "tile/0/x001/0a0",
        "tile/0/x001/ 00",
        "tile/0/١٢٣",
        "tile/0/+01",
        "tile/0/-01",
        "tile/0/0x0",
        "tile/0/%30%30%30",
        "tile/0",
        "tile/0/",
        "tile",
        "tile/",
        "",
        "/",
        "/tile/0/000",
        " tile/0/000",
        "tile/0/000 ",
        "tile/0/000\n",
        "Tile/0/000",
        "tiles/0/000",
        "tile/entries",
        "tile/entries/",
        "tile/Entries/000",
        "tile/entry/000",
        "tile/entries/0",
        "tile/entries/000.p/256",
        "tile/entries/8/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(Tile::parse(path).is_err(), "{path}");
        assert!(theirs(path).is_none(), "{path}");
        refused += 1;
    }
    assert_eq!(refused, 71);
    // x/mod's own words are no path here, and ours none there.
    for path in ["tile/8/data/000", "tile/data/000", "tile/8/0/000"] {
        assert!(Tile::parse(path).is_err(), "{path}");
    }
    assert!(tlog_tiles::Tile::from_path("tile/entries/000").is_err());
    let largest = "tile/63/x018/x446/x744/x073/x709/x551/615.p/255";
    assert_eq!(Tile::parse(largest).ok(), theirs(largest));
    assert_eq!(Tile::parse(largest).unwrap().index(), u64::MAX);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn paths_are_written_and_read_alike(tile in tile()) {
        let (level, data) = match tile.kind() {
            TileKind::Hashes(level) => (level, false),
            TileKind::Entries => (0, true),
        };
        let other = tlog_tiles::Tile::new(8, level, tile.index(), tile.width().into(), data);
        prop_assert_eq!(translated(&tile.path()), Some(other.path()));
        prop_assert_eq!(theirs(&tile.path()), Some(tile));
        prop_assert_eq!(Tile::parse(&tile.path()), Ok(tile));
    }

    /// One to three characters of a good path changed, taken out or put in: read alike or refused alike.
    #[test]
    fn spoiled_paths_are_judged_alike(
        tile in tile(),
        spoils in prop::collection::vec((any::<prop::sample::Index>(), "[0-9x./p a-z+-]?", any::<bool>()), 1..4),
    ) {
        let mut path = tile.path();
        for (at, with, instead) in spoils {
            let at = at.index(path.len());
            path.replace_range(at..at + usize::from(instead), &with);
        }
        prop_assume!(!path.starts_with("tile/data/"));
        prop_assert_eq!(Tile::parse(&path).ok(), theirs(&path), "{}", path);
    }
}
