//! The log and its witnesses: publish rules, what a witness's record says at the start, and changes of log keys.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sanwu_schema::code::Code;
use sanwu_schema::hash::Hash;
use sanwu_schema::key::{ED25519, ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, SignerKey};
use sanwu_schema::log::cosignature;
use sanwu_schema::log::merkle::Tree;
use sanwu_schema::log::note::Note;
use sanwu_schema::log::policy::Policy;
use sanwu_schema::log::witness::{self, AddCheckpoint, Recorded, Refusal as No};
use sanwu_schema::statement::ChainId;
use sanwu_schema::trust::Operator;

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
}

struct FakeWitness {
    record: Arc<Record>,
    signer: SignerKey,
}

impl Peer for FakeWitness {
    fn add_checkpoint(&mut self, request: &AddCheckpoint) -> Answer {
        self.record.asked.fetch_add(1, Ordering::Relaxed);
        while self.record.busy.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.record.silent.load(Ordering::Relaxed) {
            return Answer::Unreachable("silent".into());
        }
        let mut recorded = self.record.recorded.lock().unwrap();
        let before = recorded.as_ref().map_or(Recorded::NOTHING, |(recorded, _)| *recorded);
        let keys = vec![log_key().vkey().clone(), new_key().vkey().clone()];
        match witness::judge(request.to_text().as_bytes(), |_| Some(keys), &before) {
            Ok(submission) => {
                let text = &submission.note.text;
                let line = cosignature::sign(&self.signer, text, 1_790_000_000).unwrap();
                let now = Recorded { size: submission.head.size, root: submission.head.root };
                *recorded = Some((now, request.checkpoint.to_text().into_bytes()));
                Answer::Cosigned(vec![line])
            }
            Err(No::Conflict { recorded }) => Answer::Conflict(recorded),
            Err(no) => Answer::Refused(no.to_string()),
        }
    }

    fn latest(&mut self) -> Result<Option<Vec<u8>>, String> {
        if self.record.silent.load(Ordering::Relaxed) {
            return Err("silent".into());
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
    }
}

fn open(bed: &mut Bed, keys: LogKeys, witnessing: Witnessing) -> Result<(), OpenError> {
    let guard = Guard::open(&bed.folder.0.join("last-signed"))?;
    let store: Arc<Memory> = Arc::clone(&bed.memory);
    bed.log = Some(Log::open(store, guard, keys, witnessing, options(&bed.folder, Admission::Statements))?);
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
}

/// A witness that has recorded another tree of this log, signed by its own key.
fn recorded(size: u64, root: Hash, key: &SignerKey) -> Arc<Record> {
    let record = Arc::<Record>::default();
    let position = crate::storage::Position { size, root };
    let note = LogKeys::new(vec![key.clone()]).unwrap().sign_head(position, None).unwrap();
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
        assert!(matches!(bed.log().status(), Status::ReadOnly(why) if why.contains("w1")), "{size}");
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
    assert_eq!(refusal.code, Code::LogKeyAbsent);

    let overlap = || LogKeys::new(vec![log_key(), new_key(), second.clone()]).unwrap();
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
    let pinned = sanwu_schema::trust::Trust::parse(&sanwu_schema::canon::to_canonical(&trust)).unwrap();
    // What the old key signed then is good for ever, and nothing that it signs now.
    pinned.open(&bundle.checkpoint.0).unwrap();
    let later = LogKeys::new(vec![log_key()]).unwrap();
    let later = later.sign_head(bed.reader().committed().position, None).unwrap().to_text();
    assert_eq!(pinned.open(later.as_bytes()).unwrap_err().code(), Code::NoteUnsigned);
    // The old key may be thrown away; one that was never the log's opens nothing.
    bed.close();
    open(&mut bed, LogKeys::new(vec![new_key(), second.clone()]).unwrap(), Witnessing::none()).unwrap();
    bed.submit(village::notices(bed.reader(), &["1"])).await.unwrap();
    bed.published().await;
    let store: Arc<Memory> = Arc::clone(&bed.memory);
    let report = fsck(store, &LogKeys::new(vec![new_key()]).unwrap(), false);
    assert_eq!(report.findings, []);
    bed.close();
    assert!(matches!(open(&mut bed, log_keys(), Witnessing::none()), Err(OpenError::Keys(_))));
}
