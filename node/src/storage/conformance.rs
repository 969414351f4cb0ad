//! One suite for every engine: what [`Store`] promises.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;

use super::memory::Memory;
use super::rocks::Rocks;
use super::*;

/// An engine under test, and how to have it again after a restart.
trait Bed {
    fn store(&self) -> &dyn Store;
    /// Closes and opens the store; engines that forget stay as they are.
    fn restart(&mut self);
}

struct InMemory(Memory);

impl Bed for InMemory {
    fn store(&self) -> &dyn Store {
        &self.0
    }
    fn restart(&mut self) {}
}

struct OnDisk {
    folder: TestFolder,
    store: Option<Rocks>,
}

impl Bed for OnDisk {
    fn store(&self) -> &dyn Store {
        self.store.as_ref().unwrap()
    }
    fn restart(&mut self) {
        self.store = None;
        self.store = Some(Rocks::open(&self.folder.0.join("store")).unwrap());
    }
}

/// A folder that goes with the test.
pub(crate) struct TestFolder(pub(crate) std::path::PathBuf);

impl TestFolder {
    pub(crate) fn new() -> Self {
        let mut random = [0; 8];
        getrandom::fill(&mut random).unwrap();
        let path = std::env::temp_dir().join(format!("sanwu-{}", Hash::digest(&random).to_hex()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn on_each(check: impl Fn(&mut dyn Bed)) {
    on_each_made_for(Admission::Statements, check);
}

fn on_each_made_for(admission: Admission, check: impl Fn(&mut dyn Bed)) {
    check(&mut InMemory(Memory::made_for(admission)));
    let folder = TestFolder::new();
    let store = Some(Rocks::create(&folder.0.join("store"), admission).unwrap());
    check(&mut OnDisk { folder, store });
}

fn hash(text: &str) -> Hash {
    Hash::digest(text.as_bytes())
}

fn position(size: u64) -> Position {
    Position { size, root: hash(&format!("root {size}")) }
}

/// A batch of `count` entries after `before`, each of chain `c`, with tile hashes of level 0.
fn batch(before: u64, count: u64) -> Batch {
    let size = before + count;
    Batch {
        entries: (before..size).map(|index| Arc::from(format!("entry {index}").into_bytes())).collect(),
        tree: (before..size).map(|index| TreeHash { level: 0, index, hash: hash(&format!("leaf {index}")) }).collect(),
        located: (before..size)
            .map(|index| Located {
                id: hash(&format!("id {index}")),
                chain: "c".into(),
                seq: index,
                index,
                record: format!("at {index}").into_bytes(),
            })
            .collect(),
        chains: (before..size)
            .map(|seq| ChainUpdate {
                chain: "c".into(),
                seq,
                head: format!("head {seq}").into_bytes(),
                facts: (seq % 10 == 0).then(|| format!("facts {seq}").into_bytes()),
            })
            .collect(),
        slots: vec![(format!("c F04 {before}"), hash("slot"))],
        granted: vec![("c".into(), hash(&format!("key {before}")))],
        corrected: vec![(hash(&format!("old {before}")), hash("new"))],
        blobs: vec![Blob {
            digest: hash(&format!("body {before}")),
            bytes: Arc::from(format!("body {before}").into_bytes()),
        }],
        head: Some(Head { position: position(size), note: format!("note {size}").into_bytes() }),
    }
}

fn commit(store: &dyn Store, before: u64, count: u64) {
    let expected = store.head().unwrap().map(|head| head.position);
    assert_eq!(store.commit(expected, &batch(before, count)).unwrap(), Commit::Committed);
}

#[test]
fn a_new_store_is_empty() {
    on_each(|bed| {
        let store = bed.store();
        assert_eq!(store.head().unwrap(), None);
        assert_eq!(store.entry(0).unwrap(), None);
        assert!(store.entries(0, 10).unwrap().is_empty());
        assert!(store.tile(0, 0).unwrap().is_empty());
        assert!(store.chains(None, 10).unwrap().is_empty());
        assert_eq!(store.last_published().unwrap(), None);
        assert_eq!(store.chain_facts("c", 5).unwrap(), None);
    });
}

#[test]
fn who_may_append_is_remembered() {
    for admission in [Admission::Statements, Admission::Open] {
        on_each_made_for(admission, |bed| {
            assert_eq!(bed.store().admission(), admission);
            commit(bed.store(), 0, 3);
            bed.restart();
            assert_eq!(bed.store().admission(), admission);
        });
    }
}

#[test]
fn what_is_committed_is_read_also_after_a_restart() {
    on_each(|bed| {
        commit(bed.store(), 0, 3);
        commit(bed.store(), 3, 20);
        for _ in 0..2 {
            let store = bed.store();
            assert_eq!(store.head().unwrap().unwrap().note, b"note 23");
            assert_eq!(store.entry(22).unwrap().unwrap(), b"entry 22");
            assert_eq!(store.entry(23).unwrap(), None);
            assert_eq!(store.entries(20, 100).unwrap(), [b"entry 20", b"entry 21", b"entry 22"]);
            assert_eq!(store.located(&hash("id 7")).unwrap().unwrap(), b"at 7");
            assert_eq!(store.located(&hash("id 23")).unwrap(), None);
            assert_eq!(store.statements_from(&hash("id 7"), 1).unwrap(), [hash("id 7")]);
            assert_eq!(store.statements_from(&Hash([0; 32]), 100).unwrap().len(), 23);
            assert_eq!(store.chain_head("c").unwrap().unwrap(), b"head 22");
            assert_eq!(store.chain_entries("c", 21, 10).unwrap(), [21, 22]);
            assert_eq!(store.chain_entries("c", 0, 2).unwrap(), [0, 1]);
            assert!(store.chain_entries("b", 0, 2).unwrap().is_empty());
            assert_eq!(store.slot("c F04 3").unwrap(), Some(hash("slot")));
            assert_eq!(store.slot("c F04 4").unwrap(), None);
            assert!(store.was_granted("c", &hash("key 0")).unwrap());
            assert!(!store.was_granted("d", &hash("key 0")).unwrap());
            assert_eq!(store.corrected_by(&hash("old 3")).unwrap(), Some(hash("new")));
            assert_eq!(store.blob(&hash("body 0")).unwrap().unwrap(), b"body 0");
            assert!(store.has_blob(&hash("body 3")).unwrap());
            assert!(!store.has_blob(&hash("body 4")).unwrap());
            bed.restart();
        }
    });
}

#[test]
fn facts_are_those_in_force_at_a_place() {
    on_each(|bed| {
        commit(bed.store(), 0, 25);
        let facts = |seq| bed.store().chain_facts("c", seq).unwrap().unwrap();
        assert_eq!(facts(0), b"facts 0");
        assert_eq!(facts(9), b"facts 0");
        assert_eq!(facts(10), b"facts 10");
        assert_eq!(facts(u64::MAX), b"facts 20");
        assert_eq!(bed.store().chain_facts("b", 10).unwrap(), None);
        assert_eq!(bed.store().chain_facts("d", 10).unwrap(), None);
    });
}

#[test]
fn a_second_writer_loses_and_stores_nothing() {
    on_each(|bed| {
        commit(bed.store(), 0, 2);
        let head = bed.store().head().unwrap();
        for wrong in [None, Some(position(1)), Some(Position { size: 2, root: hash("other") })] {
            assert_eq!(bed.store().commit(wrong, &batch(2, 1)).unwrap(), Commit::Lost(head.clone()));
        }
        assert_eq!(bed.store().entry(2).unwrap(), None);
        assert_eq!(bed.store().head().unwrap(), head);
    });
}

#[test]
fn a_batch_that_contradicts_itself_is_refused_whole() {
    on_each(|bed| {
        commit(bed.store(), 0, 2);
        let refuse = |change: &dyn Fn(&mut Batch)| {
            let mut batch = batch(2, 2);
            change(&mut batch);
            assert!(matches!(bed.store().commit(Some(position(2)), &batch), Err(Error::Batch(_))));
        };
        refuse(&|batch| batch.head = None);
        refuse(&|batch| batch.head.as_mut().unwrap().position.size = 5);
        refuse(&|batch| batch.entries.truncate(1));
        refuse(&|batch| batch.located.reverse());
        assert_eq!(bed.store().entry(2).unwrap(), None);
        commit(bed.store(), 2, 2);
    });
}

#[test]
fn tiles_grow_fill_and_stay() {
    on_each(|bed| {
        let mut size = 0;
        for count in [1, 100, 154, 1, 300, 211, 1, 600] {
            commit(bed.store(), size, count);
            size += count;
            if count == 300 {
                bed.restart();
            }
            for tile in 0..=size / TILE_WIDTH {
                let first = tile * TILE_WIDTH;
                let want: Vec<Hash> =
                    (first..size.min(first + TILE_WIDTH)).map(|index| hash(&format!("leaf {index}"))).collect();
                assert_eq!(bed.store().tile(0, tile).unwrap(), want, "tile {tile} at size {size}");
            }
        }
        let checks = bed.store().check_records().unwrap();
        let records = |family| checks.iter().find(|check| check.family == family).unwrap().records;
        assert_eq!((records(Family::Tile), records(Family::Edge)), (size / 256, size % 256));
        assert_eq!(records(Family::Entry), size);
        assert!(checks.iter().all(|check| check.damages.is_empty()));
    });
}

#[test]
fn chains_are_listed_in_order_and_by_page() {
    on_each(|bed| {
        let names = ["a", "a-b", "a.q", "ab", "b"];
        let mut batch = batch(0, 1);
        batch.chains =
            names.map(|name| ChainUpdate { chain: name.into(), seq: 0, head: name.into(), facts: None }).into();
        bed.store().commit(None, &batch).unwrap();
        let list = |after: Option<&str>, count| -> Vec<String> {
            bed.store().chains(after, count).unwrap().into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(list(None, 10), names);
        assert_eq!(list(Some("a"), 2), ["a-b", "a.q"]);
        assert_eq!(list(Some("a.q"), 10), ["ab", "b"]);
        assert!(list(Some("b"), 10).is_empty());
    });
}

#[test]
fn published_checkpoints_are_kept_and_replaced_by_size() {
    on_each(|bed| {
        let published = |size, note: &str| Published { size, published_ms: 7, note: note.into() };
        for (size, note) in [(0, "zero"), (300, "b"), (5, "a"), (300, "b cosigned")] {
            bed.store().publish(&published(size, note)).unwrap();
        }
        bed.restart();
        assert_eq!(bed.store().last_published().unwrap(), Some(published(300, "b cosigned")));
        assert_eq!(bed.store().published_from(1, 10).unwrap(), [published(5, "a"), published(300, "b cosigned")]);
        assert_eq!(bed.store().published_from(301, 10).unwrap(), []);
        let all = [published(300, "b cosigned"), published(5, "a"), published(0, "zero")];
        assert_eq!(bed.store().published_before(301, 10).unwrap(), all);
        assert_eq!(bed.store().published_before(301, 1).unwrap(), [published(300, "b cosigned")]);
        assert_eq!(bed.store().published_before(300, 10).unwrap(), all[1..]);
        assert_eq!(bed.store().published_before(0, 10).unwrap(), []);
    });
}
