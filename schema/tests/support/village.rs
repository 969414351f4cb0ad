//! What the vectors need of the sample village beyond what every test has: their own keys, also such as must not be, the
//! catalogue cut short, and the story of their log. Their bytes do not change.

use std::sync::{Arc, LazyLock, OnceLock};

use sanwu_schema::catalogue::{Catalogue, built_in};
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, SecretKey};
use sanwu_schema::draft::{Place, Template};
use sanwu_schema::json::to_text;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{
    Body, ChainGenesis, ChainGenesisBody, Change, Control, ControlNote, Erased, KeyGrant, Kind, LogGenesis, MonthBook,
    OrgName, PersonName, Revocation, Salt, Voucher,
};
use sanwu_schema::record::rows::Row;
use sanwu_schema::record::statement::{HolderId, Issuer, OrgKind, Ref, Rel, Role, Scope, StatementId};
use sanwu_schema::sample;
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, SignerKey, Vkey};

pub use sanwu_schema::sample::{UNIT as CHAIN, date, item as code, period};

use super::world::World;

pub const ORIGIN: &str = "sanwu.example/379999100";
pub const ISSUED_AT: &str = "2026-06-01T09:00:00+08:00";

/// A key, by whose it is. Two keys of one person differ in the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Root1,
    Root2,
    Root3,
    /// A second root key of the first root's holder.
    Root1Again,
    Authority1,
    Authority2,
    /// Granted in `root`, but for another county.
    Elsewhere,
    Secretary,
    Director,
    Chair,
    Accountant,
    Township,
    Civil,
    Election,
    /// The director's second key, in the chair's role: what must not be.
    DirectorAsChair,
    NewChair,
    NewAccountant,
    /// Nobody's grant.
    Stranger,
    /// The log's own key.
    Log,
    NextLog,
}

use Name::*;

const ALL: &[Name] = &[
    Root1,
    Root2,
    Root3,
    Root1Again,
    Authority1,
    Authority2,
    Elsewhere,
    Secretary,
    Director,
    Chair,
    Accountant,
    Township,
    Civil,
    Election,
    DirectorAsChair,
    NewChair,
    NewAccountant,
    Stranger,
    Log,
    NextLog,
];

/// All keys, from seeds.
#[derive(Clone)]
pub struct Cast(Arc<[(Name, SecretKey)]>);

pub fn seed(what: &str) -> [u8; 32] {
    Hash::digest(format!("sanwu test key, {what}").as_bytes()).0
}

pub fn salt(what: &str) -> Salt {
    sample::salt(&format!("sanwu test id, {what}"))
}

impl Cast {
    pub fn new() -> Self {
        static MADE: OnceLock<Cast> = OnceLock::new();
        let make = || Self(ALL.iter().map(|n| (*n, SecretKey::from_seed(seed(&format!("{n:?}"))))).collect());
        MADE.get_or_init(make).clone()
    }

    pub fn secret(&self, keyid: &KeyId) -> &SecretKey {
        &self.0.iter().find(|(_, s)| s.public().key_id() == *keyid).expect("a key of the cast").1
    }

    pub fn key_id(&self, name: Name) -> KeyId {
        self.key(name).public().key_id()
    }

    pub fn key(&self, name: Name) -> &SecretKey {
        &self.0.iter().find(|(n, _)| *n == name).unwrap().1
    }

    pub fn log_key(&self, origin: &Origin) -> SignerKey {
        SignerKey::new(origin.as_str(), ED25519, self.key(Log).clone()).unwrap()
    }

    /// The key that follows it.
    pub fn next_log_key(&self, origin: &Origin) -> SignerKey {
        SignerKey::new(origin.as_str(), ED25519, self.key(NextLog).clone()).unwrap()
    }

    pub fn witnesses(&self) -> [SignerKey; 2] {
        ["w1.example", "w2.example"]
            .map(|name| SignerKey::new(name, ED25519_COSIGNATURE, SecretKey::from_seed(seed(name))).unwrap())
    }

    pub fn root_vkeys(&self) -> Vec<String> {
        let vkey = |n| Vkey::from_public_key(&format!("{n:?}"), &self.key(n).public()).unwrap().to_string();
        [Root1, Root2, Root3].map(vkey).to_vec()
    }

    /// A policy with both witnesses; `rule` is `any`, `all` or `none`.
    pub fn policy(&self, origin: &Origin, rule: &str) -> Vec<String> {
        let [w1, w2] = self.witnesses();
        let quorum = if rule == "none" { "none" } else { "outside" };
        let group = if rule == "none" { "any" } else { rule };
        vec![
            format!("log {}", self.log_key(origin).vkey()),
            format!("witness w1 {}", w1.vkey()),
            format!("witness w2 {}", w2.vkey()),
            format!("group outside {group} w1 w2"),
            format!("quorum {quorum}"),
        ]
    }

    /// The grant of a key. The chair's two holders and the director's second key are what the tests need them to be.
    pub fn grant(&self, name: Name, roles: &[Role], scope: Option<&str>) -> KeyGrant {
        let person = match name {
            Root1Again => Root1,
            DirectorAsChair => Director,
            other => other,
        };
        KeyGrant {
            key: self.key(name).public(),
            roles: roles.to_vec(),
            scope: scope.map(|s| Scope::parse(s).unwrap()),
            holder: HolderId::parse(salt(&format!("{person:?}")).as_str()).unwrap(),
        }
    }
}

// ---- small things

pub fn collective() -> Issuer {
    sample::issuer(OrgKind::Collective)
}

pub fn committee() -> Issuer {
    sample::issuer(OrgKind::VillageCommittee)
}

pub fn party() -> Issuer {
    sample::issuer(OrgKind::PartyOrganisation)
}

/// The built-in catalogue, cut to the items and kinds that the vectors use: the files stay small, and a kind that is
/// added to the table changes none of them.
pub fn catalogue() -> Catalogue {
    const ITEMS: &[&str] = &["D01", "D08", "F02", "F03", "F04", "F12", "F16", "F17", "V01", "V05", "V11", "V21"];
    const KINDS: &[Kind] = &[
        Kind::MonthBook,
        Kind::Receipts,
        Kind::Payments,
        Kind::CashStatement,
        Kind::Decision,
        Kind::Contract,
        Kind::Notice,
        Kind::NilReturn,
    ];
    let mut catalogue = built_in();
    catalogue.items.retain(|i| ITEMS.contains(&i.code.as_str()));
    catalogue.kinds.retain(|k| KINDS.contains(&k.kind));
    catalogue
}

// ---- control statements

fn persons(world: &World, names: &[(Name, &str, &str)]) -> Vec<PersonName> {
    let person = |(n, name, office): &(Name, &str, &str)| PersonName {
        keyid: world.cast.key_id(*n),
        name: (*name).to_owned(),
        office: (*office).to_owned(),
    };
    names.iter().map(person).collect()
}

fn opened_log(world: &World) -> Template {
    let cast = &world.cast;
    let names =
        [(Root1, "甲(虚构)", "根钥匙保管人"), (Root2, "乙(虚构)", "根钥匙保管人"), (Root3, "丙(虚构)", "根钥匙保管人")];
    let keys = [Root1, Root2, Root3].map(|n| cast.grant(n, &[Role::Root], None)).to_vec();
    let log_vkeys = vec![cast.log_key(&world.origin).vkey().to_string()];
    sample::log_genesis(salt("log genesis"), 2, keys, persons(world, &names), log_vkeys, catalogue())
}

pub fn log_genesis(world: &World) -> LogGenesis {
    let Some(Control::LogGenesis(control)) = opened_log(world).control else { panic!("a log's genesis") };
    control
}

pub fn chain_genesis(world: &World) -> ChainGenesis {
    let cast = &world.cast;
    let village = |name, roles: &[Role]| cast.grant(name, roles, Some(CHAIN));
    let keys = vec![
        cast.grant(Authority1, &[Role::Authority], Some("379999100")),
        cast.grant(Authority2, &[Role::Authority], Some("379999100")),
        village(Secretary, &[Role::PartySec]),
        village(Director, &[Role::CoopChair, Role::VillageDir]),
        village(Chair, &[Role::SupervisionChair]),
        village(Accountant, &[Role::ChiefAccountant]),
        cast.grant(Civil, &[Role::TownshipCivil], Some("379999100")),
    ];
    let organisations = vec![committee(), collective(), party()];
    ChainGenesis { organisations, ..sample::genesis_control(catalogue().digest(), keys) }
}

pub fn grant(world: &World, grant: KeyGrant, name: &str, office: &str) -> Template {
    sample::grant(salt(&format!("grant {}", world.size())), grant, name, office)
}

pub fn revoke(world: &World, keys: &[Name]) -> Template {
    let mut keys: Vec<KeyId> = keys.iter().map(|n| world.cast.key_id(*n)).collect();
    keys.sort_unstable();
    let control = Control::Revoke(Revocation { keys, suspect_from: None });
    Template {
        control: Some(control), ..Template::new(Kind::Revoke, Body::Revoke(note(world, "钥匙注销", "换届。")))
    }
}

pub fn note(world: &World, title: &str, text: &str) -> ControlNote {
    sample::control_note(salt(&format!("note {}", world.size())), title, text)
}

// ---- disclosures

pub fn notice(title: &str, item: &str, issuer: Issuer) -> Template {
    let mut template = sample::notice(salt(title), item, issuer, title, "内容见附表。");
    if let Body::Notice(notice) = &mut template.body {
        notice.display_start = Some(date("2026-06-01"));
        notice.display_end = Some(date("2026-06-16"));
    }
    template
}

/// The sample's vouchers of a month, without the documents that came with them.
pub fn vouchers(month: &str) -> Vec<Voucher> {
    sample::vouchers(&period(month)).into_iter().map(|voucher| Voucher { docs: None, ..voucher }).collect()
}

/// The months of the sample, one book after the other.
pub fn books() -> Vec<MonthBook> {
    let book = |month: &str| MonthBook {
        vouchers: vouchers(month),
        ..sample::month_book(salt(&format!("book {month}")), &period(month))
    };
    sample::MONTHS.map(book).to_vec()
}

/// The month's linked statements: the book, and F02, F03, F04 derived from it.
pub fn month_package(book: &MonthBook) -> Vec<Template> {
    sample::month(book, salt)
}

pub fn decision() -> Template {
    sample::decision(salt("decision"))
}

pub fn contract(decided: Ref) -> Template {
    sample::contract(salt("contract"), decided)
}

/// A correction by a body that says the same again, or anything else: validity does not read bodies.
pub fn correction(wrong: &Template, id: StatementId, right: &Body) -> Template {
    let change = Change {
        place: "记-2026-03-005".to_owned(),
        before: "612.40".to_owned(),
        after: "612.40(4月补记9.00)".to_owned(),
    };
    sample::correction(salt("correction"), wrong, id, right, "票面金额621.40元误记612.40元。", change)
}

pub fn rows() -> Vec<Row> {
    sample::rows(salt)
}

/// 低保名单: a notice with rows, and the item's personal data.
pub fn people() -> Template {
    sample::with_rows(notice("2026年6月最低生活保障对象", "V11", committee()), &rows())
}

/// An erasure in that notice.
pub fn erase_people(id: StatementId, what: Erased) -> Template {
    sample::erasure(salt("erasure"), &people(), id, what)
}

// ---- the story

/// The log's first entry.
pub fn with_root(cast: &Cast) -> World {
    static MADE: OnceLock<World> = OnceLock::new();
    MADE.get_or_init(|| make_with_root(cast)).clone()
}

fn make_with_root(cast: &Cast) -> World {
    let mut world = World::empty(cast.clone(), ORIGIN);
    let template = opened_log(&world);
    world.publish(&Place::log_genesis(world.origin.clone()), &[template]);
    world
}

/// Two authority keys in `root`, and one of another county.
pub fn with_authority(cast: &Cast) -> World {
    static MADE: OnceLock<World> = OnceLock::new();
    MADE.get_or_init(|| make_with_authority(cast)).clone()
}

fn make_with_authority(cast: &Cast) -> World {
    let mut world = with_root(cast);
    for (name, scope, who) in
        [(Authority1, "379999100", "丁(虚构)"), (Authority2, "379999100", "戊(虚构)"), (Elsewhere, "37", "己(虚构)")]
    {
        let scope = if name == Elsewhere { "110101" } else { scope };
        let template = grant(&world, cast.grant(name, &[Role::Authority], Some(scope)), who, "管理机关经办人");
        let place = world.place("root");
        world.publish(&place, &[template]);
    }
    world
}

/// The village's chain is open: index 4.
pub fn with_chain(cast: &Cast) -> World {
    static MADE: OnceLock<World> = OnceLock::new();
    MADE.get_or_init(|| make_with_chain(cast)).clone()
}

fn make_with_chain(cast: &Cast) -> World {
    let mut world = with_authority(cast);
    let names = [
        (Secretary, "赵一(虚构)", "村党支部书记"),
        (Director, "钱二(虚构)", "村委会主任、理事长"),
        (Chair, "孙三(虚构)", "村务监督委员会主任"),
        (Accountant, "李四(虚构)", "镇代理会计"),
    ];
    let name = |kind, name: &str| OrgName { kind, name: name.to_owned() };
    let body = ChainGenesisBody {
        title: "柳溪村账链开立".to_owned(),
        organisations: vec![
            name(OrgKind::VillageCommittee, "柳溪村村民委员会"),
            name(OrgKind::Collective, "柳溪村股份经济合作社"),
            name(OrgKind::PartyOrganisation, "柳溪村党支部"),
        ],
        ..sample::genesis_body(salt("chain genesis"), persons(&world, &names))
    };
    let control = Some(Control::ChainGenesis(chain_genesis(&world)));
    let template = Template { control, ..Template::new(Kind::ChainGenesis, Body::ChainGenesis(body)) };
    let root = world.state("root").clone();
    let place = Place {
        origin: world.origin.clone(),
        chain: super::world::chain_id(CHAIN),
        seq: 0,
        prev: None,
        parent: Some(root.head.id),
        seen: world.seen(),
        facts: Some((*root.facts).clone()),
    };
    world.publish(&place, &[template]);
    world
}

/// The places of things in the whole story.
pub struct Story {
    pub world: World,
    /// The first entry of each month's package.
    pub months: Vec<u64>,
    pub decision: u64,
    pub contract: u64,
    pub notice: u64,
    /// The list of people, later erased.
    pub people: u64,
    pub erasure: u64,
    /// F03 of March, corrected in April.
    pub corrected: u64,
    pub correction: u64,
    pub revocation: u64,
    pub new_chair: u64,
    pub last: u64,
}

/// Five months, a decision, a contract, a correction, an erasure, a new chair of the supervision committee.
pub fn story() -> &'static Story {
    static STORY: LazyLock<Story> = LazyLock::new(|| tell(&Cast::new()));
    &STORY
}

fn tell(cast: &Cast) -> Story {
    let mut world = with_chain(cast);
    let one = |world: &mut World, template: Template| {
        let place = world.place(CHAIN);
        world.publish(&place, &[template])
    };
    let books = books();
    let mut months = Vec::new();
    let month = |world: &mut World, book: &MonthBook| {
        let place = world.place(CHAIN);
        world.publish(&place, &month_package(book))
    };
    let decision = one(&mut world, decision());
    months.push(month(&mut world, &books[0]));
    months.push(month(&mut world, &books[1]));
    let decided = Ref { rel: Rel::Implements, id: world.id(decision) };
    let contract = one(&mut world, contract(decided));
    months.push(month(&mut world, &books[2]));
    let notice_at = one(&mut world, notice("村党支部班子成员及分工", "D01", party()));
    let people_at = one(&mut world, people());
    months.push(month(&mut world, &books[3]));
    let corrected = months[2] + 2;
    let Some(flow) = derive::payments(&books[2], salt("F03 again")) else { panic!("payments") };
    let again = correction(&month_package(&books[2])[2], world.id(corrected), &Body::Payments(flow));
    let correction = one(&mut world, again);
    let erased = erase_people(world.id(people_at), Erased::Both);
    let erasure = one(&mut world, erased);
    let gone = revoke(&world, &[Chair]);
    let revocation = one(&mut world, gone);
    let chair =
        grant(&world, cast.grant(NewChair, &[Role::SupervisionChair], Some(CHAIN)), "周五(虚构)", "村务监督委员会主任");
    let new_chair = one(&mut world, chair);
    months.push(month(&mut world, &books[4]));
    let last = world.size() - 1;
    Story {
        world,
        months,
        decision,
        contract,
        notice: notice_at,
        people: people_at,
        erasure,
        corrected,
        correction,
        revocation,
        new_chair,
        last,
    }
}

pub fn rows_text() -> String {
    to_text(&rows())
}
