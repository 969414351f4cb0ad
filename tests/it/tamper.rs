//! A receipt with one byte changed is never good: exit 3 with the check named; a broken container is 9, with the place.

use std::fs;
use std::path::PathBuf;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::json::{Bytes, to_canonical};
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::dsse::Envelope;
use sanwu_schema::record::statement::Role;
use sanwu_schema::verify::{CheckState, Input, State, Verdict, verify};
use tempfile::TempDir;

use crate::support::{Ran, Site, sanwu};

/// The receipt of a published month, and the trust file to check it with.
struct Receipt {
    dir: TempDir,
    bundle: Bundle,
    trust: Vec<u8>,
}

impl Receipt {
    fn new() -> Self {
        let site = Site::new();
        // Entries on both sides, so that every proof has hashes.
        site.notices(3);
        let month = site.village.draft(&site.client, &site.village.month(site.village.january()));
        let index = site.village.publish(&site.client, month);
        site.notices(4);
        crate::support::published(&site.client, index + 8);
        let bundle = Bundle::parse(&site.bundle(index)).expect("bundle");
        let trust = site.trust();
        fs::write(site.dir.path().join("trust.json"), &trust).expect("trust file");
        let Site { node, dir, .. } = site;
        drop(node);
        Self { dir, bundle, trust }
    }

    fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join("receipt.json");
        fs::write(&path, bytes).expect("receipt");
        path
    }

    /// `sanwu verify` on these bytes, without a network.
    fn verify(&self, bytes: &[u8]) -> Ran {
        self.write(bytes);
        sanwu(self.dir.path(), &["verify", "receipt.json", "--trust", "trust.json", "--offline", "--json"])
    }

    /// A changed copy, its verdict, and the checks that say "mismatch".
    fn changed(&self, change: impl FnOnce(&mut Bundle)) -> Vec<u8> {
        let mut bundle = self.bundle.clone();
        change(&mut bundle);
        let bytes = to_canonical(&bundle);
        assert_ne!(bytes, to_canonical(&self.bundle), "nothing was changed");
        bytes
    }

    fn verdict(&self, bundle: &Bundle) -> Verdict {
        let bytes = to_canonical(bundle);
        verify(&Input { bundle: &bytes, trust: Some(&self.trust), ..Input::default() })
            .expect("the container is whole")
            .verdict
    }
}

fn flip(bytes: &mut [u8], at: usize) {
    bytes[at] ^= 0x01;
}

fn flip_hash(hash: &mut Hash) {
    flip(&mut hash.0, 13);
}

fn in_envelope(entry: &mut Bytes, change: impl FnOnce(&mut Envelope)) {
    let mut envelope = Envelope::parse(&entry.0).expect("envelope");
    change(&mut envelope);
    entry.0 = envelope.to_bytes();
}

/// Where a text begins in the bytes.
fn place(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).position(|w| w == text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
}

type Change = (String, &'static str, Box<dyn FnOnce(&mut Bundle)>);

fn changes(bundle: &Bundle) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    let mut add = |what: String, check, change: Box<dyn FnOnce(&mut Bundle)>| all.push((what, check, change));

    for member in
        ["\"seq\":", "\"prev\":\"sha256:", "\"kind\":\"", "\"period\":\"", "\"issued_at\":\"", "\"digest\":\"sha256:"]
    {
        let change = move |b: &mut Bundle| {
            in_envelope(&mut b.entry, |e| {
                let at = place(&e.payload, member) + member.len();
                flip(&mut e.payload, at);
            });
        };
        add(format!("statement, {member}"), "content.sig", Box::new(change));
    }
    let signatures = Envelope::parse(&bundle.entry.0).expect("envelope").signatures.len();
    assert!(signatures >= 2, "a month is signed by several");
    for n in 0..signatures {
        for at in [3, 40] {
            let change = move |b: &mut Bundle| in_envelope(&mut b.entry, |e| flip(&mut e.signatures[n].sig.0, at));
            add(format!("signature {n}, byte {at}"), "content.sig", Box::new(change));
        }
    }
    add(
        "a signature less".into(),
        "content.sig",
        Box::new(|b| in_envelope(&mut b.entry, |e| drop(e.signatures.pop()))),
    );
    add(
        "signatures in another order".into(),
        "content.sig",
        Box::new(|b| in_envelope(&mut b.entry, |e| e.signatures.reverse())),
    );
    let body = bundle.body.as_ref().expect("body").0.len();
    for at in [0, body / 2, body - 1] {
        add(
            format!("body, byte {at}"),
            "content.sig",
            Box::new(move |b| flip(&mut b.body.as_mut().expect("body").0, at)),
        );
    }
    assert!(bundle.inclusion.len() >= 3 && !bundle.seen.is_empty());
    for n in 0..bundle.inclusion.len() {
        add(format!("inclusion {n}"), "log.inclusion", Box::new(move |b| flip_hash(&mut b.inclusion[n])));
    }
    add("an inclusion hash less".into(), "log.inclusion", Box::new(|b| b.inclusion.truncate(b.inclusion.len() - 1)));
    add("an inclusion hash more".into(), "log.inclusion", Box::new(|b| b.inclusion.push(Hash::digest(b""))));
    add("another index".into(), "log.inclusion", Box::new(|b| b.index += 1));
    for n in 0..bundle.seen.len() {
        add(format!("seen {n}"), "log.inclusion", Box::new(move |b| flip_hash(&mut b.seen[n])));
    }

    let note = bundle.checkpoint.0.clone();
    let lines: Vec<usize> =
        std::iter::once(0).chain(note.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(n, _)| n + 1)).collect();
    let signature =
        lines[4] + "— ".len() + note[lines[4] + "— ".len()..].iter().position(|b| *b == b' ').expect("name") + 1;
    for (what, at) in [
        ("checkpoint, origin", lines[0]),
        ("checkpoint, size", lines[1]),
        ("checkpoint, root", lines[2] + 5),
        ("log signature, R", signature + 20),
        ("log signature, S", signature + 60),
    ] {
        // Stays base64, and a digit a digit.
        let change = move |b: &mut Bundle| {
            let byte = &mut b.checkpoint.0[at];
            *byte = match *byte {
                b'a' | b'A' | b'0' => *byte + 1,
                b'b'..=b'z' | b'B'..=b'Z' | b'1'..=b'9' => *byte - 1,
                _ => b'x',
            };
        };
        add(what.into(), "log.inclusion", Box::new(change));
    }

    // A line under another name or key id is by nobody known and ignored: the log's other signature still holds.
    // All of them changed, nobody known has signed.
    for (what, after) in [("log signatures, name", "— "), ("log signatures, key id", " ")] {
        let change = move |b: &mut Bundle| {
            let note = String::from_utf8(b.checkpoint.0.clone()).expect("a note");
            let (text, signatures) = note.split_once("\n\n").expect("signatures");
            let spoil = |line: &str| {
                let at = if after == " " { line.rfind(' ').expect("a space") + 1 } else { after.len() };
                let (before, rest) = line.split_at(at);
                let first = if rest.starts_with('x') { 'y' } else { 'x' };
                format!("{before}{first}{}\n", &rest[1..])
            };
            let signatures: String = signatures.lines().map(spoil).collect();
            b.checkpoint.0 = format!("{text}\n\n{signatures}").into_bytes();
        };
        add(what.into(), "log.inclusion", Box::new(change));
    }

    assert!(!bundle.grants.is_empty());
    for n in 0..bundle.grants.len() {
        add(
            format!("grant {n}, statement"),
            "approval.quorum",
            Box::new(move |b| {
                in_envelope(&mut b.grants[n].entry, |e| {
                    let at = place(&e.payload, "\"holder\":\"") + 10;
                    let byte = &mut e.payload[at];
                    *byte = if *byte == b'0' { b'1' } else { b'0' };
                });
            }),
        );
        add(
            format!("grant {n}, signature"),
            "approval.quorum",
            Box::new(move |b| {
                in_envelope(&mut b.grants[n].entry, |e| flip(&mut e.signatures[0].sig.0, 9));
            }),
        );
        add(
            format!("grant {n}, inclusion"),
            "approval.quorum",
            Box::new(move |b| flip_hash(&mut b.grants[n].inclusion[0])),
        );
        add(format!("grant {n}, index"), "approval.quorum", Box::new(move |b| b.grants[n].index += 1));
    }
    add("no grants".into(), "content.sig", Box::new(|b| b.grants.clear()));
    add(
        "ring, a holder".into(),
        "approval.quorum",
        Box::new(|b| {
            b.ring.keys[0].holder = sanwu_tests::village::holder("somebody else");
        }),
    );
    add(
        "ring, a role".into(),
        "approval.quorum",
        Box::new(|b| b.ring.keys[0].roles = vec![Role::Township, Role::TownshipCivil]),
    );
    add("ring, a grant".into(), "approval.quorum", Box::new(|b| flip_hash(&mut b.ring.keys[0].grant.0)));
    add("ring, a key less".into(), "approval.quorum", Box::new(|b| drop(b.ring.keys.pop())));
    add(
        "catalogue".into(),
        "approval.quorum",
        Box::new(|b| b.catalogue.as_mut().expect("catalogue").items[0].days += 1),
    );
    add("profile".into(), "approval.quorum", Box::new(|b| b.profile.as_mut().expect("profile").display_days += 1));
    all
}

#[test]
fn a_changed_receipt_does_not_match_and_the_check_is_named() {
    let receipt = Receipt::new();
    let good = receipt.verify(&to_canonical(&receipt.bundle)).exits(0).json();
    assert_eq!((good["ok"].as_bool(), good["verdict"].as_str()), (Some(true), Some("ok")));

    let mut wrong = Vec::new();
    let all = changes(&receipt.bundle);
    let count = all.len();
    for (what, check, change) in all {
        let ran = receipt.verify(&receipt.changed(change));
        let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let checks = document["records"][0]["verdict"]["checks"].as_array().cloned().unwrap_or_default();
        let named: Vec<&str> =
            checks.iter().filter(|c| c["state"] == "mismatch").filter_map(|c| c["code"].as_str()).collect();
        if ran.code != 3 || document["exit"] != 3 || document["ok"] != false || !named.contains(&check) {
            wrong.push(format!("{what}: exit 3 and {check} expected, got {} {named:?} {}", ran.code, ran.stderr));
        }
    }
    assert!(count >= 40, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_broken_container_is_an_input_error_with_its_place() {
    let receipt = Receipt::new();
    let good = String::from_utf8(to_canonical(&receipt.bundle)).expect("UTF-8");
    let broken: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("cut off", good.as_bytes()[..good.len() / 2].to_vec()),
        ("the last byte is missing", good.as_bytes()[..good.len() - 1].to_vec()),
        ("something after the end", format!("{good}}}").into_bytes()),
        ("not JSON", b"receipt".to_vec()),
        ("not UTF-8", [good.as_bytes(), &[0xff]].concat()),
        ("an array", b"[]".to_vec()),
        ("another format", good.replacen("sanwu-bundle-v1", "sanwu-bundle-v9", 1).into_bytes()),
        ("an unknown member", good.replacen('{', "{\"extra\":1,", 1).into_bytes()),
        ("a member twice", good.replacen("\"index\":", "\"index\":1,\"index\":", 1).into_bytes()),
        ("a member less", good.replacen("\"index\":", "\"indez\":", 1).into_bytes()),
        ("a member of another type", good.replacen("\"index\":", "\"index\":true,\"x\":", 1).into_bytes()),
        (
            "a digest in upper case",
            good.replacen("\"inclusion\":[\"sha256:", "\"inclusion\":[\"SHA256:", 1).into_bytes(),
        ),
        ("base64 without padding", good.replacen("=\"", "\"", 1).into_bytes()),
        ("5 MiB", format!("{good}{}", " ".repeat(5 << 20)).into_bytes()),
    ];
    let mut wrong = Vec::new();
    for (what, bytes) in broken {
        let ran = receipt.verify(&bytes);
        let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let place = document["error"]["place"].as_str().unwrap_or_default();
        if ran.code != 9 || document["exit"] != 9 || document["ok"] != false || place.is_empty() {
            wrong.push(format!("{what}: exit 9 with a place expected, got {} {place:?} {}", ran.code, ran.stderr));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_is_trusted_decides() {
    let receipt = Receipt::new();
    let bytes = to_canonical(&receipt.bundle);
    receipt.write(&bytes);
    let dir = receipt.dir.path();
    // Without a trust file nothing is concluded, neither good nor bad.
    let none = sanwu(dir, &["verify", "receipt.json", "--offline", "--json"]).exits(6).json();
    assert_eq!(none["verdict"], "cannot");
    // With another log's it is another log's receipt.
    let trust = String::from_utf8(receipt.trust.clone()).expect("UTF-8");
    let other = Site::new().trust();
    fs::write(dir.join("other.json"), other).expect("file");
    let ran = sanwu(dir, &["verify", "receipt.json", "--trust", "other.json", "--offline", "--json"]).exits(3);
    assert_eq!(ran.json()["verdict"], "mismatch");
    fs::write(dir.join("broken.json"), &trust[..trust.len() / 2]).expect("file");
    sanwu(dir, &["verify", "receipt.json", "--trust", "broken.json", "--offline"]).exits(9);
    sanwu(dir, &["verify", "receipt.json", "--trust", "absent.json", "--offline"]).exits(5);
    sanwu(dir, &["verify", "absent.json", "--trust", "trust.json", "--offline"]).exits(5);
}

/// Every seventh byte of everything that is signed or proved.
#[test]
fn no_byte_can_be_changed() {
    let receipt = Receipt::new();
    let good = receipt.verdict(&receipt.bundle);
    assert_eq!(good.state, State::Ok, "{good:?}");
    let note = &receipt.bundle.checkpoint.0;
    let signatures = note.windows(2).position(|two| two == b"\n\n").expect("signatures");
    let lines = note[signatures + 2..].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    let (mut tried, mut passed_over, mut wrong) = (0, 0, Vec::new());
    let mut try_all = |what: &str, length: usize, bytes: &dyn Fn(&mut Bundle) -> &mut [u8]| {
        for at in (0..length).step_by(7) {
            for mask in [0x01, 0x20] {
                let mut bundle = receipt.bundle.clone();
                bytes(&mut bundle)[at] ^= mask;
                let verdict = receipt.verdict(&bundle);
                tried += 1;
                let named = verdict.checks.iter().any(|c| c.state == CheckState::Mismatch && c.error.is_some());
                // A signature line that is by nobody known any more is ignored; the log's other one still holds.
                if what == "checkpoint" && at > signatures && verdict == good {
                    passed_over += 1;
                    continue;
                }
                if verdict.state != State::Mismatch || !named {
                    wrong.push(format!("{what}, byte {at} ^ {mask:#x}: {}", verdict.state));
                }
            }
        }
    };
    try_all("entry", receipt.bundle.entry.0.len(), &|b| &mut b.entry.0);
    try_all("checkpoint", receipt.bundle.checkpoint.0.len(), &|b| &mut b.checkpoint.0);
    try_all("body", receipt.bundle.body.as_ref().expect("body").0.len(), &|b| &mut b.body.as_mut().expect("body").0);
    for n in 0..receipt.bundle.grants.len() {
        try_all("grant", receipt.bundle.grants[n].entry.0.len(), &|b| &mut b.grants[n].entry.0);
    }
    for n in 0..receipt.bundle.inclusion.len() {
        try_all("inclusion", 32, &|b| &mut b.inclusion[n].0);
    }
    assert!(tried > 1_000, "{tried}");
    // Names, ids and the dash of some 50 bytes a line, each seventh byte in two ways.
    assert!(passed_over <= lines * 2 * 8, "{passed_over}");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whichever byte of the file is changed, nothing else is told than before. Names are beside what the signers
/// signed: where they do not fit, they are left out.
#[test]
fn no_byte_of_the_file_makes_it_tell_something_else() {
    let receipt = Receipt::new();
    let file = to_canonical(&receipt.bundle);
    let good = receipt.verdict(&receipt.bundle);
    let without_names = |verdict: &Verdict| {
        let mut verdict = verdict.clone();
        verdict.signers.iter_mut().for_each(|s| (s.name, s.office) = (None, None));
        to_canonical(&verdict)
    };
    let (mut told, mut wrong) = (0, Vec::new());
    for at in (0..file.len()).step_by(61) {
        let mut bytes = file.clone();
        bytes[at] ^= 0x01;
        match verify(&Input { bundle: &bytes, trust: Some(&receipt.trust), ..Input::default() })
            .map(|outcome| outcome.verdict)
        {
            Err(error) if !error.place.is_empty() => {}
            Ok(verdict) if verdict.state == State::Mismatch => {}
            Ok(verdict)
                if without_names(&verdict) == without_names(&good)
                    && verdict.signers.iter().zip(&good.signers).all(|(a, b)| a.name.is_none() || a.name == b.name) =>
            {
                told += 1;
            }
            other => wrong.push(format!("byte {at}: {other:.300?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: usize = receipt.bundle.grants.iter().filter_map(|g| g.body.as_ref()).map(|b| b.0.len()).sum();
    assert!(told <= names * 4 / 3 / 61 + 1, "{told} changed files are good, but the names have only {names} bytes");
}
