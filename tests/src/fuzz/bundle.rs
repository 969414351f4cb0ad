//! Bundles and trust files: whatever the bytes, "checked" is said of nothing but what is in the log.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::json::{Bytes as Base64, from_canonical, to_canonical};
use sanwu_schema::lang::Lang;
use sanwu_schema::proof::bundle::{Bundle, Proved, Since};
use sanwu_schema::record::dsse::Envelope;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::verify::trust::Trust;
use sanwu_schema::verify::verdict_text::{Device, verdict_text};
use sanwu_schema::verify::{CheckCode, CheckState, Input, State, Verdict, verify};
use sanwu_schema::wasm;
use serde_json::Value;

use super::Bytes;
use super::known::{BUNDLES_LOG, Log, facts, signers};

/// Any bytes as a bundle.
pub fn bundle(data: &[u8]) {
    if let Ok(read) = Bundle::parse(data) {
        let again = to_canonical(&read);
        assert_eq!(Bundle::parse(&again).as_ref(), Ok(&read), "a bundle is read again as it was written");
    }
    judge(data);
}

/// A good bundle of the vectors (first byte), changed in its parts as the rest of the bytes say: what random
/// bytes never get past base64 and JSON to.
pub fn bundle_edit(data: &[u8]) {
    let mut bytes = Bytes(data);
    let good = &BUNDLES_LOG.good;
    let mut bundle = good[usize::from(bytes.u8()) % good.len()].clone();
    while !bytes.0.is_empty() {
        let other = &good[usize::from(bytes.u8()) % good.len()];
        edit(&mut bundle, other, &mut bytes);
    }
    judge(&to_canonical(&bundle));
}

/// Verifies, and compares what is said with what is known of the log.
fn judge(data: &[u8]) {
    let log = &*BUNDLES_LOG;
    let input = Input { bundle: data, trust: Some(log.trust.as_bytes()), ..Input::default() };
    let Ok(outcome) = verify(&input) else {
        let answer = wasm::answer(data, log.trust.as_bytes(), b"", br#"{"lang":"zh"}"#);
        let answer: Value = serde_json::from_slice(&answer).expect("the browser's answer is JSON");
        let notice = &answer["notices"][0];
        assert!(notice["error"]["code"].is_string() && notice["checks"].is_null() && answer["keep"].is_null());
        return;
    };
    let verdict = &outcome.verdict;
    let bundle = Bundle::parse(data).expect("what has a verdict is a bundle");
    for lang in [Lang::Zh, Lang::En] {
        let text = to_canonical(&verdict_text(&outcome, lang, Device::Phone));
        assert!(serde_json::from_slice::<Value>(&text).is_ok_and(|text| text.is_object()));
    }
    assert_eq!(from_canonical::<Verdict>(&to_canonical(verdict)).as_ref(), Ok(verdict));
    assert_eq!(outcome.keep.is_some(), checked(verdict), "what is checked is remembered, and nothing else");
    let included = verdict.check(CheckCode::LogInclusion).is_some_and(|check| check.state == CheckState::Ok);
    assert!(included || !checked(verdict));
    if included {
        let found = (bundle.index, bundle.entry.0.clone());
        assert!(log.entries.contains(&found), "not what the log has at {}", found.0);
    }
    if checked(verdict) {
        shown(log, &bundle, verdict);
        // The checks cost most of the time, so the stranger's are made only where they could all go well.
        let stranger = verify(&Input { trust: None, ..input }).expect("as before");
        assert!(!checked(&stranger.verdict), "nothing is checked without a trust file");
    }
}

fn checked(verdict: &Verdict) -> bool {
    matches!(verdict.state, State::Ok | State::OkSuperseded)
}

/// Checks that what is shown beside "checked" is true.
fn shown(log: &Log, bundle: &Bundle, verdict: &Verdict) {
    let entry = Entry::parse(&bundle.entry.0).expect("a checked entry");
    let named = entry.statement.body.as_ref().map(|body| body.digest);
    match &bundle.body {
        Some(body) if !verdict.erased => assert_eq!(Some(Hash::digest(&body.0)), named),
        _ => assert!(verdict.erased && bundle.erasure.is_some() || named.is_none(), "nothing was there to check"),
    }
    assert!(!verdict.signers.is_empty());
    // The entries that are only brought along have no bundle in the vectors to compare with.
    let Some(known) = log.shown.get(&(bundle.index, bundle.entry.0.clone())) else { return };
    assert_eq!((facts(verdict), signers(verdict)), (known.facts.clone(), known.signers.clone()));
    assert!(known.titles.contains(&verdict.title), "{:?}", verdict.title);
    assert!(known.corrections.contains(&verdict.corrected_by), "{:?}", verdict.corrected_by);
    for s in &verdict.signers {
        let told = (s.keyid, s.name.clone(), s.office.clone());
        // A bundle that names nobody may have been given the grant that does: then it is as in the log's other bundles.
        let is_named = known.names.iter().any(|(keyid, name, _)| *keyid == s.keyid && name.is_some());
        let elsewhere = !is_named && log.shown.values().any(|other| other.names.contains(&told));
        assert!(known.names.contains(&told) || elsewhere, "{told:?} is none of {:?}", known.names);
    }
}

/// One change.
fn edit(bundle: &mut Bundle, other: &Bundle, how: &mut Bytes<'_>) {
    match how.u8() % 24 {
        0 => bundle.index = how.u64() % 64,
        1 => bundle.index = other.index,
        2 => flip(&mut bundle.entry.0, how),
        3 => bundle.entry = other.entry.clone(),
        4 => resign(&mut bundle.entry, how),
        5 => bundle.body.iter_mut().for_each(|body| flip(&mut body.0, how)),
        6 => bundle.body = other.body.clone(),
        7 => bundle.body = None,
        8 => hashes(&mut bundle.inclusion, how),
        9 => bundle.inclusion = other.inclusion.clone(),
        10 => hashes(&mut bundle.seen, how),
        11 => bundle.seen = other.seen.clone(),
        12 => grants(&mut bundle.grants, &other.grants, how),
        13 => bundle.grants = other.grants.clone(),
        14 => bundle.correction = other.correction.clone().or_else(|| pick(&other.grants, how)),
        15 => bundle.erasure = other.erasure.clone().or_else(|| pick(&other.grants, how)),
        16 => flip(&mut bundle.checkpoint.0, how),
        17 => bundle.checkpoint = other.checkpoint.clone(),
        18 => bundle.ring = other.ring.clone(),
        19 if !bundle.ring.keys.is_empty() => _ = bundle.ring.keys.remove(how.below(bundle.ring.keys.len())),
        20 => (bundle.catalogue, bundle.profile) = (other.catalogue.clone(), other.profile.clone()),
        21 => bundle.since = Some(Since { size: how.u64() % 64, proof: other.seen.clone() }),
        // Another entry of the log with all that belongs to it.
        22 => become_grant(bundle, how),
        _ => {
            // A whole other bundle, under this one's checkpoint.
            let checkpoint = std::mem::replace(&mut bundle.checkpoint, other.checkpoint.clone());
            *bundle = Bundle { checkpoint, ..other.clone() };
        }
    }
}

fn flip(bytes: &mut [u8], how: &mut Bytes<'_>) {
    if !bytes.is_empty() {
        let at = how.below(bytes.len());
        bytes[at] ^= how.u8();
    }
}

/// Changes the statement, or drops, doubles or swaps signatures, within an envelope that reads.
fn resign(entry: &mut Base64, how: &mut Bytes<'_>) {
    let Ok(mut envelope) = Envelope::parse(&entry.0) else { return };
    let count = envelope.signatures.len();
    match how.u8() % 4 {
        0 => flip(&mut envelope.payload, how),
        1 if count > 0 => _ = envelope.signatures.remove(how.below(count)),
        2 if count > 0 => envelope.signatures.push(envelope.signatures[how.below(count)].clone()),
        3 if count > 0 => flip(&mut envelope.signatures[how.below(count)].sig.0, how),
        _ => {}
    }
    entry.0 = envelope.to_bytes();
}

fn hashes(hashes: &mut Vec<Hash>, how: &mut Bytes<'_>) {
    let at = how.below(hashes.len() + 1);
    match how.u8() % 3 {
        0 => hashes.truncate(at),
        1 => hashes.insert(at, Hash(how.array())),
        _ => hashes.iter_mut().skip(at).take(1).for_each(|hash| flip(&mut hash.0, how)),
    }
}

fn pick(grants: &[Proved], how: &mut Bytes<'_>) -> Option<Proved> {
    if grants.is_empty() { None } else { Some(grants[how.below(grants.len())].clone()) }
}

fn grants(grants: &mut Vec<Proved>, others: &[Proved], how: &mut Bytes<'_>) {
    let at = how.below(grants.len() + 1);
    match (how.u8() % 7, grants.get_mut(at)) {
        (0, Some(grant)) => flip(&mut grant.entry.0, how),
        (1, Some(grant)) => resign(&mut grant.entry, how),
        (2, Some(grant)) => hashes(&mut grant.inclusion, how),
        (3, Some(grant)) => grant.body.iter_mut().for_each(|body| flip(&mut body.0, how)),
        (4, Some(grant)) => grant.index = how.u64() % 64,
        (5, Some(_)) => _ = grants.remove(at),
        _ => grants.extend(pick(others, how)),
    }
}

fn become_grant(bundle: &mut Bundle, how: &mut Bytes<'_>) {
    let Some(grant) = pick(&bundle.grants, how) else { return };
    bundle.index = grant.index;
    bundle.entry = grant.entry;
    bundle.body = grant.body;
    bundle.inclusion = grant.inclusion;
}

/// Any bytes as a trust file, or as the policy in one.
pub fn trust(data: &[u8]) {
    if let Ok(pinned) = Trust::parse(data) {
        let again = Trust::parse(&to_canonical(&pinned.file)).expect("a trust file is read again");
        assert_eq!(again.file, pinned.file);
        assert_eq!((&again.log_vkeys, &again.policy), (&pinned.log_vkeys, &pinned.policy));
        assert!(!pinned.log_vkeys.is_empty() && pinned.file.threshold > 0);
        let good = &BUNDLES_LOG.good[0];
        let input = Input { bundle: &to_canonical(good), trust: Some(data), ..Input::default() };
        let verdict = verify(&input).expect("a good bundle").verdict;
        let log_key = |vkey: &_| BUNDLES_LOG.vkeys.contains(vkey);
        assert!(!checked(&verdict) || pinned.log_vkeys.iter().any(log_key), "checked under a foreign key");
    }
    if let Some(Ok(policy)) = std::str::from_utf8(data).ok().map(Policy::parse) {
        let nobody = policy.quorum([]);
        assert_eq!(nobody.satisfied, !policy.requires_witnesses());
        let vkeys = policy.vkeys();
        let everybody = policy.quorum(vkeys.iter().map(|vkey| (vkey, 1)));
        assert!(everybody.satisfied && everybody.missing.is_empty(), "a quorum that nobody can reach");
    }
}
