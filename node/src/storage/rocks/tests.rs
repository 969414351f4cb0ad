//! What only an engine on disk can show: damage, foreign formats, two openers.

use rocksdb::{DB, IteratorMode, Options};
use sanwu_schema::crypto::hash::Hash;

use super::*;
use crate::storage::conformance::TestFolder;
use crate::storage::{Blob, ChainUpdate, Index, IndexBatch, JournalBatch, LocatedRow, Published, TILE_WIDTH, TreeHash};

fn hash(text: &str) -> Hash {
    Hash::digest(text.as_bytes())
}

/// A store with at least one record in each family.
fn filled(path: &Path) {
    let store = Rocks::create(path, AppendPolicy::Statements).unwrap();
    let count = TILE_WIDTH + 3;
    let journal = JournalBatch {
        entries: (0..count).map(|index| format!("entry {index}").into_bytes().into()).collect(),
        tree: (0..count).map(|index| TreeHash { level: 0, index, hash: hash(&index.to_string()) }).collect(),
        blobs: vec![Blob { digest: hash("body"), bytes: b"body".to_vec().into() }],
    };
    let index = IndexBatch {
        located: vec![LocatedRow { id: hash("id"), chain: "c".into(), seq: 0, index: 0, record: b"record".to_vec() }],
        chains: vec![ChainUpdate { chain: "c".into(), seq: 0, head: b"head".to_vec(), facts: Some(b"facts".to_vec()) }],
        slots: vec![("slot".into(), hash("id"))],
        granted: vec![("c".into(), hash("key"))],
        corrected: vec![(hash("old"), hash("new"))],
    };
    let head = Head { position: Position { size: count, root: hash("root") }, note: b"note".to_vec() };
    assert_eq!(store.commit_indexed(None, &head, &Batch { journal, index }).unwrap(), Commit::Committed);
    store.publish(&Published { size: count, published_ms: 1, note: b"note".to_vec() }).unwrap();
}

#[test]
fn a_flipped_byte_is_named_with_its_family() {
    let folder = TestFolder::new();
    let path = folder.0.join("store");
    filled(&path);
    for family in Family::ALL {
        let mut families = vec!["default"];
        families.extend(Family::ALL.map(Family::as_str));
        let flip = || {
            let db = DB::open_cf(&Options::default(), &path, &families).unwrap();
            let handle = db.cf_handle(family.as_str()).unwrap();
            // The last record: in `meta` the head, since without the format version nothing opens.
            let (key, mut value) = db.iterator_cf(handle, IteratorMode::End).next().unwrap().unwrap();
            value[0] ^= 1;
            db.put_cf(handle, key, value).unwrap();
        };
        flip();
        let damaged = match Rocks::open(&path, &Access::Damaged) {
            Ok(store) => {
                let checks = store.check_records().unwrap();
                checks.into_iter().filter(|check| !check.damages.is_empty()).map(|check| check.family).collect()
            }
            Err(Error::Damaged { family, .. }) => vec![family],
            Err(other) => panic!("{other}"),
        };
        assert_eq!(damaged, [family]);
        flip();
    }
    assert!(
        Rocks::open(&path, &Access::Write)
            .unwrap()
            .check_records()
            .unwrap()
            .iter()
            .all(|check| check.damages.is_empty())
    );
}

#[test]
fn only_one_process_writes() {
    let folder = TestFolder::new();
    let path = folder.0.join("store");
    filled(&path);
    let first = Rocks::open(&path, &Access::Write).unwrap();
    assert!(Rocks::open(&path, &Access::Write).is_err());
    let beside = Rocks::open(&path, &Access::Beside { scratch: folder.0.join("scratch") }).unwrap();
    assert_eq!(beside.head().unwrap(), first.head().unwrap());
}

#[test]
fn another_format_is_refused() {
    let folder = TestFolder::new();
    let path = folder.0.join("store");
    assert!(matches!(Rocks::open(&path, &Access::Write), Err(Error::Format(_))));
    filled(&path);
    assert!(Rocks::create(&path, AppendPolicy::Statements).is_err());
    {
        let store = Rocks::open(&path, &Access::Write).unwrap();
        let value = layout::seal(Family::Meta, layout::KEY_FORMAT, &[2]);
        store.db().unwrap().put_cf(store.family(Family::Meta).unwrap(), layout::KEY_FORMAT, value).unwrap();
    }
    assert!(matches!(Rocks::open(&path, &Access::Write), Err(Error::Format(_))));
}

#[test]
fn a_flipped_byte_on_the_disk_is_named_with_its_family() {
    let folder = TestFolder::new();
    let path = folder.0.join("store");
    filled(&path);
    // Opening again moves everything from the log of writes into tables, one per family.
    drop(Rocks::open(&path, &Access::Write).unwrap());
    let mut damaged = Vec::new();
    for file in std::fs::read_dir(&path).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "sst") {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 4] ^= 0x10;
        std::fs::write(&file, &flipped).unwrap();
        let found: Vec<Family> = match Rocks::open(&path, &Access::Damaged) {
            Ok(store) => {
                let checks = store.check_records().unwrap();
                checks.into_iter().filter(|check| !check.damages.is_empty()).map(|check| check.family).collect()
            }
            Err(Error::Damaged { family, .. }) => vec![family],
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found.len(), 1, "{}", file.display());
        damaged.extend(found);
        std::fs::write(&file, &bytes).unwrap();
    }
    damaged.sort();
    damaged.dedup();
    assert_eq!(damaged, Family::ALL);
}

fn names(path: &Path) -> Vec<String> {
    DB::list_cf(&Options::default(), path).unwrap()
}

/// Every record of the families that are not derived.
#[allow(clippy::type_complexity, reason = "rows as the engine gives them")]
fn journal_bytes(path: &Path) -> Vec<(Family, Box<[u8]>, Box<[u8]>)> {
    let db = DB::open_cf_for_read_only(&Options::default(), path, names(path), false).unwrap();
    let mut rows = Vec::new();
    for family in Family::ALL.into_iter().filter(|family| !family.is_derived()) {
        let handle = db.cf_handle(family.as_str()).unwrap();
        for row in db.iterator_cf(handle, IteratorMode::Start) {
            let (key, value) = row.unwrap();
            rows.push((family, key, value));
        }
    }
    rows
}

#[test]
fn dropping_the_index_ends_damage_in_it_and_leaves_every_byte_of_the_journal() {
    let folder = TestFolder::new();
    let path = folder.0.join("store");
    filled(&path);
    let size = TILE_WIDTH + 3;
    let before = journal_bytes(&path);
    {
        let mut options = Options::default();
        options.set_paranoid_checks(false);
        let db = DB::open_cf(&options, &path, names(&path)).unwrap();
        db.put_cf(db.cf_handle("chain").unwrap(), b"c", b"damaged").unwrap();
    }
    {
        let mut store = Rocks::open(&path, &Access::Write).unwrap();
        store.check_indexed().unwrap();
        assert!(store.chain_head("c").is_err());
        store.clear().unwrap();
        assert_eq!(store.chain_head("c").unwrap(), None);
        store.apply(0..1, &IndexBatch::default()).unwrap();
    }
    let beside = Access::Beside { scratch: folder.0.join("scratch") };
    let incomplete = Err(Error::Unindexed { derived: 1, size });
    assert_eq!(Rocks::open(&path, &beside).unwrap().check_indexed(), incomplete);
    let store = Rocks::open(&path, &Access::Write).unwrap();
    assert_eq!(store.check_indexed(), incomplete);
    store.apply(1..size, &IndexBatch::default()).unwrap();
    assert!(store.check_records().unwrap().iter().all(|check| check.damages.is_empty()));
    drop(store);
    Rocks::open(&path, &beside).unwrap().check_indexed().unwrap();
    // The cursor is gone again, too.
    assert!(before == journal_bytes(&path));
}

#[test]
fn a_family_that_was_dropped_and_not_made_again_is_an_incomplete_index() {
    let folder = TestFolder::new();
    let path = folder.0.join("store");
    for missing in Family::ALL {
        filled(&path);
        DB::open_cf(&Options::default(), &path, names(&path)).unwrap().drop_cf(missing.as_str()).unwrap();
        let size = TILE_WIDTH + 3;
        let beside = Access::Beside { scratch: folder.0.join("scratch") };
        for access in [Access::Read, Access::Damaged, Access::Write, beside, Access::Write] {
            match Rocks::open(&path, &access) {
                Ok(store) if missing.is_derived() => {
                    assert_eq!(store.check_indexed(), Err(Error::Unindexed { derived: 0, size }), "{missing}");
                }
                Err(Error::Format(_)) if !missing.is_derived() => {}
                Ok(_) => panic!("{missing}: opened"),
                Err(error) => panic!("{missing}: {error}"),
            }
        }
        std::fs::remove_dir_all(&path).unwrap();
    }
}
