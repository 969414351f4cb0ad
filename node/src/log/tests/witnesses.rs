//! The log and its witnesses: publish rules, what a witness's record says at the start, and changes of log keys.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::merkle::Tree;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, SignerKey};
use sanwu_schema::tlog::witness::{self, AddCheckpoint, Recorded, Refusal as No};
use sanwu_schema::verify::trust::Operator;

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::publish::Here;
use super::submit::Admitted;
use super::village::{self, ORIGIN, log_key, log_keys};
use super::*;

/// A witness of the tests: decides as a real one, in memory.
#[derive(Default)]
struct Record {
    silent: AtomicBool,
    recorded: Mutex<Option<(Recorded, Vec<u8>)>>,
    asked: AtomicU64,
    /// Requests wait until it is not.
    busy: AtomicBool,
    /// Serves no checkpoints.
    hides: AtomicBool,
    /// Was sent a signature that is not the log's.
    strange_line: AtomicBool,
}

struct FakeWitness {
    record: Arc<Record>,
    signer: SignerKey,
}

impl Peer for FakeWitness {
    fn add_checkpoint(&mut self, request: &AddCheckpoint) -> WitnessAnswer {
        let asked = self.record.asked.fetch_add(1, Ordering::Relaxed);
        if request.checkpoint.signatures().iter().any(|line| line.name() != ORIGIN) {
            self.record.strange_line.store(true, Ordering::Relaxed);
        }
        while self.record.busy.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.record.silent.load(Ordering::Relaxed) {
            return WitnessAnswer::Unreachable("silent".into());
        }
        let mut recorded = self.record.recorded.lock().unwrap();
        let before = recorded.as_ref().map_or(Recorded::NOTHING, |(recorded, _)| *recorded);
        let keys = vec![log_key().vkey().clone(), new_key().vkey().clone()];
        match witness::judge(request.to_text().as_bytes(), |_| Some(keys), &before) {
            Ok(submission) => {
                let text = &submission.note.text;
                let line = cosignature::sign(&self.signer, text, 1_790_000_000 + asked).unwrap();
                let now = Recorded { size: submission.head.size, root: submission.head.root };
                let mut note = request.checkpoint.clone();
                note.add(line.clone());
                *recorded = Some((now, note.to_text().into_bytes()));
                WitnessAnswer::Cosigned(vec![line])
            }
            Err(No::Conflict { recorded }) => WitnessAnswer::Conflict(recorded),
            Err(no) => WitnessAnswer::Refused(no.to_string()),
        }
    }

    fn latest(&mut self) -> Result<Option<Vec<u8>>, String> {
        if self.record.silent.load(Ordering::Relaxed) {
            return Err("silent".into());
        }
        if self.record.hides.load(Ordering::Relaxed) {
            return Ok(None);
        }
        Ok(self.record.recorded.lock().unwrap().as_ref().map(|(_, note)| note.clone()))
    }
}

fn seed(name: &str) -> [u8; 32] {
    Hash::digest(name.as_bytes()).0
}

fn witness_key(name: &str) -> SignerKey {
    SignerKey::from_seed(name, ED25519_COSIGNATURE, seed(name)).unwrap()
}

fn new_key() -> SignerKey {
    SignerKey::from_seed(ORIGIN, ED25519, seed("new log key")).unwrap()
}

/// Two witnesses, of whom both are needed.
fn witnessing(rule: PublishRule, records: &[Arc<Record>; 2]) -> Witnessing {
    let names = ["w1", "w2"];
    let mut text = String::new();
    for name in names {
        text += &format!("witness {name} {}\n", witness_key(name).vkey());
    }
    text += "group both all w1 w2\nquorum both\n";
    let reach = |(name, record): (&str, &Arc<Record>)| Reach {
        names: vec![name.to_owned()],
        peer: Box::new(FakeWitness { record: Arc::clone(record), signer: witness_key(name) }),
    };
    Witnessing {
        lines: text.lines().map(ToOwned::to_owned).collect(),
        policy: Policy::parse(&text).unwrap(),
        rule,
        reaches: names.into_iter().zip(records).map(reach).collect(),
        operators: vec![Operator { witness: "w1".into(), name: "县农经站".into(), own: None }],
        max_age_days: Some(30),
        renew_after: RENEW_AFTER,
    }
}

fn open(bed: &mut Bed, keys: HeldKeys, witnessing: Witnessing) -> Result<(), OpenError> {
    let guard = Guard::open(&bed.folder.0.join("last-signed"))?;
    let store: Arc<InMemory> = Arc::clone(&bed.memory);
    bed.log = Some(Log::open(store, guard, keys, witnessing, options(&bed.folder, AppendPolicy::Statements))?);
    Ok(())
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..5_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("never: {what}");
}

fn cosignatures(note: &[u8]) -> usize {
    let note = Note::parse(note).unwrap();
    note.signatures().iter().filter(|line| line.name() == "w1" || line.name() == "w2").count()
}

/// A store that another thread closes or reads while the process ends aborts it.
#[tokio::test]
async fn the_store_is_closed_at_the_end_while_a_witness_lets_a_request_wait() {
    let records: [Arc<Record>; 2] = Default::default();
    let mut bed = Bed::new();
    bed.close();
    open(&mut bed, log_keys(), witnessing(PublishRule::Open, &records)).unwrap();
    records[0].busy.store(true, Ordering::Relaxed);
    bed.submit(village::log_genesis()).await.unwrap();
    until("both are asked", || records.iter().all(|one| one.asked.load(Ordering::Relaxed) > 0)).await;
    assert_eq!(Arc::strong_count(&bed.memory), 2);
    bed.close();
    assert_eq!(Arc::strong_count(&bed.memory), 1);
    records[0].busy.store(false, Ordering::Relaxed);
}

#[tokio::test]
async fn closed_publishes_with_the_quorum_only() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let records = [Arc::<Record>::default(), Arc::<Record>::default()];
    open(&mut bed, log_keys(), witnessing(PublishRule::Closed, &records)).unwrap();
    let before = bed.reader().published().unwrap().size;
    records[1].silent.store(true, Ordering::Relaxed);
    let reader = bed.reader().clone();
    until("the first witness has cosigned", || reader.witnesses()[0].cosigned.is_some()).await;
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    until("both were asked", || records.iter().all(|one| one.asked.load(Ordering::Relaxed) >= 2)).await;
    until("the silent one is told", || reader.witnesses()[1].trouble.is_some()).await;
    assert_eq!(bed.reader().published().unwrap().size, before);
    records[1].silent.store(false, Ordering::Relaxed);
    until("published", || reader.published().is_some_and(|one| one.size == before + 1)).await;
    let published = reader.published().unwrap();
    assert_eq!(cosignatures(&published.note), 2);
    assert_eq!(reader.witnessed().unwrap().size, published.size);
    assert!(reader.witnesses().iter().all(|one| one.trouble.is_none() && one.cosigned.is_some()));
    // What is retained has the cosignatures, too, and the trust file names whom to expect.
    let retained = reader.published_from(published.size, 1).unwrap();
    assert_eq!(retained[0].note, published.note);
    let trust = reader.trust().unwrap().unwrap();
    assert!(trust.policy.iter().any(|line| line == "quorum both"));
    assert_eq!((trust.operators.unwrap()[0].name.as_str(), trust.max_age_days), ("县农经站", Some(30)));
    bed.check();
}

#[tokio::test]
async fn wait_publishes_without_the_late_and_adds_them_later() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let records = [Arc::<Record>::default(), Arc::<Record>::default()];
    records[1].silent.store(true, Ordering::Relaxed);
    let rule = PublishRule::Wait(Duration::from_millis(200));
    open(&mut bed, log_keys(), witnessing(rule, &records)).unwrap();
    let receipt = bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    let (reader, index) = (bed.reader().clone(), receipt.placed[0].index);
    until("published", || reader.published().is_some_and(|one| one.size > index)).await;
    let published_ms = reader.published().unwrap().published_ms;
    assert!(reader.witnessed().is_none_or(|one| one.size <= index));
    until("the first has cosigned", || cosignatures(&reader.published().unwrap().note) == 1).await;
    records[1].silent.store(false, Ordering::Relaxed);
    tokio::time::timeout(Duration::from_secs(20), reader.until_witnessed(index)).await.unwrap();
    let published = reader.published().unwrap();
    assert_eq!((cosignatures(&published.note), published.published_ms), (2, published_ms));
    bed.check();
}

#[tokio::test]
async fn open_publishes_at_once() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let records = [Arc::<Record>::default(), Arc::<Record>::default()];
    open(&mut bed, log_keys(), witnessing(PublishRule::Open, &records)).unwrap();
    let receipt = bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    bed.published().await;
    let waited = bed.reader().until_witnessed(receipt.placed[0].index);
    tokio::time::timeout(Duration::from_secs(20), waited).await.unwrap();
    assert_eq!(cosignatures(&bed.reader().published().unwrap().note), 2);
    // An old client's checkpoint is not forgotten: what it remembers is never above what it is shown.
    let size = bed.reader().published().unwrap().size;
    let (shown, _) = bed.reader().checkpoint_covering(0, None, Some(size)).unwrap().unwrap();
    assert_eq!(shown, size);
    // Nor is a head that a receipt showed before it was published.
    bed.close();
    let guard = Guard::open(&bed.folder.0.join("last-signed")).unwrap();
    let store: Arc<InMemory> = Arc::clone(&bed.memory);
    let slow =
        LogOptions { publish_interval: Duration::from_secs(600), ..options(&bed.folder, AppendPolicy::Statements) };
    bed.log = Some(Log::open(store, guard, log_keys(), witnessing(PublishRule::Open, &records), slow).unwrap());
    bed.submit(village::notices(bed.reader(), &["2"])).await.unwrap();
    bed.published().await;
    bed.submit(village::notices(bed.reader(), &["3"])).await.unwrap();
    let covering = |since| bed.reader().checkpoint_covering(0, None, since).unwrap().unwrap().0;
    assert_eq!((covering(Some(size + 2)), bed.reader().published().unwrap().size), (size + 2, size + 1));
    // Of a client that remembers more than there is, the newest that was published is asked.
    assert_eq!(covering(Some(size + 3)), size + 1);
}

/// A witness that has recorded another tree of this log, signed by its own key.
fn recorded(size: u64, root: Hash, key: &SignerKey) -> Arc<Record> {
    let record = Arc::<Record>::default();
    let position = crate::storage::Position { size, root };
    let note = HeldKeys::new(vec![key.clone()]).unwrap().sign_head(position, None).unwrap();
    *record.recorded.lock().unwrap() = Some((Recorded { size, root }, note.to_text().into_bytes()));
    record
}

#[tokio::test]
async fn a_witness_that_is_ahead_stops_the_log() {
    let mut bed = Bed::with_village().await;
    let head = bed.reader().committed().position;
    bed.close();
    let mut longer = Tree::new();
    (0..9).for_each(|_| _ = longer.append(Hash([7; 32])));
    let rule = PublishRule::Wait(Duration::from_millis(10));
    for (size, root) in [(9, longer.root()), (head.size, longer.root())] {
        let records = [recorded(size, root, &log_key()), Arc::default()];
        open(&mut bed, log_keys(), witnessing(rule, &records)).unwrap();
        assert!(matches!(bed.log().status(), Status::ReadOnly(why) if why.to_string().contains("w1")), "{size}");
        let refused = bed.log().submit(village::notices(bed.reader(), &["1"])).await;
        assert!(matches!(refused, Err(SubmitError::ReadOnly(_))));
        bed.close();
    }
    // A witness that shows what this log never signed stops nothing; nor does a silent one. Both are told.
    let strange = recorded(9, longer.root(), &new_key());
    let silent = Arc::<Record>::default();
    silent.silent.store(true, Ordering::Relaxed);
    open(&mut bed, log_keys(), witnessing(rule, &[strange, silent])).unwrap();
    assert_eq!(bed.log().status(), Status::Running);
    assert!(bed.reader().witnesses().iter().all(|one| one.trouble.is_some()));
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    bed.close();
    // The same tree, or an earlier state of it, is as it should be.
    let records = [recorded(head.size, head.root, &log_key()), Arc::default()];
    open(&mut bed, log_keys(), witnessing(rule, &records)).unwrap();
    assert_eq!(bed.log().status(), Status::Running);
    bed.check();
}

/// A witness whose record is cosigned by itself, over a checkpoint signed with this key.
fn recorded_and_cosigned(size: u64, root: Hash, key: &SignerKey) -> Arc<Record> {
    let record = recorded(size, root, key);
    if let Some((_, bytes)) = record.recorded.lock().unwrap().as_mut() {
        let mut note = Note::parse(bytes).unwrap();
        note.add(cosignature::sign(&witness_key("w1"), note.text(), 1_790_000_000).unwrap());
        *bytes = note.to_text().into_bytes();
    }
    record
}

/// Store and key file are put back from before a change of the log's keys.
#[tokio::test]
async fn a_store_from_before_a_key_change_only_reads() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let guard = std::fs::read(bed.folder.0.join("last-signed")).unwrap();
    let mut longer = Tree::new();
    (0..9).for_each(|_| _ = longer.append(Hash([7; 32])));
    let strange = SignerKey::from_seed(ORIGIN, ED25519, seed("a key that nobody here knows")).unwrap();
    let both = || HeldKeys::new(vec![log_key(), new_key()]).unwrap();
    let rule = PublishRule::Open;
    let hiding = recorded_and_cosigned(9, longer.root(), &new_key());
    hiding.hides.store(true, Ordering::Relaxed);
    let cases = [
        ("the new key is in log.key", both(), recorded(9, longer.root(), &new_key())),
        ("it is not", log_keys(), recorded_and_cosigned(9, longer.root(), &strange)),
        ("the witness shows nothing, and says how far it is", log_keys(), hiding),
    ];
    for (name, keys, record) in cases {
        open(&mut bed, keys, witnessing(rule, &[record, Arc::default()])).unwrap();
        let Status::ReadOnly(why) = bed.log().status() else { panic!("{name}") };
        let why = why.to_string();
        assert!(why.contains("size 9") && why.contains("Restore the newest backup"), "{name}: {why}");
        bed.close();
        // Nothing was signed that a log which goes on would contradict.
        assert_eq!(std::fs::read(bed.folder.0.join("last-signed")).unwrap()[..64], guard[..64], "{name}");
        std::fs::write(bed.folder.0.join("last-signed"), &guard).unwrap();
    }
    // The guard alone tells it, too, with keys that sign nothing here any more.
    let position = crate::storage::Position { size: 9, root: longer.root() };
    let note = HeldKeys::new(vec![strange]).unwrap().sign_head(position, None).unwrap();
    Guard::open(&bed.folder.0.join("last-signed")).unwrap().record(note.to_text().as_bytes()).unwrap();
    for keys in [log_keys(), HeldKeys::new(vec![new_key()]).unwrap()] {
        open(&mut bed, keys, Witnessing::none()).unwrap();
        assert!(matches!(bed.log().status(), Status::ReadOnly(why) if why.to_string().contains("size 9")));
        bed.close();
    }
    // A short note that opens with no key is a damaged guard.
    let note = note.to_text().replace("\n9\n", "\n1\n");
    Guard::open(&bed.folder.0.join("last-signed")).unwrap().record(note.as_bytes()).unwrap();
    assert!(matches!(open(&mut bed, log_keys(), Witnessing::none()), Err(OpenError::OtherKey(_))));
}

/// Somebody who finds an old key can get it cosigned where a witness's list still has it; that stops no log.
#[tokio::test]
async fn a_retired_key_stops_nothing() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let keys = || HeldKeys::new(vec![log_key(), new_key()]).unwrap();
    open(&mut bed, keys(), Witnessing::none()).unwrap();
    for vkeys in [vec![log_key(), new_key()], vec![new_key()]] {
        let vkeys: Vec<String> = vkeys.iter().map(|key| key.vkey().to_string()).collect();
        let info = bed.reader().chain_info(&ChainId::root()).unwrap();
        bed.submit(village::log_key_change(&info, &vkeys)).await.unwrap();
        bed.published().await;
    }
    bed.close();
    let record = recorded_and_cosigned(99, Hash([7; 32]), &log_key());
    let witnessing = || self::witnessing(PublishRule::Open, &[Arc::clone(&record), Arc::default()]);
    {
        // As at the start, before a worker asks again and is told something else.
        let (guard, store) = (Guard::open(&bed.folder.0.join("last-signed")).unwrap(), Arc::clone(&bed.memory));
        let mut asked = witnessing();
        let opened = maintenance::open(store, guard, keys(), asked.facts(), AppendPolicy::Statements).unwrap();
        Here { state: &opened.state, heads: &opened.heads, status: &opened.status }.ask_all(&mut asked.reaches);
        assert_eq!(opened.status.get(), Status::Running);
        let trouble = opened.state.witnesses.rows()[0].trouble.clone();
        assert!(trouble.is_some_and(|why| why.contains("retired")));
    }
    open(&mut bed, keys(), witnessing()).unwrap();
    assert_eq!(bed.log().status(), Status::Running);
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
}

#[tokio::test]
async fn a_quorum_of_nobody_is_no_reason_to_wait() {
    for rule in [PublishRule::Closed, PublishRule::Wait(Duration::from_secs(600))] {
        let mut bed = Bed::with_village().await;
        bed.close();
        let records: [Arc<Record>; 2] = Default::default();
        records.iter().for_each(|one| one.silent.store(true, Ordering::Relaxed));
        let mut witnessing = witnessing(rule, &records);
        let text = witnessing.lines.join("\n").replace("quorum both", "quorum none");
        witnessing.policy = Policy::parse(&format!("{text}\n")).unwrap();
        open(&mut bed, log_keys(), witnessing).unwrap();
        bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
        tokio::time::timeout(Duration::from_secs(20), bed.published()).await.unwrap();
    }
    // Where a quorum is needed and nobody can be asked, `closed` stays closed.
    let mut bed = Bed::with_village().await;
    bed.close();
    let mut nobody = witnessing(PublishRule::Closed, &Default::default());
    nobody.reaches.clear();
    open(&mut bed, log_keys(), nobody).unwrap();
    let before = bed.reader().published().unwrap().size;
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(bed.reader().published().unwrap().size, before);
}

#[tokio::test]
async fn what_witnesses_have_seen_outlives_a_restart() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let records: [Arc<Record>; 2] = Default::default();
    open(&mut bed, log_keys(), witnessing(PublishRule::Open, &records)).unwrap();
    let receipt = bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    let seen = bed.reader().until_witnessed(receipt.placed[0].index);
    tokio::time::timeout(Duration::from_secs(20), seen).await.unwrap();
    let witnessed = bed.reader().witnessed().unwrap().size;
    records.iter().for_each(|one| one.silent.store(true, Ordering::Relaxed));
    for name in ["2", "3"] {
        bed.submit(village::notices(bed.reader(), &[name])).await.unwrap();
        bed.published().await;
    }
    bed.close();
    open(&mut bed, log_keys(), witnessing(PublishRule::Open, &records)).unwrap();
    let reader = bed.reader().clone();
    until("the newest with the quorum is found", || reader.witnessed().is_some_and(|one| one.size == witnessed)).await;
    assert!(reader.published().unwrap().size > witnessed);
}

#[tokio::test]
async fn a_late_cosignature_is_kept_however_late() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let records: [Arc<Record>; 2] = Default::default();
    open(&mut bed, log_keys(), witnessing(PublishRule::Open, &records)).unwrap();
    let reader = bed.reader().clone();
    until("both cosign", || reader.witnesses().iter().all(|one| one.cosigned.is_some())).await;
    let asked = records[0].asked.load(Ordering::Relaxed);
    records[0].busy.store(true, Ordering::Relaxed);
    let receipt = bed.submit(village::notices(bed.reader(), &["0"])).await.unwrap();
    let size = receipt.placed[0].index + 1;
    until("it is asked", || records[0].asked.load(Ordering::Relaxed) > asked).await;
    for name in 1..=20 {
        bed.submit(village::notices(bed.reader(), &[&name.to_string()])).await.unwrap();
        bed.published().await;
    }
    records[0].busy.store(false, Ordering::Relaxed);
    let row = || reader.published_from(size, 1).unwrap().remove(0);
    until("it is kept", || row().size == size && cosignatures(&row().note) == 2).await;
    bed.check();
}

/// A log that does not grow is watched all the same.
#[tokio::test]
async fn witnesses_are_asked_again_about_a_log_that_stands_still() {
    let mut bed = Bed::with_village().await;
    bed.close();
    let records: [Arc<Record>; 2] = Default::default();
    let mut witnessing = witnessing(PublishRule::Open, &records);
    witnessing.renew_after = Duration::from_millis(50);
    open(&mut bed, log_keys(), witnessing).unwrap();
    let reader = bed.reader().clone();
    let times = |note: &[u8]| {
        let policy = reader.witness_policy();
        let note = Note::parse(note).unwrap();
        let lines = note.signatures().iter().filter_map(|line| {
            let witness = policy.witnesses().iter().find(|witness| line.is_by(&witness.vkey))?;
            witness.vkey.verify(note.text(), line.bytes()).unwrap()
        });
        lines.min()
    };
    until("both cosign", || reader.witnessed().is_some()).await;
    let row = || reader.published_from(0, 1_000).unwrap().pop().unwrap();
    let first = times(&row().note).unwrap();
    until("they say it again", || {
        let shown = [reader.published().unwrap(), reader.witnessed().unwrap()];
        shown.iter().all(|shown| times(&shown.note).is_some_and(|time| time > first + 2))
    })
    .await;
    // What is kept says since when the tree was public.
    assert_eq!((times(&row().note), row().size), (Some(first), reader.published().unwrap().size));
    // Witnesses cap the request: they are sent the log's signatures only, no matter who else has signed.
    bed.close();
    let mut others = self::witnessing(PublishRule::Open, &records);
    let text = format!("witness w1 {}\nquorum w1\n", witness_key("w1").vkey());
    others.policy = Policy::parse(&text).unwrap();
    others.reaches.truncate(1);
    let asked = records[0].asked.load(Ordering::Relaxed);
    open(&mut bed, log_keys(), others).unwrap();
    until("it is asked", || records[0].asked.load(Ordering::Relaxed) > asked).await;
    assert!(records.iter().all(|one| !one.strange_line.load(Ordering::Relaxed)));
}

#[tokio::test]
async fn what_was_queued_is_not_signed_when_the_log_is_in_doubt() {
    let mut bed = Bed::with_village().await;
    let package = village::notices(bed.reader(), &["1"]);
    bed.close();
    let (guard, store) = (Guard::open(&bed.folder.0.join("last-signed")).unwrap(), Arc::clone(&bed.memory));
    let facts = Witnessing::none().facts();
    let sequencer = maintenance::open(store, guard, log_keys(), facts, AppendPolicy::Statements).unwrap();
    let Ok(Admitted::New(package)) = admit(&sequencer.state, &sequencer.heads, package) else { panic!("not admitted") };
    let (queue, jobs) = mpsc::channel(1);
    let (answer, answered) = oneshot::channel();
    let _permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
    assert!(queue.try_send(Job { package, answer, _permit }).is_ok());
    let status = Arc::clone(&sequencer.status);
    let doubt = ReadOnly::Contradiction { witness: "w1".into(), size: 2 };
    status.doubt(doubt.clone());
    drop(queue);
    let (wake, _woken) = publish::channel();
    sequencer.start(jobs, wake).unwrap().join().unwrap();
    let Err(SubmitError::ReadOnly(why)) = answered.await.unwrap() else { panic!("signed") };
    assert_eq!(why, doubt);
    // Neither the disk nor another reason changes that.
    assert!(!status.set_disk_low(true) && !status.set_disk_low(false));
    status.doubt(ReadOnly::BehindGuard { here: 1, signed: 2 });
    assert_eq!(status.get(), Status::ReadOnly(why));
}

#[tokio::test]
async fn log_keys_change_with_an_overlap() {
    let mut bed = Bed::with_village().await;
    let root = ChainId::root();
    let info = |bed: &Bed| bed.reader().chain_info(&root).unwrap();
    let second = SignerKey::from_seed(ORIGIN, MLDSA44_COSIGNATURE, seed("second")).unwrap();
    let (old, new) = (log_key().vkey().to_string(), new_key().vkey().to_string());
    let both = [old.clone(), new.clone(), second.vkey().to_string()];
    let only = [new.clone(), second.vkey().to_string()];
    let bundle = bed.reader().bundle(0, None).unwrap().unwrap();

    // A node that holds none of the keys named would not be able to sign.
    let refusal = refused(bed.log().submit(village::log_key_change(&info(&bed), &only)).await);
    assert_eq!(refusal.code, ErrorCode::LogKeyAbsent);

    let overlap = || HeldKeys::new(vec![log_key(), new_key(), second.clone()]).unwrap();
    // Nor as the entry says, if it holds some of those that are added.
    bed.close();
    open(&mut bed, HeldKeys::new(vec![log_key(), new_key()]).unwrap(), Witnessing::none()).unwrap();
    let refusal = refused(bed.log().submit(village::log_key_change(&info(&bed), &both)).await);
    assert_eq!(refusal.code, ErrorCode::LogKeyAbsent);
    bed.close();
    open(&mut bed, overlap(), Witnessing::none()).unwrap();
    bed.submit(village::log_key_change(&info(&bed), &both)).await.unwrap();
    bed.published().await;
    let size = bed.reader().committed().position.size;
    let note = Note::parse(&bed.reader().published().unwrap().note).unwrap();
    assert_eq!(note.signatures().len(), 3);
    for vkey in overlap().vkeys() {
        // A client that knows one key only accepts.
        Checkpoint::open(note.to_text().as_bytes(), bed.reader().origin(), &[vkey], &[]).unwrap();
    }
    bed.submit(village::log_key_change(&info(&bed), &only)).await.unwrap();
    bed.published().await;
    let trust = bed.reader().trust().unwrap().unwrap();
    assert_eq!(trust.log_vkeys, only);
    let retired = trust.retired.clone().unwrap();
    assert_eq!((retired[0].vkey.as_str(), retired[0].size), (old.as_str(), size));
    let pinned = sanwu_schema::verify::trust::Trust::parse(&sanwu_schema::json::to_canonical(&trust)).unwrap();
    // What the old key signed then is good for ever, and nothing that it signs now.
    pinned.open(&bundle.checkpoint.0).unwrap();
    let later = HeldKeys::new(vec![log_key()]).unwrap();
    let later = later.sign_head(bed.reader().committed().position, None).unwrap().to_text();
    assert_eq!(pinned.open(later.as_bytes()).unwrap_err().code(), ErrorCode::NoteUnsigned);
    // The old key may be thrown away; one that was never the log's opens nothing.
    bed.close();
    open(&mut bed, HeldKeys::new(vec![new_key(), second.clone()]).unwrap(), Witnessing::none()).unwrap();
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    bed.published().await;
    let store: Arc<InMemory> = Arc::clone(&bed.memory);
    let report = fsck(store, &HeldKeys::new(vec![new_key()]).unwrap(), false);
    assert_eq!(report.findings, []);
    bed.close();
    assert!(matches!(open(&mut bed, log_keys(), Witnessing::none()), Err(OpenError::Keys(_))));
}
