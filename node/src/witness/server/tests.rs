//! The record, its time, its evidence and the list, without HTTP.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::Path;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::merkle::build::consistency_proof;
use sanwu_schema::tlog::merkle::{HashReader, Node, Tree, leaf_hash, root_of_leaves};
use sanwu_schema::tlog::note::{self, Note};
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, SignerKey, Vkey};
use sanwu_schema::tlog::witness::{AddCheckpoint, Refusal, parse_cosignatures};

use super::folder::log_hash;
use super::{KeyFile, LogStatus, Outcome, WitnessFolder, WitnessState, loglist};
use crate::storage::conformance::TestFolder;

thread_local! {
    /// The clock of the test that runs in this thread.
    static NOW: Cell<u64> = const { Cell::new(START) };
}

const START: u64 = 1_790_000_000;
const ORIGIN: &str = "log.example/1";

fn clock() -> u64 {
    NOW.get()
}

fn signer(name: &str, algorithm: u8) -> SignerKey {
    SignerKey::from_seed(name, algorithm, Hash::digest(name.as_bytes()).0).unwrap()
}

/// A witness's directory that follows one log.
fn directory() -> TestFolder {
    let dir = TestFolder::new();
    let keys = [KeyFile::Ed25519, KeyFile::MlDsa].map(|file| (file, signer("w.example", file.algorithm())));
    WitnessFolder::at(&dir.0).init(&keys).unwrap();
    list(&dir.0, &[ORIGIN]);
    dir
}

fn list(dir: &Path, origins: &[&str]) {
    let blocks = origins.iter().map(|origin| format!("vkey {}\n", signer(origin, ED25519).vkey()));
    fs::write(dir.join("logs.txt"), format!("logs/v0\n{}", blocks.collect::<String>())).unwrap();
}

fn root(size: u64, word: &str) -> Hash {
    root_of_leaves((0..size).map(|index| leaf_hash(format!("{word} {index}").as_bytes())))
}

/// A first request, or one for the same size again.
fn request_of(origin: &str, old: u64, size: u64, word: &str) -> Vec<u8> {
    let mut checkpoint = Note::new(format!("{origin}\n{size}\n{}\n", root(size, word).to_base64())).unwrap();
    checkpoint.sign(&signer(origin, ED25519)).unwrap();
    AddCheckpoint { old, proof: Vec::new(), checkpoint }.to_text().into_bytes()
}

fn request(old: u64, size: u64, word: &str) -> Vec<u8> {
    request_of(ORIGIN, old, size, word)
}

/// Both cosignatures name this time.
#[track_caller]
fn cosigned_at(witness: &WitnessState, outcome: &Outcome, time: u64) {
    let Outcome::Cosigned(lines) = outcome else { panic!("{outcome:?}") };
    let (lines, note) = (parse_cosignatures(lines.as_bytes()).unwrap(), witness.checkpoint(&log_hash(ORIGIN)).unwrap());
    let opened = note::open(note.as_bytes(), witness.vkeys()).unwrap();
    let times: Vec<Option<u64>> = opened.verified.iter().map(|one| one.time).collect();
    assert_eq!(times, [Some(time), Some(time)]);
    assert!(opened.verified.iter().all(|one| lines.contains(&one.signature)));
}

#[test]
fn the_time_never_goes_back_and_is_never_that_of_an_unset_clock() {
    let dir = directory();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    cosigned_at(&witness, &witness.add_checkpoint(&request(0, 7, "a")), START);
    NOW.set(START - 1_000);
    cosigned_at(&witness, &witness.add_checkpoint(&request(7, 7, "a")), START);
    drop(witness);
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    cosigned_at(&witness, &witness.add_checkpoint(&request(7, 7, "a")), START);
    NOW.set(START + 5);
    cosigned_at(&witness, &witness.add_checkpoint(&request(7, 7, "a")), START + 5);
    for unset in [0, 86_400] {
        NOW.set(unset);
        assert_eq!(witness.add_checkpoint(&request(7, 7, "a")), Outcome::ClockUnset);
    }
    NOW.set(START + 6);
    cosigned_at(&witness, &witness.add_checkpoint(&request(7, 7, "a")), START + 6);
}

#[test]
fn nothing_is_recorded_where_the_disk_refuses_and_nothing_more_where_it_does_not_say() {
    let dir = directory();
    list(&dir.0, &[ORIGIN, "log.example/2"]);
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    let state = dir.0.join("state").join(log_hash(ORIGIN));
    // A file is where the log's folder has to be made: nothing has changed, and later it works.
    fs::write(&state, "").unwrap();
    assert!(matches!(witness.add_checkpoint(&request(0, 7, "a")), Outcome::Failed(_)));
    assert_eq!(witness.checkpoint(&log_hash(ORIGIN)), None);
    fs::remove_file(&state).unwrap();
    assert!(matches!(witness.add_checkpoint(&request(0, 7, "a")), Outcome::Cosigned(_)));
    // The new file cannot take the old one's place: what is on the disk is not known any more.
    fs::remove_file(state.join("checkpoint")).unwrap();
    fs::create_dir_all(state.join("checkpoint/full")).unwrap();
    assert!(matches!(witness.add_checkpoint(&request(7, 7, "a")), Outcome::Failed(_)));
    let other = request_of("log.example/2", 0, 1, "a");
    assert!(matches!(witness.add_checkpoint(&other), Outcome::Failed(_)));
    drop(witness);
    // A new start looks at the disk, and refuses what it cannot read.
    assert!(WitnessState::open(&dir.0, clock).is_err());
    fs::remove_dir_all(state).unwrap();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    assert!(matches!(witness.add_checkpoint(&other), Outcome::Cosigned(_)));
}

#[test]
fn a_record_that_this_witness_has_not_signed_is_refused_at_start() {
    let dir = directory();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    witness.add_checkpoint(&request(0, 7, "a"));
    drop(witness);
    let state = dir.0.join("state").join(log_hash(ORIGIN));
    let note = fs::read_to_string(state.join("checkpoint")).unwrap();
    let elsewhere = dir.0.join("state").join(log_hash("log.example/2"));
    let refused = |what: &str| {
        let error = WitnessState::open(&dir.0, clock).err().map(|error| error.to_string());
        assert!(error.is_some(), "{what}");
    };
    fs::write(state.join("checkpoint"), note.replace("\n7\n", "\n8\n")).unwrap();
    refused("another size");
    fs::write(state.join("checkpoint"), "").unwrap();
    refused("empty");
    fs::remove_dir_all(&state).unwrap();
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("checkpoint"), &note).unwrap();
    refused("the record of another log");
    fs::remove_dir_all(&elsewhere).unwrap();
    fs::create_dir(&state).unwrap();
    fs::write(state.join("checkpoint"), &note).unwrap();
    assert_eq!(WitnessState::open(&dir.0, clock).unwrap().checkpoint(&log_hash(ORIGIN)), Some(note));
}

#[test]
fn the_last_64_sizes_are_remembered_and_reveal_a_fork() {
    let dir = directory();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    for size in 1..=70 {
        assert!(matches!(witness.add_checkpoint(&step(size)), Outcome::Cosigned(_)), "{size}");
    }
    drop(witness);
    let folder = dir.0.join("state").join(log_hash(ORIGIN));
    let kept = fs::read_dir(folder.join("heads")).unwrap().count();
    assert_eq!(kept, 64);
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    // Size 5 is forgotten, 6 is not. A file that has rotted accuses nobody.
    let rotten = folder.join("heads/7");
    let whole = fs::read_to_string(&rotten).unwrap();
    fs::remove_file(&rotten).unwrap();
    fs::write(&rotten, whole.replace(&root(7, "a").to_base64(), &root(7, "x").to_base64())).unwrap();
    drop(witness);
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    let conflict = Outcome::Refused(Refusal::Conflict { recorded: 70 });
    assert_eq!(witness.add_checkpoint(&request(0, 5, "b")), conflict);
    assert_eq!(witness.add_checkpoint(&request(0, 7, "a")), conflict);
    assert!(!witness.logs()[0].frozen);
    assert_eq!(witness.add_checkpoint(&request(0, 6, "b")), conflict);
    let LogStatus { frozen, evidence, size, .. } = witness.logs().remove(0);
    assert_eq!((frozen, size, evidence.len()), (true, Some(70), 1));
    assert_eq!(witness.add_checkpoint(&request(70, 70, "a")), Outcome::Frozen(evidence[0].clone()));
    let file = witness.evidence(&evidence[0]).unwrap();
    for word in ["a", "b"] {
        assert!(file.contains(&format!("{ORIGIN}\n6\n{}\n\n\u{2014} {ORIGIN} ", root(6, word).to_base64())), "{file}");
    }
}

/// Somebody has put an older record back beside the files of newer ones.
#[test]
fn what_contradicts_a_newer_file_is_not_cosigned_on_an_older_record() {
    let dir = directory();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    let record = dir.0.join("state").join(log_hash(ORIGIN)).join("checkpoint");
    let mut second = String::new();
    for size in 1..=4 {
        assert!(matches!(witness.add_checkpoint(&step(size)), Outcome::Cosigned(_)), "{size}");
        if size == 2 {
            second = fs::read_to_string(&record).unwrap();
        }
    }
    drop(witness);
    fs::remove_file(&record).unwrap();
    fs::write(&record, second).unwrap();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    // Another third leaf, properly proved from size 2.
    let outcome = witness.add_checkpoint(&step_to(3, "b"));
    let LogStatus { frozen, evidence, size, .. } = witness.logs().remove(0);
    assert_eq!((frozen, size, evidence.len()), (true, Some(2), 1));
    assert_eq!(outcome, Outcome::Frozen(evidence[0].clone()));
}

/// The inner nodes of a log's tree.
#[derive(Default)]
struct Nodes(BTreeMap<Node, Hash>);

impl HashReader for Nodes {
    type Error = Infallible;
    fn hash(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        Ok(self.0[&Node { level, index }])
    }
}

/// The request that grows the log by one leaf.
fn step(size: u64) -> Vec<u8> {
    step_to(size, "a")
}

/// The same with another word for the last leaf.
fn step_to(size: u64, last: &str) -> Vec<u8> {
    let (mut tree, mut nodes) = (Tree::default(), Nodes::default());
    for index in 0..size {
        let word = if index + 1 == size { last } else { "a" };
        tree.append_with(leaf_hash(format!("{word} {index}").as_bytes()), |node, hash| _ = nodes.0.insert(node, hash));
    }
    let mut checkpoint = Note::new(format!("{ORIGIN}\n{size}\n{}\n", tree.root().to_base64())).unwrap();
    checkpoint.sign(&signer(ORIGIN, ED25519)).unwrap();
    let proof = consistency_proof(size - 1, size, &nodes).unwrap();
    AddCheckpoint { old: size - 1, proof, checkpoint }.to_text().into_bytes()
}

#[test]
fn names_of_files_are_read_strictly() {
    let dir = directory();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    let log = log_hash(ORIGIN);
    fs::write(dir.0.join("evidence/notes.txt"), "x").unwrap();
    fs::write(dir.0.join(format!("evidence/{log}-7.txt")), "x").unwrap();
    assert_eq!(witness.evidence(&format!("{log}-7.txt")).as_deref(), Some("x"));
    let bad = ["notes.txt", "../witness.key", "", &format!("{log}-07.txt"), &format!("{}-7.txt", log.to_uppercase())];
    for name in bad {
        assert_eq!(witness.evidence(name), None, "{name}");
    }
    assert_eq!(witness.checkpoint("../../witness.key"), None);
    drop(witness);
    // Evidence outlives the process, also where the record does not.
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    assert_eq!(witness.add_checkpoint(&request(0, 7, "a")), Outcome::Frozen(format!("{log}-7.txt")));
    // A caller without the log's signature learns nothing of that.
    let changed = String::from_utf8(request(0, 7, "a")).unwrap().replace("\n7\n", "\n8\n");
    let outcome = witness.add_checkpoint(changed.as_bytes());
    assert!(matches!(outcome, Outcome::Refused(Refusal::Signature(_))), "{outcome:?}");
}

fn vkey(name: &str, algorithm: u8) -> Vkey {
    signer(name, algorithm).vkey().clone()
}

#[test]
fn lists_of_logs() {
    let (a, b, c) = (vkey("a.example", ED25519), vkey("b.example", ED25519), vkey("a.example", MLDSA44_COSIGNATURE));
    let text = format!(
        "# a comment\n\n  # another\nlogs/v0\n\nvkey {a}\norigin none\nbastion none\nqpd 24\ncontact somebody (at) a\n\
         vkey {c}\nqpd 48.5\nvkey {b}\norigin Village Hall 柳溪村 (No. 7)\nvkey {a}"
    );
    let list = loglist::parse(text.as_bytes()).unwrap();
    assert_eq!(list.keys().collect::<Vec<_>>(), ["Village Hall 柳溪村 (No. 7)", "a.example"]);
    let log = &list["a.example"];
    assert_eq!(
        (&log.keys[..], log.qpd, log.contact.as_deref()),
        (&[a.clone(), c][..], 86_400.0, Some("somebody (at) a"))
    );
    let hall = &list["Village Hall 柳溪村 (No. 7)"];
    assert_eq!((&hall.keys[..], hall.qpd, hall.contact.as_deref()), (&[b][..], 86_400.0, None));
    assert_eq!(loglist::parse(b"logs/v0").unwrap().len(), 0);
    let one = loglist::parse(format!("logs/v0\r\nvkey {a}\r\nqpd 24\r\n").as_bytes()).unwrap();
    assert_eq!(one["a.example"].qpd, 24.0);

    let witness = vkey("w.example", ED25519_COSIGNATURE);
    let long = "x".repeat(256);
    let bad: Vec<(String, usize)> = vec![
        (String::new(), 1),
        ("# only a comment\n".into(), 1),
        (format!("vkey {a}\n"), 1),
        ("\nlogs/v1\n".into(), 2),
        ("logs/v0\nlogs/v0\n".into(), 2),
        ("logs/v0\nqpd 24\n".into(), 2),
        ("logs/v0\nvkey\n".into(), 2),
        ("logs/v0\nvkey a.example+00000000+AAAA\n".into(), 2),
        (format!("logs/v0\nvkey {witness}\n"), 2),
        (format!("logs/v0\nvkey {a}\nqpd many\n"), 3),
        (format!("logs/v0\nvkey {a}\nqpd 0\n"), 3),
        (format!("logs/v0\nvkey {a}\nqpd -1\n"), 3),
        (format!("logs/v0\nvkey {a}\nqpd inf\n"), 3),
        (format!("logs/v0\nvkey {a}\nqpd NaN\n"), 3),
        (format!("logs/v0\nvkey {a}\nqpd 1\nqpd 1\n"), 4),
        (format!("logs/v0\nvkey {a}\norigin\n"), 3),
        (format!("logs/v0\nvkey {a}\norigin x\norigin y\n"), 4),
        (format!("logs/v0\nvkey {a}\norigin {long}\n"), 3),
        (format!("logs/v0\nvkey {a}\norigin a\u{7}b\n"), 3),
        (format!("logs/v0\nvkey {a}\nurl https://a.example\n"), 3),
        (format!("logs/v0\nVKEY {a}\n"), 2),
    ];
    for (text, line) in bad {
        assert_eq!(loglist::parse(text.as_bytes()).err().map(|error| error.0), Some(line), "{text:?}");
    }
    assert!(loglist::parse(b"logs/v0\n\xff").is_err());
    assert!(loglist::parse(&vec![b'#'; loglist::LIST_BYTES_MAX + 1]).is_err());
    let many: String = (0..9).map(|n| format!("vkey {}\norigin x\n", vkey(&format!("k{n}"), ED25519))).collect();
    assert_eq!(loglist::parse(format!("logs/v0\n{many}").as_bytes()).unwrap_err().0, 18);
}

#[test]
fn a_list_with_a_mistake_does_not_replace_a_good_one() {
    let dir = directory();
    let witness = WitnessState::open(&dir.0, clock).unwrap();
    assert_eq!(witness.list_error(), None);
    fs::write(dir.0.join("logs.txt"), "logs/v0\nvkey nonsense, and longer than before\n").unwrap();
    assert!(matches!(witness.add_checkpoint(&request(0, 7, "a")), Outcome::Cosigned(_)));
    assert!(witness.list_error().is_some_and(|error| error.contains("logs.txt:2:")));
    fs::remove_file(dir.0.join("logs.txt")).unwrap();
    assert!(matches!(witness.add_checkpoint(&request(7, 7, "a")), Outcome::Cosigned(_)));
    assert!(witness.list_error().is_some());
    list(&dir.0, &["log.example/2"]);
    assert_eq!(witness.add_checkpoint(&request(7, 7, "a")), Outcome::Refused(Refusal::UnknownLog));
    assert_eq!(Refusal::UnknownLog.code(), ErrorCode::LogUnknown);
    assert_eq!(witness.list_error(), None);
    // What was cosigned stays to be seen.
    let logs = witness.logs();
    let seen: Vec<_> = logs.iter().map(|log| (log.origin.as_str(), log.listed, log.size)).collect();
    assert_eq!(seen, [(ORIGIN, false, Some(7)), ("log.example/2", true, None)]);
    drop(witness);
    fs::write(dir.0.join("logs.txt"), "logs/v1\n").unwrap();
    assert!(WitnessState::open(&dir.0, clock).is_err());
}
