//! The log's behaviour over an engine with faults: what is acknowledged stays, what is refused leaves
//! nothing, and no two roots are ever signed at one size.

pub(crate) mod village;
mod witnesses;

use std::sync::Arc;
use std::time::Duration;

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::{self, verify_inclusion};
#[cfg(feature = "server")]
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};

use self::village::{CHAIN, chain, log_key, log_keys};
use super::submit::{BATCH_ENTRIES_MAX, Job, admit};
use super::*;
use crate::storage::conformance::TestFolder;
use crate::storage::guard::Guard;
use crate::storage::{self, AppendPolicy, Fault, InMemory, Journal, Stall};
#[cfg(feature = "server")]
use crate::storage::{Settings, Store};

/// A log under test, and what it was sent.
pub(crate) struct Bed {
    folder: TestFolder,
    memory: Arc<InMemory>,
    log: Option<(Log, Threads)>,
    /// Everything acknowledged: index, envelope.
    acknowledged: Vec<(u64, Vec<u8>)>,
}

fn options(folder: &TestFolder, append_policy: AppendPolicy) -> LogOptions {
    LogOptions {
        publish_interval: Duration::from_millis(10),
        disk_reserve_bytes: 0,
        free_bytes: |_| None,
        data: folder.0.clone(),
        append_policy,
    }
}

impl Bed {
    pub(crate) fn new() -> Self {
        Self::made_for(AppendPolicy::Statements)
    }

    /// Returns a log that admits by this rule.
    pub(crate) fn made_for(policy: AppendPolicy) -> Self {
        let memory = storage::in_memory(policy);
        let mut bed = Self { folder: TestFolder::new(), memory, log: None, acknowledged: Vec::new() };
        bed.open().unwrap();
        bed
    }

    /// Returns a log with a village that can publish.
    pub(crate) async fn with_village() -> Self {
        let mut bed = Self::new();
        let root = ChainId::root();
        bed.submit(village::log_genesis()).await.unwrap();
        bed.published().await;
        bed.submit(village::authority(&bed.reader().chain_info(&root).unwrap())).await.unwrap();
        bed.published().await;
        bed.submit(village::chain_genesis(&bed.reader().chain_info(&root).unwrap(), CHAIN)).await.unwrap();
        bed.published().await;
        bed
    }

    fn open(&mut self) -> Result<(), OpenError> {
        self.open_as(self.memory.append_policy())
    }

    fn open_as(&mut self, policy: AppendPolicy) -> Result<(), OpenError> {
        let guard = Guard::open(&self.folder.0.join("last-signed"))?;
        let store: Arc<InMemory> = Arc::clone(&self.memory);
        self.log = Some(Log::open(store, guard, log_keys(), Witnessing::none(), options(&self.folder, policy))?);
        Ok(())
    }

    pub(crate) fn close(&mut self) {
        if let Some((log, threads)) = self.log.take() {
            drop(log);
            threads.join();
        }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log.as_ref().unwrap().0
    }

    pub(crate) fn reader(&self) -> &Reader {
        self.log().reader()
    }

    async fn submit(&mut self, submission: Submission) -> Result<Appended, SubmitError> {
        let receipt = self.log().submit(submission.clone()).await?;
        for (placed, envelope) in receipt.placed.iter().zip(submission.envelopes) {
            if placed.new {
                self.acknowledged.push((placed.index, envelope));
            }
        }
        Ok(receipt)
    }

    /// Takes the whole room of the queue until the permit is dropped.
    pub(crate) fn fill_queue(&self) -> tokio::sync::OwnedSemaphorePermit {
        self.log().submitter().unwrap().fill().unwrap()
    }

    /// Lets the disk hang until the stall is dropped.
    pub(crate) fn stall(&self) -> Stall<'_> {
        self.memory.stall()
    }

    /// Lets the next commit fail for good.
    pub(crate) fn fail(&self) {
        self.memory.inject(&[Fault::Broken]);
    }

    /// Waits until the committed head is published.
    pub(crate) async fn published(&self) {
        while self.reader().published().map(|one| one.size) != Some(self.reader().committed().position.size) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Checks the whole log: everything acknowledged is at its index and is proved, nothing else
    /// is, the head is signed, and fsck finds nothing.
    fn check(&self) {
        let reader = self.reader();
        let committed = reader.committed();
        let key = [log_key().vkey().clone()];
        let (checkpoint, _) = Checkpoint::open(&committed.note, reader.origin(), &key, &[]).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (committed.position.size, committed.position.root));
        assert_eq!(committed.position.size, self.acknowledged.len() as u64);
        for (index, envelope) in &self.acknowledged {
            assert_eq!(reader.entry_bytes(*index).unwrap().as_ref(), Some(envelope));
            let proof = reader.inclusion_proof(*index, checkpoint.size).unwrap();
            let leaf = merkle::leaf_hash(envelope);
            verify_inclusion(*index, checkpoint.size, &leaf, &proof, &checkpoint.root).unwrap();
        }
        let store: Arc<InMemory> = Arc::clone(&self.memory);
        let report = fsck(store, &log_keys(), false);
        assert_eq!(report.findings, []);
    }
}

fn refused(result: Result<Appended, SubmitError>) -> SubmitRefusal {
    match result {
        Err(SubmitError::Refused(refusal)) => *refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_village_publishes() {
    let mut bed = Bed::with_village().await;
    let receipt = bed.submit(village::notices(bed.reader(), &["1", "2", "3"])).await.unwrap();
    assert_eq!(receipt.placed.iter().map(|placed| placed.index).collect::<Vec<_>>(), [3, 4, 5]);
    bed.published().await;
    bed.check();
    let bundle = bed.reader().bundle(4, Some(1)).unwrap().unwrap();
    assert_eq!((bundle.index, bundle.grants.len()), (4, 1));
    assert_eq!(bed.reader().chain_info(&chain()).unwrap().names.len(), 9);
    assert!(bed.reader().trust().unwrap().is_some());
    let code = sanwu_schema::record::check_code::of(&receipt.placed[1].id);
    let plain = sanwu_schema::record::check_code::parse(&code).unwrap();
    assert_eq!(bed.reader().by_check_code(&plain).unwrap(), [receipt.placed[1].id]);
}

#[tokio::test]
async fn the_same_again_has_the_same_place() {
    let mut bed = Bed::with_village().await;
    let package = village::notices(bed.reader(), &["1", "2"]);
    let first = bed.submit(package.clone()).await.unwrap();
    let again = bed.submit(package.clone()).await.unwrap();
    assert!(again.placed.iter().all(|placed| !placed.new));
    let places = |receipt: &Appended| receipt.placed.iter().map(|placed| (placed.index, placed.id)).collect::<Vec<_>>();
    assert_eq!(places(&first), places(&again));
    // At the same time, from many connections: one of them is new.
    let package = village::notices(bed.reader(), &["3"]);
    let log = bed.log().clone();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            tokio::spawn({
                let (log, package) = (log.clone(), package.clone());
                async move { log.submit(package).await }
            })
        })
        .collect();
    drop(log);
    let mut new = 0;
    for task in tasks {
        let receipt = task.await.unwrap().unwrap();
        assert_eq!(receipt.placed[0].index, 5);
        new += usize::from(receipt.placed[0].new);
    }
    assert_eq!(new, 1);
    bed.acknowledged.push((5, package.envelopes[0].clone()));
    bed.check();
}

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let mut bed = Bed::with_village().await;
    let old = bed.reader().chain_info(&chain()).unwrap();
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    bed.published().await;
    let commits = bed.memory.commits();

    // The chain has moved on.
    let refusal = refused(bed.submit(village::notices_at(&old, &["2"])).await);
    assert_eq!((refusal.code, refusal.head.map(|head| head.seq)), (ErrorCode::Seq, Some(1)));
    // The second of a package does not fit: the first is not stored either.
    let mut broken = village::notices(bed.reader(), &["2", "3"]);
    broken.envelopes[1] = village::notices_at(&old, &["4"]).envelopes[0].clone();
    broken.blobs = [broken.blobs, village::notices_at(&old, &["4"]).blobs].concat();
    let refusal = refused(bed.submit(broken).await);
    assert_eq!((refusal.code, refusal.envelope), (ErrorCode::Seq, 1));
    // A changed signature.
    let mut tampered = village::notices(bed.reader(), &["2"]);
    let text = String::from_utf8(tampered.envelopes[0].clone()).unwrap();
    let at = text.rfind("\"sig\":\"").unwrap() + 10;
    let flipped = if &text[at..=at] == "A" { "B" } else { "A" };
    tampered.envelopes[0] = format!("{}{flipped}{}", &text[..at], &text[at + 1..]).into_bytes();
    assert_eq!(refused(bed.submit(tampered).await).code, ErrorCode::Signature);
    // No body; another body; a body that nobody names.
    let mut bare = village::notices(bed.reader(), &["2"]);
    let body = bare.blobs.remove(0);
    assert_eq!(refused(bed.submit(bare.clone()).await).code, ErrorCode::BodyMissing);
    bare.blobs.push(b"other".to_vec());
    assert_eq!(refused(bed.submit(bare.clone()).await).code, ErrorCode::BodyDigest);
    bare.blobs.push(body);
    assert_eq!(refused(bed.submit(bare).await).code, ErrorCode::BodyDigest);
    // Nothing, too much, and no envelope at all.
    assert_eq!(refused(bed.submit(Submission::default()).await).code, ErrorCode::JsonMissing);
    let many = Submission { envelopes: vec![Vec::new(); PACKAGE_ENTRIES_MAX + 1], blobs: Vec::new() };
    assert_eq!(refused(bed.submit(many).await).code, ErrorCode::Length);
    let junk = Submission { envelopes: vec![b"{".to_vec()], blobs: Vec::new() };
    assert_eq!(refused(bed.submit(junk).await).code, ErrorCode::JsonSyntax);

    assert_eq!(bed.memory.commits(), commits);
    bed.check();
    bed.submit(village::notices(bed.reader(), &["2"])).await.unwrap();
    bed.check();
}

#[tokio::test]
async fn nothing_comes_before_the_logs_first_entry() {
    let mut bed = Bed::with_village().await;
    let notice = village::notices(bed.reader(), &["1"]);
    let mut empty = Bed::new();
    assert_eq!(refused(empty.submit(notice).await).code, ErrorCode::KeyUnknown);
    assert_eq!(empty.reader().committed().position.size, 0);
    let genesis = village::log_genesis();
    empty.submit(genesis).await.unwrap();
    assert_eq!(
        refused(
            bed.submit(village::chain_genesis(
                &empty
                    .reader()
                    .chain_info(&ChainId::root())
                    .map(|mut info| {
                        info.facts = bed.reader().chain_info(&ChainId::root()).unwrap().facts;
                        info
                    })
                    .unwrap(),
                "b"
            ))
            .await
        )
        .code,
        ErrorCode::Parent
    );
}

/// Faults, what the submitter is answered, and whether the log goes on.
#[tokio::test]
async fn faults() {
    struct Case {
        name: &'static str,
        faults: &'static [Fault],
        acknowledged: bool,
        goes_on: bool,
        /// Whether the entry is in the log after a restart.
        kept: bool,
    }
    let cases = [
        Case {
            name: "not stored, then fine",
            faults: &[Fault::NotStored],
            acknowledged: true,
            goes_on: true,
            kept: true,
        },
        Case {
            name: "stored, outcome unknown",
            faults: &[Fault::Stored],
            acknowledged: true,
            goes_on: true,
            kept: true,
        },
        Case {
            name: "not stored, then stored unknown",
            faults: &[Fault::NotStored, Fault::Stored],
            acknowledged: true,
            goes_on: true,
            kept: true,
        },
        Case { name: "never stored", faults: &[Fault::NotStored; 5], acknowledged: false, goes_on: false, kept: false },
        Case { name: "fsync fails", faults: &[Fault::Broken], acknowledged: false, goes_on: false, kept: false },
        Case { name: "another writer", faults: &[Fault::Lost], acknowledged: false, goes_on: false, kept: false },
    ];
    for case in cases {
        let mut bed = Bed::with_village().await;
        bed.memory.inject(case.faults);
        let package = village::notices(bed.reader(), &["1"]);
        let before = bed.reader().committed().position;
        let result = bed.submit(package.clone()).await;
        assert_eq!(result.is_ok(), case.acknowledged, "{}: {result:?}", case.name);
        if case.goes_on {
            bed.published().await;
            bed.submit(village::notices(bed.reader(), &["2"])).await.unwrap();
            bed.check();
            continue;
        }
        assert!(matches!(result, Err(SubmitError::Stopped(_))), "{}", case.name);
        assert!(matches!(bed.log().status(), Status::Stopped(_)), "{}", case.name);
        assert_eq!(bed.reader().committed().position, before, "{}", case.name);
        assert!(matches!(bed.submit(village::notices(bed.reader(), &["2"])).await, Err(SubmitError::Stopped(_))));
        assert_eq!(Status::Stopped(bed.log().stopped().await), bed.log().status());
        bed.close();
        bed.memory.repair();
        bed.open().unwrap();
        assert_eq!(bed.reader().locate(&before_id(&package)).unwrap().is_some(), case.kept, "{}", case.name);
        bed.check();
        bed.submit(package).await.unwrap();
        bed.check();
    }
}

fn before_id(package: &Submission) -> sanwu_schema::record::statement::StatementId {
    sanwu_schema::record::entry::Entry::parse(&package.envelopes[0]).unwrap().id
}

#[tokio::test]
async fn a_restart_goes_on_where_it_ended() {
    let mut bed = Bed::with_village().await;
    for round in 0..3 {
        bed.submit(village::notices(bed.reader(), &[&round.to_string()])).await.unwrap();
        bed.close();
        bed.open().unwrap();
        bed.check();
        bed.published().await;
    }
}

#[tokio::test]
async fn a_rolled_back_store_only_reads() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let old = std::fs::read(bed.folder.0.join("last-signed")).unwrap();
    // The guard of a log that went on.
    let mut ahead = Bed::with_village().await;
    ahead.submit(village::notices(ahead.reader(), &["1"])).await.unwrap();
    ahead.close();
    std::fs::copy(ahead.folder.0.join("last-signed"), bed.folder.0.join("last-signed")).unwrap();
    bed.open().unwrap();
    assert!(matches!(bed.log().status(), Status::ReadOnly(_)));
    assert!(matches!(bed.submit(village::notices(bed.reader(), &["1"])).await, Err(SubmitError::ReadOnly(_))));
    bed.check();
    bed.close();
    // With its own guard it runs; with a guard that is behind, too: the store went on without it.
    std::fs::write(bed.folder.0.join("last-signed"), old).unwrap();
    bed.open().unwrap();
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    bed.close();
    std::fs::write(bed.folder.0.join("last-signed"), [0; 8192]).unwrap();
    bed.open().unwrap();
    bed.check();
    assert_eq!(bed.log().status(), Status::Running);
    bed.close();
    // An empty store under a guard that is not: nothing is signed.
    bed.memory = Arc::default();
    assert!(matches!(bed.open(), Err(OpenError::Lost)));
    assert_eq!(bed.memory.commits(), 0);
}

#[tokio::test]
async fn a_full_disk_stops_writing_and_not_reading() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let guard = Guard::open(&bed.folder.0.join("last-signed")).unwrap();
    let store: Arc<InMemory> = Arc::clone(&bed.memory);
    let full =
        LogOptions { disk_reserve_bytes: 2, free_bytes: |_| Some(1), ..options(&bed.folder, AppendPolicy::Statements) };
    bed.log = Some(Log::open(store, guard, log_keys(), Witnessing::none(), full).unwrap());
    while bed.log().status() == Status::Running {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let result = bed.submit(village::notices(bed.reader(), &["1"])).await;
    assert!(matches!(result, Err(SubmitError::ReadOnly(_))), "{result:?}");
    bed.check();
}

#[tokio::test]
async fn a_full_queue_says_so() {
    let bed = Bed::with_village().await;
    let package = village::notices(bed.reader(), &["1"]);
    let held = bed.fill_queue();
    assert_eq!(bed.log().submit(package.clone()).await.unwrap_err(), SubmitError::Busy);
    drop(held);
    bed.log().submit(package).await.unwrap();
}

/// More than one batch and the whole queue hold, behind a disk that does not answer: what finds no room is
/// told so at once, what found room is placed once the disk answers, and nothing is placed twice.
#[tokio::test]
async fn a_stalled_disk_fills_the_queue_and_loses_nothing() {
    let bed = Bed::made_for(AppendPolicy::Open);
    bed.published().await;
    let stall = bed.stall();
    let most = QUEUE_PACKAGES_MAX + BATCH_ENTRIES_MAX as usize;
    let (busy, mut refused) = tokio::sync::mpsc::channel(1);
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..=most {
        let (log, busy) = (bed.log().clone(), busy.clone());
        waiting.spawn(async move {
            let answer = log.submit_raw(format!("leaf {number}").into_bytes().into()).await;
            if answer.as_ref().is_err_and(|error| *error == SubmitError::Busy) {
                _ = busy.try_send(());
            }
            answer
        });
    }
    refused.recv().await.unwrap();
    drop(stall);
    let answers = waiting.join_all().await;
    let mut indexes: Vec<u64> = answers.iter().flatten().map(|receipt| receipt.placed[0].index).collect();
    indexes.sort_unstable();
    let placed = indexes.len() as u64;
    assert_eq!(indexes, (0..placed).collect::<Vec<_>>());
    assert!(placed >= QUEUE_PACKAGES_MAX as u64 && placed <= most as u64, "{placed}");
    assert!(answers.iter().flat_map(|answer| answer.as_ref().err()).all(|error| *error == SubmitError::Busy));
    assert_eq!(bed.reader().committed().position.size, placed);
}

#[tokio::test]
async fn a_log_is_opened_only_as_it_was_made() {
    for (made, asked) in
        [(AppendPolicy::Statements, AppendPolicy::Open), (AppendPolicy::Open, AppendPolicy::Statements)]
    {
        let mut bed = Bed::made_for(made);
        bed.close();
        let commits = bed.memory.commits();
        let error = bed.open_as(asked).unwrap_err();
        assert!(matches!(error, OpenError::AppendPolicy { made: m, asked: a } if (m, a) == (made, asked)), "{error}");
        assert!(error.to_string().contains(made.as_str()) && error.to_string().contains(asked.as_str()));
        assert_eq!(bed.memory.commits(), commits);
        bed.open().unwrap();
    }
}

#[cfg(feature = "server")]
#[tokio::test]
async fn fsck_rebuild_and_reindex_over_the_engine_on_disk() {
    let folder = TestFolder::new();
    let settings = Settings { folder: folder.0.join("store") };
    let store: Arc<dyn Store> = storage::create(&settings, AppendPolicy::Statements).unwrap().into();
    let mut bed = Bed { folder, memory: Arc::default(), log: None, acknowledged: Vec::new() };
    let open = |bed: &Bed, store: Arc<dyn Store>| {
        let guard = Guard::open(&bed.folder.0.join("last-signed")).unwrap();
        let options = options(&bed.folder, AppendPolicy::Statements);
        Log::open(store, guard, log_keys(), Witnessing::none(), options)
    };
    bed.log = Some(open(&bed, Arc::clone(&store)).unwrap());
    let root = ChainId::root();
    bed.submit(village::log_genesis()).await.unwrap();
    bed.published().await;
    bed.submit(village::authority(&bed.reader().chain_info(&root).unwrap())).await.unwrap();
    bed.published().await;
    bed.submit(village::chain_genesis(&bed.reader().chain_info(&root).unwrap(), CHAIN)).await.unwrap();
    for round in 0..10 {
        bed.published().await;
        let names: Vec<String> = (0..30).map(|name| format!("{round}-{name}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        bed.submit(village::notices(bed.reader(), &names)).await.unwrap();
    }
    bed.close();
    let report = fsck(Arc::clone(&store), &log_keys(), false);
    assert_eq!(report.findings, []);
    assert_eq!((report.entries, report.chains, report.blobs), (303, 2, 303));

    let new = storage::in_memory(AppendPolicy::Statements);
    let target: Arc<InMemory> = Arc::clone(&new);
    assert_eq!(rebuild(&*store, target, &log_keys(), false).unwrap(), 303);
    assert_eq!(new.head().unwrap(), store.head().unwrap());
    assert_eq!(fsck(new, &log_keys(), false).findings, []);

    // A log is not opened over a part of its index, and a reindex ends that.
    drop(store);
    let reopen = || storage::open(&settings, &storage::Access::Write).unwrap();
    let mut store = reopen();
    store.clear().unwrap();
    let refused = open(&bed, store.into()).map(|_| ()).unwrap_err();
    let incomplete = storage::Error::Unindexed { derived: 0, size: 303 };
    assert!(matches!(refused, OpenError::Store(error) if error == incomplete));
    assert_eq!(reindex(reopen(), &log_keys(), false).unwrap(), 303);
    assert_eq!(fsck(reopen().into(), &log_keys(), false).findings, []);
    bed.log = Some(open(&bed, reopen().into()).unwrap());
    bed.submit(village::notices(bed.reader(), &["after"])).await.unwrap();
    bed.close();
    // A journal that does not give the signed root keeps its index.
    let other = HeldKeys::new(vec![SignerKey::from_seed(village::ORIGIN, ED25519, [9; 32]).unwrap()]).unwrap();
    assert!(matches!(reindex(reopen(), &other, false), Err(RebuildError::Head)));
    reopen().check_indexed().unwrap();
}
