//! One suite for every engine: what [`Journal`], [`Index`] and [`Store`] promise.
//!
//! The journal is tested without an index, the index over a journal that was committed alone, then both together.

use std::ops::Range;
use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;

#[cfg(feature = "server")]
use super::rocks::Rocks;
use super::*;

/// An engine under test, and how to have it again after a restart.
trait Bed {
    fn store(&self) -> &dyn Store;
    fn store_mut(&mut self) -> &mut dyn Store;
    /// Closes and opens the store, which ends all faults; engines that forget stay as they are.
    fn restart(&mut self);
    /// Lets the next write fail.
    fn inject(&self, fault: Fault);
}

impl Bed for InMemory {
    fn store(&self) -> &dyn Store {
        self
    }
    fn store_mut(&mut self) -> &mut dyn Store {
        self
    }
    fn restart(&mut self) {
        self.repair();
    }
    fn inject(&self, fault: Fault) {
        InMemory::inject(self, &[fault]);
    }
}

#[cfg(feature = "server")]
struct OnDisk {
    folder: TestFolder,
    store: Option<Rocks>,
}

#[cfg(feature = "server")]
impl Bed for OnDisk {
    fn store(&self) -> &dyn Store {
        self.store.as_ref().unwrap()
    }
    fn store_mut(&mut self) -> &mut dyn Store {
        self.store.as_mut().unwrap()
    }
    fn restart(&mut self) {
        self.store = None;
        self.store = Some(Rocks::open(&self.folder.0.join("store"), &Access::Write).unwrap());
    }
    fn inject(&self, fault: Fault) {
        self.store.as_ref().unwrap().inject(fault);
    }
}

/// A folder that is removed with the test.
pub(crate) struct TestFolder(pub(crate) PathBuf);

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
    on_each_made_for(AppendPolicy::Statements, check);
}

fn on_each_made_for(policy: AppendPolicy, check: impl Fn(&mut dyn Bed)) {
    check(&mut InMemory::new(policy));
    #[cfg(feature = "server")]
    {
        let folder = TestFolder::new();
        let store = Some(Rocks::create(&folder.0.join("store"), policy).unwrap());
        check(&mut OnDisk { folder, store });
    }
}

fn hash(text: &str) -> Hash {
    Hash::digest(text.as_bytes())
}

fn position(size: u64) -> Position {
    Position { size, root: hash(&format!("root {size}")) }
}

fn head(size: u64) -> Head {
    Head { position: position(size), note: format!("note {size}").into_bytes() }
}

/// Entries with tile hashes of level 0 and one blob.
fn journal(entries: Range<u64>) -> JournalBatch {
    JournalBatch {
        entries: entries.clone().map(|index| Arc::from(format!("entry {index}").into_bytes())).collect(),
        tree: entries.clone().map(|index| TreeHash { level: 0, index, hash: hash(&format!("leaf {index}")) }).collect(),
        blobs: vec![Blob {
            digest: hash(&format!("body {}", entries.start)),
            bytes: Arc::from(format!("body {}", entries.start).into_bytes()),
        }],
    }
}

/// What these entries change, each of chain `c`.
fn index(entries: Range<u64>) -> IndexBatch {
    let first = entries.start;
    IndexBatch {
        located: entries
            .clone()
            .map(|index| LocatedRow {
                id: hash(&format!("id {index}")),
                chain: "c".into(),
                seq: index,
                index,
                record: format!("at {index}").into_bytes(),
            })
            .collect(),
        chains: entries
            .map(|seq| ChainUpdate {
                chain: "c".into(),
                seq,
                head: format!("head {seq}").into_bytes(),
                facts: (seq % 10 == 0).then(|| format!("facts {seq}").into_bytes()),
            })
            .collect(),
        slots: vec![(format!("c F04 {first}"), hash("slot"))],
        granted: vec![("c".into(), hash(&format!("key {first}")))],
        corrected: vec![(hash(&format!("old {first}")), hash("new"))],
    }
}

fn expected(journal: &dyn Journal) -> Option<Position> {
    journal.head().unwrap().map(|head| head.position)
}

fn commit_journal(store: &dyn Journal, count: u64) {
    let before = expected(store);
    let first = before.map_or(0, |position| position.size);
    let committed = store.commit(before, &head(first + count), &journal(first..first + count));
    assert_eq!(committed.unwrap(), Commit::Committed);
}

fn commit(store: &dyn Store, count: u64) {
    let before = expected(store);
    let first = before.map_or(0, |position| position.size);
    let batch = Batch { journal: journal(first..first + count), index: index(first..first + count) };
    assert_eq!(store.commit_indexed(before, &head(first + count), &batch).unwrap(), Commit::Committed);
}

// ---- the journal

#[test]
fn a_new_journal_is_empty() {
    on_each(|bed| {
        let journal: &dyn Journal = bed.store();
        assert_eq!(journal.head().unwrap(), None);
        assert_eq!(journal.entry(0).unwrap(), None);
        assert!(journal.entries(0, 10).unwrap().is_empty());
        assert!(journal.tile(0, 0).unwrap().is_empty());
        assert_eq!(journal.last_published().unwrap(), None);
    });
}

#[test]
fn who_may_append_is_remembered() {
    for policy in [AppendPolicy::Statements, AppendPolicy::Open] {
        on_each_made_for(policy, |bed| {
            assert_eq!(bed.store().append_policy(), policy);
            commit(bed.store(), 3);
            bed.restart();
            assert_eq!(bed.store().append_policy(), policy);
        });
    }
}

#[test]
fn what_is_committed_to_the_journal_is_read_also_after_a_restart() {
    on_each(|bed| {
        commit_journal(bed.store(), 3);
        commit_journal(bed.store(), 20);
        for _ in 0..2 {
            let journal: &dyn Journal = bed.store();
            assert_eq!(journal.head().unwrap(), Some(head(23)));
            assert_eq!(journal.entry(22).unwrap().unwrap(), b"entry 22");
            assert_eq!(journal.entry(23).unwrap(), None);
            assert_eq!(journal.entries(20, 100).unwrap(), [b"entry 20", b"entry 21", b"entry 22"]);
            assert_eq!(journal.blob(&hash("body 0")).unwrap().unwrap(), b"body 0");
            assert!(journal.has_blob(&hash("body 3")).unwrap());
            assert!(!journal.has_blob(&hash("body 4")).unwrap());
            bed.restart();
        }
    });
}

#[test]
fn a_second_writer_loses_and_stores_nothing() {
    on_each(|bed| {
        commit(bed.store(), 2);
        let before = bed.store().head().unwrap();
        let batch = Batch { journal: journal(2..3), index: index(2..3) };
        for wrong in [None, Some(position(1)), Some(Position { size: 2, root: hash("other") })] {
            let size = wrong.map_or(0, |position| position.size) + 1;
            let lost = Commit::Lost(before.clone());
            assert_eq!(bed.store().commit(wrong, &head(size), &batch.journal).unwrap(), lost);
            let same_place = Batch { journal: journal(size - 1..size), index: index(size - 1..size) };
            assert_eq!(bed.store().commit_indexed(wrong, &head(size), &same_place).unwrap(), lost);
        }
        assert_eq!(bed.store().entry(2).unwrap(), None);
        assert_eq!(bed.store().located(&hash("id 2")).unwrap(), None);
        assert_eq!(bed.store().head().unwrap(), before);
        bed.store().check_indexed().unwrap();
    });
}

#[test]
fn tiles_grow_fill_and_stay() {
    on_each(|bed| {
        let mut size = 0;
        for count in [1, 100, 154, 1, 300, 211, 1, 600] {
            commit_journal(bed.store(), count);
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
        let checks = bed.store().check_journal().unwrap();
        let records = |family| checks.iter().find(|check| check.family == family).unwrap().records;
        assert_eq!((records(Family::Tile), records(Family::Edge)), (size / 256, size % 256));
        assert_eq!(records(Family::Entry), size);
        assert!(checks.iter().all(|check| check.damages.is_empty()));
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
        let journal: &dyn Journal = bed.store();
        assert_eq!(journal.last_published().unwrap(), Some(published(300, "b cosigned")));
        assert_eq!(journal.published_from(1, 10).unwrap(), [published(5, "a"), published(300, "b cosigned")]);
        assert_eq!(journal.published_from(301, 10).unwrap(), []);
        let all = [published(300, "b cosigned"), published(5, "a"), published(0, "zero")];
        assert_eq!(journal.published_before(301, 10).unwrap(), all);
        assert_eq!(journal.published_before(301, 1).unwrap(), [published(300, "b cosigned")]);
        assert_eq!(journal.published_before(300, 10).unwrap(), all[1..]);
        assert_eq!(journal.published_before(0, 10).unwrap(), []);
    });
}

// ---- the index

/// Every answer that depends on which entries the index is derived from.
#[allow(clippy::type_complexity, reason = "all answers at once, to be compared")]
fn answers(index: &dyn Index) -> (Vec<Hash>, Vec<(String, Vec<u8>)>, Option<Vec<u8>>, Vec<u64>, [bool; 3]) {
    (
        index.statements_from(&Hash([0; 32]), 1_000).unwrap(),
        index.chains(None, 1_000).unwrap(),
        index.chain_facts("c", u64::MAX).unwrap(),
        index.chain_entries("c", 0, 1_000).unwrap(),
        [
            index.slot("c F04 0").unwrap().is_some(),
            index.was_granted("c", &hash("key 0")).unwrap(),
            index.corrected_by(&hash("old 0")).unwrap().is_some(),
        ],
    )
}

#[test]
fn what_is_applied_is_read_also_after_a_restart() {
    on_each(|bed| {
        commit_journal(bed.store(), 23);
        assert_eq!(answers(bed.store()), (vec![], vec![], None, vec![], [false; 3]));
        bed.store().apply(0..3, &index(0..3)).unwrap();
        bed.store().apply(3..23, &index(3..23)).unwrap();
        for _ in 0..2 {
            let index: &dyn Index = bed.store();
            assert_eq!(index.cursor().unwrap(), 23);
            assert_eq!(index.located(&hash("id 7")).unwrap().unwrap(), b"at 7");
            assert_eq!(index.located(&hash("id 23")).unwrap(), None);
            assert_eq!(index.statements_from(&hash("id 7"), 1).unwrap(), [hash("id 7")]);
            assert_eq!(index.statements_from(&Hash([0; 32]), 100).unwrap().len(), 23);
            assert_eq!(index.chain_head("c").unwrap().unwrap(), b"head 22");
            assert_eq!(index.chain_entries("c", 21, 10).unwrap(), [21, 22]);
            assert_eq!(index.chain_entries("c", 0, 2).unwrap(), [0, 1]);
            assert!(index.chain_entries("b", 0, 2).unwrap().is_empty());
            assert_eq!(index.slot("c F04 3").unwrap(), Some(hash("slot")));
            assert_eq!(index.slot("c F04 4").unwrap(), None);
            assert!(index.was_granted("c", &hash("key 0")).unwrap());
            assert!(!index.was_granted("d", &hash("key 0")).unwrap());
            assert_eq!(index.corrected_by(&hash("old 3")).unwrap(), Some(hash("new")));
            bed.restart();
        }
    });
}

#[test]
fn the_cursor_moves_with_what_is_applied_and_without_gaps() {
    on_each(|bed| {
        commit_journal(bed.store(), 10);
        let refused = |bed: &dyn Bed, entries: Range<u64>| {
            let before = answers(bed.store());
            let applied = bed.store().apply(entries.clone(), &index(entries.clone()));
            assert!(matches!(applied, Err(Error::Batch(_))), "{entries:?}");
            assert_eq!(answers(bed.store()), before, "{entries:?}");
        };
        // A gap, and more than is committed.
        refused(bed, 1..3);
        refused(bed, 0..11);
        bed.store().apply(0..4, &index(0..4)).unwrap();
        refused(bed, 3..6);
        refused(bed, 5..6);
        // Rows of other entries than those named.
        assert!(matches!(bed.store().apply(4..6, &index(6..8)), Err(Error::Batch(_))));
        for _ in 0..2 {
            assert_eq!(bed.store().cursor().unwrap(), 4);
            assert_eq!(bed.store().check_indexed(), Err(Error::Unindexed { derived: 4, size: 10 }));
            bed.restart();
        }
        // The same again, as after a commit whose outcome was unknown.
        let before = answers(bed.store());
        bed.store().apply(0..4, &IndexBatch::default()).unwrap();
        assert_eq!((answers(bed.store()), bed.store().cursor().unwrap()), (before, 4));
        bed.store().apply(4..10, &index(4..10)).unwrap();
        bed.store().check_indexed().unwrap();
        bed.restart();
        bed.store().check_indexed().unwrap();
    });
}

#[test]
fn facts_are_those_in_force_at_a_place() {
    on_each(|bed| {
        commit(bed.store(), 25);
        let index: &dyn Index = bed.store();
        let facts = |seq| index.chain_facts("c", seq).unwrap().unwrap();
        assert_eq!(facts(0), b"facts 0");
        assert_eq!(facts(9), b"facts 0");
        assert_eq!(facts(10), b"facts 10");
        assert_eq!(facts(u64::MAX), b"facts 20");
        assert_eq!(index.chain_facts("b", 10).unwrap(), None);
        assert_eq!(index.chain_facts("d", 10).unwrap(), None);
    });
}

#[test]
fn chains_are_listed_in_order_and_by_page() {
    on_each(|bed| {
        let names = ["a", "a-b", "a.q", "ab", "b"];
        commit_journal(bed.store(), 1);
        let chains =
            names.map(|name| ChainUpdate { chain: name.into(), seq: 0, head: name.into(), facts: None }).into();
        bed.store().apply(0..1, &IndexBatch { chains, ..IndexBatch::default() }).unwrap();
        let list = |after: Option<&str>, count| -> Vec<String> {
            bed.store().chains(after, count).unwrap().into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(list(None, 10), names);
        assert_eq!(list(Some("a"), 2), ["a-b", "a.q"]);
        assert_eq!(list(Some("a.q"), 10), ["ab", "b"]);
        assert!(list(Some("b"), 10).is_empty());
    });
}

/// Everything that the journal of these tests answers.
#[allow(clippy::type_complexity, reason = "all answers at once, to be compared")]
fn all_of(journal: &dyn Journal) -> (Option<Head>, Vec<Vec<u8>>, Vec<Hash>, Option<Vec<u8>>, Vec<Published>) {
    (
        journal.head().unwrap(),
        journal.entries(0, 1_000).unwrap(),
        journal.tile(0, 0).unwrap(),
        journal.blob(&hash("body 0")).unwrap(),
        journal.published_from(0, 1_000).unwrap(),
    )
}

#[test]
fn a_cleared_index_is_empty_says_so_and_is_derived_again() {
    on_each(|bed| {
        commit(bed.store(), 2);
        commit(bed.store(), 28);
        bed.store().publish(&Published { size: 30, published_ms: 1, note: b"note".to_vec() }).unwrap();
        let (whole, kept) = (answers(bed.store()), all_of(bed.store()));
        bed.store_mut().clear().unwrap();
        for _ in 0..2 {
            assert_eq!(answers(bed.store()), (vec![], vec![], None, vec![], [false; 3]));
            assert_eq!(bed.store().check_indexed(), Err(Error::Unindexed { derived: 0, size: 30 }));
            assert_eq!(all_of(bed.store()), kept);
            bed.restart();
        }
        // Nothing is committed over an index that is behind.
        let batch = Batch { journal: journal(30..31), index: index(30..31) };
        let refused = bed.store().commit_indexed(Some(position(30)), &head(31), &batch);
        assert_eq!(refused, Err(Error::Unindexed { derived: 0, size: 30 }));
        assert_eq!(all_of(bed.store()), kept);
        bed.store().apply(0..2, &index(0..2)).unwrap();
        // Interrupted, and begun again.
        bed.restart();
        assert_eq!(bed.store().cursor().unwrap(), 2);
        bed.store_mut().clear().unwrap();
        bed.store().apply(0..2, &index(0..2)).unwrap();
        bed.store().apply(2..30, &index(2..30)).unwrap();
        for _ in 0..2 {
            bed.store().check_indexed().unwrap();
            assert_eq!((answers(bed.store()), all_of(bed.store())), (whole.clone(), kept.clone()));
            bed.restart();
        }
        commit(bed.store(), 1);
        bed.store().check_indexed().unwrap();
    });
}

#[test]
fn an_empty_index_is_cleared_like_any_other() {
    on_each(|bed| {
        bed.store_mut().clear().unwrap();
        bed.restart();
        bed.store().check_indexed().unwrap();
        commit(bed.store(), 1);
        bed.store().check_indexed().unwrap();
    });
}

// ---- both

#[test]
fn a_batch_that_contradicts_itself_is_refused_whole() {
    on_each(|bed| {
        commit(bed.store(), 2);
        let refuse = |change: &dyn Fn(&mut Head, &mut Batch)| {
            let (mut head, mut batch) = (head(4), Batch { journal: journal(2..4), index: index(2..4) });
            change(&mut head, &mut batch);
            let refused = bed.store().commit_indexed(Some(position(2)), &head, &batch);
            assert!(matches!(refused, Err(Error::Batch(_))), "{refused:?}");
        };
        refuse(&|head, _| head.position.size = 5);
        refuse(&|_, batch| batch.journal.entries.truncate(1));
        refuse(&|_, batch| batch.index.located.reverse());
        refuse(&|_, batch| batch.index = index(1..3));
        assert_eq!(bed.store().entry(2).unwrap(), None);
        assert_eq!(bed.store().located(&hash("id 2")).unwrap(), None);
        commit(bed.store(), 2);
    });
}

#[test]
fn every_family_is_checked_once_and_in_order() {
    on_each(|bed| {
        commit(bed.store(), 3);
        let checked: Vec<Family> = bed.store().check_records().unwrap().into_iter().map(|check| check.family).collect();
        assert_eq!(checked, Family::ALL);
    });
}

/// A commit that fails leaves all of the batch or nothing, in journal and index alike, and it can be found out which.
#[test]
fn a_commit_that_failed_is_stored_whole_or_not_at_all() {
    for (fault, stored) in [(Fault::NotStored, false), (Fault::Stored, true)] {
        on_each(|bed| {
            commit(bed.store(), 2);
            bed.inject(fault);
            let batch = Batch { journal: journal(2..5), index: index(2..5) };
            let outcome = bed.store().commit_indexed(Some(position(2)), &head(5), &batch);
            if let Err(error) = outcome {
                // The engine is done for, and says the same of every later write.
                assert!(matches!(error, Error::Engine { .. }), "{error}");
                let again = bed.store().commit_indexed(Some(position(2)), &head(5), &batch);
                assert_eq!(again, Err(error.clone()));
                assert_eq!(bed.store().apply(2..5, &batch.index), Err(error.clone()));
                let checkpoint = Published { size: 2, published_ms: 1, note: b"note".to_vec() };
                assert_eq!(bed.store().publish(&checkpoint), Err(error));
                bed.restart();
            } else {
                assert!(matches!(outcome, Ok(Commit::Unknown(_))), "{outcome:?}");
            }
            let size = if stored { 5 } else { 2 };
            assert_eq!(bed.store().head().unwrap(), Some(head(size)), "{fault:?}");
            // Resolved as the contracts say.
            match stored {
                true => bed.store().apply(2..5, &batch.index).unwrap(),
                false => commit(bed.store(), 3),
            }
            bed.restart();
            bed.store().check_indexed().unwrap();
            assert_eq!(bed.store().head().unwrap(), Some(head(5)));
            assert_eq!(bed.store().entries(0, 10).unwrap().len(), 5);
            assert_eq!(bed.store().statements_from(&Hash([0; 32]), 10).unwrap().len(), 5);
            assert!(bed.store().has_blob(&hash("body 2")).unwrap());
        });
    }
}
