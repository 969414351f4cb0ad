//! `chain.replay`: logs from their first entry, most of them with a last entry that may not be there.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use sanwu_schema::catalogue::ExtraRoles;
use sanwu_schema::crypto::hash::{Hash, b64_encode};
use sanwu_schema::crypto::key::{KeyId, PublicKey};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{Bytes, to_canonical};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{
    Adoption, Control, CorrectionOf, Erased, ErasureOf, KeyGrant, LogGenesis, NewCatalogue, NewProfile, Revocation,
};
use sanwu_schema::record::dsse::{Envelope, Signature, pae};
use sanwu_schema::record::statement::{Issuer, OrgKind, Ref, Rel, Role, RowsRef, Seen, Statement, StatementId, Uscc};
use sanwu_schema::sample::profile;
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::EMPTY;
use sanwu_schema::tlog::vkey::{ED25519, Vkey};
use sanwu_schema::validity::ring::Ring;
use serde_json::{Map, Value, json};

use super::Group;
use crate::support::village::Name::*;
use crate::support::village::{
    self, CHAIN, Cast, Name, ORIGIN, code, collective, committee, party, period, with_authority, with_chain, with_root,
};
use crate::support::world::{World, chain_id};

const OP: &str = "chain.replay";

/// What a replay ends with.
pub fn summary(world: &World) -> Value {
    let heads: Map<String, Value> =
        world.heads().map(|(c, s)| (c.as_str().to_owned(), json!(s.head.id.to_string()))).collect();
    let rings: Map<String, Value> =
        world.heads().map(|(c, s)| (c.as_str().to_owned(), json!(s.ring_digest.to_text()))).collect();
    json!({ "size": world.size(), "root": world.root().to_text(), "heads": heads, "rings": rings })
}

fn input(entries: &[Vec<u8>]) -> Value {
    let entries: Vec<String> = entries.iter().map(|e| b64_encode(e)).collect();
    json!({ "origin": ORIGIN, "entries": entries })
}

/// A world, and cases that add one entry to it.
pub(super) struct On<'a> {
    pub group: &'a mut Group,
    pub world: World,
}

impl On<'_> {
    /// The entry is refused.
    fn no(&mut self, name: &str, code: ErrorCode, entry: Vec<u8>) {
        let mut entries = self.world.entries();
        entries.push(entry);
        let expect = json!({ "error": code.as_str(), "at": self.world.size() });
        self.group.case(name, OP, input(&entries), expect);
    }

    /// The statement, signed by those that it lists, is refused.
    pub fn refuses(&mut self, name: &str, code: ErrorCode, statement: &Statement) {
        let entry = self.world.sign(statement);
        self.no(name, code, entry);
    }

    /// The statement is accepted.
    pub fn takes(&mut self, name: &str, statement: &Statement) {
        let mut world = self.world.clone();
        world.append(&self.world.sign(statement), None).unwrap();
        self.group.ok(name, OP, input(&world.entries()), summary(&world));
    }
}

pub(super) fn edited(statement: &Statement, edit: impl FnOnce(&mut Statement)) -> Statement {
    let mut statement = statement.clone();
    edit(&mut statement);
    statement
}

pub(super) const ROOTS: &[(Name, &[Role])] = &[(Root1, &[Role::Root]), (Root2, &[Role::Root])];
pub(super) const AUTHORITY: &[(Name, &[Role])] = &[(Authority1, &[Role::Authority])];
const FINANCE: &[(Name, &[Role])] =
    &[(Accountant, &[Role::ChiefAccountant]), (Chair, &[Role::SupervisionChair]), (Director, &[Role::CoopChair])];
const VILLAGE: &[(Name, &[Role])] = &[(Director, &[Role::VillageDir]), (Chair, &[Role::SupervisionChair])];
pub(super) const PARTY: &[(Name, &[Role])] = &[(Secretary, &[Role::PartySec])];

fn finance(world: &World, kind: Kind, item: Option<&str>, month: Option<&str>) -> Statement {
    let mut s = world.next(CHAIN, kind);
    s.issuer = Some(collective());
    s.code = item.map(code);
    s.period = month.map(period);
    s.signers = world.signers(FINANCE);
    s
}

pub(super) fn notice(world: &World, item: &str, issuer: Issuer, signers: &[(Name, &[Role])]) -> Statement {
    let mut s = world.next(CHAIN, Kind::Notice);
    s.issuer = Some(issuer);
    s.code = Some(code(item));
    s.signers = world.signers(signers);
    s
}

pub(super) fn granting(world: &World, chain: &str, grant: &KeyGrant, by: &[(Name, &[Role])], new: Name) -> Statement {
    let mut s = world.next(chain, Kind::Grant);
    let mut signers = by.to_vec();
    signers.push((new, &grant.roles));
    s.signers = world.signers(&signers);
    s.control = Some(Control::Grant(grant.clone()));
    s
}

pub(super) fn revoking(world: &World, chain: &str, keys: &[Name], by: &[(Name, &[Role])]) -> Statement {
    let mut s = world.next(chain, Kind::Revoke);
    let mut ids: Vec<KeyId> = keys.iter().map(|n| world.cast.key_id(*n)).collect();
    ids.sort_unstable();
    s.control = Some(Control::Revoke(Revocation { keys: ids, suspect_from: None }));
    s.signers = world.signers(by);
    s
}

fn correcting(of: &Statement, world: &World, target: StatementId) -> Statement {
    let mut s = world.next(CHAIN, Kind::Correction);
    s.issuer = of.issuer.clone();
    s.code = of.code.clone();
    s.period = of.period.clone();
    s.signers = of.signers.clone();
    s.control = Some(Control::Correction(CorrectionOf { of: of.kind }));
    s.refs = Some(vec![Ref { rel: Rel::Corrects, id: target }]);
    s
}

fn erasing(of: &Statement, world: &World, target: StatementId, signers: &[(Name, &[Role])]) -> Statement {
    let mut s = correcting(of, world, target);
    s.kind = Kind::Erasure;
    s.signers = world.signers(signers);
    s.control = Some(Control::Erasure(ErasureOf { of: of.kind, what: Erased::Both }));
    s.refs = Some(vec![Ref { rel: Rel::Erases, id: target }]);
    s
}

pub(super) fn add(world: &mut World, statement: &Statement) -> StatementId {
    let at = world.append(&world.sign(statement), None).unwrap();
    world.id(at)
}

pub fn group() -> Group {
    let mut group = Group::new("chain");
    let cast = Cast::new();
    let story = village::story();
    group.ok("five months of a village", OP, input(&story.world.entries()), summary(&story.world));
    log_genesis(&mut group, &cast);
    root_chain(&mut group, &cast);
    signatures(&mut group, &cast);
    torsion(&mut group, &cast);
    chain_genesis(&mut group, &cast);
    position(&mut group, &cast);
    village_keys(&mut group, &cast);
    village_rules(&mut group, &cast);
    disclosures(&mut group, &cast);
    references(&mut group, &cast);
    super::log_keys::in_chain(&mut group, &cast);
    group
}

fn log_genesis(group: &mut Group, cast: &Cast) {
    let world = World::empty(cast.clone(), ORIGIN);
    let genesis = village::log_genesis(&world);
    let mut on = On { group, world };
    let with = |world: &World, edit: &dyn Fn(&mut LogGenesis)| {
        let mut genesis = genesis.clone();
        edit(&mut genesis);
        let mut s = world.next("root", Kind::LogGenesis);
        s.signers = world.signers(ROOTS);
        s.control = Some(Control::LogGenesis(genesis));
        s
    };
    let plain = with(&on.world, &|_| {});
    on.takes("a log's first entry", &plain);
    let root_key = |n: Name| cast.grant(n, &[Role::Root], None);
    let sorted = |mut keys: Vec<KeyGrant>| {
        keys.sort_by_key(|k| k.key.key_id());
        keys
    };

    let other = notice(&on.world, "D01", party(), PARTY);
    let other = edited(&other, |s| s.control = None);
    // Its key is known to nobody: the first thing that fails is its signature.
    on.refuses("before the log's first entry: a key that nobody has granted", ErrorCode::KeyUnknown, &other);
    let s = edited(&plain, |s| s.chain = chain_id(CHAIN));
    on.refuses("a log genesis in a village's chain", ErrorCode::ChainKind, &s);
    let s = edited(&plain, |s| s.seq = 1);
    on.refuses("a log genesis that is not number 0", ErrorCode::ChainKind, &s);
    let s = edited(&plain, |s| s.origin = Origin::parse("sanwu.example/another").unwrap());
    on.refuses("the genesis of another log", ErrorCode::OtherLog, &s);
    let s = edited(&plain, |s| s.prev = Some(StatementId(Hash::digest(b"before"))));
    on.refuses("a log genesis with a predecessor", ErrorCode::Prev, &s);
    let s = edited(&plain, |s| s.parent = Some(StatementId(Hash::digest(b"parent"))));
    on.refuses("a log genesis with a parent", ErrorCode::Parent, &s);
    let s = edited(&plain, |s| s.seen.size = 1);
    on.refuses("a log genesis that has seen an entry", ErrorCode::Seen, &s);
    let s = edited(&plain, |s| s.seen.root = Hash::digest(b"not the empty root"));
    on.refuses("a log genesis that has seen another empty tree", ErrorCode::Seen, &s);
    let s = edited(&plain, |s| s.keyring = Hash::digest(b"ring"));
    on.refuses("a log genesis with a ring before it", ErrorCode::Keyring, &s);
    let s = edited(&plain, |s| s.signers = on.world.signers(&ROOTS[..1]));
    on.refuses("a log genesis signed by one root of two", ErrorCode::Threshold, &s);
    let two = sorted(vec![root_key(Root1), root_key(Root1Again), root_key(Root2)]);
    let twice: &[(Name, &[Role])] = &[(Root1, &[Role::Root]), (Root1Again, &[Role::Root])];
    let s = edited(&with(&on.world, &|g| g.keys = two.clone()), |s| s.signers = on.world.signers(twice));
    on.refuses("a person with two root keys counts once for the threshold", ErrorCode::Threshold, &s);
    let s = with(&on.world, &|g| g.threshold = 0);
    on.refuses("a threshold of none", ErrorCode::Threshold, &s);
    let three: &[(Name, &[Role])] = &[(Root1, &[Role::Root]), (Root2, &[Role::Root]), (Root3, &[Role::Root])];
    let s = edited(&with(&on.world, &|g| g.threshold = 4), |s| s.signers = on.world.signers(three));
    on.refuses("a threshold above the number of roots", ErrorCode::Threshold, &s);
    let s = with(&on.world, &|g| g.suites = vec![1, 2]);
    on.refuses("a suite that cannot be checked", ErrorCode::Suite, &s);
    let s = with(&on.world, &|g| g.catalogue.version = 2);
    on.refuses("a first catalogue of version 2", ErrorCode::Control, &s);
    let s = with(&on.world, &|g| g.log_vkeys = Vec::new());
    on.refuses("a log without a key", ErrorCode::Control, &s);
    let s = with(&on.world, &|g| {
        g.log_vkeys =
            vec![Vkey::new("sanwu.example/another", ED25519, cast.key(Log).public().raw()).unwrap().to_string()];
    });
    on.refuses("a log key under another name", ErrorCode::Control, &s);
    let s = with(&on.world, &|g| g.log_vkeys = vec!["no verifier key".to_owned()]);
    on.refuses("a log key that is none", ErrorCode::Control, &s);
    let with_log = sorted(vec![root_key(Root1), root_key(Root2), root_key(Log)]);
    let s = with(&on.world, &|g| g.keys = with_log.clone());
    on.refuses("the log's key as a root key", ErrorCode::KeyUse, &s);
    let mixed = sorted(vec![root_key(Root1), root_key(Root2), cast.grant(Root3, &[Role::Authority, Role::Root], None)]);
    let s = with(&on.world, &|g| g.keys = mixed.clone());
    on.refuses("a root key with a second role", ErrorCode::RolePlace, &s);
    let scoped = sorted(vec![root_key(Root1), root_key(Root2), cast.grant(Root3, &[Role::Root], Some("37"))]);
    let s = with(&on.world, &|g| g.keys = scoped.clone());
    on.refuses("a root key with a scope", ErrorCode::RolePlace, &s);
    let s = edited(&plain, |s| s.issuer = Some(committee()));
    on.refuses("a log genesis with an issuer", ErrorCode::Control, &s);
    let s = edited(&plain, |s| s.body = None);
    on.refuses("a log genesis without a body", ErrorCode::BodyMissing, &s);
}

fn root_chain(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_root(cast) };
    let authority = cast.grant(Authority1, &[Role::Authority], Some("379999100"));
    let good = granting(&on.world, "root", &authority, ROOTS, Authority1);
    on.takes("root grants an authority key", &good);
    let second = edited(&on.world.next("root", Kind::LogGenesis), |s| {
        (s.seq, s.prev, s.signers) = (0, None, on.world.signers(ROOTS));
        s.control = Some(Control::LogGenesis(village::log_genesis(&on.world)));
    });
    on.refuses("a second genesis of the log", ErrorCode::ChainExists, &second);
    let s = granting(&on.world, "root", &authority, &ROOTS[..1], Authority1);
    on.refuses("a grant in root by one root of two", ErrorCode::Threshold, &s);
    let s = edited(&good, |s| s.signers = on.world.signers(ROOTS));
    on.refuses("a grant without possession: the new key has not signed", ErrorCode::Possession, &s);
    let both = cast.grant(Authority1, &[Role::Authority], Some("379999100"));
    let mut list = ROOTS.to_vec();
    list.push((Authority1, &[Role::Township]));
    let s = edited(&granting(&on.world, "root", &both, ROOTS, Authority1), |s| s.signers = on.world.signers(&list));
    on.refuses("a grant whose new key signs in another role", ErrorCode::Possession, &s);
    let mut one = |name: &str, grant: KeyGrant, who: Name, code: ErrorCode| {
        let s = granting(&on.world, "root", &grant, ROOTS, who);
        on.refuses(name, code, &s);
    };
    one(
        "a village's role in root",
        cast.grant(Secretary, &[Role::PartySec], Some(CHAIN)),
        Secretary,
        ErrorCode::RolePlace,
    );
    one(
        "intake is granted nowhere yet",
        cast.grant(Stranger, &[Role::Intake], Some(CHAIN)),
        Stranger,
        ErrorCode::RolePlace,
    );
    one(
        "root together with authority",
        cast.grant(Root1Again, &[Role::Authority, Role::Root], None),
        Root1Again,
        ErrorCode::RolePlace,
    );
    one(
        "an authority key without a scope",
        cast.grant(Authority1, &[Role::Authority], None),
        Authority1,
        ErrorCode::KeyScope,
    );
    one(
        "a root key with a scope, granted later",
        cast.grant(Root1Again, &[Role::Root], Some("37")),
        Root1Again,
        ErrorCode::KeyScope,
    );
    one("the log's key as a ring key", cast.grant(Log, &[Role::Authority], Some("37")), Log, ErrorCode::KeyUse);
    let s = revoking(&on.world, "root", &[Root3, Root2], ROOTS);
    on.refuses("fewer roots would remain than the threshold", ErrorCode::Threshold, &s);
    let s = revoking(&on.world, "root", &[Root3], ROOTS);
    on.takes("a root key is revoked, two remain", &s);
    let s = revoking(&on.world, "root", &[Root3], &[(Root3, &[Role::Root])]);
    on.takes("a root key ends itself", &s);
    let s = revoking(&on.world, "root", &[Stranger], ROOTS);
    on.refuses("a revocation of a key that is not in the ring", ErrorCode::KeyUnknown, &s);
    let mut next = village::catalogue();
    next.version = 2;
    next.items.pop();
    let mut s = on.world.next("root", Kind::Catalogue);
    s.signers = on.world.signers(ROOTS);
    s.control = Some(Control::Catalogue(NewCatalogue { catalogue: next.clone() }));
    on.takes("a second catalogue", &s);
    let one_root = edited(&s, |s| s.signers = on.world.signers(&ROOTS[..1]));
    on.refuses("a second catalogue signed by one root of two", ErrorCode::Threshold, &one_root);
    next.version = 3;
    s.control = Some(Control::Catalogue(NewCatalogue { catalogue: next }));
    on.refuses("a catalogue that skips a version", ErrorCode::Control, &s);

    let mut on = On { group: on.group, world: with_authority(cast) };
    let s = granting(&on.world, "root", &authority, ROOTS, Authority1);
    on.refuses("a key is granted twice in root", ErrorCode::KeyGranted, &s);
    let mut s = on.world.next("root", Kind::Profile);
    s.signers = on.world.signers(AUTHORITY);
    s.control = Some(Control::Profile(NewProfile { profile: profile() }));
    on.refuses("a profile in root", ErrorCode::ChainKind, &s);
    let mut s = on.world.next("root", Kind::Rules);
    s.signers = on.world.signers(AUTHORITY);
    s.control = Some(Control::Rules(Adoption { catalogue: village::catalogue().digest() }));
    on.refuses("root adopts its own catalogue", ErrorCode::ChainKind, &s);
    let mut s = on.world.next("root", Kind::Notice);
    (s.issuer, s.code, s.signers) = (Some(party()), Some(code("D01")), on.world.signers(AUTHORITY));
    on.refuses("a notice in root", ErrorCode::RoleMissing, &s);
    let s = revoking(&on.world, "root", &[Authority1], ROOTS);
    add(&mut on.world, &s);
    let s = granting(&on.world, "root", &authority, ROOTS, Authority1);
    on.refuses("a key is granted again after its revocation", ErrorCode::KeyGranted, &s);
}

/// Envelopes whose signatures are not exactly those of the listed signers.
fn signatures(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_root(cast) };
    let grant = cast.grant(Authority1, &[Role::Authority], Some("379999100"));
    let statement = granting(&on.world, "root", &grant, ROOTS, Authority1);
    let good = Envelope::parse(&on.world.sign(&statement)).unwrap();
    let mut with = |name: &str, code: ErrorCode, edit: &dyn Fn(&mut Vec<Signature>)| {
        let mut envelope = good.clone();
        edit(&mut envelope.signatures);
        on.no(name, code, envelope.to_bytes());
    };
    let extra = Signature { keyid: cast.key_id(Root3), sig: Bytes(cast.key(Root3).sign(&pae(&good.payload))) };
    with("a signature is stripped", ErrorCode::SignatureSet, &|s| drop(s.remove(1)));
    with("all signatures are stripped", ErrorCode::SignatureSet, &Vec::clear);
    with("signatures change places", ErrorCode::SignatureSet, &|s| s.swap(0, 1));
    with("a signature stands twice", ErrorCode::SignatureSet, &|s| s.insert(1, s[0].clone()));
    with("a good signature more than listed", ErrorCode::SignatureSet, &|s| s.push(extra.clone()));
    with("one signer signs in another's place", ErrorCode::SignatureSet, &|s| s[0] = extra.clone());
    with("another's signature under the right key id", ErrorCode::Signature, &|s| s[0].sig = s[1].sig.clone());
    with("a bit of a signature is flipped", ErrorCode::Signature, &|s| s[2].sig.0[10] ^= 1);
    with("a signature is one byte short", ErrorCode::Signature, &|s| s[0].sig.0.truncate(63));
    with("an empty signature", ErrorCode::Signature, &|s| s[0].sig.0.clear());
    let over = |message: Vec<u8>| {
        let sign = |s: &Signature| Signature { keyid: s.keyid, sig: Bytes(cast.secret(&s.keyid).sign(&message)) };
        Envelope { signatures: good.signatures.iter().map(sign).collect(), ..good.clone() }.to_bytes()
    };
    on.no("signed without the pre-authentication encoding", ErrorCode::Signature, over(good.payload.clone()));
    let other = String::from_utf8(pae(&good.payload)).unwrap().replacen(".v1+json", ".v2+json", 1);
    on.no("signed under another payload type", ErrorCode::Signature, over(other.into_bytes()));
    let text = String::from_utf8(good.to_bytes()).unwrap();
    on.no(
        "a payload type of a later version",
        ErrorCode::PayloadType,
        text.replacen(".v1+json", ".v2+json", 1).into_bytes(),
    );
    let mut changed = good.clone();
    changed.payload =
        String::from_utf8(changed.payload).unwrap().replacen("\"379999100\"", "\"379999\"", 1).into_bytes();
    on.no("a byte of the statement is changed", ErrorCode::Signature, changed.to_bytes());
}

/// A key with a small-order component: the equation without a cofactor decides.
fn torsion(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_root(cast) };
    let scalar = |label: &str| {
        let low = Hash::digest(label.as_bytes()).0;
        let high = Hash::digest(format!("{label}, again").as_bytes()).0;
        Scalar::from_bytes_mod_order_wide(&core::array::from_fn(|i| if i < 32 { low[i] } else { high[i - 32] }))
    };
    let secret = scalar("mixed order");
    let point = ED25519_BASEPOINT_POINT * secret + EIGHT_TORSION[1];
    let key = PublicKey::from_bytes(&[&[1][..], &point.compress().to_bytes()].concat()).unwrap();
    let grant = KeyGrant { key: key.clone(), ..cast.grant(Authority1, &[Role::Authority], Some("379999100")) };
    let mut s = granting(&on.world, "root", &grant, ROOTS, Authority1);
    let at = s.signers.iter().position(|x| x.keyid == cast.key_id(Authority1)).unwrap();
    s.signers[at].keyid = key.key_id();
    s.signers.sort_by_key(|x| x.keyid);
    let payload = to_canonical(&s);
    let message = pae(&payload);
    // S·B = R + k·a·B always; encode([S]B − [k]A) = R only where k kills the component, once in eight times.
    let signed = |good: bool| {
        (0..).find_map(|i| {
            let r = scalar(&format!("nonce {i}"));
            let point_r = (ED25519_BASEPOINT_POINT * r).compress().to_bytes();
            let k = challenge(&point_r, key.raw(), &message);
            let signature = [point_r, (r + k * secret).to_bytes()].concat();
            (key.verify(&message, &signature).is_ok() == good).then_some(signature)
        })
    };
    for (name, good) in [
        ("a key of mixed order, a signature that only a check with cofactor accepts", false),
        ("a key of mixed order, a signature that every check accepts", true),
    ] {
        let sign = |x: &sanwu_schema::record::statement::Signer| {
            let sig =
                if x.keyid == key.key_id() { signed(good).unwrap() } else { cast.secret(&x.keyid).sign(&message) };
            Signature { keyid: x.keyid, sig: Bytes(sig) }
        };
        let entry = Envelope { signatures: s.signers.iter().map(sign).collect(), payload: payload.clone() }.to_bytes();
        if good {
            let mut world = on.world.clone();
            world.append(&entry, None).unwrap();
            on.group.ok(name, OP, input(&world.entries()), summary(&world));
        } else {
            on.no(name, ErrorCode::Signature, entry);
        }
    }
    // A key of a suite that is kept for later: it may be read, but nothing can be checked with it.
    let sm2 = PublicKey::from_bytes(&[&[2][..], &[4; 65]].concat()).unwrap();
    let grant = KeyGrant { key: sm2.clone(), ..grant };
    let mut s = edited(&s, |s| s.control = Some(Control::Grant(grant)));
    s.signers.iter_mut().find(|x| x.keyid == key.key_id()).unwrap().keyid = sm2.key_id();
    s.signers.sort_by_key(|x| x.keyid);
    let payload = to_canonical(&s);
    let sign = |x: &sanwu_schema::record::statement::Signer| {
        let sig = if x.keyid == sm2.key_id() { vec![0; 64] } else { cast.secret(&x.keyid).sign(&pae(&payload)) };
        Signature { keyid: x.keyid, sig: Bytes(sig) }
    };
    let entry = Envelope { signatures: s.signers.iter().map(sign).collect(), payload: payload.clone() }.to_bytes();
    on.no("a grant of an SM2 key: cannot tell", ErrorCode::Suite, entry);
}

/// SHA-512(R ‖ A ‖ message) mod L.
fn challenge(r: &[u8; 32], a: &[u8], message: &[u8]) -> Scalar {
    use sha2::{Digest, Sha512};
    let digest = Sha512::new().chain_update(r).chain_update(a).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

fn chain_genesis(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_authority(cast) };
    let genesis = village::chain_genesis(&on.world);
    let mut plain = on.world.next(CHAIN, Kind::ChainGenesis);
    plain.signers = on.world.signers(AUTHORITY);
    plain.control = Some(Control::ChainGenesis(genesis.clone()));
    on.takes("a village's chain is opened", &plain);
    let by = |world: &World, list: &[(Name, &[Role])]| edited(&plain, |s| s.signers = world.signers(list));
    let s = by(&on.world, &[(Root1, &[Role::Root])]);
    on.refuses("a chain opened by a root key", ErrorCode::RoleMissing, &s);
    let s = by(&on.world, &[(Elsewhere, &[Role::Authority])]);
    on.refuses("a chain opened by another county's authority: key out of scope", ErrorCode::KeyScope, &s);
    let s = by(&on.world, &[(Director, &[Role::VillageDir])]);
    on.refuses("a chain opened by a key that only its own genesis grants", ErrorCode::KeyUnknown, &s);
    let s = edited(&s, |s| s.keyring = Ring::empty().digest());
    on.refuses("the same with a wrong keyring: keys come first", ErrorCode::KeyUnknown, &s);
    let s = edited(&plain, |s| s.parent = Some(on.world.id(1)));
    on.refuses("the parent is not root's head", ErrorCode::Parent, &s);
    let s = edited(&plain, |s| s.parent = None);
    on.refuses("a chain's genesis without a parent", ErrorCode::Parent, &s);
    let s = edited(&plain, |s| s.keyring = Ring::empty().digest());
    on.refuses("a chain's genesis with the empty ring", ErrorCode::Keyring, &s);
    let s = edited(&plain, |s| (s.seq, s.prev) = (1, Some(on.world.id(0))));
    on.refuses("a chain's genesis that is not number 0", ErrorCode::ChainKind, &s);
    let s = edited(&plain, |s| s.chain = chain_id("root"));
    on.refuses("a chain's genesis in root", ErrorCode::ChainKind, &s);
    // Right place, right parent, an authority key of root: it would give root a ring without its root keys.
    let next = on.world.next("root", Kind::Grant);
    let s = edited(&plain, |s| (s.chain, s.seq, s.prev) = (chain_id("root"), next.seq, next.prev));
    on.refuses("a chain's genesis as root's next entry", ErrorCode::ChainKind, &s);
    let s = edited(&plain, |s| s.body = None);
    on.refuses("a chain's genesis without a body", ErrorCode::BodyMissing, &s);
    let village = |n, roles: &[Role]| cast.grant(n, roles, Some(CHAIN));
    let mut with = |name: &str, code: ErrorCode, edit: &dyn Fn(&mut sanwu_schema::kinds::ChainGenesis)| {
        let mut genesis = genesis.clone();
        edit(&mut genesis);
        genesis.keys.sort_by_key(|k| k.key.key_id());
        let s = edited(&plain, |s| s.control = Some(Control::ChainGenesis(genesis)));
        on.refuses(name, code, &s);
    };
    with("a catalogue that is not in force", ErrorCode::Control, &|g| g.catalogue = Hash::digest(b"catalogue"));
    with("a chain of no organisation", ErrorCode::Control, &|g| g.organisations.clear());
    with("a chain without an authority key", ErrorCode::RoleMissing, &|g| {
        g.keys.retain(|k| k.roles != [Role::Authority]);
    });
    with("authority is granted to a stranger", ErrorCode::RolePlace, &|g| {
        g.keys.push(cast.grant(Stranger, &[Role::Authority], Some("379999100")));
    });
    with("authority is granted to another county's", ErrorCode::RolePlace, &|g| {
        g.keys.push(cast.grant(Elsewhere, &[Role::Authority], Some("379999100")));
    });
    with("a scope that is not the unit's", ErrorCode::KeyScope, &|g| {
        g.keys.push(cast.grant(NewAccountant, &[Role::ChiefAccountant], Some("379999100202")));
    });
    with("a village key without a scope", ErrorCode::KeyScope, &|g| {
        g.keys.push(cast.grant(NewAccountant, &[Role::ChiefAccountant], None));
    });
    with("root in a village", ErrorCode::RolePlace, &|g| g.keys.push(cast.grant(Root1Again, &[Role::Root], None)));
    with("intake in a village", ErrorCode::RolePlace, &|g| g.keys.push(village(Stranger, &[Role::Intake])));
    with("the chair of supervision with a second role", ErrorCode::RolePlace, &|g| {
        g.keys.push(village(NewChair, &[Role::SupervisionChair, Role::VillageDir]));
    });
    with("the log's key in a village", ErrorCode::KeyUse, &|g| g.keys.push(village(Log, &[Role::ChiefAccountant])));

    let mut s = on.world.next(CHAIN, Kind::Grant);
    (s.seq, s.prev, s.signers) = (1, Some(on.world.id(0)), on.world.signers(AUTHORITY));
    s.control = Some(Control::Grant(cast.grant(Authority1, &[Role::Authority], Some("379999100"))));
    on.refuses("a grant in a chain that is not open", ErrorCode::ChainMissing, &s);
    on.world = with_chain(cast);
    let s = edited(&plain, |s| {
        (s.parent, s.seen) = (Some(on.world.state("root").head.id), on.world.seen());
    });
    on.refuses("a chain is opened twice", ErrorCode::ChainExists, &s);
}

/// Place in the chain, ring, and what the signers saw.
fn position(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_chain(cast) };
    let plain = notice(&on.world, "D01", party(), PARTY);
    on.takes("a notice", &plain);
    let at = |edit: &dyn Fn(&mut Statement)| edited(&plain, edit);
    on.refuses("wrong seq: one too high", ErrorCode::Seq, &at(&|s| s.seq += 1));
    on.refuses("wrong seq: the head's again", ErrorCode::ChainKind, &at(&|s| s.seq -= 1));
    on.refuses("wrong prev", ErrorCode::Prev, &at(&|s| s.prev = Some(StatementId(Hash::digest(b"prev")))));
    on.refuses("no prev", ErrorCode::Prev, &at(&|s| s.prev = None));
    on.refuses("a parent where none belongs", ErrorCode::Parent, &at(&|s| s.parent = s.prev));
    on.refuses(
        "other origin",
        ErrorCode::OtherLog,
        &at(&|s| s.origin = Origin::parse("sanwu.example/379999101").unwrap()),
    );
    on.refuses("a chain that does not exist", ErrorCode::ChainMissing, &at(&|s| s.chain = chain_id("379999100202")));
    on.refuses("seen in the future", ErrorCode::Seen, &at(&|s| s.seen.size += 1));
    on.refuses("seen: the root of another size", ErrorCode::Seen, &at(&|s| s.seen.size -= 1));
    on.takes("seen: nothing yet", &at(&|s| s.seen = Seen { size: 0, root: EMPTY }).clone_with_seen_of(&on.world));
    on.refuses("keyring of nothing", ErrorCode::Keyring, &at(&|s| s.keyring = Ring::empty().digest()));
    let root_ring = on.world.state("root").ring_digest;
    on.refuses("keyring of another chain", ErrorCode::Keyring, &at(&|s| s.keyring = root_ring));

    let backwards = at(&|s| (s.seq, s.seen) = (s.seq + 1, Seen { size: 3, root: on.world.root_of(3) }));
    let old = plain.clone();
    let id = add(&mut on.world, &plain);
    on.refuses("seen going backwards", ErrorCode::Seen, &edited(&backwards, |s| s.prev = Some(id)));
    on.refuses("the same statement again: its place is taken", ErrorCode::Seq, &old);

    // Two logs part at this index; what was signed on one cannot be put into the other.
    let base = with_chain(cast);
    let (mut here, mut there) = (base.clone(), base);
    let one = notice(&here, "D01", party(), PARTY);
    add(&mut here, &one);
    let two = edited(&one, |s| s.issued_at = sanwu_schema::date::IssuedAt::parse("2026-06-01T09:00:01+08:00").unwrap());
    add(&mut there, &two);
    let grant = cast.grant(NewAccountant, &[Role::Authority], Some("37"));
    let after = granting(&there, "root", &grant, ROOTS, NewAccountant);
    let mut on = On { group: on.group, world: here };
    on.refuses("a fork's seen", ErrorCode::Seen, &after);

    let change =
        granting(&on.world, CHAIN, &cast.grant(Election, &[Role::ElectionCommittee], Some(CHAIN)), AUTHORITY, Election);
    let stale = on.world.next(CHAIN, Kind::Notice).keyring;
    add(&mut on.world, &change);
    let s = edited(&notice(&on.world, "D01", party(), PARTY), |s| s.keyring = stale);
    on.refuses("a stale keyring", ErrorCode::Keyring, &s);
}

trait SeenOf {
    fn clone_with_seen_of(&self, world: &World) -> Statement;
}

impl SeenOf for Statement {
    /// The smallest `seen` that the chain's last statement allows.
    fn clone_with_seen_of(&self, world: &World) -> Statement {
        let size = world.state(CHAIN).head.seen;
        edited(self, |s| s.seen = Seen { size, root: world.root_of(size) })
    }
}

fn village_keys(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_chain(cast) };
    let village = |n, roles: &[Role]| cast.grant(n, roles, Some(CHAIN));
    let both: &[(Name, &[Role])] = &[(Authority1, &[Role::Authority]), (Authority2, &[Role::Authority])];
    let with_chair: &[(Name, &[Role])] = &[(Authority1, &[Role::Authority]), (Chair, &[Role::SupervisionChair])];

    let accountant = village(NewAccountant, &[Role::ChiefAccountant]);
    let s = granting(&on.world, CHAIN, &accountant, AUTHORITY, NewAccountant);
    on.takes("a key is granted in a village", &s);
    let s = granting(&on.world, CHAIN, &accountant, &[(Director, &[Role::VillageDir])], NewAccountant);
    on.refuses("a key granted by the director", ErrorCode::RoleMissing, &s);
    let s = granting(&on.world, CHAIN, &accountant, &[(Director, &[Role::Authority])], NewAccountant);
    on.refuses("a key granted by a director who says he is the authority", ErrorCode::RoleUngranted, &s);
    let s = edited(&granting(&on.world, CHAIN, &accountant, AUTHORITY, NewAccountant), |s| {
        s.signers = on.world.signers(AUTHORITY);
    });
    on.refuses("a village's grant without possession", ErrorCode::Possession, &s);
    let s = granting(&on.world, CHAIN, &village(Director, &[Role::Township]), AUTHORITY, Director);
    on.refuses("a key of the genesis is granted again, with another role", ErrorCode::KeyGranted, &s);
    let s = granting(&on.world, CHAIN, &cast.grant(Stranger, &[Role::Authority], Some(CHAIN)), AUTHORITY, Stranger);
    on.refuses("authority granted in a unit chain to a stranger", ErrorCode::RolePlace, &s);
    let s = granting(
        &on.world,
        CHAIN,
        &cast.grant(NewAccountant, &[Role::ChiefAccountant], Some("379999100202")),
        AUTHORITY,
        NewAccountant,
    );
    on.refuses("a key for the neighbouring village", ErrorCode::KeyScope, &s);
    let s = granting(&on.world, CHAIN, &village(Root1Again, &[Role::Root]), AUTHORITY, Root1Again);
    on.refuses("root granted in a village", ErrorCode::RolePlace, &s);
    let s = granting(&on.world, CHAIN, &village(Log, &[Role::Township]), AUTHORITY, Log);
    on.refuses("the log's key granted in a village", ErrorCode::KeyUse, &s);
    let s = granting(
        &on.world,
        CHAIN,
        &village(NewChair, &[Role::ChiefAccountant, Role::SupervisionChair]),
        both,
        NewChair,
    );
    on.refuses("the chair of supervision is granted a second role", ErrorCode::RolePlace, &s);
    let chair = village(NewChair, &[Role::SupervisionChair]);
    let s = granting(&on.world, CHAIN, &chair, AUTHORITY, NewChair);
    on.refuses("a chair of supervision granted by the authority alone", ErrorCode::RoleMissing, &s);
    let s = granting(&on.world, CHAIN, &chair, both, NewChair);
    on.takes("a chair granted by two persons of the authority", &s);
    let s = granting(&on.world, CHAIN, &chair, with_chair, NewChair);
    on.takes("a chair granted by the authority and the outgoing chair", &s);

    let s = revoking(&on.world, CHAIN, &[Chair], AUTHORITY);
    on.refuses("the chair revoked by the authority alone", ErrorCode::RoleMissing, &s);
    let s = revoking(&on.world, CHAIN, &[Chair], both);
    on.takes("the chair revoked by two persons of the authority", &s);
    let s = revoking(&on.world, CHAIN, &[Chair], &[(Chair, &[Role::SupervisionChair])]);
    on.takes("the chair ends his own key", &s);
    let s = revoking(&on.world, CHAIN, &[Accountant], &[(Director, &[Role::VillageDir])]);
    on.refuses("a key revoked by the director", ErrorCode::RoleMissing, &s);
    let s = revoking(&on.world, CHAIN, &[Accountant, Director], &[(Accountant, &[Role::ChiefAccountant])]);
    on.refuses("a key revokes itself and another", ErrorCode::RoleMissing, &s);
    let s = revoking(&on.world, CHAIN, &[Authority1, Authority2], AUTHORITY);
    on.refuses("the last authority keys are revoked", ErrorCode::RoleMissing, &s);
    let s = revoking(&on.world, CHAIN, &[Stranger], AUTHORITY);
    on.refuses("a revocation of a stranger's key", ErrorCode::KeyUnknown, &s);

    // What the accountant signed before the revocation lands after it.
    let before = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-01"));
    let gone = revoking(&on.world, CHAIN, &[Accountant], AUTHORITY);
    let id = add(&mut on.world, &gone);
    let s = edited(&before, |s| (s.seq, s.prev) = (s.seq + 1, Some(id)));
    on.refuses("a revoked key", ErrorCode::KeyRevoked, &s);
    let s = granting(&on.world, CHAIN, &village(Accountant, &[Role::ChiefAccountant]), AUTHORITY, Accountant);
    on.refuses("a key granted after its revocation in a village", ErrorCode::KeyGranted, &s);

    on.world = with_chain(cast);
    let s = granting(&on.world, CHAIN, &village(DirectorAsChair, &[Role::SupervisionChair]), both, DirectorAsChair);
    add(&mut on.world, &s);
    let s = notice(
        &on.world,
        "V05",
        committee(),
        &[(Director, &[Role::VillageDir]), (DirectorAsChair, &[Role::SupervisionChair])],
    );
    let s = edited(&s, |s| s.period = Some(period("2026-Q1")));
    on.refuses("the chair of supervision is another signer's holder", ErrorCode::Holder, &s);
}

fn village_rules(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_chain(cast) };
    let mut plain = on.world.next(CHAIN, Kind::Profile);
    plain.signers = on.world.signers(AUTHORITY);
    let mut next = profile();
    next.version = 2;
    next.extra_roles = Some(vec![ExtraRoles { code: code("V05"), roles: vec![Role::TownshipCivil] }]);
    plain.control = Some(Control::Profile(NewProfile { profile: next.clone() }));
    on.takes("a second profile", &plain);
    let s = edited(&plain, |s| s.signers = on.world.signers(PARTY));
    on.refuses("a profile signed by the secretary", ErrorCode::RoleMissing, &s);
    let skipping = sanwu_schema::catalogue::Profile { version: 3, ..next };
    let s = edited(&plain, |s| s.control = Some(Control::Profile(NewProfile { profile: skipping })));
    on.refuses("a profile that skips a version", ErrorCode::Control, &s);
    let s = edited(&plain, |s| s.refs = Some(vec![Ref { rel: Rel::About, id: on.world.id(0) }]));
    on.refuses("a profile with a reference", ErrorCode::Control, &s);
    let s = edited(&plain, |s| s.period = Some(period("2026")));
    on.refuses("a profile with a period", ErrorCode::Control, &s);
    let s = edited(&plain, |s| s.body = None);
    on.refuses("a profile without a body", ErrorCode::BodyMissing, &s);
    let mut s = on.world.next(CHAIN, Kind::Rules);
    s.signers = on.world.signers(AUTHORITY);
    s.control = Some(Control::Rules(Adoption { catalogue: Hash::digest(b"another") }));
    on.refuses("a chain adopts a catalogue that is not in force", ErrorCode::Control, &s);
    let mut s = on.world.next(CHAIN, Kind::Catalogue);
    s.signers = on.world.signers(AUTHORITY);
    s.control = Some(Control::Catalogue(NewCatalogue { catalogue: village::catalogue() }));
    on.refuses("a catalogue in a village: no root keys there", ErrorCode::Threshold, &s);

    // The profile in force asks for one more signature.
    add(&mut on.world, &plain);
    let quarter = |s: &mut Statement| s.period = Some(period("2026-Q1"));
    let s = edited(&notice(&on.world, "V05", committee(), VILLAGE), quarter);
    on.refuses("a role that only the profile asks for is missing", ErrorCode::RoleMissing, &s);
    let mut more = VILLAGE.to_vec();
    more.push((Civil, &[Role::TownshipCivil]));
    let s = edited(&notice(&on.world, "V05", committee(), &more), quarter);
    on.takes("a role that only the profile asks for", &s);

    // Root's next catalogue counts in the village only once it is adopted.
    on.world = with_chain(cast);
    let mut next = village::catalogue();
    next.version = 2;
    next.items.retain(|i| i.code != code("V21"));
    let mut s = on.world.next("root", Kind::Catalogue);
    s.signers = on.world.signers(ROOTS);
    s.control = Some(Control::Catalogue(NewCatalogue { catalogue: next.clone() }));
    add(&mut on.world, &s);
    let mut s = on.world.next(CHAIN, Kind::Rules);
    s.signers = on.world.signers(AUTHORITY);
    s.control = Some(Control::Rules(Adoption { catalogue: next.digest() }));
    on.takes("a chain adopts the next catalogue", &s);
    let s = edited(&s, |s| s.control = Some(Control::Rules(Adoption { catalogue: village::catalogue().digest() })));
    on.refuses("a chain adopts the catalogue before", ErrorCode::Control, &s);
}

fn disclosures(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_chain(cast) };
    let f02 = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-01"));
    on.takes("receipts of a month", &f02);
    let s = edited(&f02, |s| s.signers = on.world.signers(&[FINANCE[0], FINANCE[2]]));
    on.refuses("a missing role: supervision has not signed", ErrorCode::RoleMissing, &s);
    let s = edited(&f02, |s| {
        s.signers = on.world.signers(&[FINANCE[1], FINANCE[2], (Accountant, &[Role::ChiefAccountant, Role::PartySec])]);
    });
    on.refuses("a role that is not granted", ErrorCode::RoleUngranted, &s);
    let s = edited(&f02, |s| {
        s.signers = on.world.signers(&[FINANCE[0], FINANCE[1], FINANCE[2], (Stranger, &[Role::Township])]);
    });
    on.refuses("a stranger signs, too", ErrorCode::KeyUnknown, &s);
    let mut no = |name: &str, code: ErrorCode, edit: &dyn Fn(&mut Statement)| {
        let s = edited(&f02, edit);
        on.refuses(name, code, &s);
    };
    no("receipts under the item of payments", ErrorCode::Item, &|s| s.code = Some(code("F03")));
    no("receipts without an item", ErrorCode::Item, &|s| s.code = None);
    no("an item that the catalogue has not", ErrorCode::Item, &|s| {
        (s.kind, s.code) = (Kind::Notice, Some(code("F99")))
    });
    no("F02 as a notice", ErrorCode::Item, &|s| s.kind = Kind::Notice);
    no("a month book with an item", ErrorCode::Item, &|s| (s.kind, s.code) = (Kind::MonthBook, Some(code("F04"))));
    no("wrong period form: a quarter", ErrorCode::Period, &|s| s.period = Some(period("2026-Q1")));
    no("wrong period form: none", ErrorCode::Period, &|s| s.period = None);
    no("wrong period form: a decision with one", ErrorCode::Period, &|s| {
        (s.kind, s.code) = (Kind::Decision, Some(code("F12")))
    });
    no("wrong period form: a contract with one", ErrorCode::Period, &|s| (s.kind, s.code) = (Kind::Contract, None));
    no("no issuer", ErrorCode::Issuer, &|s| s.issuer = None);
    no("wrong issuer: the party branch", ErrorCode::Issuer, &|s| s.issuer = Some(party()));
    no("wrong issuer: another collective", ErrorCode::Issuer, &|s| {
        s.issuer = Some(Issuer { kind: OrgKind::Collective, uscc: Uscc::parse("93379999MA00000238") });
    });
    no("wrong issuer: without its code", ErrorCode::Issuer, &|s| s.issuer.as_mut().unwrap().uscc = None);
    no("no body", ErrorCode::BodyMissing, &|s| s.body = None);
    let rows = RowsRef { root: Hash::digest(b"rows"), count: 1 };
    no("rows under an item without personal data", ErrorCode::Rows, &|s| s.rows = Some(rows.clone()));
    let nil = |s: &mut Statement| s.kind = Kind::NilReturn;
    let s = edited(&f02, nil);
    on.takes("a nil return", &s);
    let wide = [VILLAGE[0], VILLAGE[1], PARTY[0]];
    let s = edited(&notice(&on.world, "V01", committee(), &wide), nil);
    on.refuses("a nil return of an item that is due on events", ErrorCode::Item, &s);
    let s = notice(&on.world, "D08", party(), PARTY);
    on.refuses("an item that is not public (D08)", ErrorCode::Audience, &s);
    let s = edited(&notice(&on.world, "D01", party(), PARTY), |s| s.period = Some(period("2026-01")));
    on.refuses("wrong period form: a standing item with one", ErrorCode::Period, &s);
    let s = edited(&notice(&on.world, "V05", committee(), VILLAGE), |s| s.period = Some(period("2026-01")));
    on.refuses("wrong period form: a month for a quarterly item", ErrorCode::Period, &s);
    let mut s = finance(&on.world, Kind::MonthBook, None, Some("2026-01"));
    on.takes("a month book", &s);
    s.control = None;
    add(&mut on.world, &s);
    let s = finance(&on.world, Kind::MonthBook, None, Some("2026-01"));
    on.refuses("the month's book stands already", ErrorCode::PeriodTaken, &s);
    let s = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-01"));
    add(&mut on.world, &s);
    let s = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-01"));
    on.refuses("period taken", ErrorCode::PeriodTaken, &s);
    let s = edited(&s, nil);
    on.refuses("period taken: a nil return after the real thing", ErrorCode::PeriodTaken, &s);
    let s = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-02"));
    on.takes("the next period is free", &s);
}

fn references(group: &mut Group, cast: &Cast) {
    let mut on = On { group, world: with_chain(cast) };
    let nowhere = StatementId(Hash::digest(b"nowhere"));
    let plain = notice(&on.world, "D01", party(), PARTY);
    let refs = |s: &Statement, list: &[(Rel, StatementId)]| {
        let mut refs: Vec<Ref> = list.iter().map(|(rel, id)| Ref { rel: *rel, id: *id }).collect();
        refs.sort_by_key(|r| (r.rel.as_str(), r.id));
        edited(s, |s| s.refs = Some(refs))
    };
    let opened = on.world.id(4);
    on.takes("a reference into another chain", &refs(&plain, &[(Rel::About, on.world.id(1)), (Rel::Fulfils, opened)]));
    on.refuses("refs to nothing", ErrorCode::Refs, &refs(&plain, &[(Rel::About, nowhere)]));
    on.refuses("a rel that the kind may not have", ErrorCode::Refs, &refs(&plain, &[(Rel::Answers, opened)]));
    on.refuses("a notice corrects", ErrorCode::Refs, &refs(&plain, &[(Rel::Corrects, opened)]));
    on.refuses("a notice erases", ErrorCode::Refs, &refs(&plain, &[(Rel::Erases, opened)]));

    // A statement that will be one place later.
    let mut later = on.world.clone();
    let id = add(&mut later, &plain);
    let second = notice(&later, "D01", party(), PARTY);
    let id_later = add(&mut later, &second);
    assert_ne!(id, id_later);
    on.refuses("refs to something later", ErrorCode::Refs, &refs(&plain, &[(Rel::About, id_later)]));

    let f02 = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-01"));
    let first = add(&mut on.world, &f02);
    let f03 = finance(&on.world, Kind::Payments, Some("F03"), Some("2026-01"));
    let other = add(&mut on.world, &f03);
    let good = correcting(&f02, &on.world, first);
    on.takes("a correction", &good);
    let no = |on: &mut On<'_>, name: &str, code: ErrorCode, edit: &dyn Fn(&mut Statement)| {
        let s = edited(&good, edit);
        on.refuses(name, code, &s);
    };
    no(&mut on, "a correction that names nothing", ErrorCode::Corrects, &|s| s.refs = None);
    no(&mut on, "a correction of another item", ErrorCode::Corrects, &|s| s.refs.as_mut().unwrap()[0].id = other);
    no(&mut on, "a correction of another period", ErrorCode::Corrects, &|s| s.period = Some(period("2026-02")));
    no(&mut on, "a correction by another issuer", ErrorCode::Corrects, &|s| s.issuer = Some(committee()));
    no(&mut on, "a correction of a genesis", ErrorCode::Corrects, &|s| s.refs.as_mut().unwrap()[0].id = opened);
    no(&mut on, "a correction into another kind", ErrorCode::Item, &|s| {
        s.control = Some(Control::Correction(CorrectionOf { of: Kind::Payments }));
    });
    no(&mut on, "a correction of a grant", ErrorCode::Item, &|s| {
        s.control = Some(Control::Correction(CorrectionOf { of: Kind::Grant }));
    });
    no(&mut on, "a correction without supervision", ErrorCode::RoleMissing, &|s| {
        s.signers.retain(|x| x.roles != [Role::SupervisionChair]);
    });
    let two = refs(&good, &[(Rel::Corrects, first), (Rel::Corrects, other)]);
    let sorted = two.refs.as_ref().unwrap()[0].id;
    on.refuses(
        "a correction of two statements",
        if sorted == first { ErrorCode::Refs } else { ErrorCode::Corrects },
        &two,
    );
    on.refuses(
        "a correction that erases",
        ErrorCode::Refs,
        &refs(&good, &[(Rel::Corrects, first), (Rel::Erases, other)]),
    );

    let second = add(&mut on.world, &good);
    let again = correcting(&f02, &on.world, first);
    on.refuses("a correction of what has been corrected already", ErrorCode::Corrected, &again);
    let line = correcting(&f02, &on.world, second);
    on.takes("a correction of the correction", &line);

    // Signed by more people than it needs; its correction needs them, too.
    let mut more = FINANCE.to_vec();
    more.push((Secretary, &[Role::PartySec]));
    let wide = edited(&finance(&on.world, Kind::CashStatement, Some("F04"), Some("2026-01")), |s| {
        s.signers = on.world.signers(&more);
    });
    let wide_id = add(&mut on.world, &wide);
    let s = edited(&correcting(&wide, &on.world, wide_id), |s| s.signers = on.world.signers(FINANCE));
    on.refuses("a correction with fewer roles", ErrorCode::Corrects, &s);
    let s = correcting(&wide, &on.world, wide_id);
    on.takes("a correction with all the roles", &s);

    // A nil return that was wrong.
    let nil = edited(&finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-02")), |s| s.kind = Kind::NilReturn);
    let nil_id = add(&mut on.world, &nil);
    let s = edited(&correcting(&nil, &on.world, nil_id), |s| {
        s.control = Some(Control::Correction(CorrectionOf { of: Kind::Receipts }));
    });
    on.takes("a nil return is corrected by the real thing", &s);
    let back = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-03"));
    let back_id = add(&mut on.world, &back);
    let s = edited(&correcting(&back, &on.world, back_id), |s| {
        s.control = Some(Control::Correction(CorrectionOf { of: Kind::NilReturn }));
    });
    on.refuses("receipts are corrected into a nil return", ErrorCode::Corrects, &s);

    on.world = with_chain(cast);
    let civil: &[(Name, &[Role])] = &[(Director, &[Role::VillageDir]), (Civil, &[Role::TownshipCivil])];
    let mut wiping = civil.to_vec();
    wiping.extend([(Authority1, &[Role::Authority][..]), (Chair, &[Role::SupervisionChair][..])]);
    let people = edited(&notice(&on.world, "V11", committee(), civil), |s| {
        s.rows = Some(RowsRef { root: Hash::digest(b"rows"), count: 3 });
    });
    let people_id = add(&mut on.world, &people);
    let f02 = finance(&on.world, Kind::Receipts, Some("F02"), Some("2026-01"));
    let f02_id = add(&mut on.world, &f02);
    let good = erasing(&people, &on.world, people_id, &wiping);
    on.takes("an erasure", &good);
    let s = edited(&good, |s| s.signers = on.world.signers(&wiping[..3]));
    on.refuses("an erasure without supervision", ErrorCode::RoleMissing, &s);
    let s = edited(&good, |s| s.signers = on.world.signers(&[wiping[0], wiping[1], wiping[3]]));
    on.refuses("an erasure without the authority", ErrorCode::RoleMissing, &s);
    let s = edited(&good, |s| s.signers = on.world.signers(&wiping[1..]));
    on.refuses("an erasure without a role of its target", ErrorCode::RoleMissing, &s);
    let s = edited(&good, |s| s.refs = None);
    on.refuses("an erasure that names nothing", ErrorCode::Erases, &s);
    let mut all = FINANCE.to_vec();
    all.push((Authority1, &[Role::Authority]));
    let s = erasing(&f02, &on.world, f02_id, &all);
    on.refuses("an erasure of an item without personal data", ErrorCode::Erases, &s);
    let s = edited(&good, |s| s.refs.as_mut().unwrap()[0].rel = Rel::Corrects);
    on.refuses("an erasure that corrects", ErrorCode::Refs, &s);
    let id = add(&mut on.world, &good);
    let s = correcting(&people, &on.world, id);
    on.refuses("a correction of an erasure", ErrorCode::Corrects, &s);
}
