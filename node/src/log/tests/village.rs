//! The sample village in a log: what leads to its open chain, and notices.

use std::sync::LazyLock;

use sanwu_schema::catalogue;
use sanwu_schema::crypto::key::{KeyId, SecretKey};
use sanwu_schema::date::IssuedAt;
use sanwu_schema::draft::{self, ChainInfo, Draft, Place, Template};
use sanwu_schema::kinds::{Body, Control, Kind, LogKeys as LogKeysControl};
use sanwu_schema::record::statement::{ChainId, OrgKind, Role};
use sanwu_schema::sample::{self, OFFICES, Office, office, salt};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};

use crate::log::{HeldKeys, Reader, Submission};

pub(crate) use sanwu_schema::sample::UNIT as CHAIN;

pub(crate) const ORIGIN: &str = "log.example/village";

/// The keys of all offices.
static KEYS: LazyLock<Vec<(KeyId, SecretKey)>> = LazyLock::new(|| {
    let keys = OFFICES.iter().map(Office::secret);
    keys.map(|secret| (secret.public().key_id(), secret)).collect()
});

pub(crate) fn log_key() -> SignerKey {
    SignerKey::new(ORIGIN, ED25519, sample::secret("log")).unwrap()
}

pub(crate) fn log_keys() -> HeldKeys {
    HeldKeys::new(vec![log_key()]).unwrap()
}

fn secret(id: &KeyId) -> Option<&'static SecretKey> {
    KEYS.iter().find(|(keyid, _)| keyid == id).map(|(_, secret)| secret)
}

fn issued_at() -> IssuedAt {
    IssuedAt::parse("2026-04-10T09:30:00+08:00").unwrap()
}

pub(crate) fn chain() -> ChainId {
    ChainId::parse(CHAIN).unwrap()
}

/// Signs a draft with every key that it asks for and makes the submission of it.
pub(crate) fn sign(mut draft: Draft) -> Submission {
    for missing in draft.missing().unwrap() {
        draft.sign(secret(&missing.keyid).unwrap()).unwrap();
    }
    let mut submission = Submission::default();
    for (envelope, body) in draft.package(|id| secret(id).map(SecretKey::public)).unwrap() {
        submission.envelopes.push(envelope);
        submission.blobs.push(body);
    }
    submission
}

fn build(place: &Place, templates: &[Template]) -> Submission {
    sign(draft::build(place, "test", templates, &issued_at(), &[]).unwrap())
}

/// Returns a log that one key of `root` may change.
pub(crate) fn log_genesis() -> Submission {
    let root = office("root-1");
    let keys = vec![root.seeded_grant()];
    let names = vec![root.person_name(keys[0].key.key_id())];
    let log_vkeys = vec![log_key().vkey().to_string()];
    let template = sample::log_genesis(salt("log genesis"), 1, keys, names, log_vkeys, catalogue::built_in());
    build(&Place::log_genesis(Origin::parse(ORIGIN).unwrap()), &[template])
}

/// Returns the log's keys from here on.
pub(crate) fn log_key_change(root: &ChainInfo, vkeys: &[String]) -> Submission {
    let body = sample::control_note(salt("log keys"), "更换总账签发钥匙", "例行更换");
    let mut template = Template::new(Kind::LogKey, Body::LogKey(body));
    template.control = Some(Control::LogKey(LogKeysControl { log_vkeys: vkeys.to_vec() }));
    build(&Place::next(root).unwrap(), &[template])
}

pub(crate) fn authority(root: &ChainInfo) -> Submission {
    let office = office("authority-1");
    let template = sample::grant(salt("grant"), office.seeded_grant(), office.name, office.title);
    build(&Place::next(root).unwrap(), &[template])
}

pub(crate) fn chain_genesis(root: &ChainInfo, chain: &str) -> Submission {
    // `root` has the first authority only.
    let offices = OFFICES.iter().filter(|office| office.role != Role::Root && office.key != "authority-2");
    let (keys, names) = offices
        .map(|office| {
            let grant = office.seeded_grant();
            let name = office.person_name(grant.key.key_id());
            (grant, name)
        })
        .unzip();
    let catalogue = root.facts.as_ref().unwrap().ring.catalogue.unwrap();
    let template = sample::genesis(salt(chain), catalogue, keys, names);
    let place = Place::chain_genesis(root, ChainId::parse(chain).unwrap()).unwrap();
    build(&place, &[template])
}

pub(crate) fn notice(name: &str) -> Template {
    let issuer = sample::issuer(OrgKind::VillageCommittee);
    sample::notice(salt(name), "V03", issuer, &format!("公告{name}"), "内容")
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
