//! Where the corpus begins: the inputs of the golden vectors, each in the form that its target reads.

use sanwu_schema::crypto::hash::{Hash, b64_decode};
use sanwu_schema::kinds::Kind;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::entry::Entry;

use super::known::{BUNDLE_CASES, BUNDLES_LOG, Case, ENTRY_CASES, LOG_CASES};
use super::submission;

/// Bytes of a random seed of a target that reads numbers.
const SCRIPT_BYTES: usize = 160;
/// How many of those.
const SCRIPTS: u8 = 64;

/// Every seed with the name of its target.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds: Vec<(&str, Vec<u8>)> = Vec::new();
    for case in LOG_CASES.iter() {
        let texts = |names: &[&str]| names.iter().filter_map(|name| case.text(name)).collect::<Vec<_>>();
        for note in texts(&["note"]) {
            seeds.push(("note", note.into()));
            seeds.push(("checkpoint", note.into()));
        }
        if case.op == "checkpoint.parse" {
            seeds.extend(texts(&["text"]).into_iter().map(|text| ("checkpoint", text.into())));
        }
        for proof in texts(&["proof"]) {
            seeds.push(("tlog_proof", proof.into()));
            let note = proof.split_once("\n\n").map(|(_, note)| note);
            seeds.extend(note.into_iter().flat_map(|note| [("note", note.into()), ("checkpoint", note.into())]));
        }
        seeds.extend(texts(&["request"]).into_iter().map(|request| ("witness_request", request.into())));
        seeds.extend(texts(&["line"]).into_iter().map(|line| ("witness_request", format!("{line}\n").into_bytes())));
        seeds.extend(texts(&["path"]).into_iter().map(|path| ("tile_path", path.into())));
        seeds.extend(texts(&["policy"]).into_iter().map(|policy| ("trust", policy.into())));
        seeds.extend(merkle(case).map(|seed| ("tree", seed)));
    }
    for case in BUNDLE_CASES.iter() {
        seeds.extend(case.text("bundle").map(|bundle| ("bundle", bundle.into())));
        seeds.extend(case.text("trust").map(|trust| ("trust", trust.into())));
    }
    let entries = ENTRY_CASES.iter().filter_map(|case| b64_decode(case.text("entry")?));
    let entries = entries.chain(BUNDLES_LOG.entries.iter().map(|(_, entry)| entry.clone()));
    seeds.extend(entries.map(|entry| ("entry", entry)));
    seeds.extend(BUNDLES_LOG.good.iter().filter_map(body).map(|seed| ("body", seed)));
    seeds.extend(submission::seeds().into_iter().map(|seed| ("submission", seed)));
    for number in 0..SCRIPTS {
        let script: Vec<u8> = (0..SCRIPT_BYTES / 32).flat_map(|part| Hash::digest(&[number, part as u8]).0).collect();
        seeds.push(("bundle_edit", script.clone()));
        seeds.push(("tree", script));
    }
    seeds.sort();
    seeds.dedup();
    seeds
}

/// The body of a good bundle with the number of its kind before it.
fn body(bundle: &Bundle) -> Option<Vec<u8>> {
    let kind = Entry::parse(&bundle.entry.0).ok()?.statement.kind;
    let number = Kind::ALL.iter().position(|one| *one == kind)?;
    Some([&[u8::try_from(number).ok()?], bundle.body.as_ref()?.0.as_slice()].concat())
}

/// The numbers and hashes of a vector about proofs.
fn merkle(case: &Case) -> Option<Vec<u8>> {
    let number = |name: &str| case.input[name].as_u64().unwrap_or_default().to_le_bytes();
    let hash = |name: &str| case.text(name).and_then(Hash::from_base64);
    let (one, other, new) = match case.op.as_str() {
        "merkle.inclusion" => (hash("leaf")?, hash("root")?, number("size")),
        "merkle.consistency" => (hash("old_root")?, hash("new_root")?, number("new")),
        _ => return None,
    };
    let mut seed = [number("index"), number("old"), new].concat();
    seed.extend([one.0, other.0].concat());
    for hash in case.input["proof"].as_array()? {
        seed.extend(Hash::from_base64(hash.as_str()?)?.0);
    }
    Some(seed)
}
