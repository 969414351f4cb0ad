//! A replica against an upstream with faults: nothing is taken that the log has not signed, nothing that
//! was verified is given up, and a log that contradicts itself leaves its evidence here.

mod fake;
mod lines;

use std::sync::Arc;
use std::time::Duration;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_canonical;
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::merkle::{leaf_hash, root_of_leaves, verify_consistency};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::vkey::{ED25519_COSIGNATURE, SignerKey, Vkey};

use self::fake::{Fake, Fault, leaves, note, origin, other_key};
use super::evidence;
use super::follower::{Follower, FollowerHandle, Stop};
use super::pins::Pins;
use crate::log::tests::{Bed, village};
use crate::log::{FollowTrouble, LogOptions, Reader, Status, fsck};
use crate::storage::conformance::TestFolder;
use crate::storage::{self, AppendPolicy, Commit, Fault as StoreFault, InMemory, Journal};

fn bare() -> Pins {
    Pins::bare(vec![village::log_key().vkey().clone()]).unwrap()
}

fn witness(name: &str) -> SignerKey {
    SignerKey::new(name, ED25519_COSIGNATURE, SecretKey::from_seed(Hash::digest(name.as_bytes()).0)).unwrap()
}

/// The log's checkpoint over leaves, with these witnesses' lines.
fn cosigned(entries: &[Vec<u8>], names: &[&str], time: u64) -> Vec<u8> {
    let mut note = Note::parse(&note(entries, &village::log_key())).unwrap();
    for name in names {
        note.add(cosignature::sign(&witness(name), note.text(), time).unwrap());
    }
    note.to_text().into_bytes()
}

/// A replica, driven step by step.
struct Copy {
    folder: TestFolder,
    memory: Arc<InMemory>,
    upstream: Arc<Fake>,
    pins: Pins,
    raw: bool,
    follower: Option<(Follower, FollowerHandle)>,
}

impl Copy {
    fn of(upstream: Arc<Fake>, genesis: Option<StatementId>, raw: bool) -> Self {
        let folder = TestFolder::new();
        let mut copy =
            Self { folder, memory: Arc::default(), upstream, pins: Pins { genesis, ..bare() }, raw, follower: None };
        copy.open();
        copy
    }

    /// Of raw leaves.
    fn raw(upstream: &Arc<Fake>) -> Self {
        Self::of(Arc::clone(upstream), None, true)
    }

    fn open(&mut self) {
        self.try_open().unwrap();
    }

    /// Pins these witnesses, the first of which is enough.
    fn pin(&mut self, names: &[&str]) {
        let lines = names.iter().map(|name| format!("witness {name} {}\n", witness(name).vkey()));
        let policy = format!("{}quorum {}\n", lines.collect::<String>(), names[0]);
        self.pins.witnesses.policy = Policy::parse(&policy).unwrap();
        self.open();
    }

    fn try_open(&mut self) -> Result<(), crate::log::OpenError> {
        self.follower = None;
        let pins = self.pins.clone();
        let options = LogOptions {
            publish_interval: Duration::from_millis(10),
            disk_reserve_bytes: 1,
            free_bytes: |_| None,
            data: self.folder.0.clone(),
            append_policy: if self.raw { AppendPolicy::Open } else { AppendPolicy::Statements },
        };
        let store: Arc<InMemory> = Arc::clone(&self.memory);
        let upstream: Arc<Fake> = Arc::clone(&self.upstream);
        self.follower = Some(Follower::open(store, upstream, pins, options)?);
        Ok(())
    }

    fn step(&mut self) -> Result<(), Stop> {
        self.follower.as_mut().unwrap().0.step()
    }

    /// A step that has to fail.
    fn trouble(&mut self) -> FollowTrouble {
        match self.step() {
            Err(Stop::Trouble(trouble)) => trouble,
            other => panic!("{other:?}"),
        }
    }

    fn fork(&mut self) -> String {
        let trouble = self.trouble();
        let FollowTrouble::Fork { file } = &trouble else { panic!("{trouble:?}") };
        assert!(trouble.is_final());
        std::fs::read_to_string(self.folder.0.join(file)).unwrap()
    }

    fn reader(&self) -> Reader {
        let (follower, _) = self.follower.as_ref().unwrap();
        follower.reader()
    }

    fn size(&self) -> u64 {
        self.reader().committed().position.size
    }

    fn published(&self) -> Option<u64> {
        self.reader().published().map(|one| one.size)
    }

    /// What is here is a beginning of what upstream has, and the stored head is signed for it or more.
    fn check(&self) {
        self.check_signed(&[&village::log_key()]);
    }

    /// The same, where other keys sign.
    fn check_signed(&self, keys: &[&SignerKey]) {
        let entries = self.upstream.entries();
        let reader = self.reader();
        let position = reader.committed().position;
        let (size, root) = (position.size as usize, position.root);
        assert!(size <= entries.len());
        assert_eq!(root, root_of_leaves(entries[..size].iter().map(|entry| leaf_hash(entry))));
        for (index, entry) in entries[..size].iter().enumerate() {
            assert_eq!(reader.entry_bytes(index as u64).unwrap().as_ref(), Some(entry));
        }
        if let Some(head) = self.memory.head().unwrap() {
            assert_eq!(head.position, position);
            let keys: Vec<Vkey> = keys.iter().map(|key| key.vkey().clone()).collect();
            let (signed, _) = Checkpoint::open(&head.note, &origin(), &keys, &[]).unwrap();
            assert!(signed.size >= position.size);
            assert_eq!(reader.committed().note.is_empty(), signed.size != position.size);
        }
        if let Some(published) = reader.published() {
            assert!(published.size <= position.size);
        }
    }
}

/// The two notes of an evidence file are the log's and contradict each other: with nothing but its key.
fn assert_contradicts(evidence: &str) -> (u64, u64) {
    let parts: Vec<&str> =
        evidence.split("===== ").map(|part| part.split_once(" =====\n").map_or(part, |p| p.1)).collect();
    assert!(parts[0].starts_with("证据") && parts[0].contains(village::ORIGIN));
    let keys: Vec<Vkey> = parts[1].lines().map(|text| Vkey::parse(text).unwrap()).collect();
    let open = |note: &str| Checkpoint::open(note.as_bytes(), &origin(), &keys, &[]).unwrap().0;
    let (smaller, larger) = (open(parts[2]), open(parts[3]));
    if smaller.size == larger.size {
        assert_ne!(smaller.root, larger.root);
        assert_eq!(parts.len(), 5);
        return (smaller.size, larger.size);
    }
    let hashes: Vec<Hash> = parts[4].lines().map(|line| Hash::from_base64(line).unwrap()).collect();
    let (root, proof) = hashes.split_first().unwrap();
    verify_consistency(smaller.size, larger.size, root, &larger.root, proof).unwrap();
    assert_ne!(*root, smaller.root);
    (smaller.size, larger.size)
}

async fn publish(bed: &Bed, names: &[&str]) {
    bed.log().submit(village::notices(bed.reader(), names)).await.unwrap();
    bed.published().await;
}

fn genesis(bed: &Bed) -> Option<StatementId> {
    Some(bed.reader().entry(0).unwrap().unwrap().entry.id)
}

#[tokio::test]
async fn a_replica_shows_what_the_log_shows() {
    let bed = Bed::with_village().await;
    publish(&bed, &["1", "2"]).await;
    let upstream = Arc::new(Fake::of(bed.reader()));
    let mut copy = Copy::of(Arc::clone(&upstream), genesis(&bed), false);
    assert_eq!((copy.published(), copy.size()), (None, 0));
    copy.step().unwrap();
    copy.check();
    publish(&bed, &["3"]).await;
    copy.step().unwrap();
    assert_eq!(copy.size(), 5);
    upstream.copy(bed.reader());
    copy.step().unwrap();
    copy.check();

    let (theirs, ours) = (bed.reader(), copy.reader());
    assert_eq!(ours.published().unwrap(), theirs.published().unwrap());
    assert_eq!(ours.published_from(0, 100).unwrap(), theirs.published_from(0, 100).unwrap());
    for index in 0..6 {
        let bundle = |reader: &Reader| to_canonical(&reader.bundle(index, Some(2)).unwrap().unwrap());
        assert_eq!(bundle(&ours), bundle(theirs));
    }
    assert_eq!(ours.chain_info(&village::chain()).unwrap().names.len(), 9);
    assert_eq!(ours.trust().unwrap().unwrap().genesis, copy.pins.genesis.unwrap());
    let store: Arc<InMemory> = Arc::clone(&copy.memory);
    assert_eq!(fsck(store, &village::log_keys(), false).findings, []);
    // Once more, and after a restart: nothing changes.
    let commits = copy.memory.commits();
    copy.step().unwrap();
    copy.open();
    copy.step().unwrap();
    copy.check();
    assert_eq!((copy.memory.commits(), copy.published()), (commits, Some(6)));
}

#[tokio::test]
async fn the_contents_are_those_that_were_signed() {
    let bed = Bed::with_village().await;
    publish(&bed, &["1"]).await;
    let upstream = Arc::new(Fake::of(bed.reader()));
    let mut copy = Copy::of(Arc::clone(&upstream), genesis(&bed), false);
    for (fault, of_the_line) in [(Fault::OtherBlobs, false), (Fault::NoBlobs, true)] {
        upstream.fault(Some(fault));
        let trouble = copy.trouble();
        assert_eq!((trouble.is_of_the_line(), trouble.is_final()), (of_the_line, false), "{trouble:?}");
        assert_eq!((copy.size(), copy.published()), (0, None));
    }
    upstream.fault(None);
    copy.step().unwrap();
    copy.check();
    assert_eq!(copy.published(), Some(4));
}

#[test]
fn a_large_log_comes_in_parts_and_a_kill_loses_none() {
    let upstream = Arc::new(Fake::raw(leaves(1_500, "leaf")));
    let mut copy = Copy::raw(&upstream);
    let mut sizes = vec![0];
    while copy.published().is_none() {
        // Each time upstream goes after four bundles: what came in before stays, and is not fetched again.
        upstream.fault(Some(Fault::DownAfterBundles(4)));
        let stepped = copy.step();
        copy.check();
        let asked = upstream.bundles_asked();
        assert_eq!(asked.first(), Some(&(sizes.last().unwrap() / 256)));
        if stepped.is_ok() {
            break;
        }
        assert_eq!(copy.published(), None);
        assert!(copy.size() > *sizes.last().unwrap());
        assert_eq!(copy.reader().checkpoint_covering(0, None, None).unwrap(), None);
        sizes.push(copy.size());
        let store: Arc<InMemory> = Arc::clone(&copy.memory);
        assert_eq!(crate::log::fsck_replica(store, &bare(), true).findings, []);
        copy.open();
        copy.check();
    }
    assert!(sizes.len() > 1, "{sizes:?}");
    let store: Arc<InMemory> = Arc::clone(&copy.memory);
    assert_eq!(crate::log::fsck_replica(store, &bare(), true).findings, []);
    assert_eq!((copy.size(), copy.published()), (1_500, Some(1_500)));
    // Parts of one bundle each.
    assert_eq!(copy.memory.commits(), 6);
}

#[test]
fn a_folder_with_full_tiles_only_is_enough() {
    // The log has grown past what its checkpoint covers: partial tiles are gone.
    let all = leaves(1_024, "leaf");
    let upstream = Arc::new(Fake::raw(all.clone()));
    upstream.show(note(&all[..700], &village::log_key()));
    upstream.fault(Some(Fault::NoPartials));
    let mut copy = Copy::raw(&upstream);
    // The tiles of level 1 are not full yet.
    assert!(matches!(copy.trouble(), FollowTrouble::Missing(_)));
    upstream.fault(None);
    copy.step().unwrap();
    copy.check();
    assert_eq!(copy.size(), 700);
}

#[test]
fn bytes_that_the_checkpoint_does_not_sign_are_not_taken() {
    let upstream = Arc::new(Fake::raw(leaves(600, "leaf")));
    for (fault, kept) in [(Fault::Entry(3), 0), (Fault::Entry(300), 256), (Fault::ShortBundles, 0), (Fault::Tiles, 0)] {
        let mut copy = Copy::raw(&upstream);
        upstream.fault(Some(fault));
        let trouble = copy.trouble();
        assert!(matches!(trouble, FollowTrouble::Data(_)), "{fault:?}: {trouble:?}");
        assert_eq!((copy.size(), copy.published()), (kept, None), "{fault:?}");
        copy.check();
        upstream.fault(None);
        copy.step().unwrap();
        copy.check();
        assert_eq!(copy.published(), Some(600));
    }
}

#[tokio::test]
async fn an_entry_that_is_not_valid_where_it_stands_is_the_logs_fault() {
    let bed = Bed::with_village().await;
    publish(&bed, &["1"]).await;
    let upstream = Arc::new(Fake::of(bed.reader()));
    let good = upstream.entries();
    let again = good[3].clone();
    let cases = [(b"no entry".to_vec(), ErrorCode::JsonSyntax), (again, ErrorCode::Seq)];
    for (bad, code) in cases {
        let mut copy = Copy::of(Arc::clone(&upstream), genesis(&bed), false);
        upstream.write(good.clone());
        copy.step().unwrap();
        upstream.write([good.clone(), vec![bad]].concat());
        let trouble = copy.trouble();
        assert!(trouble.is_final());
        let FollowTrouble::Invalid { index, invalid } = trouble else { panic!("{trouble:?}") };
        assert_eq!((index, invalid.code), (4, code));
        assert_eq!(copy.published(), Some(4));
    }
    // The same bytes in a tree that was not signed are the line's fault.
    let mut copy = Copy::of(Arc::clone(&upstream), genesis(&bed), false);
    upstream.write(good.clone());
    upstream.fault(Some(Fault::Entry(2)));
    assert!(matches!(copy.trouble(), FollowTrouble::Data(_)));
    upstream.fault(None);
    // Another first entry than the pinned one.
    let mut copy = Copy::of(upstream, Some(StatementId(Hash([1; 32]))), false);
    assert_eq!(copy.trouble(), FollowTrouble::OtherLog);
    assert_eq!(copy.size(), 0);
}

#[test]
fn only_this_logs_keys_count() {
    let entries = leaves(10, "leaf");
    let upstream = Arc::new(Fake::raw(entries.clone()));
    let mut copy = Copy::raw(&upstream);
    for key in [other_key(village::ORIGIN), other_key("other.example/log")] {
        upstream.show(note(&entries, &key));
        assert!(matches!(copy.trouble(), FollowTrouble::Unsigned(_)));
    }
    upstream.show(b"<html>".to_vec());
    assert_eq!(copy.trouble(), FollowTrouble::Unsigned(ErrorCode::Checkpoint));
    assert_eq!(copy.size(), 0);
    // A retained checkpoint that a known key has signed leads as far as it goes.
    for size in [4, 7] {
        upstream.retain(size as u64, 5, note(&entries[..size], &village::log_key()));
    }
    upstream.show(note(&entries, &other_key(village::ORIGIN)));
    upstream.retain(10, 5, note(&entries, &other_key(village::ORIGIN)));
    assert!(matches!(copy.trouble(), FollowTrouble::Unsigned(_)));
    assert_eq!((copy.size(), copy.published()), (7, Some(7)));
    copy.check();
}

#[tokio::test]
async fn log_keys_change_on_the_way() {
    let bed = Bed::with_village().await;
    let upstream = Arc::new(Fake::of(bed.reader()));
    let (old, new) = (village::log_key(), other_key(village::ORIGIN));
    let both = |entries: &[Vec<u8>]| {
        let mut signed = Note::parse(&note(entries, &old)).unwrap();
        signed.sign(&new).unwrap();
        signed.to_text().into_bytes()
    };
    let root = sanwu_schema::record::statement::ChainId::root();
    // An entry that names both keys, and one that drops the old one; a replica that is always there copies them.
    let mut watching = Copy::of(Arc::clone(&upstream), genesis(&bed), false);
    let mut away = Copy::of(Arc::clone(&upstream), genesis(&bed), false);
    watching.step().unwrap();
    away.step().unwrap();
    for vkeys in [vec![old.vkey().to_string(), new.vkey().to_string()], vec![new.vkey().to_string()]] {
        let change = village::log_key_change(&watching.reader().chain_info(&root).unwrap(), &vkeys);
        let entries = [upstream.entries(), change.envelopes].concat();
        let signed = if vkeys.len() == 2 { both(&entries) } else { note(&entries, &new) };
        upstream.add(entries.clone(), change.blobs, signed);
        watching.step().unwrap();
        watching.check_signed(&[&old, &new]);
    }
    assert_eq!(watching.published(), Some(5));
    assert_eq!(watching.reader().vkeys().unwrap(), [new.vkey().to_string()]);
    // One that was away all the time finds the way over the checkpoint that both have signed.
    assert!(matches!(away.trouble(), FollowTrouble::Unsigned(ErrorCode::NoteUnsigned)));
    let entries = upstream.entries();
    upstream.retain(4, 9, both(&entries[..4]));
    away.step().unwrap();
    assert_eq!(away.published(), Some(5));
    away.open();
    away.step().unwrap();
    // One that pins the new key alone takes all of it, and the old checkpoints by the old key.
    let mut late = Copy::of(Arc::clone(&upstream), genesis(&bed), false);
    late.pins.log_vkeys = vec![new.vkey().clone()];
    late.open();
    late.step().unwrap();
    let notes = |copy: &Copy| -> Vec<Vec<u8>> {
        copy.reader().published_from(0, 100).unwrap().into_iter().map(|one| one.note).collect()
    };
    assert_eq!(notes(&late), notes(&away));
    // What the old key signs now is nobody's checkpoint.
    let more = [entries, vec![b"leaf".to_vec()]].concat();
    upstream.show(note(&more, &old));
    for copy in [&mut watching, &mut away, &mut late] {
        assert!(matches!(copy.trouble(), FollowTrouble::Unsigned(ErrorCode::NoteUnsigned)));
        assert_eq!(copy.published(), Some(5));
    }
}

#[test]
fn an_old_copy_at_upstream_is_not_followed_back() {
    let entries = leaves(300, "leaf");
    let upstream = Arc::new(Fake::raw(entries.clone()));
    let mut copy = Copy::raw(&upstream);
    copy.step().unwrap();
    upstream.write(entries[..40].to_vec());
    assert_eq!(copy.trouble(), FollowTrouble::Behind { upstream: 40, here: 300 });
    assert_eq!(copy.published(), Some(300));
    // It has caught up: nothing is the matter.
    let more = leaves(320, "leaf");
    upstream.write(more);
    copy.step().unwrap();
    copy.check();
    assert_eq!(copy.published(), Some(320));
}

#[test]
fn two_histories_leave_their_evidence() {
    let (shared, ours) = (leaves(300, "leaf"), leaves(310, "leaf"));
    let theirs = |size: usize| [shared.clone(), leaves(size - 300, "other")].concat();
    for (size, sizes) in [(310, (310, 310)), (305, (305, 310)), (700, (310, 700))] {
        let upstream = Arc::new(Fake::raw(ours.clone()));
        let mut copy = Copy::raw(&upstream);
        copy.step().unwrap();
        upstream.write(theirs(size));
        // Tiles that do not fit the checkpoint show nothing against the log.
        if size > 310 {
            upstream.fault(Some(Fault::Tiles));
            assert!(matches!(copy.trouble(), FollowTrouble::Data(_)));
            upstream.fault(None);
        }
        assert_eq!(assert_contradicts(&copy.fork()), sizes);
        assert_eq!((copy.size(), copy.published()), (310, Some(310)));
        // Also after a restart, whatever upstream says then.
        upstream.write(ours.clone());
        copy.open();
        let known = evidence::kept(&copy.folder.0).unwrap();
        assert!(known.is_some_and(|file| file.starts_with("evidence/")));
    }
}

#[test]
fn a_retained_checkpoint_of_another_history_is_evidence_too() {
    let ours = leaves(20, "leaf");
    let upstream = Arc::new(Fake::raw(ours.clone()));
    let mut copy = Copy::raw(&upstream);
    copy.step().unwrap();
    upstream.write(leaves(21, "leaf"));
    upstream.retain(20, 1, note(&leaves(20, "other"), &village::log_key()));
    assert_eq!(assert_contradicts(&copy.fork()), (20, 20));
}

#[test]
fn a_fork_while_the_first_copy_is_under_way() {
    let upstream = Arc::new(Fake::raw(leaves(2_000, "leaf")));
    upstream.fault(Some(Fault::DownAfterBundles(4)));
    let mut copy = Copy::raw(&upstream);
    assert!(matches!(copy.trouble(), FollowTrouble::Unreachable(_)));
    assert!(copy.size() > 0);
    upstream.fault(None);
    upstream.write(leaves(2_000, "other"));
    copy.open();
    let evidence = copy.fork();
    assert_eq!(assert_contradicts(&evidence), (2_000, 2_000));
    assert_eq!(copy.published(), None);
}

#[test]
fn a_commit_of_unknown_outcome_is_found_out() {
    let upstream = Arc::new(Fake::raw(leaves(300, "leaf")));
    for faults in [&[StoreFault::NotStored][..], &[StoreFault::Stored], &[StoreFault::NotStored, StoreFault::Stored]] {
        let mut copy = Copy::raw(&upstream);
        copy.memory.inject(faults);
        copy.step().unwrap();
        copy.check();
        assert_eq!(copy.published(), Some(300));
    }
    let mut copy = Copy::raw(&upstream);
    copy.memory.inject(&[StoreFault::Broken]);
    assert!(matches!(copy.step(), Err(Stop::Fatal(_))));
    copy.memory.repair();
    copy.open();
    copy.step().unwrap();
    copy.check();
}

#[test]
fn a_store_that_the_log_has_not_signed_is_not_opened() {
    let upstream = Arc::new(Fake::raw(leaves(30, "leaf")));
    let mut copy = Copy::raw(&upstream);
    copy.step().unwrap();
    let head = copy.memory.head().unwrap().unwrap();
    let forged = |size: usize, salt: &str| crate::storage::Head {
        note: note(&leaves(size, salt), &village::log_key()),
        ..head.clone()
    };
    // A note of fewer entries, one of another tree, one of a larger tree.
    for (size, salt, opens) in [(29, "leaf", false), (30, "other", false), (31, "leaf", true)] {
        let batch = crate::storage::JournalBatch::default();
        assert_eq!(copy.memory.commit(Some(head.position), &forged(size, salt), &batch).unwrap(), Commit::Committed);
        assert_eq!(copy.try_open().is_ok(), opens, "{size} {salt}");
    }
}

#[test]
fn a_full_disk_stops_the_copying() {
    let upstream = Arc::new(Fake::raw(leaves(30, "leaf")));
    let mut copy = Copy::raw(&upstream);
    copy.follower.as_mut().unwrap().0.options.free_bytes = |_| Some(0);
    assert_eq!(copy.trouble(), FollowTrouble::Disk);
    assert_eq!(copy.size(), 0);
}

#[tokio::test]
async fn the_thread_follows_says_what_is_wrong_and_ends() {
    let upstream = Arc::new(Fake::raw(leaves(30, "leaf")));
    let folder = TestFolder::new();
    let options = LogOptions {
        publish_interval: Duration::from_millis(1),
        disk_reserve_bytes: 0,
        free_bytes: |_| None,
        data: folder.0.clone(),
        append_policy: AppendPolicy::Open,
    };
    let store = storage::in_memory(AppendPolicy::Open);
    let source: Arc<Fake> = Arc::clone(&upstream);
    let (log, threads) = crate::log::Log::follow(store, source, bare(), options).unwrap();
    let until = async |done: &dyn Fn(&crate::log::Log) -> bool| {
        while !done(&log) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    until(&|log| log.status() == Status::Running).await;
    assert_eq!(log.reader().published().unwrap().size, 30);
    let refused = log.submit_raw(b"leaf".to_vec().into()).await.unwrap_err();
    assert_eq!(refused, crate::log::SubmitError::Follower("http://upstream.example".into()));
    // The line is down: said, and no reason not to be asked.
    upstream.fault(Some(Fault::Down));
    until(&|log| log.reader().replica().unwrap().trouble.is_some()).await;
    assert_eq!(log.status(), Status::Running);
    upstream.fault(None);
    until(&|log| log.reader().replica().unwrap().trouble.is_none()).await;
    // Another history: read-only, and what was verified is still shown.
    upstream.write(leaves(31, "other"));
    until(&|log| matches!(log.status(), Status::ReadOnly(_))).await;
    let Status::ReadOnly(why) = log.status() else { panic!() };
    let why = why.to_string();
    assert!(why.contains("不再跟") && why.contains("evidence/"), "{why}");
    assert_eq!(log.reader().published().unwrap().size, 30);
    drop(log);
    threads.join();
}
