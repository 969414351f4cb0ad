//! `entry.parse`: envelope and statement, without their signatures.

use sanwu_schema::crypto::hash::{Hash, b64_encode};
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::error_code::ErrorCode::{
    self, Base64, Control as ControlCode, JsonCanonical, JsonDepth, JsonDuplicate, JsonMissing, JsonNumber, JsonString,
    JsonSyntax, JsonType, JsonUnknown, JsonValue, Key, Length, LogOrigin,
};
use sanwu_schema::json::{to_canonical, to_text};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Control, CorrectionOf, Revocation};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{Ref, Rel, Role, Signer, Statement, StatementId};
use serde_json::{Value, json};

use super::Group;
use crate::support::village::Name::*;
use crate::support::village::{self, CHAIN, Cast, party, with_authority, with_chain};

const OP: &str = "entry.parse";

fn input(entry: &[u8]) -> Value {
    json!({ "entry": b64_encode(entry) })
}

/// An envelope around any bytes, with a signature that nobody checks here.
fn around(payload: &[u8]) -> String {
    format!(
        "{{\"payloadType\":\"application/vnd.sanwu.statement.v1+json\",\"payload\":\"{}\",\"signatures\":[{{\"keyid\":\"{}\",\"sig\":\"AAAA\"}}]}}",
        b64_encode(payload),
        "ab".repeat(32)
    )
}

fn a_notice() -> Statement {
    let world = with_chain(&Cast::new());
    let mut s = world.next(CHAIN, Kind::Notice);
    (s.issuer, s.code, s.signers) =
        (Some(party()), Some(village::code("D01")), world.signers(&[(Secretary, &[Role::PartySec])]));
    // Two digits: so the payload's base64 ends in padding.
    s.body.as_mut().unwrap().size = 22;
    s
}

pub fn group() -> Group {
    let mut group = Group::new("entry");
    let story = village::story();
    let log = &story.world.log;
    for (name, index) in [
        ("a log genesis", 0),
        ("a grant", 1),
        ("a chain genesis", 4),
        ("a decision", story.decision),
        ("a month book", story.months[0]),
        ("receipts, linked to the book", story.months[0] + 1),
        ("a contract", story.contract),
        ("a notice with rows", story.people),
        ("a correction", story.correction),
        ("an erasure", story.erasure),
        ("a revocation", story.revocation),
        ("a nil return", story.months[4] + 1),
    ] {
        let entry = &log[index as usize].entry;
        valid(&mut group, name, &entry.bytes);
    }
    envelopes(&mut group);
    statements(&mut group);
    lists(&mut group);
    controls(&mut group);
    group
}

fn valid(group: &mut Group, name: &str, bytes: &[u8]) {
    let entry = Entry::parse(bytes).unwrap();
    let s = &entry.statement;
    let ok = json!({ "id": entry.id.to_string(), "kind": s.kind.as_str(), "chain": s.chain.as_str(), "seq": s.seq });
    group.ok(name, OP, input(bytes), ok);
}

fn envelopes(group: &mut Group) {
    let world = with_chain(&Cast::new());
    let good = String::from_utf8(world.sign(&a_notice())).unwrap();
    let payload = b64_encode(&to_canonical(&a_notice()));
    assert!(payload.ends_with('='), "the padding cases need padding");
    let mut edit = |name: &str, code: ErrorCode, from: &str, to: &str| {
        assert!(good.contains(from), "{name}");
        group.bad(name, OP, input(good.replacen(from, to, 1).as_bytes()), code);
    };
    let bare = payload.trim_end_matches('=');
    edit("envelope: payload without padding", Base64, &payload, bare);
    edit("envelope: payload with padding too much", Base64, &payload, &format!("{payload}="));
    edit("envelope: payload with a space", Base64, &payload, &format!(" {payload}"));
    edit("envelope: payload in the URL alphabet", Base64, &payload, &format!("-_{}", &payload[2..]));
    let (head, last) = bare.split_at(bare.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    edit(
        "envelope: non-canonical base64, an unused bit is set",
        Base64,
        &payload,
        &format!("{head}{next}{}", &payload[bare.len()..]),
    );
    edit("envelope: signature in non-canonical base64", Base64, "==\"}", "\"}");
    edit("envelope: a space", JsonCanonical, "\",\"payload\"", "\", \"payload\"");
    edit("envelope: a slash escaped", JsonCanonical, "application/", "application\\/");
    edit("envelope: an unknown member", JsonUnknown, "{\"payloadType\"", "{\"v\":1,\"payloadType\"");
    edit("envelope: a member twice", JsonDuplicate, "{\"payloadType\"", "{\"payload\":\"\",\"payloadType\"");
    edit("envelope: an unknown member of a signature", JsonUnknown, "{\"keyid\"", "{\"alg\":\"ed25519\",\"keyid\"");
    edit("envelope: a key id in capitals", JsonValue, "\"keyid\":\"", "\"keyid\":\"A");
    edit("envelope: payload is no string", JsonType, &format!("\"{payload}\""), "1");
    edit("envelope: a signature is null", JsonType, "[{", "[null,{");
    edit("another payload type", ErrorCode::PayloadType, "vnd.sanwu.statement.v1+json", "vnd.sanwu.statement.v2+json");
    edit(
        "wrong payloadType: JSON",
        ErrorCode::PayloadType,
        "application/vnd.sanwu.statement.v1+json",
        "application/json",
    );
    let mut whole = |name: &str, code: ErrorCode, bytes: &[u8]| group.bad(name, OP, input(bytes), code);
    whole("nothing", JsonSyntax, b"");
    whole("envelope: cut off", JsonSyntax, &good.as_bytes()[..good.len() - 1]);
    whole("envelope: a newline at the end", JsonCanonical, format!("{good}\n").as_bytes());
    whole("envelope: not UTF-8", JsonString, b"{\"payloadType\":\"\xff\"}");
    let start = good.find("\"payload\":").unwrap();
    let end = good.find(",\"signatures\"").unwrap();
    let moved = format!("{{{},{}{}", &good[start..end], &good[1..start - 1], &good[end..]);
    whole("envelope: members reordered", JsonCanonical, moved.as_bytes());
    whole("envelope: no signatures member", JsonMissing, format!("{}}}", &good[..end]).as_bytes());
    whole("an entry of 65,536 bytes", Length, &[b' '; 65_536]);
    whole("payload: nothing", JsonSyntax, around(b"").as_bytes());
    whole("an empty list of signatures parses", JsonType, around(b"[]").as_bytes());
    // A statement of more than 32,768 bytes, canonical otherwise.
    let mut big = log_genesis();
    let missing = 32_769 - to_canonical(&big).len();
    if let Some(Control::LogGenesis(genesis)) = &mut big.control {
        genesis.log_vkeys.push("k".repeat(missing - 3));
    }
    assert_eq!(to_canonical(&big).len(), 32_769);
    whole("oversize statement: 32,769 bytes", Length, around(&to_canonical(&big)).as_bytes());
    if let Some(Control::LogGenesis(genesis)) = &mut big.control {
        genesis.log_vkeys[1].pop();
    }
    assert_eq!(to_canonical(&big).len(), 32_768);
    valid(group, "a statement of 32,768 bytes", around(&to_canonical(&big)).as_bytes());
}

fn log_genesis() -> Statement {
    village::story().world.log[0].entry.statement.clone()
}

/// One edit of a statement's text.
struct Text<'a> {
    group: &'a mut Group,
    text: String,
}

impl Text<'_> {
    fn edit(&mut self, name: &str, code: ErrorCode, from: &str, to: &str) {
        assert!(self.text.contains(from), "{name}: {from} in {}", self.text);
        self.whole(name, code, self.text.replacen(from, to, 1).as_bytes());
    }

    fn whole(&mut self, name: &str, code: ErrorCode, payload: &[u8]) {
        self.group.bad(&format!("statement: {name}"), OP, input(around(payload).as_bytes()), code);
    }
}

fn statements(group: &mut Group) {
    let text = to_text(&a_notice());
    let mut t = Text { group, text: text.clone() };
    t.edit("unknown kind", ErrorCode::Kind, "\"notice\"", "\"heads\"");
    t.edit(
        "unknown kind, and an unknown member",
        ErrorCode::Kind,
        "\"kind\":\"notice\"",
        "\"kind\":\"heads\",\"map\":{}",
    );
    t.edit("the kind is a number", JsonType, "\"notice\"", "1");
    t.edit("unknown field", JsonUnknown, "\"seq\":", "\"note\":\"\",\"seq\":");
    t.edit("duplicate member", JsonDuplicate, "\"seq\":", "\"seq\":1,\"seq\":");
    t.edit("missing member", JsonMissing, "\"chain\":\"379999100201\",", "");
    t.edit("a misspelt member", JsonUnknown, "\"seen\"", "\"seem\"");
    let (seq, chain) = ("\"seq\":1,", "\"chain\":\"379999100201\",");
    t.edit("members reordered", JsonCanonical, &format!("{chain}{seq}"), &format!("{seq}{chain}"));
    t.edit("a space", JsonCanonical, "\"seq\":1", "\"seq\": 1");
    t.edit("a letter escaped", JsonCanonical, "\"notice\"", "\"\\u006eotice\"");
    t.edit("null for absent", JsonType, "\"seq\":1,", "\"seq\":1,\"parent\":null,");
    t.edit("a float", JsonNumber, "\"seq\":1", "\"seq\":1.0");
    t.edit("an exponent", JsonNumber, "\"seq\":1", "\"seq\":1e0");
    t.edit("-0", JsonNumber, "\"seq\":1", "\"seq\":-0");
    t.edit("a negative place", JsonNumber, "\"seq\":1", "\"seq\":-1");
    t.edit("a leading zero", JsonNumber, "\"seq\":1", "\"seq\":01");
    t.edit("2^53", JsonNumber, "\"seq\":1", "\"seq\":9007199254740992");
    t.edit("a number as text", JsonType, "\"seq\":1", "\"seq\":\"1\"");
    t.edit("Chinese in the statement", JsonString, "\"379999100201\"", "\"柳溪村\"");
    t.edit("BiDi control, escaped", JsonString, "\"379999100201\"", "\"\\u202e379999100201\"");
    t.edit("depth", JsonDepth, "\"seq\":1", "\"seq\":[[[[[[[[1]]]]]]]]");
    t.whole("a newline at the end", JsonCanonical, format!("{text}\n").as_bytes());
    t.whole("not an object", JsonType, b"[]");
    t.whole("two documents", JsonSyntax, format!("{text}{text}").as_bytes());
    t.edit("an origin with a scheme", LogOrigin, "sanwu.example/379999100", "https://sanwu.example/379999100");
    t.edit("an origin with a slash at the end", LogOrigin, "sanwu.example/379999100", "sanwu.example/379999100/");
    t.edit("a chain in capitals", JsonValue, "\"379999100201\"", "\"A\"");
    t.edit("a chain of 65 characters", JsonValue, "\"379999100201\"", &format!("\"{}\"", "a".repeat(65)));
    t.edit("a digest in capitals", JsonValue, "\"digest\":\"sha256:", "\"digest\":\"SHA256:");
    t.edit("a digest without its prefix", JsonValue, "\"digest\":\"sha256:", "\"digest\":\"");
    t.edit("a time in UTC", JsonValue, "09:00:00+08:00", "01:00:00Z");
    t.edit("hour 24", JsonValue, "T09:00:00", "T24:00:00");
    t.edit("a leap second", JsonValue, "T09:00:00", "T09:00:60");
    t.edit("a day that does not exist", JsonValue, "2026-06-01T", "2026-02-29T");
    t.edit("an item of another letter", JsonValue, "\"code\":\"D01\"", "\"code\":\"X01\"");
    t.edit("an issuer of another kind", JsonValue, "party_organisation", "company");
    t.edit(
        "a credit code with a wrong check character",
        JsonValue,
        "\"party_organisation\"",
        "\"party_organisation\",\"uscc\":\"54379999ME000001X2\"",
    );
    t.edit("a negative size", JsonNumber, "\"size\":22}", "\"size\":-22}");
    for (name, period) in [
        ("month 13", "2026-13"),
        ("month 00", "2026-00"),
        ("a fifth quarter", "2026-Q5"),
        ("a third half", "2026-H3"),
        ("a day", "2026-03-01"),
        ("a month of one digit", "2026-3"),
        ("two digits of a year", "26"),
    ] {
        let to = format!("\"period\":\"{period}\",\"issued_at\"");
        t.edit(&format!("period: {name}"), JsonValue, "\"issued_at\"", &to);
    }
}

fn lists(group: &mut Group) {
    let good = a_notice();
    let signer = |i: u8, roles: &[Role]| Signer { keyid: KeyId([i; 32]), roles: roles.to_vec() };
    let many = |n: u8| (0..n).map(|i| signer(i, &[Role::PartySec])).collect::<Vec<_>>();
    let refs = |n: u8| (0..n).map(|i| Ref { rel: Rel::About, id: StatementId(Hash([i; 32])) }).collect::<Vec<_>>();
    let with =
        |signers: Vec<Signer>, refs: Option<Vec<Ref>>| to_canonical(&Statement { signers, refs, ..good.clone() });
    valid(group, "sixteen signers", around(&with(many(16), None)).as_bytes());
    valid(group, "thirty-two refs", around(&with(many(1), Some(refs(32)))).as_bytes());
    let mut bad = |name: &str, payload: Vec<u8>| group.bad(name, OP, input(around(&payload).as_bytes()), JsonValue);
    bad("no signers", with(Vec::new(), None));
    bad("seventeen signers", with(many(17), None));
    bad("signers not sorted", with(many(2).into_iter().rev().collect(), None));
    bad("a signer twice", with(vec![signer(1, &[Role::PartySec]), signer(1, &[Role::PartySec])], None));
    bad("a signer twice, in two roles", with(vec![signer(1, &[Role::PartySec]), signer(1, &[Role::VillageDir])], None));
    bad("a signer without a role", with(vec![signer(1, &[])], None));
    bad("roles not sorted", with(vec![signer(1, &[Role::VillageDir, Role::PartySec])], None));
    bad("a role twice", with(vec![signer(1, &[Role::PartySec, Role::PartySec])], None));
    bad("an empty list of refs", with(many(1), Some(Vec::new())));
    bad("thirty-three refs", with(many(1), Some(refs(33))));
    bad("refs not sorted", with(many(1), Some(refs(2).into_iter().rev().collect())));
    bad("a ref twice", with(many(1), Some(vec![refs(1)[0].clone(), refs(1)[0].clone()])));
    let by_rel = vec![Ref { rel: Rel::Corrects, ..refs(1)[0].clone() }, Ref { rel: Rel::About, ..refs(2)[1].clone() }];
    bad("refs sorted by id before rel", with(many(1), Some(by_rel)));
    let text = String::from_utf8(with(many(1), Some(refs(1)))).unwrap();
    bad("an unknown rel", text.replace("\"about\"", "\"likes\"").into_bytes());
    bad("an unknown role", text.replace("\"party_sec\"", "\"mayor\"").into_bytes());
}

fn controls(group: &mut Group) {
    let cast = Cast::new();
    let world = with_authority(&cast);
    let key = cast.key(Stranger).public();
    let b64 = b64_encode(key.as_bytes());
    let mut grant = world.next("root", Kind::Grant);
    grant.signers = world.signers(&[(Stranger, &[Role::Authority])]);
    grant.control = Some(Control::Grant(cast.grant(Stranger, &[Role::Authority], Some("379999100"))));
    let text = to_text(&grant);
    let mut t = Text { group, text };
    let small_order = |byte: u8| b64_encode(&[&[1, byte][..], &[0; 31]].concat());
    t.edit("control: a small-order key in a grant, the identity", Key, &b64, &small_order(1));
    t.edit("control: a small-order key in a grant, of order four", Key, &b64, &small_order(0));
    let order_8 =
        sanwu_schema::crypto::hash::hex_decode("01c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
            .unwrap();
    t.edit("control: a small-order key in a grant, of order eight", Key, &b64, &b64_encode(&order_8));
    let second_spelling = [&[1, 0xee][..], &[0xff; 30], &[0x7f]].concat();
    t.edit("control: a key with y above p", Key, &b64, &b64_encode(&second_spelling));
    t.edit("control: a key that is no point", Key, &b64, &small_order(2));
    t.edit("control: a key of 31 bytes", Key, &b64, &b64_encode(&key.as_bytes()[..32]));
    t.edit("control: an empty key", Key, &b64, "");
    t.edit("control: a key in broken base64", Base64, &b64, &b64[1..]);
    t.edit(
        "control: roles not sorted",
        JsonValue,
        "\"roles\":[\"authority\"],\"scope\"",
        "\"roles\":[\"township\",\"authority\"],\"scope\"",
    );
    t.edit("control: no roles", JsonValue, "\"roles\":[\"authority\"],\"scope\"", "\"roles\":[],\"scope\"");
    t.edit("control: a scope of five digits", JsonValue, "\"scope\":\"379999100\"", "\"scope\":\"37999\"");
    t.edit("control: a holder of 31 digits", JsonValue, "\"holder\":\"", "\"holder\":\"0");
    t.edit("control: no holder", JsonUnknown, "\"holder\":\"", "\"owner\":\"");
    t.edit("control: of another kind", JsonUnknown, "\"kind\":\"grant\"", "\"kind\":\"revoke\"");
    t.edit("control: where none belongs", ControlCode, "\"kind\":\"grant\"", "\"kind\":\"notice\"");
    let without = to_text(&Statement { control: None, ..grant.clone() });
    t.whole("control: none in a grant", ControlCode, without.as_bytes());
    for kind in [Kind::LogGenesis, Kind::ChainGenesis, Kind::Correction, Kind::Erasure] {
        let text = to_text(&Statement { control: None, kind, ..grant.clone() });
        t.whole(&format!("control: none in a {kind}"), ControlCode, text.as_bytes());
    }
    let revoke = |keys: &[u8]| {
        let keys = keys.iter().map(|i| KeyId([*i; 32])).collect();
        let control = Some(Control::Revoke(Revocation { keys, suspect_from: Some(3) }));
        to_canonical(&Statement { kind: Kind::Revoke, control, ..grant.clone() })
    };
    valid(t.group, "a revocation with suspect_from", around(&revoke(&[1, 2])).as_bytes());
    t.whole("control: a revocation of no key", JsonValue, &revoke(&[]));
    t.whole("control: a revocation with keys not sorted", JsonValue, &revoke(&[2, 1]));
    t.whole("control: a revocation with a key twice", JsonValue, &revoke(&[1, 1]));
    let of = Control::Correction(CorrectionOf { of: Kind::Notice });
    let text = to_text(&Statement { kind: Kind::Correction, control: Some(of), ..grant.clone() });
    t.whole(
        "control: a correction of an unknown kind",
        JsonValue,
        text.replace("\"of\":\"notice\"", "\"of\":\"heads\"").as_bytes(),
    );
    let genesis = log_genesis();
    let Some(Control::LogGenesis(control)) = &genesis.control else { panic!("a log genesis") };
    let mut with = |name: &str, edit: &dyn Fn(&mut sanwu_schema::kinds::LogGenesis)| {
        let mut control = control.clone();
        edit(&mut control);
        let s = Statement { control: Some(Control::LogGenesis(control)), ..genesis.clone() };
        t.whole(name, JsonValue, &to_canonical(&s));
    };
    with("control: root keys not sorted", &|c| c.keys.swap(0, 1));
    with("control: a root key twice", &|c| c.keys[1] = c.keys[0].clone());
    with("control: items not sorted", &|c| c.catalogue.items.swap(0, 1));
    with("control: an item twice", &|c| c.catalogue.items[1] = c.catalogue.items[0].clone());
    with("control: an item without roles", &|c| c.catalogue.items[0].roles.clear());
}
