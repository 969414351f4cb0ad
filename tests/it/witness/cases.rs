//! Every case of C2SP tlog-witness add-checkpoint: status, body and content type; and what monitors read.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::merkle::EMPTY;
use sanwu_schema::tlog::note::{Note, open};
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, SignerKey};
use sanwu_schema::tlog::witness::{AddCheckpoint, write_cosignatures};
use sanwu_tests::client::Client;
use sanwu_tests::witness::{TestLog, ask, checkpoint_text, cosigned, signed};

use super::{Bench, OFTEN, list, seen};

const TEXT: &str = "text/plain; charset=utf-8";

/// What a request is answered.
#[derive(Debug, PartialEq)]
enum Want {
    Cosigned,
    /// 409 with this size.
    Size(u64),
    Refused(u16, ErrorCode),
}

/// A request about a log of which the witness has recorded so many leaves, if any.
struct Case {
    name: &'static str,
    recorded: Option<u64>,
    body: Vec<u8>,
    want: Want,
}

fn stranger() -> SignerKey {
    SignerKey::from_seed("stranger.example", ED25519, [7; 32]).expect("key")
}

/// The request with another text, signed by the log; with more lines if there are any.
fn with_text(log: &TestLog, old: u64, proof: Vec<Hash>, text: &str) -> Vec<u8> {
    AddCheckpoint { old, proof, checkpoint: signed(text, &log.signers) }.to_text().into_bytes()
}

fn with_signers(log: &TestLog, old: u64, size: u64, signers: &[SignerKey]) -> Vec<u8> {
    let checkpoint = signed(&log.text(size), signers);
    AddCheckpoint { checkpoint, ..log.request(old, size) }.to_text().into_bytes()
}

/// The log's own line with its last byte changed, with other lines before or after it.
fn with_bad_line(log: &TestLog, old: u64, size: u64, others: &[SignerKey]) -> Vec<u8> {
    let mut note = signed(&log.text(size), others);
    let good = log.note(size);
    let line = &good.signatures()[0];
    let mut bytes = line.bytes().to_vec();
    *bytes.last_mut().expect("a signature") ^= 1;
    note.add(sanwu_schema::tlog::note::Signature::by(log.signers[0].vkey(), bytes));
    AddCheckpoint { checkpoint: note, ..log.request(old, size) }.to_text().into_bytes()
}

fn replaced(request: &AddCheckpoint, from: &str, to: &str) -> Vec<u8> {
    let text = request.to_text();
    assert!(text.contains(from), "{from:?}");
    text.replacen(from, to, 1).into_bytes()
}

/// All cases about one log of ten leaves; each is tried on a log of an own name.
fn cases(log: &TestLog) -> Vec<Case> {
    let wrong = Hash([9; 32]);
    let request = |old, size| log.request(old, size).to_text().into_bytes();
    let proofs = |old, proof, size| with_text(log, old, proof, &log.text(size));
    let other_root = |old, proof, size| with_text(log, old, proof, &checkpoint_text(&log.origin, size, &wrong));
    let good = log.request(6, 9);
    let note = |text: &str| {
        let line = signed(text, &log.signers);
        let mut lines = String::new();
        line.signatures()[0].write_line(&mut lines);
        lines
    };
    let malformed = || Want::Refused(400, ErrorCode::WitnessRequest);
    let bad_checkpoint = || Want::Refused(400, ErrorCode::Checkpoint);
    let case = |name, recorded, body, want| Case { name, recorded, body, want };
    let text = log.text(9);
    let cosigner =
        SignerKey::new(log.signers[0].vkey().name(), ED25519_COSIGNATURE, SecretKey::from_seed([8; 32])).expect("key");
    let mut by_cosigner = Note::new(text.clone()).expect("text");
    by_cosigner.add(cosignature::sign(&cosigner, &text, 1).expect("signature"));
    let by_cosigner = AddCheckpoint { checkpoint: by_cosigner, ..good.clone() }.to_text().into_bytes();
    let mut not_utf8 = good.to_text().into_bytes();
    let at = not_utf8.len() - 20;
    not_utf8[at] = 0xff;
    let beside: Vec<SignerKey> = [stranger()].into_iter().chain(log.signers.clone()).collect();
    let filled = format!("{}{}", good.to_text(), note(&text).repeat(200));
    vec![
        // 200
        case("first", None, request(0, 9), Want::Cosigned),
        case("grown", Some(6), request(6, 9), Want::Cosigned),
        case("grown from a power of two", Some(8), request(8, 9), Want::Cosigned),
        case("the same again", Some(9), request(9, 9), Want::Cosigned),
        case("size 0", None, request(0, 0), Want::Cosigned),
        case("size 0 again", Some(0), request(0, 0), Want::Cosigned),
        case("from size 0", Some(0), request(0, 9), Want::Cosigned),
        case("a stranger's line beside", Some(6), with_signers(log, 6, 9, &beside), Want::Cosigned),
        // 413
        case("more than 16 KiB", Some(6), filled.into_bytes(), Want::Refused(413, ErrorCode::Length)),
        // 400: the request
        case("empty", Some(6), Vec::new(), malformed()),
        case("no old line", Some(6), replaced(&good, "old 6\n", ""), malformed()),
        case("a leading zero", Some(6), replaced(&good, "old 6", "old 06"), malformed()),
        case("a sign", Some(6), replaced(&good, "old 6", "old +6"), malformed()),
        case("two spaces", Some(6), replaced(&good, "old 6", "old  6"), malformed()),
        case("a carriage return", Some(6), replaced(&good, "old 6\n", "old 6\r\n"), malformed()),
        case("above 2^64", Some(6), replaced(&good, "old 6", "old 18446744073709551616"), malformed()),
        case("a hash cut short", Some(6), replaced(&good, "=\n", "\n"), malformed()),
        case("64 proof lines", Some(6), proofs(6, vec![wrong; 64], 9), malformed()),
        case("no empty line", Some(6), replaced(&good, "\n\n", "\n"), malformed()),
        case("not UTF-8", Some(6), not_utf8, malformed()),
        // 400: the note and the checkpoint
        case("no signature line", Some(6), replaced(&good, &note(&text), ""), Want::Refused(400, ErrorCode::Note)),
        case("an extension line", None, with_text(log, 0, vec![], &format!("{text}more\n")), bad_checkpoint()),
        case("two lines", None, with_text(log, 0, vec![], &format!("{}\n9\n", log.origin)), bad_checkpoint()),
        case("size 09", None, with_text(log, 0, vec![], &text.replace("\n9\n", "\n09\n")), bad_checkpoint()),
        case(
            "size above 2^63",
            None,
            with_text(log, 0, vec![], &text.replace("\n9\n", "\n9223372036854775808\n")),
            bad_checkpoint(),
        ),
        case(
            "root of 31 bytes",
            None,
            with_text(log, 0, vec![], &format!("{}\n9\n{}\n", log.origin, "A".repeat(40))),
            bad_checkpoint(),
        ),
        case(
            "no origin",
            None,
            with_text(log, 0, vec![], &text.replacen(&log.origin, "", 1)),
            Want::Refused(400, ErrorCode::LogOrigin),
        ),
        // 404
        case(
            "another origin",
            None,
            with_text(log, 0, vec![], &checkpoint_text("nobody.example", 9, &log.root(9))),
            Want::Refused(404, ErrorCode::LogUnknown),
        ),
        // 403
        case(
            "only a stranger",
            Some(6),
            with_signers(log, 6, 9, &[stranger()]),
            Want::Refused(403, ErrorCode::NoteUnsigned),
        ),
        case("only a cosigner", Some(6), by_cosigner, Want::Refused(403, ErrorCode::NoteUnsigned)),
        case("a bad signature", Some(6), with_bad_line(log, 6, 9, &[]), Want::Refused(403, ErrorCode::NoteSignature)),
        case(
            "a bad signature after a stranger's",
            Some(6),
            with_bad_line(log, 6, 9, &[stranger()]),
            Want::Refused(403, ErrorCode::NoteSignature),
        ),
        // 400: sizes
        case(
            "old above the size",
            Some(9),
            with_text(log, 9, vec![], &log.text(6)),
            Want::Refused(400, ErrorCode::TreeRange),
        ),
        // 409
        case("old below the recorded size", Some(6), request(4, 9), Want::Size(6)),
        case("old above the recorded size", Some(4), request(6, 9), Want::Size(4)),
        case("never cosigned", None, request(6, 9), Want::Size(0)),
        case("asking", Some(6), request(0, 9), Want::Size(6)),
        // 422
        case("size 0 with a root", None, other_root(0, vec![], 0), Want::Refused(422, ErrorCode::Checkpoint)),
        case("a proof from 0", None, proofs(0, vec![wrong], 9), Want::Refused(422, ErrorCode::Consistency)),
        case("a proof from 0 to 0", None, proofs(0, vec![wrong], 0), Want::Refused(422, ErrorCode::Consistency)),
        case("no proof", Some(6), proofs(6, vec![], 9), Want::Refused(422, ErrorCode::Consistency)),
        case("a wrong proof", Some(6), proofs(6, vec![wrong; 4], 9), Want::Refused(422, ErrorCode::Consistency)),
        case(
            "another sizes' proof",
            Some(6),
            proofs(6, log.proof(5, 9), 9),
            Want::Refused(422, ErrorCode::Consistency),
        ),
        case("63 proof lines", Some(6), proofs(6, vec![wrong; 63], 9), Want::Refused(422, ErrorCode::Consistency)),
        case("another root", Some(6), other_root(6, log.proof(6, 9), 9), Want::Refused(422, ErrorCode::Consistency)),
        case(
            "the same size and a proof",
            Some(9),
            proofs(9, vec![wrong], 9),
            Want::Refused(422, ErrorCode::Consistency),
        ),
        case("the same size, another root", Some(9), other_root(9, vec![], 9), Want::Refused(422, ErrorCode::LogFork)),
        // Two faults: the first of the checks answers.
        case(
            "malformed, unknown",
            None,
            with_text(log, 0, vec![wrong; 64], &checkpoint_text("nobody.example", 9, &wrong)),
            malformed(),
        ),
        case("extension, unknown", None, with_text(log, 0, vec![], "nobody.example\n9\nx\ny\n"), bad_checkpoint()),
        case(
            "unknown, old above",
            None,
            with_text(log, 99, vec![], &checkpoint_text("nobody.example", 9, &wrong)),
            Want::Refused(404, ErrorCode::LogUnknown),
        ),
        case("unsigned, old above", Some(9), with_signers_old(log, 10, 9), Want::Refused(403, ErrorCode::NoteUnsigned)),
        case(
            "old above, not recorded",
            Some(4),
            with_text(log, 9, vec![], &log.text(6)),
            Want::Refused(400, ErrorCode::TreeRange),
        ),
        case("not recorded, size 0 with a root", Some(6), other_root(0, vec![], 0), Want::Size(6)),
        case("not recorded, wrong proof", Some(6), proofs(5, vec![wrong], 9), Want::Size(6)),
        case(
            "size 0 with a root, a proof",
            None,
            other_root(0, vec![wrong], 0),
            Want::Refused(422, ErrorCode::Checkpoint),
        ),
        case(
            "the same size, another root, a proof",
            Some(9),
            other_root(9, vec![wrong], 9),
            Want::Refused(422, ErrorCode::Consistency),
        ),
    ]
}

fn with_signers_old(log: &TestLog, old: u64, size: u64) -> Vec<u8> {
    let checkpoint = signed(&log.text(size), &[stranger()]);
    AddCheckpoint { old, proof: Vec::new(), checkpoint }.to_text().into_bytes()
}

#[test]
fn every_case_has_its_status_body_and_type() {
    let names: Vec<String> = (0..cases(&TestLog::new("x", 10)).len()).map(|n| format!("log {n} 柳溪村 A+B")).collect();
    let logs: Vec<TestLog> = names.iter().map(|n| TestLog::keyed(n, "keys.example/log", 10)).collect();
    let bench = Bench::following(&logs.iter().collect::<Vec<_>>());
    let client = bench.witness.client();
    let mut wrong = Vec::new();
    for (n, log) in logs.iter().enumerate() {
        let Case { name, recorded, body, want } = cases(log).swap_remove(n);
        if let Some(size) = recorded {
            let first = ask(&client, "", log.request(0, size).to_text().as_bytes());
            cosigned(&first, &log.text(size), &bench.keys);
        }
        let answer = ask(&client, "", &body);
        let (status, kind, text) = seen(&answer);
        let expected = match &want {
            Want::Cosigned => {
                let request = AddCheckpoint::parse(&body).expect("a request");
                let (lines, _) = cosigned(&answer, request.checkpoint.text(), &bench.keys);
                (200, TEXT, write_cosignatures(&lines))
            }
            Want::Size(size) => (409, "text/x.tlog.size", format!("{size}\n")),
            Want::Refused(status, code) => {
                (*status, TEXT, format!("{} {} · {}\n", code.as_str(), code.zh(), code.en()))
            }
        };
        if (status, kind.as_str(), &text) != (expected.0, expected.1, &expected.2) {
            wrong.push(format!("{name}: {status} {kind} {text:?}, not {expected:?}"));
        }
        // Only what was cosigned is recorded.
        let after = if want == Want::Cosigned { Some(AddCheckpoint::parse(&body).expect("request")) } else { None };
        let served = client.get(&format!("/{}/checkpoint", log.hash()));
        let text = after.map(|r| r.checkpoint.text().to_string()).or(recorded.map(|size| log.text(size)));
        match text {
            Some(text) => {
                assert!(seen(&served).2.starts_with(&format!("{text}\n\u{2014} ")), "{name}: {:?}", seen(&served))
            }
            None => assert_eq!(served.status, 404, "{name}"),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The request of the specification's text, about a log that nobody here has the keys of.
#[test]
fn the_example_of_the_specification_is_read() {
    let vectors = crate::support::repository().join("schema/vectors/log/witness-requests-from-outside.json");
    let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(vectors).expect("file")).expect("JSON");
    let request = vectors["cases"][0]["input"]["request"].as_str().expect("request").as_bytes();
    let log = TestLog::new("example.com/behind-the-sofa", 1);
    let bench = Bench::following(&[]);
    let client = bench.witness.client();
    assert_eq!(ask(&client, "", request).status, 404);
    // Followed with another key: none of its two signatures counts.
    list(&bench.witness.data, &[&log], OFTEN);
    assert_eq!(ask(&client, "", request).status, 403);
}

#[test]
fn a_log_may_change_its_keys_and_have_two_kinds_of_them() {
    let old = TestLog::new("log.example", 10);
    let both = TestLog::new("log.example", 10).with_mldsa();
    let new = TestLog::keyed("log.example", "log.example/2027", 10);
    let bench = Bench::following(&[&old]);
    let client = bench.witness.client();
    cosigned(&ask(&client, "", old.request(0, 2).to_text().as_bytes()), &old.text(2), &bench.keys);
    // An ML-DSA-44 line by a key that is not listed is ignored, and not served on.
    cosigned(&ask(&client, "", both.request(2, 3).to_text().as_bytes()), &old.text(3), &bench.keys);
    let served = |keys: &TestLog| {
        let note = client.get(&format!("/{}/checkpoint", old.hash())).body;
        let known = [keys.vkeys(), bench.keys.clone()].concat();
        let opened = open(&note, &known).expect("a note");
        (opened.verified.len(), opened.unverified.len())
    };
    assert_eq!(served(&old), (3, 0));
    // Overlap, then only the new key.
    list(&bench.witness.data, &[&both, &new], OFTEN);
    cosigned(&ask(&client, "", both.request(3, 4).to_text().as_bytes()), &old.text(4), &bench.keys);
    assert_eq!(served(&both), (4, 0));
    cosigned(&ask(&client, "", new.request(4, 5).to_text().as_bytes()), &old.text(5), &bench.keys);
    list(&bench.witness.data, &[&new], OFTEN);
    assert_eq!(ask(&client, "", both.request(5, 6).to_text().as_bytes()).status, 403);
    cosigned(&ask(&client, "", new.request(5, 6).to_text().as_bytes()), &old.text(6), &bench.keys);
    assert_eq!(served(&new), (3, 0));
}

#[test]
fn monitors_read_what_was_cosigned() {
    let log = TestLog::keyed("Village Hall 柳溪村", "hall.example", 10);
    let bench = Bench::following(&[&log]);
    let client = bench.witness.client();
    let path = format!("/{}/checkpoint", log.hash());
    assert_eq!(client.get(&path).status, 404);
    let answer = ask(&client, "", log.request(0, 10).to_text().as_bytes());
    let (lines, _) = cosigned(&answer, &log.text(10), &bench.keys);
    let mut note = log.note(10);
    lines.into_iter().for_each(|line| note.add(line));
    let served = client.get(&path);
    assert_eq!(seen(&served), (200, TEXT.to_string(), note.to_text()));
    assert_eq!(served.header("access-control-allow-origin"), Some("*"));
    assert_eq!(served.header("cache-control"), Some("no-cache"));
    let head = client.send("HEAD", &path, &[("accept-encoding", "identity")]);
    assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, Some(TEXT), 0));
    for nothing in
        ["/checkpoint", "/x/checkpoint", "/evidence/x.txt", "/evidence/..%2Fwitness.key", "/add-checkpoint/x"]
    {
        assert_eq!(client.get(nothing).status, 404, "{nothing}");
    }
    assert_eq!(client.get(&path.to_uppercase().replace("CHECKPOINT", "checkpoint")).status, 404);
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(client.send(method, "/add-checkpoint", &[]).status, 405, "{method}");
    }
    assert_eq!(Client::new(&bench.witness.url).post(&path, TEXT, b"").status, 405);
}

#[test]
fn more_than_the_list_allows_is_sent_away_for_a_while() {
    let log = TestLog::new("log.example", 100);
    let bench = Bench::following(&[&log]);
    list(&bench.witness.data, &[&log], 1);
    let client = bench.witness.client();
    cosigned(&ask(&client, "", log.request(0, 1).to_text().as_bytes()), &log.text(1), &bench.keys);
    // Anyone may send a public checkpoint again, and uses up an allowance of its own.
    let again = log.request(1, 1).to_text().into_bytes();
    let answers: Vec<_> = (0..11).map(|_| ask(&client, "", &again)).collect();
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [[200; 10].as_slice(), &[429]].concat());
    let busy = ErrorCode::Busy;
    let body = format!("{} {} · {}\n", busy.as_str(), busy.zh(), busy.en());
    assert_eq!(seen(&answers[10]), (429, TEXT.to_string(), body));
    let wait: u64 = answers[10].header("retry-after").expect("retry-after").parse().expect("seconds");
    assert!((80_000..=86_400).contains(&wait), "{wait}");
    // The log itself goes on growing until its own is used up; a refusal costs nothing.
    let grow = |from: u64| ask(&client, "", log.request(from, from + 1).to_text().as_bytes()).status;
    let statuses: Vec<u16> = (1..11).map(grow).collect();
    assert_eq!(statuses, [[200; 9].as_slice(), &[429]].concat());
    assert_eq!(ask(&client, "", &again).status, 409);
    list(&bench.witness.data, &[&log], OFTEN);
    assert_eq!(grow(10), 200);
}

/// The empty tree is the same for all logs: a signature over it is not one over another log's.
#[test]
fn the_empty_tree_of_one_log_is_not_anothers() {
    let (one, two) = (TestLog::new("one.example", 1), TestLog::new("two.example", 1));
    let bench = Bench::following(&[&one, &two]);
    let client = bench.witness.client();
    cosigned(&ask(&client, "", one.request(0, 0).to_text().as_bytes()), &one.text(0), &bench.keys);
    let text = checkpoint_text("two.example", 0, &EMPTY);
    let foreign = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint: signed(&text, &one.signers) };
    assert_eq!(ask(&client, "", foreign.to_text().as_bytes()).status, 403);
    assert_eq!(client.get(&format!("/{}/checkpoint", two.hash())).status, 404);
}
