//! Go's own transparency-log packages, `sumdb/note` and `sumdb/tlog` from Debian: a program of theirs reads our live
//! node and checks all of it, and both sides judge the same notes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use sanwu_schema::crypto::hash::b64_encode;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::tile::Tile;
use sanwu_tests::client::Client;
use sanwu_tests::village::ORIGIN;
use serde_json::{Value, json};

use crate::corpus::{self, Case, Opened};
use crate::open_log::{OpenLog, tiles};
use crate::support::{Site, committed, published, repository};

/// What installs everything that is missing.
const HINT: &str = "run `sh .ci/setup` first";

/// Where Debian puts the sources of Go packages.
const GOCODE: &str = "/usr/share/gocode";

/// Held while a program is built: Go's cache is shared by all tests of this run.
static BUILDING: Mutex<()> = Mutex::new(());

/// A program of `tests/interop`, built with what Debian has and nothing else.
fn built(name: &str) -> PathBuf {
    let package = Path::new(GOCODE).join("src/golang.org/x/mod/sumdb/tlog");
    assert!(package.is_dir(), "golang-golang-x-mod-dev is missing: {HINT}");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
    let program = target.join(name);
    let _building = BUILDING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let output = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(repository().join("tests/interop").join(name).join("main.go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", format!("{}:{GOCODE}", target.join("path").display()))
        .env("GOCACHE", target.join("cache"))
        .env("GOFLAGS", "")
        .env("GOPROXY", "off")
        .env("CGO_ENABLED", "0")
        .output();
    let output = output.unwrap_or_else(|e| panic!("golang-go is missing ({e}): {HINT}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

/// Lets the reader check a log at a URL or in a folder.
fn read(vkey: &str, from: &str) -> Output {
    Command::new(built("reader")).args(["-vkey", vkey, from]).output().expect("reader")
}

/// The reader's summary of a log that it finds in order.
#[track_caller]
fn summary(vkey: &str, from: &str) -> Value {
    let output = read(vkey, from);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a summary")
}

/// The reader's complaint about one that is not.
#[track_caller]
fn complaint(vkey: &str, from: &str) -> String {
    let output = read(vkey, from);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn vkey(client: &Client) -> String {
    let keys = String::from_utf8(client.get("/api/v1/vkey").body).expect("UTF-8");
    keys.lines().next().expect("the Ed25519 key").to_owned()
}

#[test]
fn it_reads_a_live_village() {
    let site = Site::new();
    let month = site.village.draft(&site.client, &site.village.month(site.village.january()));
    site.village.publish(&site.client, month);
    site.notices(300);
    let checkpoint = published(&site.client, committed(&site.client));
    let seen = summary(&vkey(&site.client), &site.node.url);
    assert_summary(&seen, &checkpoint);
    assert_eq!((&seen["bundles"], &seen["levels"]), (&json!(2), &json!(2)));
    assert_eq!(seen["compressed"], json!(2));
    // Another log's key opens nothing.
    let other = corpus::signer("sanwu.test/other").vkey().to_string();
    assert!(complaint(&other, &site.node.url).contains("no verifiable signatures"));
}

#[test]
fn it_reads_a_live_log_as_it_grows() {
    let mut log = OpenLog::new();
    for size in [0, 1, 2, 255, 256, 257, 5_000] {
        log.grow(size);
        reads(&log, "");
    }
    let (_, path) = ORIGIN.split_once('/').expect("an origin with a path");
    let seen = reads(&log, &format!("/{path}"));
    // 20 leaf tiles with the partial one, and the one above.
    assert_eq!((&seen["levels"], &seen["bundles"], &seen["tiles"]), (&json!(2), &json!(20), &json!(21)));
}

/// The reader's summary of a whole log of raw leaves, under a path of its node.
pub fn reads(log: &OpenLog, path: &str) -> Value {
    let seen = summary(&vkey(&log.client), &format!("{}{path}", log.node.url));
    assert_summary(&seen, &log.checkpoint());
    seen
}

fn assert_summary(seen: &Value, checkpoint: &Checkpoint) {
    let size = checkpoint.size;
    assert_eq!(seen["origin"], checkpoint.origin.as_str(), "{seen}");
    assert_eq!((&seen["size"], &seen["leaves"]), (&json!(size), &json!(size)), "{seen}");
    assert_eq!(seen["root"], checkpoint.root.to_base64(), "{seen}");
    let at_least = if size == 0 { 0 } else { u64::from(size.ilog2()) };
    for count in ["inclusion", "consistency"] {
        assert!(seen[count].as_u64() >= Some(at_least), "{count} of {seen}");
    }
    assert!(seen["refused_proofs"].as_u64() >= Some(at_least), "{seen}");
    assert!(seen["signatures"].as_u64() >= Some(1), "{seen}");
}

/// The check can fail: a log in a folder with one byte changed, in each kind of file.
#[test]
fn it_refuses_a_log_with_one_byte_changed() {
    let mut log = OpenLog::new();
    log.grow(700);
    let folder = log.dir.path().join("copy");
    let save = |path: &str| {
        let (answer, file) = (log.client.get(&format!("/{path}")), folder.join(path));
        assert_eq!(answer.status, 200, "{path}");
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, answer.body).expect("a file");
    };
    save("checkpoint");
    tiles(700).iter().map(Tile::path).for_each(|path| save(&path));
    let (key, from) = (vkey(&log.client), folder.display().to_string());
    assert_summary(&summary(&key, &from), &log.checkpoint());
    for (path, at, says) in [
        ("tile/entries/000", 2, "entry 0 is not the leaf"),
        ("tile/entries/001", 1_000, "tile/entries/001"),
        ("tile/entries/002.p/188", 0, "tile/entries/002.p/188"),
        // The two that x/mod's reader ignores, see the reader's `everyTile`.
        ("tile/0/000", 0, "entry 0 is not the leaf"),
        ("tile/0/001", 8_191, "entry 255 is not the leaf"),
        ("tile/0/002.p/188", 3_000, "inconsistent tile"),
        ("tile/1/000.p/2", 40, "inconsistent tile"),
        ("checkpoint", 0, "invalid signature"),
        ("checkpoint", ORIGIN.len() + 1, "invalid signature"),
    ] {
        let file = folder.join(path);
        let right = fs::read(&file).expect("a file");
        let mut wrong = right.clone();
        wrong[at] ^= 1;
        fs::write(&file, &wrong).expect("a file");
        let complaint = complaint(&key, &from);
        assert!(complaint.contains(says), "{path} {at}: {complaint}");
        fs::write(&file, &right).expect("a file");
    }
    fs::remove_file(folder.join("tile/0/001")).expect("a file");
    assert!(complaint(&key, &from).contains("not there"));
}

/// Asks the other program.
fn ask(question: &Value) -> Value {
    let mut child = Command::new(built("notes"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("notes");
    child.stdin.take().expect("piped").write_all(question.to_string().as_bytes()).expect("a question");
    let output = child.wait_with_output().expect("notes");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("an answer")
}

/// Go's verdict on each note.
fn theirs(cases: &[Case]) -> Vec<Option<Opened>> {
    let question = |case: &Case| json!({ "note": b64_encode(&case.note), "vkeys": case.vkeys });
    let answer = ask(&json!({ "notes": cases.iter().map(question).collect::<Vec<_>>() }));
    let answers = answer["notes"].as_array().expect("answers");
    assert_eq!(answers.len(), cases.len());
    let by = |list: &Value| {
        let list = list.as_array().expect("a list").iter();
        let one = |by: &Value| (by["name"].as_str().unwrap().to_owned(), by["id"].as_u64().unwrap() as u32);
        list.map(one).collect()
    };
    let opened = |answer: &Value| {
        (answer["error"] == "").then(|| Opened {
            text: answer["text"].as_str().expect("text").to_owned(),
            verified: by(&answer["verified"]),
            unverified: by(&answer["unverified"]),
        })
    };
    answers.iter().map(opened).collect()
}

/// Notes that Go opens and ours refuses, each with the reason. There is none the other way round.
const NOTES_APART: [(&str, &str); 6] = [
    ("base64 with bits left over", "ours reads base64 in its one spelling only, so that writing never changes a note"),
    ("a stranger's base64 with bits left over", "as above"),
    ("R of small order", "ours refuses R of small order (verify_strict), Go only compares R"),
    ("R of small order, beside the other's good one", "as above"),
    ("a known key of small order", "ours takes no key of small order: anyone can sign for it"),
    ("1,000,001 bytes", "ours reads at most 1,000,000 bytes, Go any number"),
];

/// Verifier keys that one side reads and the other does not.
const VKEYS_APART: [(&str, &str); 6] = [
    ("an id in capitals", "the id is written in small letters (signed-note: lower-case hex); Go reads both"),
    ("a newline behind", "Go's base64 passes over newlines"),
    ("a cosigner's key", "x/mod knows type 0x01 only"),
    ("a key of small order", "ours takes no key of small order: anyone can sign for it"),
    ("a key that is not on the curve", "Go takes any 32 bytes and refuses every signature"),
    ("a key in another than its one encoding", "Go takes any 32 bytes"),
];

#[test]
fn it_judges_the_corpus_of_notes_as_we_do() {
    let cases = corpus::notes();
    let mut apart = Vec::new();
    for (case, theirs) in cases.iter().zip(theirs(&cases)) {
        let ours = corpus::ours(case);
        if ours != theirs {
            assert!(ours.is_none(), "{}: {ours:?}, Go {theirs:?}", case.name);
            apart.push(case.name.as_str());
        }
    }
    assert_eq!(apart, NOTES_APART.map(|(name, _)| name));
}

#[test]
fn it_judges_spoiled_notes_as_we_do() {
    let cases = corpus::spoiled(10_000);
    for (case, theirs) in cases.iter().zip(theirs(&cases)) {
        assert_eq!(corpus::ours(case), theirs, "{}: {:?}", case.name, String::from_utf8_lossy(&case.note));
    }
}

#[test]
fn it_reads_keys_and_signs_notes_as_we_do() {
    let vkeys = corpus::vkeys();
    let texts: Vec<&str> = vkeys.iter().map(|(_, text, _)| text.as_str()).collect();
    let signers = ["sanwu.test/log", "sanwu.test/other", "柳溪村"].map(corpus::signer);
    let text = "柳溪村\n\n— a\n";
    let skeys: Vec<String> = signers.iter().map(|signer| signer.to_text()).collect();
    let answer = ask(&json!({ "vkeys": texts, "sign": [{ "text": text, "skeys": skeys }] }));
    let mut apart = Vec::new();
    for ((what, _, good), error) in vkeys.iter().zip(answer["vkeys"].as_array().expect("answers")) {
        if (error == "") != *good {
            apart.push(what.as_str());
        }
    }
    let mut listed = VKEYS_APART.map(|(what, _)| what);
    apart.sort_unstable();
    listed.sort_unstable();
    assert_eq!(apart, listed);
    let mut ours = sanwu_schema::tlog::note::Note::new(text.into()).expect("a note");
    signers.iter().for_each(|signer| ours.sign(signer).expect("signed"));
    assert_eq!(answer["sign"][0], ours.to_text());
}
