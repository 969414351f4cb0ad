//! The sample village 柳溪村 (虚构): who holds which key, its rules, its vouchers, and the story of its log.

use std::sync::{Arc, LazyLock, OnceLock};

use sanwu_schema::catalogue::account;
use sanwu_schema::catalogue::{Catalogue, Profile, built_in};
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, SecretKey};
use sanwu_schema::date::{Date, Period};
use sanwu_schema::draft::{Place, Template};
use sanwu_schema::json::{parse, to_text};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{
    AccountBalance, Body, CashLine, ChainGenesisBody, Change, Contract, ContractKind, ControlNote, Correction,
    Decision, ErasureNote, GrantBody, LogGenesisBody, Meeting, MonthBook, NilReturn, Notice, Opening, OrgName,
    PersonName, Salt, Side, Step, StepKind, Voucher, VoucherLine,
};
use sanwu_schema::kinds::{
    ChainGenesis, Control, CorrectionOf, Erased, ErasureOf, KeyGrant, LogGenesis, Purpose, Revocation,
};
use sanwu_schema::record::rows::{Row, root};
use sanwu_schema::record::statement::{
    HolderId, Issuer, ItemCode, OrgKind, Ref, Rel, Role, RowsRef, Scope, UnitCode, Uscc,
};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, SignerKey, Vkey};
use serde_json::Value;

use super::world::World;

pub const ORIGIN: &str = "sanwu.example/379999100";
pub const CHAIN: &str = "379999100201";
pub const ISSUED_AT: &str = "2026-06-01T09:00:00+08:00";
const SAMPLE: &str = include_str!("../data/sample_ledger.json");

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

/// A holder or a salt: 32 hex digits.
fn hex32(what: &str) -> String {
    Hash::digest(format!("sanwu test id, {what}").as_bytes()).to_hex()[..32].to_owned()
}

pub fn salt(what: &str) -> Salt {
    Salt::parse(&hex32(what)).unwrap()
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
            holder: HolderId::parse(&hex32(&format!("{person:?}"))).unwrap(),
        }
    }
}

// ---- small things

pub fn code(text: &str) -> ItemCode {
    ItemCode::parse(text).unwrap()
}

pub fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

pub fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub fn collective() -> Issuer {
    Issuer { kind: OrgKind::Collective, uscc: Uscc::parse("N2379999MF00000137") }
}

pub fn committee() -> Issuer {
    Issuer { kind: OrgKind::VillageCommittee, uscc: Uscc::parse("54379999ME000001X1") }
}

pub fn party() -> Issuer {
    Issuer { kind: OrgKind::PartyOrganisation, uscc: None }
}

/// The built-in catalogue, cut to the items that the vectors use, so that the files stay small.
pub fn catalogue() -> Catalogue {
    const USED: &[&str] = &["D01", "D08", "F02", "F03", "F04", "F12", "F16", "F17", "V01", "V05", "V11", "V21"];
    let mut catalogue = built_in();
    catalogue.items.retain(|i| USED.contains(&i.code.as_str()));
    catalogue
}

pub fn profile() -> Profile {
    Profile {
        version: 1,
        cash_limit_fen: 1_000_000,
        major_amount_fen: 1_000_000,
        month_due_days: 15,
        quarter_due_days: 15,
        event_due_days: 10,
        display_days: 15,
        reply_days: 10,
        extra_roles: None,
    }
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

pub fn log_genesis(world: &World) -> LogGenesis {
    let cast = &world.cast;
    let mut keys: Vec<KeyGrant> = [Root1, Root2, Root3].map(|n| cast.grant(n, &[Role::Root], None)).to_vec();
    keys.sort_by_key(|k| k.key.key_id());
    LogGenesis {
        purpose: Purpose::Test,
        threshold: 2,
        suites: vec![1],
        keys,
        log_vkeys: vec![cast.log_key(&world.origin).vkey().to_string()],
        catalogue: catalogue(),
    }
}

pub fn chain_genesis(world: &World) -> ChainGenesis {
    let cast = &world.cast;
    let village = |name, roles: &[Role]| cast.grant(name, roles, Some(CHAIN));
    let mut keys = vec![
        cast.grant(Authority1, &[Role::Authority], Some("379999100")),
        cast.grant(Authority2, &[Role::Authority], Some("379999100")),
        village(Secretary, &[Role::PartySec]),
        village(Director, &[Role::CoopChair, Role::VillageDir]),
        village(Chair, &[Role::SupervisionChair]),
        village(Accountant, &[Role::ChiefAccountant]),
        cast.grant(Civil, &[Role::TownshipCivil], Some("379999100")),
    ];
    keys.sort_by_key(|k| k.key.key_id());
    ChainGenesis {
        unit: UnitCode::parse(CHAIN).unwrap(),
        unit_year: 2025,
        organisations: vec![committee(), collective(), party()],
        keys,
        catalogue: catalogue().digest(),
        profile: profile(),
    }
}

pub fn grant(world: &World, grant: KeyGrant, name: &str, office: &str) -> Template {
    let body = GrantBody {
        salt: salt(&format!("grant {}", world.size())),
        title: format!("钥匙登记: {name}"),
        name: name.to_owned(),
        office: office.to_owned(),
        reason: None,
    };
    Template { control: Some(Control::Grant(grant)), ..Template::new(Kind::Grant, Body::Grant(body)) }
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
    let salt = salt(&format!("note {}", world.size()));
    ControlNote { salt, title: title.to_owned(), text: vec![text.to_owned()] }
}

// ---- disclosures

pub fn notice(title: &str, item: &str, issuer: Issuer) -> Template {
    let body = Notice {
        salt: salt(title),
        title: title.to_owned(),
        text: vec!["内容见附表。".to_owned()],
        table: None,
        display_start: Some(date("2026-06-01")),
        display_end: Some(date("2026-06-16")),
        attachments: None,
    };
    Template { issuer: Some(issuer), code: Some(code(item)), ..Template::new(Kind::Notice, Body::Notice(body)) }
}

fn sample() -> Value {
    serde_json::from_str(SAMPLE).unwrap()
}

pub fn opening_balances() -> Vec<AccountBalance> {
    let sample = sample();
    let mut balances: Vec<AccountBalance> = sample["opening"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(account, fen)| AccountBalance { account: account.clone(), sub: None, fen: fen.as_i64().unwrap() })
        .collect();
    balances.sort_by(|a, b| a.account.cmp(&b.account));
    assert!(balances.iter().all(|b| account::account_of(&b.account).is_some()));
    balances
}

/// The sample's vouchers of a month.
pub fn vouchers(month: &str) -> Vec<Voucher> {
    let sample = sample();
    let all = sample["vouchers"].as_array().unwrap();
    all.iter().filter(|v| v["date"].as_str().unwrap().starts_with(month)).map(voucher).collect()
}

fn voucher(v: &Value) -> Voucher {
    let text = |name: &str| v.get(name).and_then(Value::as_str).map(str::to_owned);
    let line = |l: &Value| VoucherLine {
        account: l["code"].as_str().unwrap().to_owned(),
        sub: None,
        side: Side::parse(l["side"].as_str().unwrap()).unwrap(),
        fen: l["fen"].as_i64().unwrap(),
    };
    Voucher {
        no: text("no").unwrap(),
        date: date(&text("date").unwrap()),
        summary: text("summary").unwrap(),
        lines: v["lines"].as_array().unwrap().iter().map(line).collect(),
        cash: CashLine::parse(&text("cash").unwrap()).unwrap(),
        item: text("item"),
        counterparty: text("counterparty"),
        decision: text("decision"),
        contract: text("contract"),
        tender: text("tender"),
        project: text("project"),
        asset: text("asset"),
        corrects: text("corrects"),
        docs: None,
    }
}

/// A month's book, from the balances before it.
pub fn month_book(month: &str, opening: &[AccountBalance]) -> MonthBook {
    let vouchers = vouchers(month);
    MonthBook {
        salt: salt(&format!("book {month}")),
        title: derive::title(Kind::MonthBook, &period(month)),
        period: period(month),
        opening: opening.to_vec(),
        closing: derive::closing(opening, &vouchers),
        vouchers,
        attachments: None,
    }
}

/// The months of the sample, one book after the other.
pub fn books() -> Vec<MonthBook> {
    let mut opening = opening_balances();
    let mut books = Vec::new();
    for month in ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"] {
        let book = month_book(month, &opening);
        opening.clone_from(&book.closing);
        books.push(book);
    }
    books
}

/// The month's linked statements: the book, and F02, F03, F04 derived from it.
pub fn month_package(book: &MonthBook) -> Vec<Template> {
    let month = book.period.as_str();
    let of = |kind, item: Option<&str>, body| Template {
        issuer: Some(collective()),
        code: item.map(code),
        period: Some(book.period.clone()),
        links: if kind == Kind::MonthBook { Vec::new() } else { vec![(Rel::About, 0)] },
        ..Template::new(kind, body)
    };
    let nil = |item: &str, kind: Kind| {
        let title = derive::title(kind, &book.period);
        let text = vec!["本月没有发生。".to_owned()];
        let body = NilReturn { salt: salt(&format!("nil {month} {item}")), title, period: book.period.clone(), text };
        of(Kind::NilReturn, Some(item), Body::NilReturn(body))
    };
    vec![
        of(Kind::MonthBook, None, Body::MonthBook(book.clone())),
        match derive::receipts(book, salt(&format!("F02 {month}"))) {
            Some(flow) => of(Kind::Receipts, Some("F02"), Body::Receipts(flow)),
            None => nil("F02", Kind::Receipts),
        },
        match derive::payments(book, salt(&format!("F03 {month}"))) {
            Some(flow) => of(Kind::Payments, Some("F03"), Body::Payments(flow)),
            None => nil("F03", Kind::Payments),
        },
        of(
            Kind::CashStatement,
            Some("F04"),
            Body::CashStatement(derive::cash_statement(book, salt(&format!("F04 {month}")))),
        ),
    ]
}

pub fn decision() -> Template {
    let step = |step, body, day: &str, due, present, yes| Step { step, body, date: date(day), due, present, yes };
    let body = Decision {
        salt: salt("decision"),
        title: "村内道路硬化二期:立项、筹资、建设承包方案".to_owned(),
        no: "JY-2026-001".to_owned(),
        basis: "村民委员会组织法28(4)".to_owned(),
        steps: vec![
            step(StepKind::Proposal, Meeting::PartyBranch, "2026-01-06", 5, 5, 5),
            step(StepKind::Consultation, Meeting::JointMeeting, "2026-01-09", 7, 7, 7),
            step(StepKind::Review, Meeting::PartyMembers, "2026-01-15", 42, 31, 30),
            step(StepKind::Resolution, Meeting::Representatives, "2026-01-22", 45, 38, 36),
        ],
        resolution: vec!["同意立项,人均筹资15元。".to_owned()],
        approved_fen: Some(27_000_000),
        published_on: Some(date("2026-01-23")),
        published_until: Some(date("2026-02-07")),
        result_published_on: None,
        attachments: None,
    };
    Template {
        issuer: Some(committee()),
        code: Some(code("V01")),
        ..Template::new(Kind::Decision, Body::Decision(body))
    }
}

pub fn contract(decided: Ref) -> Template {
    let body = Contract {
        salt: salt("contract"),
        title: "村内道路硬化二期施工合同".to_owned(),
        no: "HT-2026-002".to_owned(),
        kind: ContractKind::Works,
        subject: "村内道路硬化二期(0.72km×3.5m×18cm)".to_owned(),
        counterparty: "示例县宏达市政工程有限公司".to_owned(),
        uscc: Uscc::parse("91379999MA0000015K"),
        start: date("2026-03-05"),
        end: date("2026-05-10"),
        total_fen: Some(26_800_000),
        annual_fen: None,
        due: None,
        award_mode: "镇小型工程平台公开比选(3家)".to_owned(),
        decision: Some("JY-2026-001".to_owned()),
        tender: Some("ZB-2026-001".to_owned()),
        project: Some("XM-2026-01".to_owned()),
        attachments: None,
    };
    let refs = vec![decided];
    Template { issuer: Some(collective()), refs, ..Template::new(Kind::Contract, Body::Contract(body)) }
}

/// A correction that says the same again with one remark more: validity does not read bodies.
pub fn correction(
    of: Kind,
    target: Ref,
    body: &Body,
    item: Option<&str>,
    month: Option<&str>,
    issuer: Issuer,
) -> Template {
    let replacement = parse(&body.to_bytes()).unwrap();
    let note = Correction {
        salt: salt("correction"),
        title: format!("更正: {}", body.title()),
        reason: "票面金额621.40元误记612.40元。".to_owned(),
        changes: vec![Change {
            place: "记-2026-03-005".to_owned(),
            before: "612.40".to_owned(),
            after: "612.40(4月补记9.00)".to_owned(),
        }],
        replacement,
    };
    Template {
        issuer: Some(issuer),
        code: item.map(code),
        period: month.map(period),
        control: Some(Control::Correction(CorrectionOf { of })),
        refs: vec![target],
        ..Template::new(Kind::Correction, Body::Correction(note))
    }
}

pub fn rows() -> Vec<Row> {
    let row = |i: usize, name: &str, fen| Row {
        salt: salt(&format!("row {i}")),
        name: name.to_owned(),
        group: Some("二组".to_owned()),
        quantity: None,
        fen: Some(fen),
        note: None,
    };
    ["张示例", "李示例", "王示例"].iter().enumerate().map(|(i, n)| row(i, n, 60_000 + i as i64)).collect()
}

/// 低保名单: a notice with rows, and the item's personal data.
pub fn people() -> Template {
    let rows = rows();
    let rows_ref = RowsRef { root: root(&rows), count: rows.len() as u64 };
    Template { rows: Some(rows_ref), ..notice("2026年6月最低生活保障对象", "V11", committee()) }
}

pub fn erasure(of: Kind, target: Ref, item: &str, issuer: Issuer) -> Template {
    let body = ErasureNote {
        salt: salt("erasure"),
        title: "个人信息删除".to_owned(),
        basis: "个人信息保护法47".to_owned(),
        text: vec!["公示期满。".to_owned()],
    };
    Template {
        issuer: Some(issuer),
        code: Some(code(item)),
        control: Some(Control::Erasure(ErasureOf { of, what: Erased::Both })),
        refs: vec![target],
        ..Template::new(Kind::Erasure, Body::Erasure(body))
    }
}

// ---- the story

/// The log's first entry.
pub fn with_root(cast: &Cast) -> World {
    static MADE: OnceLock<World> = OnceLock::new();
    MADE.get_or_init(|| make_with_root(cast)).clone()
}

fn make_with_root(cast: &Cast) -> World {
    let mut world = World::empty(cast.clone(), ORIGIN);
    let names =
        [(Root1, "甲(虚构)", "根钥匙保管人"), (Root2, "乙(虚构)", "根钥匙保管人"), (Root3, "丙(虚构)", "根钥匙保管人")];
    let body = LogGenesisBody {
        salt: salt("log genesis"),
        title: "清河镇账本开立".to_owned(),
        operator: "示例县清河镇人民政府".to_owned(),
        keys: persons(&world, &names),
        text: None,
    };
    let control = Some(Control::LogGenesis(log_genesis(&world)));
    let template = Template { control, ..Template::new(Kind::LogGenesis, Body::LogGenesis(body)) };
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
    let body = ChainGenesisBody {
        salt: salt("chain genesis"),
        title: "柳溪村账链开立".to_owned(),
        unit_name: "示例县清河镇柳溪村".to_owned(),
        organisations: vec![
            OrgName { kind: OrgKind::VillageCommittee, name: "柳溪村村民委员会".to_owned() },
            OrgName { kind: OrgKind::Collective, name: "柳溪村股份经济合作社".to_owned() },
            OrgName { kind: OrgKind::PartyOrganisation, name: "柳溪村党支部".to_owned() },
        ],
        keys: persons(&world, &names),
        opening: Opening { date: date("2025-12-31"), balances: opening_balances() },
        contact: None,
        text: None,
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
    let target = Ref { rel: Rel::Corrects, id: world.id(corrected) };
    let flow = derive::payments(&books[2], salt("F03 again")).unwrap();
    let body = Body::Payments(flow);
    let again = correction(Kind::Payments, target, &body, Some("F03"), Some("2026-03"), collective());
    let correction = one(&mut world, again);
    let target = Ref { rel: Rel::Erases, id: world.id(people_at) };
    let erasure = one(&mut world, erasure(Kind::Notice, target, "V11", committee()));
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
