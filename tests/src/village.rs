//! A village of the demonstration county with real keys, and drafts of every kind for it.

use std::path::Path;
use std::process::Command;

use sanwu_schema::catalogue::Profile;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, PublicKey, SecretKey};
use sanwu_schema::date::{Date, IssuedAt, Period};
use sanwu_schema::draft::{self, ChainInfo, Draft, Place, Template};
use sanwu_schema::json::from_canonical;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{
    AccountBalance, Body, CashLine, ChainGenesisBody, GrantBody, MonthBook, Notice, Opening, OrgName, PersonName, Salt,
    Side, Voucher, VoucherLine,
};
use sanwu_schema::kinds::{ChainGenesis, Control, KeyGrant};
use sanwu_schema::record::statement::{ChainId, HolderId, Issuer, ItemCode, OrgKind, Rel, Role, Scope, UnitCode, Uscc};
use sanwu_schema::tlog::vkey::Vkey;

use crate::client::Client;

/// The log of the tests.
pub const ORIGIN: &str = "sanwu.test/379999100";
/// The unit of the sample village.
pub const UNIT: &str = "379999100201";

/// A key of the tests: its seed is the digest of its name.
pub fn secret(name: &str) -> SecretKey {
    SecretKey::from_seed(Hash::digest(name.as_bytes()).0)
}

/// A salt of the tests, different for every text.
pub fn salt(text: &str) -> Salt {
    Salt::parse(&Hash::digest(text.as_bytes()).to_hex()[..32]).expect("salt")
}

/// A holder of the tests.
pub fn holder(name: &str) -> HolderId {
    HolderId::parse(&Hash::digest(name.as_bytes()).to_hex()[32..]).expect("holder")
}

/// Now, in the tests.
pub fn issued_at() -> IssuedAt {
    IssuedAt::parse("2026-02-01T09:00:00+08:00").expect("time")
}

/// Who signs.
pub struct Village {
    /// The chain.
    pub chain: ChainId,
    /// Roots, authority, and the village's roles: (name, role, key).
    pub people: Vec<(&'static str, Role, SecretKey)>,
}

impl Default for Village {
    fn default() -> Self {
        Self::new()
    }
}

impl Village {
    /// The sample village.
    pub fn new() -> Self {
        Self::named(UNIT)
    }

    /// A village with another chain name; the same people.
    pub fn named(chain: &str) -> Self {
        let people = [
            ("root-1", Role::Root),
            ("root-2", Role::Root),
            ("root-3", Role::Root),
            ("authority-1", Role::Authority),
            ("authority-2", Role::Authority),
            ("party-sec", Role::PartySec),
            ("village-dir", Role::VillageDir),
            ("supervision-chair", Role::SupervisionChair),
            ("coop-chair", Role::CoopChair),
            ("chief-accountant", Role::ChiefAccountant),
            ("township", Role::Township),
            ("township-civil", Role::TownshipCivil),
            ("election-committee", Role::ElectionCommittee),
        ];
        Self {
            chain: ChainId::parse(chain).expect("chain"),
            people: people.map(|(name, role)| (name, role, secret(name))).into(),
        }
    }

    /// The key of a person.
    pub fn key(&self, name: &str) -> &SecretKey {
        &self.people.iter().find(|p| p.0 == name).unwrap_or_else(|| panic!("{name}")).2
    }

    /// The bytes of anyone's key.
    pub fn public(&self, keyid: &KeyId) -> Option<PublicKey> {
        self.people.iter().map(|p| p.2.public()).find(|k| k.key_id() == *keyid)
    }

    /// `sanwu-node init` with these root keys.
    pub fn init(&self, node: &Path, data: &Path) {
        self.init_as(node, data, ORIGIN);
    }

    /// The same under another origin.
    pub fn init_as(&self, node: &Path, data: &Path, origin: &str) {
        self.init_with(node, data, origin, &[]);
    }

    /// The same with more arguments.
    pub fn init_with(&self, node: &Path, data: &Path, origin: &str, more: &[&str]) {
        let mut command = Command::new(node);
        command.args(["init", "--quiet", "--origin", origin, "--threshold", "2", "--purpose", "test", "--data"]);
        command.arg(data).args(more);
        for (name, _, key) in self.people.iter().filter(|p| p.1 == Role::Root) {
            command.args(["--root", &Vkey::from_public_key(name, &key.public()).expect("vkey").to_string()]);
        }
        let output = command.output().expect("init");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Publishes the log genesis, the authority's keys and the chain.
    pub fn open(&self, data: &Path, client: &Client) {
        let genesis = Draft::parse(&std::fs::read(data.join("genesis.draft")).expect("draft")).expect("draft");
        self.publish(client, genesis);
        for name in ["authority-1", "authority-2"] {
            let grant = self.grant(client, &ChainId::root(), name, Role::Authority, "379999");
            self.publish(client, grant);
        }
        self.open_chain(client);
    }

    /// Publishes the village's chain genesis.
    pub fn open_chain(&self, client: &Client) {
        self.publish(client, self.opening_draft(client));
    }

    /// A draft of the village's chain genesis.
    pub fn opening_draft(&self, client: &Client) -> Draft {
        let root = info(client, &ChainId::root());
        let place = Place::chain_genesis(&root, self.chain.clone()).expect("place");
        draft::build(&place, "开立", &[self.genesis(&root)], &issued_at(), &[]).expect("draft")
    }

    /// Signs with every key that is listed.
    pub fn sign(&self, draft: &mut Draft) {
        for missing in draft.missing().expect("missing") {
            let (_, _, key) =
                self.people.iter().find(|p| p.2.public().key_id() == missing.keyid).expect("a key of the village");
            draft.sign(key).expect("sign");
        }
    }

    /// The envelopes and bodies of a draft, signed by everyone.
    pub fn package(&self, mut draft: Draft) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.sign(&mut draft);
        draft.package(|id| self.public(id)).expect("package")
    }

    /// Signs and publishes; it has to succeed. Returns the first index.
    pub fn publish(&self, client: &Client, draft: Draft) -> u64 {
        let answer = client.publish(&self.package(draft));
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        answer.receipt().entries[0].index
    }

    /// A draft of any templates at the chain's next place.
    pub fn draft(&self, client: &Client, templates: &[Template]) -> Draft {
        let place = Place::next(&info(client, &self.chain)).expect("place");
        draft::build(&place, "草稿", templates, &issued_at(), &[]).expect("draft")
    }

    /// A draft of a grant.
    pub fn grant(&self, client: &Client, chain: &ChainId, name: &str, role: Role, scope: &str) -> Draft {
        let place = Place::next(&info(client, chain)).expect("place");
        draft::build(&place, "登记", &[self.grant_template(name, role, scope)], &issued_at(), &[]).expect("draft")
    }

    /// A grant.
    pub fn grant_template(&self, name: &str, role: Role, scope: &str) -> Template {
        let key = self.people.iter().find(|p| p.0 == name).map_or_else(|| secret(name), |p| p.2.clone());
        let body = GrantBody {
            salt: salt(name),
            title: format!("登记{}", role.zh()),
            name: name.into(),
            office: role.zh().into(),
            reason: None,
        };
        let mut template = Template::new(Kind::Grant, Body::Grant(body));
        template.control = Some(Control::Grant(KeyGrant {
            key: key.public(),
            roles: vec![role],
            scope: Scope::parse(scope),
            holder: holder(name),
        }));
        template
    }

    /// The village's chain genesis; `root` is the info of chain `root`.
    pub fn genesis(&self, root: &ChainInfo) -> Template {
        let in_chain = || self.people.iter().filter(|p| p.1 != Role::Root);
        let mut keys: Vec<KeyGrant> = in_chain()
            .map(|(name, role, key)| KeyGrant {
                key: key.public(),
                roles: vec![*role],
                scope: Scope::parse(if *role == Role::Authority { "379999" } else { UNIT }),
                holder: holder(name),
            })
            .collect();
        keys.sort_by_key(|k| k.key.key_id());
        let organisations = vec![
            issuer(OrgKind::Collective),
            issuer(OrgKind::VillageCommittee),
            issuer(OrgKind::PartyOrganisation),
            issuer(OrgKind::SupervisionCommittee),
            issuer(OrgKind::Township),
        ];
        let body = ChainGenesisBody {
            salt: salt("genesis"),
            title: "柳溪村公开账开立".into(),
            unit_name: "示例县清河镇柳溪村".into(),
            organisations: vec![OrgName { kind: OrgKind::Collective, name: "柳溪村股份经济合作社".into() }],
            keys: in_chain()
                .map(|(name, role, key)| PersonName {
                    keyid: key.public().key_id(),
                    name: (*name).into(),
                    office: role.zh().into(),
                })
                .collect(),
            opening: Opening {
                date: Date::parse("2025-12-31").expect("date"),
                balances: vec![balance("101", 186_250), balance("102", 86_431_742), balance("301", -86_617_992)],
            },
            contact: None,
            text: None,
        };
        let mut template = Template::new(Kind::ChainGenesis, Body::ChainGenesis(body));
        template.control = Some(Control::ChainGenesis(ChainGenesis {
            unit: UnitCode::parse(UNIT).expect("unit"),
            unit_year: 2025,
            organisations,
            keys,
            catalogue: root.facts.as_ref().and_then(|f| f.ring.catalogue).expect("catalogue"),
            profile: Profile {
                version: 1,
                cash_limit_fen: 1_000_000,
                major_amount_fen: 1_000_000,
                month_due_days: 15,
                quarter_due_days: 15,
                event_due_days: 10,
                display_days: 15,
                reply_days: 5,
                extra_roles: None,
            },
        }));
        template
    }

    /// A party notice (D07), signed by the party secretary alone; may be published any number of times.
    pub fn notice(&self, text: &str) -> Template {
        let body = Notice {
            salt: salt(text),
            title: "党组织换届选举".into(),
            text: vec![text.into()],
            table: None,
            display_start: None,
            display_end: None,
            attachments: None,
        };
        let mut template = Template::new(Kind::Notice, Body::Notice(body));
        template.code = ItemCode::parse("D07");
        template.issuer = Some(issuer(OrgKind::PartyOrganisation));
        template
    }

    /// The linked templates of a month: book, F02, F03, F04.
    pub fn month(&self, book: MonthBook) -> Vec<Template> {
        let period = book.period.clone();
        let template = |kind, code: Option<&str>, body| {
            let mut t = Template::new(kind, body);
            t.code = code.and_then(ItemCode::parse);
            t.period = Some(period.clone());
            t.issuer = Some(issuer(OrgKind::Collective));
            if code.is_some() {
                t.links = vec![(Rel::About, 0)];
            }
            t
        };
        let receipts = derive::receipts(&book, salt("f02")).expect("receipts");
        let payments = derive::payments(&book, salt("f03")).expect("payments");
        let cash = derive::cash_statement(&book, salt("f04"));
        vec![
            template(Kind::MonthBook, None, Body::MonthBook(book)),
            template(Kind::Receipts, Some("F02"), Body::Receipts(receipts)),
            template(Kind::Payments, Some("F03"), Body::Payments(payments)),
            template(Kind::CashStatement, Some("F04"), Body::CashStatement(cash)),
        ]
    }

    /// January: one receipt, one payment.
    pub fn january(&self) -> MonthBook {
        let vouchers = vec![
            voucher("记-2026-01-001", "2026-01-05", "收村级组织运转经费", CashLine::In, "102", "503", 6_000_000),
            voucher("记-2026-01-002", "2026-01-16", "购办公用品", CashLine::Out, "513", "101", 48_630),
        ];
        let opening = vec![balance("101", 186_250), balance("102", 86_431_742), balance("301", -86_617_992)];
        let period = Period::parse("2026-01").expect("period");
        MonthBook {
            salt: salt("january"),
            title: derive::title(Kind::MonthBook, &period),
            period,
            closing: derive::closing(&opening, &vouchers),
            opening,
            vouchers,
            attachments: None,
        }
    }
}

/// An organisation of the village.
pub fn issuer(kind: OrgKind) -> Issuer {
    let uscc = match kind {
        OrgKind::Collective => Uscc::parse("N2379999MF00000137"),
        OrgKind::VillageCommittee => Uscc::parse("54379999ME000001X1"),
        _ => None,
    };
    Issuer { kind, uscc }
}

/// A balance, debit positive.
pub fn balance(account: &str, fen: i64) -> AccountBalance {
    AccountBalance { account: account.into(), sub: None, fen }
}

/// A voucher of two lines.
pub fn voucher(no: &str, date: &str, summary: &str, cash: CashLine, debit: &str, credit: &str, fen: i64) -> Voucher {
    let line = |account: &str, side| VoucherLine { account: account.into(), sub: None, side, fen };
    Voucher {
        no: no.into(),
        date: Date::parse(date).expect("date"),
        summary: summary.into(),
        lines: vec![line(debit, Side::Debit), line(credit, Side::Credit)],
        cash,
        item: (cash == CashLine::In || cash == CashLine::Out).then(|| "其他".into()),
        counterparty: None,
        decision: None,
        contract: None,
        tender: None,
        project: None,
        asset: None,
        corrects: None,
        docs: None,
    }
}

/// What a drafter asks the node.
pub fn info(client: &Client, chain: &ChainId) -> ChainInfo {
    let answer = client.get(&format!("/api/v1/chains/{chain}"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    from_canonical(&answer.body).expect("chain info")
}
