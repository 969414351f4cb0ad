//! What the golden vectors know: keys, notes, policies, bundles. A signature that verifies over anything else
//! would be a forgery.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::statement::Role;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::{leaf_hash, verify_inclusion};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::tlog::witness::Recorded;
use sanwu_schema::verify::trust::Trust;
use sanwu_schema::verify::{Input, Verdict, verify};
use serde_json::Value;

/// One file of vectors.
macro_rules! vectors {
    ($($path:literal),+ $(,)?) => {
        &[$( include_str!(concat!("../../../schema/vectors/", $path)) ),+]
    };
}

/// Notes, keys, policies, proofs.
const LOG: &[&str] = vectors![
    "log/checkpoints-from-outside.json",
    "log/checkpoints.json",
    "log/consistency-proofs.json",
    "log/cosignatures-from-outside.json",
    "log/cosignatures.json",
    "log/inclusion-proofs.json",
    "log/notes-from-outside.json",
    "log/notes.json",
    "log/policies-from-outside.json",
    "log/policy-and-checkpoint.json",
    "log/policy-texts.json",
    "log/proof-files-from-outside.json",
    "log/proof-files.json",
    "log/the-examples-of-format-md.json",
    "log/tile-paths.json",
    "log/type-0x06-from-outside.json",
    "log/type-0x06.json",
    "log/verifier-keys-from-outside.json",
    "log/verifier-keys.json",
    "log/witness-requests-from-outside.json",
    "log/witness-requests.json",
];
const BUNDLES: &[&str] = vectors!["bundle.json"];
const ENTRIES: &[&str] = vectors!["entry.json"];

/// A golden vector.
pub struct Case {
    /// What is done with the input.
    pub op: String,
    /// The members of the input.
    pub input: Value,
    /// What has to come of it.
    pub expect: Value,
}

impl Case {
    /// A text of the input.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.input[name].as_str()
    }
}

fn read(files: &[&str]) -> Vec<Case> {
    let files = files.iter().map(|file| serde_json::from_str::<Value>(file).expect("vectors"));
    let cases = files.flat_map(|mut file| {
        let table: Vec<String> = file["entries"].as_array().into_iter().flatten().filter_map(text_of).collect();
        let mut cases = std::mem::take(file["cases"].as_array_mut().expect("cases"));
        cases.iter_mut().for_each(|case| expand(&mut case["input"], &table));
        cases
    });
    let case = |mut case: Value| Case {
        op: case["op"].as_str().expect("op").to_owned(),
        input: case["input"].take(),
        expect: case["expect"].take(),
    };
    cases.map(case).collect()
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Replaces every `<n>` by text n of the file's table (`FORMAT.md`, "Vectors").
fn expand(value: &mut Value, table: &[String]) {
    match value {
        Value::String(text) if !table.is_empty() && text.contains('<') => {
            let mut out = String::new();
            for (number, part) in text.split('<').enumerate() {
                let shared =
                    part.split_once('>').and_then(|(n, rest)| Some((table.get(n.parse::<usize>().ok()?)?, rest)));
                match (number, shared) {
                    (0, _) => out.push_str(part),
                    (_, Some((shared, rest))) => {
                        out.push_str(shared);
                        out.push_str(rest);
                    }
                    (_, None) => {
                        out.push('<');
                        out.push_str(part);
                    }
                }
            }
            *text = out;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| expand(item, table)),
        Value::Object(members) => members.values_mut().for_each(|item| expand(item, table)),
        _ => {}
    }
}

/// The vectors of the log side.
pub static LOG_CASES: LazyLock<Vec<Case>> = LazyLock::new(|| read(LOG));
/// The vectors of whole bundles.
pub static BUNDLE_CASES: LazyLock<Vec<Case>> = LazyLock::new(|| read(BUNDLES));
/// The vectors of single entries.
pub static ENTRY_CASES: LazyLock<Vec<Case>> = LazyLock::new(|| read(ENTRIES));

/// The notes of the vectors, and everybody who signed them.
#[derive(Default)]
pub struct Notes {
    /// The keys, no two of one name and id.
    pub vkeys: Vec<Vkey>,
    /// The policies.
    pub policies: Vec<Policy>,
    /// Every text over which there is a signature anywhere in the vectors, good or bad.
    pub texts: BTreeSet<String>,
    /// The leaf hashes of proof files, and the indices of those leaves.
    pub leaves: BTreeMap<Hash, BTreeSet<u64>>,
    /// The logs that the witness of the vectors follows, by origin.
    pub followed: BTreeMap<String, Vec<Vkey>>,
    /// What it has recorded, in one vector or another.
    pub recorded: Vec<Recorded>,
}

pub static NOTES: LazyLock<Notes> = LazyLock::new(|| {
    let mut notes = Notes::default();
    let mut vkeys = Vec::new();
    for case in LOG_CASES.iter() {
        let given = case.input["vkeys"].as_array().into_iter().flatten().filter_map(Value::as_str);
        vkeys.extend(given.chain(case.text("vkey")).filter_map(|text| Vkey::parse(text).ok()));
        if let Some(policy) = case.text("policy").and_then(|text| Policy::parse(text).ok()) {
            vkeys.extend(policy.vkeys());
            notes.policies.push(policy);
        }
        if case.op == "cosignature.verify" {
            notes.texts.extend(case.text("text").map(str::to_owned));
        }
        let within = case.text("proof").or(case.text("request"));
        let note = case.text("note").or(within.and_then(|file| Some(file.split_once("\n\n")?.1)));
        let note = note.and_then(|note| Note::parse(note.as_bytes()).ok());
        notes.texts.extend(note.map(|note| note.text().to_owned()));
        if let (Some(leaf), Some(proof)) = (case.text("leaf_hash").and_then(Hash::from_base64), case.text("proof")) {
            let known = notes.leaves.entry(leaf).or_default();
            let index = proof.lines().find_map(|line| line.strip_prefix("index ")?.parse::<u64>().ok());
            known.extend(index.filter(|_| case.expect["ok"] == true));
        }
    }
    for case in LOG_CASES.iter().filter(|case| case.op == "witness.request") {
        for log in case.input["logs"].as_array().into_iter().flatten() {
            let keys = log["vkeys"].as_array().into_iter().flatten().filter_map(|key| Vkey::parse(key.as_str()?).ok());
            let known = notes.followed.entry(log["origin"].as_str().expect("origin").to_owned()).or_default();
            keys.for_each(|key| {
                if !known.contains(&key) {
                    known.push(key)
                }
            });
        }
        let (size, root) = (&case.input["recorded"]["size"], &case.input["recorded"]["root"]);
        let root = root.as_str().and_then(Hash::from_base64).expect("root");
        let recorded = Recorded { size: size.as_u64().expect("size"), root };
        if !notes.recorded.contains(&recorded) {
            notes.recorded.push(recorded);
        }
    }
    for vkey in vkeys {
        let taken = |known: &Vkey| known.name() == vkey.name() && known.key_id() == vkey.key_id();
        if !notes.vkeys.iter().any(taken) {
            notes.vkeys.push(vkey);
        }
    }
    notes
});

/// What a verdict may show of an entry, beside "checked".
#[derive(Default)]
pub struct Shown {
    /// Id, chain, kind, code, period, in words.
    pub facts: String,
    /// Who signs in which roles.
    pub signers: Vec<(KeyId, Vec<Role>)>,
    /// Names and offices of signers.
    pub names: BTreeSet<(KeyId, Option<String>, Option<String>)>,
    /// Titles.
    pub titles: BTreeSet<Option<String>>,
    /// The corrections.
    pub corrections: BTreeSet<Option<u64>>,
}

/// The log of the vectors, as its good bundles show it.
pub struct Log {
    /// The trust file of its clients.
    pub trust: String,
    /// Its keys.
    pub vkeys: Vec<Vkey>,
    /// Its bundles that verify under that trust file.
    pub good: Vec<Bundle>,
    /// What its key has signed: entries with their index. More than one at an index, since the vectors also tell
    /// of logs that took what they must not.
    pub entries: BTreeSet<(u64, Vec<u8>)>,
    /// What may be shown of those that have a good bundle of their own.
    pub shown: BTreeMap<(u64, Vec<u8>), Shown>,
}

pub static BUNDLES_LOG: LazyLock<Log> = LazyLock::new(|| {
    let trust = BUNDLE_CASES.iter().find_map(|case| case.text("trust")).expect("a trust file").to_owned();
    let pinned = Trust::parse(trust.as_bytes()).expect("a trust file");
    let mut log = Log {
        trust,
        vkeys: pinned.log_vkeys.clone(),
        good: Vec::new(),
        entries: BTreeSet::new(),
        shown: BTreeMap::new(),
    };
    for case in BUNDLE_CASES.iter() {
        let Ok(bundle) = Bundle::parse(case.text("bundle").unwrap_or_default().as_bytes()) else { continue };
        let Ok(opened) = pinned.open(&bundle.checkpoint.0) else { continue };
        let beside = bundle.grants.iter().chain(&bundle.correction).chain(&bundle.erasure);
        let beside = beside.map(|proved| (proved.index, &proved.entry.0, &proved.inclusion));
        for (index, entry, proof) in beside.chain([(bundle.index, &bundle.entry.0, &bundle.inclusion)]) {
            let Checkpoint { size, root, .. } = &opened.checkpoint;
            if verify_inclusion(index, *size, &leaf_hash(entry), proof, root).is_ok() {
                log.entries.insert((index, entry.clone()));
            }
        }
    }
    let good = |case: &&Case| {
        let state = case.expect["ok"]["state"].as_str().unwrap_or_default();
        case.text("trust") == Some(&log.trust) && state.starts_with("ok")
    };
    for case in BUNDLE_CASES.iter().filter(good) {
        let bytes = case.text("bundle").expect("bundle").as_bytes();
        let bundle = Bundle::parse(bytes).expect("a good bundle");
        let input = Input { bundle: bytes, trust: Some(log.trust.as_bytes()), ..Input::default() };
        let verdict = verify(&input).expect("a good bundle").verdict;
        let shown = log.shown.entry((bundle.index, bundle.entry.0.clone())).or_default();
        shown.facts = facts(&verdict);
        shown.signers = signers(&verdict);
        shown.names.extend(verdict.signers.iter().map(|s| (s.keyid, s.name.clone(), s.office.clone())));
        // A bundle without the grants' bodies names nobody.
        shown.names.extend(verdict.signers.iter().map(|s| (s.keyid, None, None)));
        shown.titles.insert(verdict.title);
        shown.corrections.extend([None, verdict.corrected_by]);
        log.good.push(bundle);
    }
    assert!(log.good.len() >= 20, "{} good bundles", log.good.len());
    log
});

/// What the statement says, in words.
pub fn facts(v: &Verdict) -> String {
    let (kind, chain) = (v.kind.map(|k| k.as_str()), v.chain.as_ref().map(|c| c.as_str()));
    let (code, period) = (v.code.as_ref().map(|c| c.as_str()), v.period.as_ref().map(|p| p.as_str()));
    format!("{:?} {chain:?} {kind:?} {code:?} {period:?}", v.id)
}

/// Who signs in which roles.
pub fn signers(v: &Verdict) -> Vec<(KeyId, Vec<Role>)> {
    v.signers.iter().map(|s| (s.keyid, s.roles.clone())).collect()
}
