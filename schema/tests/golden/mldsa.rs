//! Type 0x06: lines of notes signed with ML-DSA-44, by a log and by a witness, and bundles with such checkpoints. The
//! answer of a program that cannot check them is given beside that of one that can.

use sanwu_schema::crypto::hash::{Hash, b64_encode, hex_encode};
use sanwu_schema::crypto::suite::mldsa::{MlDsaSecretKey, SIGNATURE_BYTES};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{Bytes, to_text};
use sanwu_schema::tlog::checkpoint::Head;
use sanwu_schema::tlog::cosignature::{self, TIME_MAX, subtree_message};
use sanwu_schema::tlog::merkle::build::inclusion_proof;
use sanwu_schema::tlog::note::{Note, Signature};
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::tlog::vkey::{MLDSA44_COSIGNATURE, SignerKey, Vkey};
use sanwu_schema::verify::trust::RetiredKey;
use sanwu_schema::verify::{CheckCode, CheckState, State};
use serde_json::{Value, json};

use super::Group;
use super::bundle::{self, Ask, Says, fine, unopened, verdict};
use super::log_keys::changed_log;
use crate::support::village::{Cast, seed, with_chain};
use crate::support::world::{WITNESSED, World};

const TIME: u64 = 1_768_000_000;

/// A key of type 0x06, and what [`SignerKey`] does not do with it.
struct Key {
    signer: SignerKey,
    secret: MlDsaSecretKey,
}

impl Key {
    fn new(name: &str) -> Self {
        let seed = seed(&format!("{name}, type 0x06"));
        let signer = SignerKey::from_seed(name, MLDSA44_COSIGNATURE, seed).unwrap();
        Self { signer, secret: MlDsaSecretKey::from_seed(seed) }
    }

    fn vkey(&self) -> String {
        self.signer.vkey().to_string()
    }

    /// The line with these bytes after the key id.
    fn line(&self, bytes: Vec<u8>) -> String {
        let mut line = String::new();
        Signature::by(self.signer.vkey(), bytes).write_line(&mut line);
        line.trim_end().to_owned()
    }

    /// The bytes after the key id: a time, and a signature over any message.
    fn over(&self, time: u64, message: &[u8]) -> Vec<u8> {
        [&time.to_be_bytes()[..], &self.secret.sign(message).unwrap()].concat()
    }

    /// As [`cosignature::sign`], with any time.
    fn at(&self, time: u64, text: &str) -> Vec<u8> {
        let head = Head::parse(text).unwrap();
        self.over(time, &subtree_message(self.signer.vkey().name(), time, &head).unwrap())
    }
}

/// A checkpoint and the keys under it.
struct Desk {
    world: World,
    text: String,
    log: Key,
    witness: Key,
}

fn desk() -> Desk {
    let world = with_chain(&Cast::new());
    let text = format!("{}\n{}\n{}\n", world.origin, world.size(), world.root().to_base64());
    let log = Key::new(world.origin.as_str());
    Desk { world, text, log, witness: Key::new("w6.example") }
}

pub fn lines() -> Group {
    let mut group = Group::of_type_6("log/type-0x06");
    let desk = desk();
    cosignatures(&mut group, &desk);
    signatures(&mut group, &desk);
    notes(&mut group, &desk);
    policies(&mut group, &desk);
    signer_keys(&mut group, &desk);
    group
}

const COSIGNATURE: &str = "cosignature.verify";

fn cosignature(vkey: &str, text: &str, line: &str) -> Value {
    json!({ "vkey": vkey, "text": text, "line": line })
}

/// What is signed.
fn cosignatures(group: &mut Group, desk: &Desk) {
    let Desk { text, log, witness, .. } = desk;
    let mut ok = |name: &str, key: &Key, text: &str, time: u64| {
        group.ok(name, COSIGNATURE, cosignature(&key.vkey(), text, &key.line(key.at(time, text))), json!(time));
    };
    ok("a log's own line", log, text, TIME);
    ok("a witness's line", witness, text, TIME);
    ok("no time: no witness's statement, but a signature", log, text, 0);
    ok("the latest time", witness, text, TIME_MAX);
    ok("a log with a name of its own sort", witness, &text.replacen("sanwu.example/379999100", "go.sum 账", 1), TIME);
    ok("the empty tree", witness, &format!("o.example\n0\n{}\n", Hash::digest(b"").to_base64()), TIME);
    ok("a name of 255 bytes", &Key::new(&"n".repeat(255)), text, TIME);
    ok("an origin of 255 bytes", witness, &format!("{}\n1\n{}\n", "o".repeat(255), Hash([7; 32]).to_base64()), TIME);

    let head = Head::parse(text).unwrap();
    let message = |edit: &dyn Fn(&mut Head)| {
        let mut head = head.clone();
        edit(&mut head);
        subtree_message("w6.example", TIME, &head).unwrap()
    };
    let good = message(&|_| {});
    let mut no = |name: &str, bytes: Vec<u8>| {
        group.bad(name, COSIGNATURE, cosignature(&witness.vkey(), text, &witness.line(bytes)), ErrorCode::Signature);
    };
    let renamed = subtree_message("w7.example", TIME, &head).unwrap();
    no("signed under another name", witness.over(TIME, &renamed));
    no("signed with another time", witness.over(TIME + 1, &good));
    no("signed for another log", witness.over(TIME, &message(&|h| h.origin.push('1'))));
    no("signed for another size", witness.over(TIME, &message(&|h| h.size += 1)));
    no("signed for another root", witness.over(TIME, &message(&|h| h.root.0[31] ^= 1)));
    let start = good.len() - 48;
    let subtree = [&good[..start], &4u64.to_be_bytes(), &good[start + 8..]].concat();
    no("signed for a subtree that does not begin at 0", witness.over(TIME, &subtree));
    no("signed under another label", witness.over(TIME, &[b"mtc-", &good[..]].concat()));
    no("signed without the label", witness.over(TIME, &good[12..]));
    no("signed in the form of type 0x04", witness.over(TIME, cosignature::message(TIME, text).as_bytes()));
    no("signed in the form of type 0x01", witness.over(TIME, text.as_bytes()));
    no("a time above 2^63-1", witness.at(TIME_MAX + 1, text));
    no("another's signature", log.at(TIME, text));
    for (name, text, bytes) in [
        ("an extension line", format!("{text}extension\n"), witness.at(TIME, text)),
        ("a text that is no checkpoint", "no checkpoint\n".to_owned(), witness.at(TIME, text)),
        ("an origin of 256 bytes", text.replacen("sanwu", &"o".repeat(238), 1), witness.at(TIME, text)),
    ] {
        let input = cosignature(&witness.vkey(), &text, &witness.line(bytes));
        group.bad(name, COSIGNATURE, input, ErrorCode::Signature);
    }
    let long = Key::new(&"n".repeat(256));
    let input = cosignature(&long.vkey(), text, &long.line(witness.at(TIME, text)));
    group.bad("a name of 256 bytes", COSIGNATURE, input, ErrorCode::Signature);
}

/// How the signature is spelled: FIPS 204 `sigDecode`, and what its parts must be.
fn signatures(group: &mut Group, desk: &Desk) {
    let Desk { text, witness, .. } = desk;
    let good = witness.at(TIME, text);
    let hint = good.len() - 84;
    let mut no = |name: &str, edit: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        edit(&mut bytes);
        assert_ne!(bytes, good, "{name}");
        group.bad(name, COSIGNATURE, cosignature(&witness.vkey(), text, &witness.line(bytes)), ErrorCode::Signature);
    };
    no("a signature cut short", &|b| b.truncate(b.len() - 1));
    no("a byte more", &|b| b.push(0));
    no("a time and nothing more", &|b| b.truncate(8));
    no("less than a time", &|b| b.truncate(7));
    no("the length of type 0x04", &|b| b.truncate(72));
    no("a bit of the challenge", &|b| b[8] ^= 1);
    no("a bit of the response", &|b| b[1_000] ^= 0x20);
    no("a response that is too long", &|b| b[40..43].copy_from_slice(&[0, 0, 0]));
    no("a bit of the hint", &|b| b[hint] ^= 1);
    no("a hint with two places swapped", &|b| b.swap(hint, hint + 1));
    no("a hint with a place twice", &|b| b[hint + 1] = b[hint]);
    no("a hint with something behind it", &|b| b[hint + 79] = 1);
    no("a hint with more places than there may be", &|b| b[hint + 83] = 81);
    no("a hint whose ends go back", &|b| b.swap(hint + 80, hint + 83));
    let zeros = Vkey::new("w6.example", MLDSA44_COSIGNATURE, &[0; 1312]).unwrap();
    let mut line = String::new();
    Signature::by(&zeros, vec![0; 8 + SIGNATURE_BYTES]).write_line(&mut line);
    let input = cosignature(&zeros.to_string(), text, line.trim_end());
    group.bad("zeros under a key of zeros", COSIGNATURE, input, ErrorCode::Signature);
}

fn notes(group: &mut Group, desk: &Desk) {
    const OP: &str = "note.open";
    let Desk { world, text, log, .. } = desk;
    let ed25519 = world.cast.log_key(&world.origin);
    let name = world.origin.as_str();
    let own = cosignature::sign(&log.signer, text, TIME).unwrap();
    let note = |lines: &[&Signature]| {
        let mut note = Note::new(text.clone()).unwrap();
        note.sign(&ed25519).unwrap();
        let mut out = note.to_text();
        lines.iter().for_each(|line| line.write_line(&mut out));
        out
    };
    let input = |note: &str, vkeys: &[&str]| json!({ "note": note, "vkeys": vkeys });
    let opened = |verified: &[&str], unverified: usize| json!({ "ok": { "text": text, "verified": verified, "unverified": unverified } });
    let (old, new) = (ed25519.vkey().to_string(), log.vkey());
    let (both, twice) = (note(&[&own]), note(&[&own, &own]));
    group.case("a log signs twice", OP, input(&both, &[&old, &new]), opened(&[name, name], 0));
    group.without(opened(&[name], 1));
    group.case("a log signs twice: one key known", OP, input(&both, &[&old]), opened(&[name], 1));
    group.without(opened(&[name], 1));
    group.case("a log signs twice: only type 0x06 known", OP, input(&both, &[&new]), opened(&[name], 1));
    group.case("the same line twice", OP, input(&twice, &[&old, &new]), opened(&[name, name], 0));
    group.without(opened(&[name], 1));
    let mut bytes = own.bytes().to_vec();
    bytes[100] ^= 1;
    let wrong = Signature::by(log.signer.vkey(), bytes);
    let bad = note(&[&wrong]);
    group.bad(
        "a bad signature beside a good one refuses the note",
        OP,
        input(&bad, &[&old, &new]),
        ErrorCode::NoteSignature,
    );
    group.without(opened(&[name], 1));
    group.case("a bad signature by a key that is not known", OP, input(&bad, &[&old]), opened(&[name], 1));
    group.without(opened(&[name], 1));
    group.bad("a bad signature and no other", OP, input(&bad, &[&new]), ErrorCode::NoteSignature);
    let after = note(&[&own, &wrong]);
    group.case("a bad signature after a good one by the same key", OP, input(&after, &[&new]), opened(&[name], 1));
    group.bad(
        "a bad signature before a good one by the same key",
        OP,
        input(&note(&[&wrong, &own]), &[&new]),
        ErrorCode::NoteSignature,
    );
    group.bad(
        "type 0x06 known, but only type 0x01 has signed",
        OP,
        input(&note(&[]), &[&new]),
        ErrorCode::NoteUnsigned,
    );
    group.without(json!({ "error": "E-NOTE-UNSIGNED" }));

    // Any text may carry lines; of type 0x06 they are good under checkpoints only.
    let mut free = Note::new("Not a checkpoint.\n".to_owned()).unwrap();
    free.sign(&ed25519).unwrap();
    free.add(own);
    let free = free.to_text();
    group.bad("under a text that is no checkpoint", OP, input(&free, &[&old, &new]), ErrorCode::NoteSignature);
    group.without(json!({ "ok": { "text": "Not a checkpoint.\n", "verified": [name], "unverified": 1 } }));
}

fn policies(group: &mut Group, desk: &Desk) {
    const OP: &str = "policy.check";
    let Desk { world, text, log, witness } = desk;
    let ed25519 = world.cast.log_key(&world.origin);
    let [w1, _] = world.cast.witnesses();
    let note = |log_signs: bool, lines: &[Signature]| {
        let mut note = Note::new(text.clone()).unwrap();
        if log_signs {
            note.sign(&ed25519).unwrap();
        }
        lines.iter().for_each(|line| note.add(line.clone()));
        note.to_text()
    };
    let policy = format!(
        "log {}\nlog {}\nwitness w1 {}\nwitness w6 {}\ngroup both all w1 w6\nquorum both\n",
        ed25519.vkey(),
        log.vkey(),
        w1.vkey(),
        witness.vkey()
    );
    let input = |note: &str| json!({ "policy": policy, "note": note });
    let told = |satisfied: bool, signed: &[(&str, u64)], missing: &[&str]| {
        let signed: Vec<Value> = signed.iter().map(|(w, t)| json!({ "witness": w, "time": t })).collect();
        json!({ "ok": { "satisfied": satisfied, "signed": signed, "missing": missing } })
    };
    let first = cosignature::sign(&w1, text, TIME).unwrap();
    let sixth = cosignature::sign(&witness.signer, text, TIME + 5).unwrap();
    let own = cosignature::sign(&log.signer, text, TIME).unwrap();
    let timeless = |key: &Key| Signature::by(key.signer.vkey(), key.at(0, text));
    let (without_w6, all) = (told(false, &[("w1", TIME)], &["w6"]), told(true, &[("w1", TIME), ("w6", TIME + 5)], &[]));
    let both = note(true, &[own.clone(), first.clone(), sixth.clone()]);
    group.case("a witness of type 0x06 counts", OP, input(&both), all.clone());
    group.without(without_w6.clone());
    let late = note(true, &[first.clone(), timeless(witness)]);
    group.case("a witness that names no time does not count", OP, input(&late), without_w6.clone());
    group.without(without_w6.clone());
    let alone = note(false, &[own.clone(), first.clone(), sixth.clone()]);
    group.case("the log has signed with type 0x06 alone", OP, input(&alone), all.clone());
    let bare = note(false, &[timeless(log), first.clone(), sixth.clone()]);
    group.case("the log's line names no time", OP, input(&bare), all);
    let unsigned = note(false, &[first.clone(), sixth.clone()]);
    group.bad("witnesses alone", OP, input(&unsigned), ErrorCode::NoteUnsigned);
    group.without(json!({ "error": "E-NOTE-UNSIGNED" }));

    let logs = |keys: &[&Vkey]| {
        let texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
        json!([{ "origin": world.origin.as_str(), "vkeys": texts }])
    };
    let empty = json!({ "size": 0, "root": Hash::digest(b"").to_base64() });
    let request = |keys: &[&Vkey], note: &str| json!({ "request": format!("old 0\n\n{note}"), "logs": logs(keys), "recorded": empty });
    let head = json!({ "ok": { "status": 200, "origin": world.origin.as_str(), "size": world.size(), "root": world.root().to_base64() } });
    let refused = |code: &str| json!({ "ok": { "status": 403, "code": code } });
    let (old, new) = (ed25519.vkey(), log.signer.vkey());
    let ask = "witness.request";
    let twice = note(true, std::slice::from_ref(&own));
    group.case("a request by a log that signs twice", ask, request(&[old, new], &twice), head.clone());
    group.without(head.clone());
    let once = note(false, std::slice::from_ref(&own));
    group.case("a request by a log that signs with type 0x06 alone", ask, request(&[old, new], &once), head.clone());
    group.without(refused("E-SUITE"));
    let zero = note(false, &[timeless(log)]);
    group.case("a request with a log's line that names no time", ask, request(&[new], &zero), head);
    group.without(refused("E-SUITE"));
    group.case(
        "a request with a type 0x06 line that is another's",
        ask,
        request(&[old], &once),
        refused("E-NOTE-UNSIGNED"),
    );
    group.without(refused("E-NOTE-UNSIGNED"));

    let proof = TlogProof {
        index: 3,
        proof: inclusion_proof(3, world.size(), world.replayed()).unwrap(),
        checkpoint: Note::parse(both.as_bytes()).unwrap(),
    };
    let leaf = world.log[3].entry.leaf_hash().to_base64();
    let input = json!({ "policy": policy, "proof": proof.to_text(), "leaf_hash": leaf });
    group.ok("a proof file with lines of type 0x06", "tlog_proof.verify", input, json!(true));
    group.without(json!({ "error": "E-WITNESS-QUORUM" }));
}

fn signer_keys(group: &mut Group, desk: &Desk) {
    const OP: &str = "skey.parse";
    let text = desk.log.signer.to_text();
    group.ok("a signer key", OP, json!({ "text": text }), json!(desk.log.vkey()));
    let hex = hex_encode(&desk.log.signer.vkey().key_id());
    let other = text.replacen(&hex, "00000000", 1);
    group.bad("a signer key with another key's id", OP, json!({ "text": other }), ErrorCode::VkeyId);
    let seeded = |length: usize| {
        let key = b64_encode(&[&[MLDSA44_COSIGNATURE][..], &vec![9; length]].concat());
        json!({ "text": format!("PRIVATE+KEY+w6.example+{hex}+{key}") })
    };
    group.bad("a signer key with a seed of 31 bytes", OP, seeded(31), ErrorCode::Vkey);
    group.bad("a signer key with an expanded secret key", OP, seeded(2_560), ErrorCode::Vkey);
}

/// Bundles whose checkpoint has lines of type 0x06.
pub fn bundles() -> Group {
    let mut group = Group::of_type_6("bundle-0x06");
    let world = with_chain(&Cast::new());
    let (index, size) = (4, world.size());
    let text = format!("{}\n{size}\n{}\n", world.origin, world.root().to_base64());
    let old = world.cast.log_key(&world.origin);
    let Key { signer: new, .. } = Key::new(world.origin.as_str());
    let witness = Key::new("w6.example");
    let both = [old.clone(), new.clone()];
    let with = |checkpoint: String| {
        let mut bundle = world.bundle(index, size);
        bundle.checkpoint = Bytes(checkpoint.into_bytes());
        to_text(&bundle)
    };
    let trust = |keys: &[&SignerKey]| {
        world.trust_but(|t| t.log_vkeys = keys.iter().map(|key| key.vkey().to_string()).collect())
    };
    let suite = [
        (CheckCode::LogInclusion, CheckState::Cannot, Some(ErrorCode::Suite)),
        (CheckCode::WitnessQuorum, CheckState::Cannot, Some(ErrorCode::Suite)),
    ];
    let mut ask =
        |name: &str, bundle: &str, trust: &str, (state, says): (State, &[Says]), without: (State, &[Says])| {
            let ask = Ask { trust: Some(trust), ..Ask::default() };
            group.ok(name, bundle::OP, bundle::input(bundle, &ask), verdict(state, &ask, says));
            group.without(json!({ "ok": verdict(without.0, &ask, without.1) }));
        };
    let ok = (State::Ok, &fine()[..]);
    let signed = |keys: &[SignerKey]| with(world.checkpoint_by(keys, size, 2));
    ask("signed twice, both keys known", &signed(&both), &trust(&[&old, &new]), ok, ok);
    ask("signed twice, type 0x01 known", &signed(&both), &trust(&[&old]), ok, ok);
    ask("signed twice, type 0x06 known", &signed(&both), &trust(&[&new]), ok, (State::Cannot, &suite));
    let alone = signed(&both[1..]);
    ask("signed with type 0x06 alone", &alone, &trust(&[&old, &new]), ok, (State::Cannot, &suite));
    let no = unopened(ErrorCode::NoteUnsigned);
    let unsigned = (State::Mismatch, &no[..]);
    ask("signed with type 0x06 alone, type 0x01 known", &alone, &trust(&[&old]), unsigned, unsigned);
    let mut bytes = cosignature::sign(&new, &text, WITNESSED).unwrap().bytes().to_vec();
    bytes[2_000] ^= 4;
    let mut note = Note::parse(world.checkpoint_by(&both[..1], size, 2).as_bytes()).unwrap();
    note.add(Signature::by(new.vkey(), bytes));
    let bad = unopened(ErrorCode::NoteSignature);
    ask(
        "a bad line of type 0x06 beside a good one",
        &with(note.to_text()),
        &trust(&[&old, &new]),
        (State::Mismatch, &bad[..]),
        ok,
    );

    // A quorum of witnesses whose lines this or that program can check.
    let witnessed = |rule: &str| {
        world.trust_but(|t| {
            let [w1, _] = world.cast.witnesses();
            t.policy = vec![
                format!("witness w1 {}", w1.vkey()),
                format!("witness w6 {}", witness.vkey()),
                format!("group outside {rule} w1 w6"),
                "quorum outside".to_owned(),
            ];
        })
    };
    let mut note = Note::parse(world.checkpoint_by(&both[..1], size, 1).as_bytes()).unwrap();
    note.add(cosignature::sign(&witness.signer, &text, WITNESSED).unwrap());
    let seen = with(note.to_text());
    let missing = [(CheckCode::WitnessQuorum, CheckState::Partial, Some(ErrorCode::WitnessQuorum))];
    ask("a witness of type 0x06, one of two is asked for", &seen, &witnessed("any"), ok, ok);
    ask("a witness of type 0x06, both are asked for", &seen, &witnessed("all"), ok, (State::Partial, &missing));
    let mut note = Note::parse(world.checkpoint_by(&both[..1], size, 1).as_bytes()).unwrap();
    note.add(Signature::by(witness.signer.vkey(), witness.at(0, &text)));
    let timeless = with(note.to_text());
    let partial = (State::Partial, &missing[..]);
    ask("a witness of type 0x06 that names no time", &timeless, &witnessed("all"), partial, partial);

    // A dropped key of type 0x06 says nothing about later trees, and that needs no signature to be checked.
    let log = changed_log();
    let Key { signer: dropped, .. } = Key::new(log.world.origin.as_str());
    let [_, next] = &log.keys;
    let known = log.world.trust_but(|t| {
        t.log_vkeys = vec![next.vkey().to_string()];
        t.retired = Some(vec![RetiredKey { vkey: dropped.vkey().to_string(), size: log.dropped_at }]);
    });
    let to = |size: u64| {
        let mut bundle = log.world.bundle(5, size);
        bundle.checkpoint = Bytes(log.world.checkpoint_by(std::slice::from_ref(&dropped), size, 2).into_bytes());
        to_text(&bundle)
    };
    let last = to(log.dropped_at);
    ask(
        "a dropped key of type 0x06, the largest tree that it may have signed",
        &last,
        &known,
        ok,
        (State::Cannot, &suite),
    );
    ask("a dropped key of type 0x06, a larger tree", &to(log.dropped_at + 1), &known, unsigned, unsigned);
    group
}
