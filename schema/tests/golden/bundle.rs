//! `bundle.verify`: whole verdicts, from good bundles and from bundles with one thing wrong.

use sanwu_schema::crypto::hash::{Hash, b64_encode};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{Bytes, to_text};
use sanwu_schema::kinds::Kind;
use sanwu_schema::proof::bundle::{Bundle, Since};
use sanwu_schema::record::dsse::{Envelope, Signature};
use sanwu_schema::record::statement::{Role, Seen, Statement};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::verify::{CheckCode, CheckState, State};
use serde_json::{Map, Value, json};

use super::Group;
use crate::support::village::Name::{Accountant, Authority1, Chair, Director, NewAccountant, Secretary};
use crate::support::village::{self, CHAIN, Cast, Story, code, collective, party, period, with_chain};
use crate::support::world::World;

pub(super) const OP: &str = "bundle.verify";

use CheckCode::{ApprovalQuorum, ClientConsistency, ContentSig, LogInclusion, WitnessQuorum};
use CheckState::{Cannot, Mismatch, NotCompared, NotRequired, Partial};

/// What a check says other than in a first visit where all is well.
pub(super) type Says = (CheckCode, CheckState, Option<ErrorCode>);

/// The entry could not be read or its signatures do not hold: two checks are not reached.
fn content(state: CheckState, code: ErrorCode) -> Vec<Says> {
    let unread = Some(ErrorCode::NotReached);
    vec![(ContentSig, state, Some(code)), (ApprovalQuorum, Cannot, unread), (LogInclusion, Cannot, unread)]
}

pub(super) fn wrong(check: CheckCode, code: ErrorCode) -> Vec<Says> {
    vec![(check, Mismatch, Some(code))]
}

/// The checkpoint does not open.
pub(super) fn unopened(code: ErrorCode) -> Vec<Says> {
    vec![(LogInclusion, Mismatch, Some(code)), (WitnessQuorum, Cannot, Some(ErrorCode::NotReached))]
}

pub(super) fn fine() -> Vec<Says> {
    Vec::new()
}

pub(super) struct Cases<'a> {
    pub group: Group,
    story: &'a Story,
    trust: String,
}

/// What is asked beside the bundle.
#[derive(Default)]
pub(super) struct Ask<'a> {
    pub trust: Option<&'a str>,
    pub remembered: Option<(u64, Hash)>,
    pub now: Option<u64>,
    pub file: bool,
}

/// What is answered.
pub(super) fn verdict(state: State, ask: &Ask<'_>, says: &[Says]) -> Value {
    let mut checks = Map::new();
    for check in CheckCode::ALL {
        let usual = if *check == ClientConsistency && ask.remembered.is_none() {
            CheckState::FirstSeen
        } else {
            CheckState::Ok
        };
        let (state, error) = says.iter().find(|s| s.0 == *check).map_or((usual, None), |s| (s.1, s.2));
        let mut one = Map::new();
        one.insert("state".to_owned(), json!(state.as_str()));
        if let Some(error) = error {
            one.insert("error".to_owned(), json!(error.as_str()));
        }
        checks.insert(check.as_str().to_owned(), Value::Object(one));
    }
    json!({ "state": state.as_str(), "checks": checks })
}

impl Cases<'_> {
    pub fn ask(&mut self, name: &str, bundle: &str, ask: &Ask<'_>, state: State, says: &[Says]) {
        self.group.ok(name, OP, input(bundle, ask), verdict(state, ask, says));
    }

    /// With the trust file, on a first visit.
    fn first(&mut self, name: &str, bundle: &Bundle, state: State, says: &[Says]) {
        let trust = self.trust.clone();
        self.ask(name, &to_text(bundle), &Ask { trust: Some(&trust), ..Ask::default() }, state, says);
    }

    /// Something is wrong: never `ok`.
    fn mismatch(&mut self, name: &str, bundle: &Bundle, says: &[Says]) {
        self.first(name, bundle, State::Mismatch, says);
    }

    pub fn broken(&mut self, name: &str, bundle: &str, trust: Option<&str>, code: ErrorCode) {
        self.group.bad(name, OP, input(bundle, &Ask { trust, ..Ask::default() }), code);
    }
}

pub(super) fn input(bundle: &str, ask: &Ask<'_>) -> Value {
    let mut input = Map::new();
    input.insert("bundle".to_owned(), json!(bundle));
    if let Some(trust) = ask.trust {
        input.insert("trust".to_owned(), json!(trust));
    }
    if let Some((size, root)) = ask.remembered {
        input.insert("remembered".to_owned(), json!({ "size": size, "root": root.to_text() }));
    }
    if let Some(now) = ask.now {
        input.insert("now".to_owned(), json!(now));
    }
    if ask.file {
        input.insert("file".to_owned(), json!(true));
    }
    Value::Object(input)
}

pub(super) fn edited(bundle: &Bundle, edit: impl FnOnce(&mut Bundle)) -> Bundle {
    let mut bundle = bundle.clone();
    edit(&mut bundle);
    bundle
}

fn flip(hash: &mut Hash) {
    hash.0[7] ^= 0x10;
}

/// The entry with another payload under the old signatures.
fn payload(bundle: &Bundle, from: &str, to: &str) -> Bundle {
    let mut envelope = Envelope::parse(&bundle.entry.0).unwrap();
    let text = String::from_utf8(envelope.payload).unwrap();
    assert!(text.contains(from), "{from}");
    envelope.payload = text.replacen(from, to, 1).into_bytes();
    edited(bundle, |b| b.entry = Bytes(envelope.to_bytes()))
}

fn signatures(bundle: &Bundle, edit: impl FnOnce(&mut Vec<Signature>)) -> Bundle {
    let mut envelope = Envelope::parse(&bundle.entry.0).unwrap();
    edit(&mut envelope.signatures);
    edited(bundle, |b| b.entry = Bytes(envelope.to_bytes()))
}

fn checkpoint(bundle: &Bundle, edit: impl FnOnce(String) -> String) -> Bundle {
    let text = String::from_utf8(bundle.checkpoint.0.clone()).unwrap();
    let changed = edit(text.clone());
    assert_ne!(changed, text);
    edited(bundle, |b| b.checkpoint = Bytes(changed.into_bytes()))
}

pub fn group() -> Group {
    let story = village::story();
    let mut cases = Cases { group: Group::new("bundle"), story, trust: story.world.trust() };
    good(&mut cases);
    remembering(&mut cases);
    in_a_file(&mut cases);
    without_trust(&mut cases);
    wrong_trust(&mut cases);
    tampered_entry(&mut cases);
    tampered_rules(&mut cases);
    tampered_proofs(&mut cases);
    tampered_checkpoint(&mut cases);
    absent(&mut cases);
    newer(&mut cases);
    dishonest_log(&mut cases);
    containers(&mut cases);
    super::log_keys::in_bundles(&mut cases);
    cases.group
}

/// F02 of January.
fn receipts(story: &Story) -> Bundle {
    story.world.bundle(story.months[0] + 1, story.world.size())
}

fn good(c: &mut Cases<'_>) {
    let (world, size) = (&c.story.world, c.story.world.size());
    for (name, index) in [
        ("receipts of a month", c.story.months[0] + 1),
        ("the log's first entry", 0),
        ("a grant in root", 1),
        ("a chain's genesis", 4),
        ("a correction", c.story.correction),
        ("a grant in the village", c.story.new_chair),
        ("a revocation", c.story.revocation),
        ("a nil return, by a chair granted later", c.story.months[4] + 1),
        ("the last entry", c.story.last),
    ] {
        c.first(name, &world.bundle(index, size), State::Ok, &fine());
    }
    let index = c.story.decision;
    c.first("to the checkpoint right after the entry", &world.bundle(index, index + 1), State::Ok, &fine());
    let bundle = receipts(c.story);
    c.first(
        "superseded: the correction is proved",
        &world.bundle(c.story.corrected, size),
        State::OkSuperseded,
        &fine(),
    );
    let not_yet = world.bundle(c.story.corrected, c.story.correction);
    c.first("to a checkpoint before its correction", &not_yet, State::Ok, &fine());
    let erased = world.bundle(c.story.people, size);
    assert!(erased.body.is_none());
    c.first("an erased body with a proved erasure", &erased, State::Ok, &fine());
    let trust = c.trust.clone();
    let ask = Ask { trust: Some(&trust), ..Ask::default() };
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&to_text(&bundle)).unwrap()).unwrap();
    c.ask("a bundle with white space", &pretty, &ask, State::Ok, &fine());
    let head = format!("{{\"format\":\"sanwu-bundle-v1\",\"origin\":\"{}\",", bundle.origin);
    let turned = to_text(&bundle).replacen(
        &head,
        &format!("{{\"origin\":\"{}\",\"format\":\"sanwu-bundle-v1\",", bundle.origin),
        1,
    );
    c.ask("a bundle with members in another order", &turned, &ask, State::Ok, &fine());
    for (name, rule, witnesses, state, says) in [
        ("quorum all, both witnesses", "all", 2, State::Ok, fine()),
        (
            "quorum all, one witness",
            "all",
            1,
            State::Partial,
            vec![(WitnessQuorum, Partial, Some(ErrorCode::WitnessQuorum))],
        ),
        (
            "quorum any, no witness",
            "any",
            0,
            State::Partial,
            vec![(WitnessQuorum, Partial, Some(ErrorCode::WitnessQuorum))],
        ),
        ("quorum none, no witness", "none", 0, State::Ok, vec![(WitnessQuorum, NotRequired, None)]),
        ("quorum none, both witnesses", "none", 2, State::Ok, vec![(WitnessQuorum, NotRequired, None)]),
    ] {
        let trust = world.trust_with(&world.cast.policy(&world.origin, rule));
        let bundle = edited(&bundle, |b| b.checkpoint = Bytes(world.checkpoint(size, witnesses).into_bytes()));
        c.ask(name, &to_text(&bundle), &Ask { trust: Some(&trust), ..Ask::default() }, state, &says);
    }
}

fn remembering(c: &mut Cases<'_>) {
    let (world, size) = (&c.story.world, c.story.world.size());
    let bundle = receipts(c.story);
    let trust = c.trust.clone();
    let mut ask = |name: &str, bundle: &Bundle, remembered: (u64, Hash), state: State, says: &[Says]| {
        let ask = Ask { trust: Some(&trust), remembered: Some(remembered), ..Ask::default() };
        c.ask(name, &to_text(bundle), &ask, state, says);
    };
    let since = |proof: Since| edited(&bundle, |b| b.since = Some(proof));
    let older = vec![(ClientConsistency, Partial, Some(ErrorCode::OlderThanRemembered))];
    let forked = wrong(ClientConsistency, ErrorCode::Consistency);
    let (nine, other) = (world.root_of(9), Hash::digest(b"another tree"));
    ask("remembered: the same", &bundle, (size, world.root()), State::Ok, &fine());
    ask("remembered: nothing yet", &bundle, (0, world.root_of(0)), State::Ok, &fine());
    ask("remembered: grown since", &since(world.since(9, size)), (9, nine), State::Ok, &fine());
    ask("remembered: grown since, no proof with the bundle", &bundle, (9, nine), State::Partial, &older);
    ask(
        "remembered: grown since, a proof from another size",
        &since(world.since(8, size)),
        (9, nine),
        State::Partial,
        &older,
    );
    ask(
        "remembered: the bundle is older",
        &world.bundle(decision_at(world), 9),
        (size, world.root()),
        State::Partial,
        &older,
    );
    ask("remembered: same size, another root", &bundle, (size, other), State::Mismatch, &forked);
    ask("remembered: forked", &since(world.since(9, size)), (9, other), State::Mismatch, &forked);
    let mut proof = world.since(9, size);
    flip(&mut proof.proof[0]);
    ask("remembered: a hash of the proof is changed", &since(proof), (9, nine), State::Mismatch, &forked);
    let mut proof = world.since(9, size);
    proof.proof.pop();
    ask("remembered: a hash of the proof is missing", &since(proof), (9, nine), State::Mismatch, &forked);
}

/// The same where the bundle was not asked of the log.
fn in_a_file(c: &mut Cases<'_>) {
    let (world, size) = (&c.story.world, c.story.world.size());
    let bundle = receipts(c.story);
    let trust = c.trust.clone();
    let mut ask = |name: &str, bundle: &Bundle, remembered: Option<(u64, Hash)>, state: State, says: &[Says]| {
        c.ask(name, &to_text(bundle), &Ask { trust: Some(&trust), remembered, now: None, file: true }, state, says);
    };
    let not_compared = vec![(ClientConsistency, NotCompared, None)];
    let (nine, other) = (world.root_of(9), Hash::digest(b"another tree"));
    ask("a file: the newer one", &bundle, Some((9, nine)), State::Ok, &not_compared);
    let older = world.bundle(decision_at(world), 9);
    ask("a file: the older one", &older, Some((size, world.root())), State::Ok, &not_compared);
    ask("a file: same size", &bundle, Some((size, world.root())), State::Ok, &fine());
    ask(
        "a file: same size, another root",
        &bundle,
        Some((size, other)),
        State::Mismatch,
        &wrong(ClientConsistency, ErrorCode::Consistency),
    );
    ask("a file: nothing remembered", &bundle, None, State::Ok, &fine());
    let mut says = not_compared;
    says.push((LogInclusion, Mismatch, Some(ErrorCode::Inclusion)));
    ask(
        "a file: a wrong proof",
        &edited(&bundle, |b| flip(&mut b.inclusion[0])),
        Some((9, nine)),
        State::Mismatch,
        &says,
    );
}

fn decision_at(world: &World) -> u64 {
    world.log.iter().position(|l| l.entry.statement.kind == Kind::Decision).unwrap() as u64
}

fn without_trust(c: &mut Cases<'_>) {
    let missing = Some(ErrorCode::TrustMissing);
    let cannot = vec![(LogInclusion, Cannot, missing), (WitnessQuorum, Cannot, missing)];
    let bundle = receipts(c.story);
    c.ask("no trust file: never ok", &to_text(&bundle), &Ask::default(), State::Cannot, &cannot);
    let remembered = Some((c.story.world.size(), c.story.world.root()));
    let mut says = cannot.clone();
    says.push((ClientConsistency, Cannot, missing));
    c.ask(
        "no trust file, but a memory",
        &to_text(&bundle),
        &Ask { remembered, ..Ask::default() },
        State::Cannot,
        &says,
    );
    let bad = edited(&bundle, |b| flip(&mut b.inclusion[0]));
    let says = [(LogInclusion, Mismatch, Some(ErrorCode::Inclusion)), (WitnessQuorum, Cannot, missing)];
    c.ask(
        "no trust file: a wrong proof is wrong all the same",
        &to_text(&bad),
        &Ask::default(),
        State::Mismatch,
        &says,
    );
    let mut says = cannot;
    says.push((ApprovalQuorum, Cannot, missing));
    let genesis = to_text(&c.story.world.bundle(0, c.story.world.size()));
    c.ask("no trust file: nobody says that this genesis is the one", &genesis, &Ask::default(), State::Cannot, &says);
}

fn wrong_trust(c: &mut Cases<'_>) {
    let world = &c.story.world;
    let bundle = to_text(&receipts(c.story));
    let trust = c.trust.clone();
    let mut with = |name: &str, bundle: &str, trust: String, says: &[Says]| {
        c.ask(name, bundle, &Ask { trust: Some(&trust), ..Ask::default() }, State::Mismatch, says);
    };
    let log = world.cast.log_key(&world.origin).vkey().to_string();
    let impostor =
        sanwu_schema::tlog::vkey::Vkey::from_public_key(world.origin.as_str(), &world.cast.key(Secretary).public());
    let other_key = trust.replace(&log, &impostor.unwrap().to_string());
    with("wrong trust: another log key", &bundle, other_key, &unopened(ErrorCode::NoteUnsigned));
    let elsewhere = Origin::parse("sanwu.example/379999101").unwrap();
    let there = world.cast.log_key(&elsewhere).vkey().to_string();
    let other_log = trust.replace(&log, &there).replace("\"sanwu.example/379999100\"", "\"sanwu.example/379999101\"");
    with("wrong trust: another log", &bundle, other_log, &unopened(ErrorCode::CheckpointOrigin));
    let genesis = to_text(&world.bundle(0, world.size()));
    let other_genesis = trust.replace(&world.id(0).to_string(), &world.id(1).to_string());
    with("wrong trust: another first entry", &genesis, other_genesis, &wrong(ApprovalQuorum, ErrorCode::OtherLog));
    let grant = to_text(&world.bundle(1, world.size()));
    let three = trust.replace("\"threshold\":2", "\"threshold\":3");
    with("wrong trust: another threshold", &grant, three, &wrong(ApprovalQuorum, ErrorCode::Threshold));
}

fn tampered_entry(c: &mut Cases<'_>) {
    let bundle = receipts(c.story);
    let no = content(Mismatch, ErrorCode::Signature);
    c.mismatch("tampered: statement byte", &payload(&bundle, "\"period\":\"2026-01\"", "\"period\":\"2026-02\""), &no);
    c.mismatch("tampered: who signs", &payload(&bundle, "chief_accountant", "township"), &no);
    c.mismatch("tampered: a statement member is taken away", &payload(&bundle, "\"code\":\"F02\",", ""), &no);
    c.mismatch("tampered: signature", &signatures(&bundle, |s| s[1].sig.0[33] ^= 1), &no);
    let set = content(Mismatch, ErrorCode::SignatureSet);
    c.mismatch("tampered: a signature stripped", &signatures(&bundle, |s| drop(s.remove(0))), &set);
    c.mismatch("tampered: signatures reordered", &signatures(&bundle, |s| s.swap(0, 1)), &set);
    c.mismatch("tampered: a signature doubled", &signatures(&bundle, |s| s.push(s[2].clone())), &set);
    let digest = content(Mismatch, ErrorCode::BodyDigest);
    let body = |edit: &dyn Fn(&mut Vec<u8>)| edited(&bundle, |b| edit(&mut b.body.as_mut().unwrap().0));
    c.mismatch("tampered: body byte", &body(&|b| b[300] ^= 1), &digest);
    c.mismatch("tampered: a byte more in the body", &body(&|b| b.push(b'\n')), &digest);
    c.mismatch("tampered: an empty body", &body(&Vec::clear), &digest);
    let swapped = c.story.world.log[c.story.months[1] as usize + 1].body.clone().unwrap();
    c.mismatch("tampered: the body of another month", &edited(&bundle, |b| b.body = Some(Bytes(swapped))), &digest);
    let entry = |edit: &dyn Fn(&mut Vec<u8>)| edited(&bundle, |b| edit(&mut b.entry.0));
    c.mismatch(
        "tampered: the envelope is not canonical",
        &entry(&|e| e.push(b'\n')),
        &content(Mismatch, ErrorCode::JsonCanonical),
    );
    c.mismatch(
        "tampered: the envelope is cut off",
        &entry(&|e| e.truncate(100)),
        &content(Mismatch, ErrorCode::JsonSyntax),
    );
    let bad = payload(&bundle, "\"seq\":", "\"seq\":1,\"seq\":");
    c.mismatch("tampered: a member twice in the statement", &bad, &content(Mismatch, ErrorCode::JsonDuplicate));
}

fn tampered_rules(c: &mut Cases<'_>) {
    let bundle = receipts(c.story);
    let no = wrong(ApprovalQuorum, ErrorCode::Keyring);
    let with = |edit: &dyn Fn(&mut Bundle)| edited(&bundle, edit);
    c.mismatch("tampered: ring, a role more", &with(&|b| b.ring.keys[0].roles.push(Role::VillageDir)), &no);
    c.mismatch("tampered: ring, a key less", &with(&|b| drop(b.ring.keys.pop())), &no);
    c.mismatch("tampered: ring, keys in another order", &with(&|b| b.ring.keys.swap(0, 1)), &no);
    c.mismatch("tampered: ring, another threshold", &with(&|b| b.ring.threshold = Some(1)), &no);
    c.mismatch(
        "tampered: catalogue asks for nobody",
        &with(&|b| {
            b.catalogue.as_mut().unwrap().items.iter_mut().for_each(|i| i.roles = vec![Role::ChiefAccountant]);
        }),
        &no,
    );
    c.mismatch("tampered: no catalogue", &with(&|b| b.catalogue = None), &no);
    c.mismatch("tampered: profile", &with(&|b| b.profile.as_mut().unwrap().display_days = 5), &no);
    c.mismatch("tampered: no profile", &with(&|b| b.profile = None), &no);

    let world = &c.story.world;
    let size = world.size();
    let missing = wrong(ApprovalQuorum, ErrorCode::GrantMissing);
    c.mismatch(
        "grants: the chain's genesis is missing, and so the keys",
        &with(&|b| b.grants.clear()),
        &content(Mismatch, ErrorCode::KeyUnknown),
    );
    let by_new_chair = world.bundle(c.story.months[4] + 1, size);
    let less = edited(&by_new_chair, |b| b.grants.retain(|g| g.index != c.story.new_chair));
    c.mismatch("grants: missing the new chair's", &less, &content(Mismatch, ErrorCode::KeyUnknown));
    let in_root = edited(&world.bundle(c.story.new_chair, size), |b| {
        b.grants = vec![world.proved(1, size), world.proved(2, size)]
    });
    c.mismatch("grants: root's instead of the chain's", &in_root, &missing);
    let no = wrong(ApprovalQuorum, ErrorCode::Inclusion);
    c.mismatch("grants: other index", &with(&|b| b.grants[0].index -= 1), &no);
    c.mismatch("grants: a hash of the proof is changed", &with(&|b| flip(&mut b.grants[0].inclusion[0])), &no);
    c.mismatch("grants: no proof", &with(&|b| b.grants[0].inclusion.clear()), &no);
    let later = world.proved(c.story.new_chair, size);
    // The signer of a later correction may hold a key that was granted after the entry.
    c.first("grants: one more, from after the entry", &with(&|b| b.grants.push(later.clone())), State::Ok, &fine());
    let range = wrong(ApprovalQuorum, ErrorCode::TreeRange);
    c.mismatch("grants: an index beyond the tree", &with(&|b| b.grants[0].index = 1_000), &range);
    let mut useless = world.proved(1, size);
    useless.entry = Bytes(b"no entry".to_vec());
    c.mismatch(
        "grants: one more that is no entry",
        &with(&|b| b.grants.push(useless.clone())),
        &wrong(ApprovalQuorum, ErrorCode::JsonSyntax),
    );
    c.first("grants: one more than needed", &with(&|b| b.grants.push(world.proved(1, size))), State::Ok, &fine());
    c.first("grants: names are not shown without the bodies", &with(&|b| b.grants[0].body = None), State::Ok, &fine());
    c.first(
        "grants: a body that was not signed names nobody",
        &with(&|b| b.grants[0].body = Some(Bytes(b"{}".to_vec()))),
        State::Ok,
        &fine(),
    );

    // Signed by one key alone, which a later entry granted: the unit is known only from the chain's genesis.
    let mut alone = with_chain(&Cast::new());
    let place = alone.place(CHAIN);
    let grant = alone.cast.grant(NewAccountant, &[Role::ChiefAccountant], Some(CHAIN));
    let template = village::grant(&alone, grant, "吴六(虚构)", "镇代理会计");
    let granted = alone.publish(&place, &[template]);
    let mut s = alone.next(CHAIN, Kind::Revoke);
    let keys = vec![alone.cast.key_id(NewAccountant)];
    s.control =
        Some(sanwu_schema::kinds::Control::Revoke(sanwu_schema::kinds::Revocation { keys, suspect_from: None }));
    s.signers = alone.signers(&[(NewAccountant, &[Role::ChiefAccountant])]);
    let index = alone.append(&alone.sign(&s), Some(b"{}".to_vec())).unwrap();
    let bundle = alone.bundle(index, alone.size());
    c.first("a key ends itself", &bundle, State::Ok, &fine());
    let less = edited(&bundle, |b| b.grants.retain(|g| g.index == granted));
    c.mismatch("grants: the unit is missing", &less, &missing);
}

fn tampered_proofs(c: &mut Cases<'_>) {
    let world = &c.story.world;
    let size = world.size();
    let bundle = receipts(c.story);
    let with = |edit: &dyn Fn(&mut Bundle)| edited(&bundle, edit);
    let no = wrong(LogInclusion, ErrorCode::Inclusion);
    c.mismatch("tampered: inclusion hash", &with(&|b| flip(&mut b.inclusion[1])), &no);
    c.mismatch("tampered: an inclusion hash less", &with(&|b| b.inclusion.truncate(b.inclusion.len() - 1)), &no);
    c.mismatch("tampered: an inclusion hash more", &with(&|b| b.inclusion.push(Hash([0; 32]))), &no);
    c.mismatch("tampered: index", &with(&|b| b.index += 1), &no);
    c.mismatch(
        "tampered: an index beyond the tree",
        &with(&|b| b.index = size),
        &wrong(LogInclusion, ErrorCode::TreeRange),
    );
    let no = wrong(LogInclusion, ErrorCode::Consistency);
    c.mismatch("tampered: seen proof", &with(&|b| flip(&mut b.seen[0])), &no);
    c.mismatch("tampered: no seen proof", &with(&|b| b.seen.clear()), &no);
    c.mismatch(
        "tampered: the origin of the bundle",
        &with(&|b| b.origin = Origin::parse("sanwu.example/x").unwrap()),
        &wrong(LogInclusion, ErrorCode::OtherLog),
    );

    let corrected = world.bundle(c.story.corrected, size);
    let correction = corrected.correction.clone().unwrap();
    let refs = wrong(LogInclusion, ErrorCode::Refs);
    c.mismatch("correction: of another statement", &with(&|b| b.correction = Some(correction.clone())), &refs);
    let notice = world.proved(c.story.notice, size);
    c.mismatch("correction: no correction", &edited(&corrected, |b| b.correction = Some(notice.clone())), &refs);
    let unproved = edited(&corrected, |b| flip(&mut b.correction.as_mut().unwrap().inclusion[0]));
    c.mismatch("correction: not included", &unproved, &wrong(LogInclusion, ErrorCode::Inclusion));
}

fn tampered_checkpoint(c: &mut Cases<'_>) {
    let world = &c.story.world;
    let size = world.size();
    let bundle = receipts(c.story);
    let no = unopened(ErrorCode::NoteSignature);
    let mut both = no.clone();
    both.push((ApprovalQuorum, Mismatch, Some(ErrorCode::Inclusion)));
    let to = format!("\n{}\n", size + 64);
    c.mismatch(
        "tampered: checkpoint text, size",
        &checkpoint(&bundle, |t| t.replacen(&format!("\n{size}\n"), &to, 1)),
        &both,
    );
    let (root, other) = (world.root().to_base64(), Hash::digest(b"another").to_base64());
    c.mismatch("tampered: checkpoint text, root", &checkpoint(&bundle, |t| t.replace(&root, &other)), &both);
    let line = |t: &str, n: usize| t.lines().nth(4 + n).unwrap().to_owned();
    let nth = |n: usize| {
        move |t: String| {
            let old = line(&t, n);
            let at = old.len() - 10;
            let new = if &old[at..=at] == "A" { "B" } else { "A" };
            t.replace(&old, &format!("{}{new}{}", &old[..at], &old[at + 1..]))
        }
    };
    c.mismatch("tampered: log signature", &checkpoint(&bundle, nth(0)), &no);
    c.mismatch("tampered: a witness's signature", &checkpoint(&bundle, nth(1)), &no);
    let stripped = checkpoint(&bundle, |t| t.replace(&format!("{}\n", line(&t, 0)), ""));
    c.mismatch("tampered: the log's signature stripped", &stripped, &unopened(ErrorCode::NoteUnsigned));
    let mut note = unopened(ErrorCode::Note);
    note.push((ApprovalQuorum, Mismatch, Some(ErrorCode::Note)));
    c.mismatch(
        "tampered: no signature at all",
        &checkpoint(&bundle, |t| t[..=t.find("\n\n").unwrap()].to_owned()),
        &note,
    );
    c.mismatch("tampered: an empty checkpoint", &edited(&bundle, |b| b.checkpoint = Bytes(Vec::new())), &note);

    // The same log key has signed another tree: nothing of this bundle is in it.
    let mut fork = with_chain(&Cast::new());
    let s = edited_notice(&fork);
    while fork.size() < size {
        let index = fork.force(&s);
        assert!(index < size);
    }
    let forked = edited(&bundle, |b| b.checkpoint = Bytes(fork.checkpoint(size, 2).into_bytes()));
    let says =
        [(ApprovalQuorum, Mismatch, Some(ErrorCode::Inclusion)), (LogInclusion, Mismatch, Some(ErrorCode::Inclusion))];
    c.mismatch("a fork's checkpoint, signed by the log", &forked, &says);
}

fn edited_notice(world: &World) -> Statement {
    let mut s = world.next(CHAIN, Kind::Notice);
    (s.issuer, s.code, s.signers) =
        (Some(party()), Some(code("D01")), world.signers(&[(Secretary, &[Role::PartySec])]));
    s
}

fn absent(c: &mut Cases<'_>) {
    let world = &c.story.world;
    let size = world.size();
    let gone = [(ContentSig, Cannot, Some(ErrorCode::ContentAbsent))];
    let bundle = edited(&receipts(c.story), |b| b.body = None);
    c.first("body absent", &bundle, State::Cannot, &gone);
    let erased = world.bundle(c.story.people, size);
    c.first("body absent, the erasure not shown", &edited(&erased, |b| b.erasure = None), State::Cannot, &gone);
    let with_body = edited(&erased, |b| b.body = world.log[c.story.people as usize].body.clone().map(Bytes));
    c.first("an erased body that somebody has kept", &with_body, State::Ok, &fine());
    let refs = [(ContentSig, Cannot, Some(ErrorCode::ContentAbsent)), (LogInclusion, Mismatch, Some(ErrorCode::Refs))];
    let others = edited(&bundle, |b| b.erasure = erased.erasure.clone());
    c.mismatch("body absent, with the erasure of another statement", &others, &refs);
    let unproved = edited(&erased, |b| flip(&mut b.erasure.as_mut().unwrap().inclusion[0]));
    c.mismatch("body absent, the erasure is not in the log", &unproved, &wrong(LogInclusion, ErrorCode::Inclusion));
    let correction = world.proved(c.story.correction, size);
    // A log could include an entry that nobody signed; a phone must not believe it.
    let unsigned = edited(&erased, |b| {
        let proved = b.erasure.as_mut().unwrap();
        let mut envelope = Envelope::parse(&proved.entry.0).unwrap();
        envelope.signatures[0].sig.0[40] ^= 1;
        proved.entry = Bytes(envelope.to_bytes());
    });
    c.mismatch("body absent, the erasure is not signed", &unsigned, &wrong(LogInclusion, ErrorCode::Signature));
    let no_erasure = edited(&erased, |b| b.erasure = Some(correction));
    c.mismatch("body absent, with a correction for an erasure", &no_erasure, &refs);

    // An erasure of the rows alone leaves the body to be shown.
    let mut world = with_chain(&Cast::new());
    let place = world.place(CHAIN);
    let people = world.publish(&place, &[village::people()]);
    let template = village::erase_people(world.id(people), sanwu_schema::kinds::Erased::Rows);
    let place = world.place(CHAIN);
    world.publish(&place, &[template]);
    let bundle = world.bundle(people, world.size());
    assert!(bundle.body.is_none());
    c.first("body absent, but only the rows were erased", &bundle, State::Cannot, &gone);
}

fn newer(c: &mut Cases<'_>) {
    let bundle = receipts(c.story);
    let world = &c.story.world;
    let envelope = Envelope::parse(&bundle.entry.0).unwrap();
    let keys = || envelope.signatures.iter().map(|s| s.keyid);
    let later = String::from_utf8(envelope.payload.clone()).unwrap().replace("\"receipts\"", "\"heads\"");
    let kind = edited(&bundle, |b| b.entry = Bytes(world.seal(later.clone().into_bytes(), keys())));
    c.first("a kind of a later version, well signed", &kind, State::Cannot, &content(Cannot, ErrorCode::Kind));
    let unsigned = payload(&bundle, "\"receipts\"", "\"heads\"");
    c.mismatch("a kind of a later version, under old signatures", &unsigned, &content(Mismatch, ErrorCode::Signature));
    let typed = |resign: bool| {
        let text = String::from_utf8(bundle.entry.0.clone()).unwrap();
        let mut text = text.replacen(".v1+json", ".v2+json", 1);
        let old = sanwu_schema::record::dsse::pae(&envelope.payload);
        let new = String::from_utf8(old).unwrap().replacen(".v1+json", ".v2+json", 1);
        for s in envelope.signatures.iter().filter(|_| resign) {
            let sig = world.cast.secret(&s.keyid).sign(new.as_bytes());
            text = text.replacen(&b64_encode(&s.sig.0), &b64_encode(&sig), 1);
        }
        edited(&bundle, |b| b.entry = Bytes(text.into_bytes()))
    };
    c.first(
        "a payload type of a later version, well signed",
        &typed(true),
        State::Cannot,
        &content(Cannot, ErrorCode::PayloadType),
    );
    c.mismatch(
        "a payload type of a later version, under old signatures",
        &typed(false),
        &content(Mismatch, ErrorCode::Signature),
    );
}

/// The node has put into its tree what it should have refused; the phone sees it.
fn dishonest_log(c: &mut Cases<'_>) {
    let world = with_chain(&Cast::new());
    let finance = |s: &mut Statement, signers: &[(village::Name, &[Role])]| {
        (s.issuer, s.code, s.period) = (Some(collective()), Some(code("F02")), Some(period("2026-01")));
        s.signers = world.signers(signers);
    };
    let all: &[(village::Name, &[Role])] =
        &[(Accountant, &[Role::ChiefAccountant]), (Chair, &[Role::SupervisionChair]), (Director, &[Role::CoopChair])];
    let mut put = |name: &str, says: &[Says], edit: &dyn Fn(&mut Statement)| {
        let mut log = world.clone();
        let mut s = log.next(CHAIN, Kind::Receipts);
        finance(&mut s, all);
        edit(&mut s);
        let index = log.force(&s);
        let tail = edited_notice(&world);
        log.force(&tail);
        let mut bundle = log.bundle(index, log.size() - 1);
        bundle.checkpoint = Bytes(log.checkpoint(log.size() - 1, 2).into_bytes());
        c.mismatch(name, &bundle, says);
    };
    let missing = wrong(ApprovalQuorum, ErrorCode::RoleMissing);
    put("in the log, but supervision has not signed", &missing, &|s| finance(s, &[all[0], all[2]]));
    let more: &[(village::Name, &[Role])] = &[all[1], all[2], (Authority1, &[Role::Authority, Role::ChiefAccountant])];
    put("in the log, but a role was not granted", &wrong(ApprovalQuorum, ErrorCode::RoleUngranted), &|s| {
        finance(s, more)
    });
    put("in the log, but kind and item do not go together", &wrong(ApprovalQuorum, ErrorCode::Item), &|s| {
        s.code = Some(code("F03"))
    });
    put("in the log, but its signers saw a fork", &wrong(LogInclusion, ErrorCode::Consistency), &|s| {
        s.seen.root = Hash::digest(b"fork")
    });
    put("in the log, but its signers saw the future", &wrong(LogInclusion, ErrorCode::Seen), &|s| {
        s.seen = Seen { size: 6, root: s.seen.root }
    });
    put("in the log, but made for another", &wrong(LogInclusion, ErrorCode::OtherLog), &|s| {
        s.origin = Origin::parse("sanwu.example/x").unwrap()
    });
    put("in the log, but the ring was another", &wrong(ApprovalQuorum, ErrorCode::Keyring), &|s| {
        s.keyring = Hash::digest(b"ring")
    });
}

fn containers(c: &mut Cases<'_>) {
    let text = to_text(&receipts(c.story));
    let trust = c.trust.clone();
    let trust_now = trust.as_str();
    let mut bundle = |name: &str, from: &str, to: &str, code: ErrorCode| {
        assert!(text.contains(from), "{name}");
        c.broken(&format!("broken container: {name}"), &text.replacen(from, to, 1), Some(trust_now), code);
    };
    bundle("another format", "sanwu-bundle-v1", "sanwu-bundle-v2", ErrorCode::JsonValue);
    bundle("an unknown member", "\"index\":", "\"note\":\"\",\"index\":", ErrorCode::JsonUnknown);
    bundle("a member twice", "\"index\":", "\"index\":1,\"index\":", ErrorCode::JsonDuplicate);
    bundle("an index with a fraction", "\"index\":", "\"index\":1.5,\"x\":", ErrorCode::JsonNumber);
    bundle("a negative index", "\"index\":", "\"index\":-", ErrorCode::JsonNumber);
    bundle("an entry in broken base64", "\"entry\":\"", "\"entry\":\"=", ErrorCode::Base64);
    bundle("a null body", "\"body\":\"", "\"body\":null,\"body\":\"", ErrorCode::JsonType);
    bundle("an unknown role in the ring", "\"supervision_chair\"", "\"mayor\"", ErrorCode::JsonValue);
    bundle("no checkpoint", ",\"checkpoint\":", ",\"since\":", ErrorCode::JsonType);
    bundle("a proof that is no list", "\"seen\":[", "\"seen\":1,\"since\":[", ErrorCode::JsonType);
    bundle("a hash in base64", "\"seen\":[\"sha256:", "\"seen\":[\"", ErrorCode::JsonValue);
    bundle("not closed", "]", "", ErrorCode::JsonSyntax);
    bundle("an origin with a scheme", "\"origin\":\"", "\"origin\":\"https://", ErrorCode::LogOrigin);
    c.broken("broken container: nothing", "", Some(&trust), ErrorCode::JsonSyntax);
    c.broken("broken container: a list", "[]", Some(&trust), ErrorCode::JsonType);
    c.broken("broken container: a page instead", "<!doctype html>", Some(&trust), ErrorCode::JsonSyntax);
    let mut broken = |name: &str, from: &str, to: &str, code: ErrorCode| {
        assert!(trust.contains(from), "{name}");
        c.broken(&format!("broken trust file: {name}"), &text, Some(&trust.replacen(from, to, 1)), code);
    };
    broken("another format", "sanwu-trust-v1", "sanwu-trust-v0", ErrorCode::JsonValue);
    broken("a threshold of none", "\"threshold\":2", "\"threshold\":0", ErrorCode::JsonValue);
    broken("a purpose of its own", "\"purpose\":\"test\"", "\"purpose\":\"demo\"", ErrorCode::JsonValue);
    broken("no quorum", ",\"quorum outside\"", "", ErrorCode::Policy);
    broken("a log key under another name", "\"log_vkeys\":[\"", "\"log_vkeys\":[\"x", ErrorCode::VkeyId);
    broken("a root key that is none", "\"root_keys\":[\"", "\"root_keys\":[\"Root\",\"", ErrorCode::Vkey);
    broken("an unknown member", "\"threshold\":", "\"quorum\":1,\"threshold\":", ErrorCode::JsonUnknown);
    let log = c.story.world.cast.log_key(&c.story.world.origin).vkey().to_string();
    let elsewhere = c.story.world.cast.log_key(&Origin::parse("sanwu.example/x").unwrap()).vkey().to_string();
    let renamed = trust.replacen(&format!("\"log_vkeys\":[\"{log}\"]"), &format!("\"log_vkeys\":[\"{elsewhere}\"]"), 1);
    c.broken("broken trust file: the key of another log", &text, Some(&renamed), ErrorCode::OtherLog);
    let keyless = trust.replacen(&format!("\"log_vkeys\":[\"{log}\"]"), "\"log_vkeys\":[]", 1);
    c.broken("broken trust file: no log key", &text, Some(&keyless), ErrorCode::JsonValue);
    c.broken("broken trust file: no JSON", &text, Some("trust me"), ErrorCode::JsonSyntax);
}
