//! The log's own keys: how they change in `root`, what stays good of what the old ones signed, and what a trust file
//! says about witnesses beyond their policy.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{Bytes, to_text};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Control, KeyGrant, LogKeys};
use sanwu_schema::record::statement::{Role, Statement};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, SignerKey, Vkey};
use sanwu_schema::verify::trust::{Operator, RetiredKey, Trust};
use sanwu_schema::verify::{CheckCode, CheckState, State};

use super::Group;
use super::bundle::{Ask, Cases, Says, edited as changed, fine, unopened, wrong};
use super::chain::{AUTHORITY, On, PARTY, ROOTS, add, edited, granting, notice, revoking};
use crate::support::village::Name::*;
use crate::support::village::{self, CHAIN, Cast, Name, committee, party, with_authority, with_chain, with_root};
use crate::support::world::{WITNESSED, World};

const DAY: u64 = 86_400;

fn log_key(world: &World, vkeys: &[&str]) -> Statement {
    let mut s = world.next("root", Kind::LogKey);
    s.signers = world.signers(ROOTS);
    s.control = Some(Control::LogKey(LogKeys { log_vkeys: vkeys.iter().map(ToString::to_string).collect() }));
    s
}

/// A key text of type 0x06: any 1312 bytes are a key, and nobody has to sign by this one.
pub(super) fn unused_type_6(name: &str) -> String {
    let bytes: Vec<u8> = (0..41).flat_map(|n| Hash::digest(format!("sanwu type 0x06, {n}").as_bytes()).0).collect();
    Vkey::new(name, MLDSA44_COSIGNATURE, &bytes).unwrap().to_string()
}

fn vkey(world: &World, name: Name, algorithm: u8) -> String {
    Vkey::new(world.origin.as_str(), algorithm, world.cast.key(name).public().raw()).unwrap().to_string()
}

pub(super) fn in_chain(group: &mut Group, cast: &Cast) {
    genesis(group, cast);
    let mut on = On { group, world: with_authority(cast) };
    let (old, new) = (vkey(&on.world, Log, ED25519), vkey(&on.world, NextLog, ED25519));
    let (old, new) = (old.as_str(), new.as_str());
    let post_quantum = unused_type_6(on.world.origin.as_str());
    let both = log_key(&on.world, &[old, new]);
    on.takes("a second log key: old and new stand together", &both);
    on.takes("a log key of type 0x06 beside the first", &log_key(&on.world, &[old, &post_quantum]));
    on.takes("the log's key is changed at once", &log_key(&on.world, &[new]));
    let one = edited(&both, |s| s.signers = on.world.signers(&ROOTS[..1]));
    on.refuses("a change of log keys by one root of two", ErrorCode::Threshold, &one);
    let authority = edited(&both, |s| s.signers = on.world.signers(AUTHORITY));
    on.refuses("a change of log keys by the authority", ErrorCode::Threshold, &authority);
    let mut no = |name: &str, code: ErrorCode, vkeys: &[&str]| {
        let s = log_key(&on.world, vkeys);
        on.refuses(name, code, &s);
    };
    let stranger = vkey(&with_root(cast), Stranger, ED25519_COSIGNATURE);
    let elsewhere = Vkey::new("sanwu.example/another", ED25519, cast.key(NextLog).public().raw()).unwrap().to_string();
    no("log keys: the same again", ErrorCode::Control, &[old]);
    no("log keys: none", ErrorCode::Control, &[]);
    no("log keys: one that is none", ErrorCode::Control, &[old, "no verifier key"]);
    no("log keys: another name", ErrorCode::Control, &[old, &elsewhere]);
    no("log keys: one stands twice", ErrorCode::Control, &[old, new, new]);
    no("log keys: the first is of type 0x06", ErrorCode::Control, &[&post_quantum, old]);
    no("log keys: none of type 0x01", ErrorCode::Control, &[&post_quantum]);
    no("log keys: one of type 0x04", ErrorCode::Control, &[old, &stranger]);
    no("log keys: a root's key", ErrorCode::KeyUse, &[old, &vkey(&with_root(cast), Root3, ED25519)]);
    no("log keys: an authority's key", ErrorCode::KeyUse, &[old, &vkey(&with_root(cast), Authority2, ED25519)]);
    on.refuses("log keys: an issuer", ErrorCode::Control, &edited(&both, |s| s.issuer = Some(committee())));
    on.refuses("log keys: no body", ErrorCode::BodyMissing, &edited(&both, |s| s.body = None));
    let mut swapped = both.clone();
    swapped.kind = Kind::Catalogue;
    on.refuses("log keys under the kind of a catalogue", ErrorCode::JsonUnknown, &swapped);

    // The overlap, and its end.
    add(&mut on.world, &both);
    let s = log_key(&on.world, &[old, new]);
    on.refuses("log keys: the same two again", ErrorCode::Control, &s);
    let s = log_key(&on.world, &[new, old]);
    on.takes("log keys: the same two in another order", &s);
    let grant = |name: Name, world: &World| {
        let grant = cast.grant(name, &[Role::Authority], Some("37"));
        granting(world, "root", &grant, ROOTS, name)
    };
    on.refuses("a grant of the log's next key", ErrorCode::KeyUse, &grant(NextLog, &on.world));
    let dropped = log_key(&on.world, &[new]);
    on.takes("the old log key is dropped", &dropped);
    add(&mut on.world, &dropped);
    let s = log_key(&on.world, &[new, old]);
    on.refuses("a dropped log key comes back", ErrorCode::KeyUse, &s);
    on.refuses("a grant of a dropped log key", ErrorCode::KeyUse, &grant(Log, &on.world));

    on.world = with_authority(cast);
    let s = revoking(&on.world, "root", &[Root3], ROOTS);
    add(&mut on.world, &s);
    let s = log_key(&on.world, &[old, &vkey(&on.world, Root3, ED25519)]);
    on.refuses("log keys: a key that was a root's", ErrorCode::KeyUse, &s);

    on.world = with_chain(cast);
    let mut s = log_key(&on.world, &[old, new]);
    let here = on.world.next(CHAIN, Kind::LogKey);
    (s.chain, s.seq, s.prev, s.keyring) = (here.chain, here.seq, here.prev, here.keyring);
    s.signers = on.world.signers(AUTHORITY);
    on.refuses("log keys in a village: no root keys there", ErrorCode::Threshold, &s);
    let s = log_key(&on.world, &[new]);
    add(&mut on.world, &s);
    let accountant: KeyGrant = cast.grant(Log, &[Role::ChiefAccountant], Some(CHAIN));
    let s = granting(&on.world, CHAIN, &accountant, AUTHORITY, Log);
    on.refuses("a dropped log key granted in a village", ErrorCode::KeyUse, &s);
    on.takes("a notice after the change of log keys", &notice(&on.world, "D01", party(), PARTY));
}

fn genesis(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: World::empty(cast.clone(), village::ORIGIN) };
    let with = |world: &World, vkeys: &[&str]| {
        let mut genesis = village::log_genesis(world);
        genesis.log_vkeys = vkeys.iter().map(ToString::to_string).collect();
        let mut s = world.next("root", Kind::LogGenesis);
        s.signers = world.signers(ROOTS);
        s.control = Some(Control::LogGenesis(genesis));
        s
    };
    let own = vkey(&on.world, Log, ED25519);
    let post_quantum = unused_type_6(on.world.origin.as_str());
    let s = with(&on.world, &[&own, &post_quantum]);
    on.takes("a log genesis with a second log key of type 0x06", &s);
    for (name, vkeys) in [
        ("a log genesis whose only log key is of type 0x06", vec![post_quantum.as_str()]),
        ("a log genesis whose first log key is of type 0x06", vec![post_quantum.as_str(), &own]),
        ("a log genesis with a log key twice", vec![own.as_str(), &own]),
        ("a log genesis with a log key of type 0x04", vec![&own, &vkey(&on.world, NextLog, ED25519_COSIGNATURE)]),
    ] {
        let s = with(&on.world, &vkeys);
        on.refuses(name, ErrorCode::Control, &s);
    }
}

/// A log that changed its key: both from entry 6 on, the old one is dropped by entry 7.
pub struct Changed {
    pub world: World,
    pub keys: [SignerKey; 2],
    /// The entry that drops the old key: the largest tree that it may have signed.
    pub dropped_at: u64,
}

pub fn changed_log() -> Changed {
    let mut world = with_chain(&Cast::new());
    let keys = [world.cast.log_key(&world.origin), world.cast.next_log_key(&world.origin)];
    let [old, new] = [keys[0].vkey().to_string(), keys[1].vkey().to_string()];
    let append = |world: &mut World, s: &Statement| world.append(&world.sign(s), Some(b"{}".to_vec())).unwrap();
    let said = notice(&world, "D01", party(), PARTY);
    append(&mut world, &said);
    let both = log_key(&world, &[&old, &new]);
    append(&mut world, &both);
    let one = log_key(&world, &[&new]);
    let dropped_at = append(&mut world, &one);
    let said = notice(&world, "D01", party(), PARTY);
    append(&mut world, &said);
    Changed { world, keys, dropped_at }
}

impl Changed {
    /// A trust file that knows these keys, and which the log has dropped.
    pub fn trust(&self, now: &[usize], dropped: &[(usize, u64)]) -> String {
        let text = |at: &usize| self.keys[*at].vkey().to_string();
        self.world.trust_but(|t| {
            t.log_vkeys = now.iter().map(text).collect();
            let old = dropped.iter().map(|(at, size)| RetiredKey { vkey: text(at), size: *size }).collect();
            t.retired = Some(old).filter(|list: &Vec<_>| !list.is_empty());
        })
    }
}

pub(super) fn in_bundles(c: &mut Cases<'_>) {
    rotation(c);
    freshness(c);
    broken(c);
}

fn rotation(c: &mut Cases<'_>) {
    let log = changed_log();
    let [old, new] = log.keys.clone();
    let both = [old.clone(), new.clone()];
    let (before, after) = (log.trust(&[0], &[]), log.trust(&[1], &[(0, log.dropped_at)]));
    let (overlap, only_new) = (log.trust(&[0, 1], &[]), log.trust(&[1], &[]));
    let mut ask = |name: &str, (index, size): (u64, u64), keys: &[SignerKey], trust: &str, says: &[Says]| {
        let mut bundle = log.world.bundle(index, size);
        bundle.checkpoint = Bytes(log.world.checkpoint_by(keys, size, 2).into_bytes());
        let state = if says.is_empty() { State::Ok } else { State::Mismatch };
        c.ask(name, &to_text(&bundle), &Ask { trust: Some(trust), ..Ask::default() }, state, says);
    };
    let (old_one, new_one) = (std::slice::from_ref(&old), std::slice::from_ref(&new));
    ask("log keys: before the change", (5, 6), old_one, &before, &fine());
    ask("log keys: made before the change, checked after it", (5, 6), old_one, &after, &fine());
    ask("log keys: a dropped key, the largest tree that it may have signed", (6, 7), old_one, &after, &fine());
    ask("log keys: a dropped key, a larger tree", (6, 8), old_one, &after, &unopened(ErrorCode::NoteUnsigned));
    ask(
        "log keys: a key that the trust file has not kept",
        (5, 6),
        old_one,
        &only_new,
        &unopened(ErrorCode::NoteUnsigned),
    );
    ask("log keys: both sign, the client knows the old one", (5, 7), &both, &before, &fine());
    ask("log keys: both sign, the client knows the new one", (5, 7), &both, &only_new, &fine());
    ask("log keys: both sign, the client knows both", (5, 7), &both, &overlap, &fine());
    ask("log keys: the client does not know the new key", (8, 9), new_one, &before, &unopened(ErrorCode::NoteUnsigned));
    ask("log keys: a dropped key signs on beside the new one", (8, 9), &both, &after, &fine());
    ask("the entry that brings a log key", (6, 9), new_one, &after, &fine());
    ask("the entry that drops a log key", (7, 9), new_one, &after, &fine());

    // A known key's bad signature refuses the note, a dropped key's too.
    let mut bundle = log.world.bundle(8, 9);
    let line = |size| log.world.checkpoint_by(old_one, size, 0).lines().nth(4).unwrap().to_owned();
    let text = log.world.checkpoint_by(&both, 9, 2).replace(&line(9), &line(7));
    bundle.checkpoint = Bytes(text.into_bytes());
    let says = unopened(ErrorCode::NoteSignature);
    let trust = Ask { trust: Some(&after), ..Ask::default() };
    c.ask("log keys: a dropped key's bad signature", &to_text(&bundle), &trust, State::Mismatch, &says);

    // In the log, but the roots have not agreed.
    let mut world = with_chain(&Cast::new());
    let mut s = log_key(&world, &[&new.vkey().to_string()]);
    s.signers = world.signers(&ROOTS[..1]);
    let index = world.force(&s);
    let mut bundle = world.bundle(index, world.size());
    bundle.checkpoint = Bytes(world.checkpoint(world.size(), 2).into_bytes());
    let trust = world.trust();
    let says = wrong(CheckCode::ApprovalQuorum, ErrorCode::Threshold);
    c.ask(
        "in the log, but one root alone changed the log's keys",
        &to_text(&bundle),
        &Ask { trust: Some(&trust), ..Ask::default() },
        State::Mismatch,
        &says,
    );
}

/// The second witness cosigned at `WITNESSED + 1`, the first one second before.
fn freshness(c: &mut Cases<'_>) {
    let world = with_chain(&Cast::new());
    let bundle = to_text(&world.bundle(4, 5));
    let trust = |rule: &str, days: Option<u64>| {
        world.trust_but(|t| {
            t.policy = world.cast.policy(&world.origin, rule);
            t.max_age_days = days;
        })
    };
    let stale = [(CheckCode::WitnessQuorum, CheckState::Partial, Some(ErrorCode::Stale))];
    let none = [(CheckCode::WitnessQuorum, CheckState::NotRequired, None)];
    let newest = WITNESSED + 1;
    let mut ask = |name: &str, rule: &str, days: Option<u64>, now: Option<u64>, says: &[Says]| {
        let trust = trust(rule, days);
        let late = says.iter().any(|one| one.1 == CheckState::Partial);
        let state = if late { State::Partial } else { State::Ok };
        c.ask(name, &bundle, &Ask { trust: Some(&trust), now, ..Ask::default() }, state, says);
    };
    ask("age: fresh", "any", Some(2), Some(newest + 60), &[]);
    ask("age: to the second", "any", Some(2), Some(newest + 2 * DAY), &[]);
    ask("age: one second too old", "any", Some(2), Some(newest + 2 * DAY + 1), &stale);
    ask("age: one of two is too old, one is asked for", "any", Some(2), Some(newest + 2 * DAY), &[]);
    ask("age: one of two is too old, both are asked for", "all", Some(2), Some(newest + 2 * DAY), &stale);
    ask("age: the client has no clock", "any", Some(2), None, &[]);
    ask("age: no limit", "any", None, Some(u64::from(u32::MAX)), &[]);
    ask("age: a clock that is slow", "any", Some(2), Some(1), &[]);
    ask("age: none allowed, seen in this second", "any", Some(0), Some(newest), &[]);
    ask("age: none allowed, seen a second ago", "any", Some(0), Some(newest + 1), &stale);
    ask("age: the largest limit and the latest clock", "any", Some((1 << 53) - 1), Some((1 << 53) - 1), &[]);
    ask("age: no witness is asked for", "none", Some(0), Some(newest + DAY), &none);

    let mut unseen = world.bundle(4, 5);
    unseen.checkpoint = Bytes(world.checkpoint(5, 1).into_bytes());
    let file = trust("all", Some(2));
    let late = Ask { trust: Some(&file), now: Some(newest + 9 * DAY), ..Ask::default() };
    let says = [(CheckCode::WitnessQuorum, CheckState::Partial, Some(ErrorCode::WitnessQuorum))];
    c.ask("age: too old and too few: too few is said", &to_text(&unseen), &late, State::Partial, &says);
    let operators = |list: &[(&str, &str, Option<bool>)]| {
        let one = |(witness, name, own): &(&str, &str, Option<bool>)| Operator {
            witness: (*witness).to_owned(),
            name: (*name).to_owned(),
            own: *own,
        };
        world.trust_but(|t| t.operators = Some(list.iter().map(one).collect()))
    };
    for (name, list) in [
        ("operators are named", vec![("w1", "示例县农经站", None), ("w2", "示例县图书馆", Some(false))]),
        (
            "operators: all are the log's own: no check says so",
            vec![("w1", "清河镇", Some(true)), ("w2", "清河镇", Some(true))],
        ),
        ("operators: of nobody, and one twice", vec![("w9", "甲", None), ("w1", "乙", None), ("w1", "丙", None)]),
        ("operators: an empty list", vec![]),
    ] {
        let trust = operators(&list);
        c.ask(name, &bundle, &Ask { trust: Some(&trust), ..Ask::default() }, State::Ok, &fine());
    }
}

fn broken(c: &mut Cases<'_>) {
    let world = with_chain(&Cast::new());
    let bundle = to_text(&world.bundle(4, 5));
    let mut no = |name: &str, code: ErrorCode, edit: &dyn Fn(&mut Trust)| {
        let trust = world.trust_but(edit);
        c.broken(&format!("broken trust file: {name}"), &bundle, Some(&trust), code);
    };
    let retired = |vkey: String| Some(vec![RetiredKey { vkey, size: 7 }]);
    let next = vkey(&world, NextLog, ED25519);
    let elsewhere = world.cast.next_log_key(&Origin::parse("sanwu.example/x").unwrap()).vkey().to_string();
    no("a dropped key of another log", ErrorCode::OtherLog, &|t| t.retired = retired(elsewhere.clone()));
    no("a dropped key that is none", ErrorCode::Vkey, &|t| t.retired = retired("Log".to_owned()));
    no("a key in force that was dropped", ErrorCode::JsonValue, &|t| t.retired = retired(t.log_vkeys[0].clone()));
    no("a log key twice", ErrorCode::JsonValue, &|t| t.log_vkeys.push(t.log_vkeys[0].clone()));
    no("a key dropped twice", ErrorCode::JsonValue, &|t| {
        t.retired = Some([6, 7].map(|size| RetiredKey { vkey: next.clone(), size }).to_vec());
    });
    let both = unused_type_6(world.origin.as_str());
    no("the log's key is its witness's", ErrorCode::JsonValue, &|t| {
        t.log_vkeys.push(both.clone());
        t.policy = vec![format!("witness own {both}"), "quorum own".to_owned()];
    });
    no("a dropped key that is none comes before a root key that is none", ErrorCode::VkeyId, &|t| {
        t.retired = retired(format!("x{next}"));
        t.root_keys = vec!["Root".to_owned()];
    });
    let good = world.trust_but(|t| {
        t.retired = retired(next.clone());
        t.operators = Some(vec![Operator { witness: "w1".to_owned(), name: "甲".to_owned(), own: Some(true) }]);
        t.max_age_days = Some(2);
    });
    let mut text = |name: &str, from: &str, to: &str, code: ErrorCode| {
        assert!(good.contains(from), "{name}");
        c.broken(&format!("broken trust file: {name}"), &bundle, Some(&good.replacen(from, to, 1)), code);
    };
    text("a dropped key without a size", ",\"size\":7", "", ErrorCode::JsonMissing);
    text("a dropped key of a negative size", "\"size\":7", "\"size\":-7", ErrorCode::JsonNumber);
    text("an age in words", "\"max_age_days\":2", "\"max_age_days\":\"2\"", ErrorCode::JsonType);
    text("a negative age", "\"max_age_days\":2", "\"max_age_days\":-1", ErrorCode::JsonNumber);
    text("an operator without a name", ",\"name\":\"甲\"", "", ErrorCode::JsonMissing);
    text("an operator's own is a number", "\"own\":true", "\"own\":1", ErrorCode::JsonType);
    text("an operator's unknown member", "\"own\":true", "\"mine\":true", ErrorCode::JsonUnknown);
    let plain = changed(&world.bundle(4, 5), |_| {});
    c.ask(
        "a trust file with all that it may say",
        &to_text(&plain),
        &Ask { trust: Some(&good), ..Ask::default() },
        State::Ok,
        &fine(),
    );
}
