//! A log with a village that can publish, for tests: keys, genesis, notices.

use sanwu_schema::catalogue::{self, Profile};
use sanwu_schema::crypto::hash::{Hash, hex_encode};
use sanwu_schema::crypto::key::{KeyId, PublicKey, SecretKey};
use sanwu_schema::date::{Date, IssuedAt};
use sanwu_schema::draft::{self, ChainInfo, Draft, Place, Template};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{
    Body, ChainGenesisBody, ControlNote, GrantBody, LogGenesisBody, Notice, Opening, OrgName, PersonName, Salt,
};
use sanwu_schema::kinds::{ChainGenesis, Control, KeyGrant, LogGenesis, LogKeys as LogKeysControl, Purpose};
use sanwu_schema::record::statement::{ChainId, HolderId, Issuer, ItemCode, OrgKind, Role, Scope, UnitCode};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};

use crate::log::{HeldKeys, Reader, Submission};

pub(crate) const ORIGIN: &str = "log.example/village";
pub(crate) const CHAIN: &str = "370000000001";

pub(crate) fn log_key() -> SignerKey {
    SignerKey::new(ORIGIN, ED25519, secret("log")).unwrap()
}

pub(crate) fn log_keys() -> HeldKeys {
    HeldKeys::new(vec![log_key()]).unwrap()
}

fn secret(name: &str) -> SecretKey {
    SecretKey::from_seed(Hash::digest(name.as_bytes()).0)
}

fn id16(name: &str) -> String {
    hex_encode(&Hash::digest(name.as_bytes()).0[..16])
}

fn salt(name: &str) -> Salt {
    Salt::parse(&id16(name)).unwrap()
}

fn grant(name: &str, roles: &[Role]) -> KeyGrant {
    let mut roles = roles.to_vec();
    roles.sort_by_key(|role| role.as_str());
    let scope = (roles != [Role::Root]).then(|| Scope::parse("37").unwrap());
    KeyGrant { key: secret(name).public(), roles, scope, holder: HolderId::parse(&id16(name)).unwrap() }
}

fn issued_at() -> IssuedAt {
    IssuedAt::parse("2026-04-10T09:30:00+08:00").unwrap()
}

fn find(keyid: &KeyId) -> Option<PublicKey> {
    ["root", "authority", "director", "chair"]
        .iter()
        .map(|name| secret(name).public())
        .find(|key| key.key_id() == *keyid)
}

pub(crate) fn chain() -> ChainId {
    ChainId::parse(CHAIN).unwrap()
}

/// Signs a draft with everybody's key and makes the submission of it.
pub(crate) fn sign(mut draft: Draft) -> Submission {
    for name in ["root", "authority", "director", "chair"] {
        // Not everybody is asked for.
        _ = draft.sign(&secret(name));
    }
    let mut submission = Submission::default();
    for (envelope, body) in draft.package(find).unwrap() {
        submission.envelopes.push(envelope);
        submission.blobs.push(body);
    }
    submission
}

fn build(place: &Place, templates: &[Template]) -> Submission {
    sign(draft::build(place, "test", templates, &issued_at(), &[]).unwrap())
}

pub(crate) fn log_genesis() -> Submission {
    let grant = grant("root", &[Role::Root]);
    let keyid = grant.key.key_id();
    let body = LogGenesisBody {
        salt: salt("log genesis"),
        title: "开立总账".into(),
        operator: "示例县".into(),
        keys: vec![PersonName { keyid, name: "甲".into(), office: "根钥匙保管人".into() }],
        text: None,
    };
    let mut template = Template::new(Kind::LogGenesis, Body::LogGenesis(body));
    template.control = Some(Control::LogGenesis(LogGenesis {
        purpose: Purpose::Test,
        threshold: 1,
        suites: vec![1],
        keys: vec![grant],
        log_vkeys: vec![log_key().vkey().to_string()],
        catalogue: catalogue::built_in(),
    }));
    build(&Place::log_genesis(Origin::parse(ORIGIN).unwrap()), &[template])
}

/// Returns the log's keys from here on.
pub(crate) fn log_key_change(root: &ChainInfo, vkeys: &[String]) -> Submission {
    let body = ControlNote {
        salt: salt("log keys"), title: "更换总账签发钥匙".into(), text: vec!["例行更换".into()]
    };
    let mut template = Template::new(Kind::LogKey, Body::LogKey(body));
    template.control = Some(Control::LogKey(LogKeysControl { log_vkeys: vkeys.to_vec() }));
    build(&Place::next(root).unwrap(), &[template])
}

pub(crate) fn authority(root: &ChainInfo) -> Submission {
    let body = GrantBody {
        salt: salt("grant"),
        title: "登记".into(),
        name: "乙".into(),
        office: "镇农经站".into(),
        reason: None,
    };
    let mut template = Template::new(Kind::Grant, Body::Grant(body));
    template.control = Some(Control::Grant(grant("authority", &[Role::Authority])));
    build(&Place::next(root).unwrap(), &[template])
}

pub(crate) fn chain_genesis(root: &ChainInfo, chain: &str) -> Submission {
    let mut keys = vec![
        grant("authority", &[Role::Authority]),
        grant("director", &[Role::VillageDir]),
        grant("chair", &[Role::SupervisionChair]),
    ];
    keys.sort_by_key(|grant| grant.key.key_id());
    let names =
        keys.iter().map(|grant| PersonName { keyid: grant.key.key_id(), name: "某".into(), office: "某职".into() });
    let body = ChainGenesisBody {
        salt: salt(chain),
        title: "开立村账".into(),
        unit_name: "示例村".into(),
        organisations: vec![OrgName { kind: OrgKind::VillageCommittee, name: "示例村村民委员会".into() }],
        keys: names.collect(),
        opening: Opening { date: Date::parse("2025-12-31").unwrap(), balances: Vec::new() },
        contact: None,
        text: None,
    };
    let mut template = Template::new(Kind::ChainGenesis, Body::ChainGenesis(body));
    template.control = Some(Control::ChainGenesis(ChainGenesis {
        unit: UnitCode::parse(CHAIN).unwrap(),
        unit_year: 2025,
        organisations: vec![issuer()],
        keys,
        catalogue: root.facts.as_ref().unwrap().ring.catalogue.unwrap(),
        profile: Profile {
            version: 1,
            cash_limit_fen: 1_000_000,
            major_amount_fen: 1_000_000,
            month_due_days: 15,
            quarter_due_days: 15,
            event_due_days: 10,
            display_days: 15,
            reply_days: 10,
            extra_roles: None,
        },
    }));
    let place = Place::chain_genesis(root, ChainId::parse(chain).unwrap()).unwrap();
    build(&place, &[template])
}

fn issuer() -> Issuer {
    Issuer { kind: OrgKind::VillageCommittee, uscc: None }
}

pub(crate) fn notice(name: &str) -> Template {
    let body = Notice {
        salt: salt(name),
        title: format!("公告{name}"),
        text: vec!["内容".into()],
        table: None,
        display_start: None,
        display_end: None,
        attachments: None,
    };
    let mut template = Template::new(Kind::Notice, Body::Notice(body));
    template.issuer = Some(issuer());
    template.code = ItemCode::parse("V03");
    template
}

/// Returns the next notices of the chain, one package, linked.
pub(crate) fn notices(reader: &Reader, names: &[&str]) -> Submission {
    let info = reader.chain_info(&chain()).unwrap();
    notices_at(&info, names)
}

pub(crate) fn notices_at(info: &ChainInfo, names: &[&str]) -> Submission {
    let templates: Vec<Template> = names.iter().map(|name| notice(name)).collect();
    build(&Place::next(info).unwrap(), &templates)
}
