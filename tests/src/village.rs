//! The sample village with real keys, as a client of a node: it drafts, signs and publishes.

use std::path::Path;
use std::process::Command;

use sanwu_schema::crypto::key::{KeyId, PublicKey, SecretKey};
use sanwu_schema::date::IssuedAt;
use sanwu_schema::draft::{self, ChainInfo, Draft, Place, Template};
use sanwu_schema::json::from_canonical;
use sanwu_schema::kinds::{KeyGrant, MonthBook};
use sanwu_schema::record::statement::{ChainId, OrgKind, Role, Scope};
use sanwu_schema::sample::{self, OFFICES, Office, TOWNSHIP};
use sanwu_schema::tlog::vkey::Vkey;

pub use sanwu_schema::sample::{UNIT, holder, issuer, salt, secret};

use crate::client::Client;

/// The log of the tests.
pub const ORIGIN: &str = "sanwu.test/379999100";

/// Now, in the tests.
pub fn issued_at() -> IssuedAt {
    IssuedAt::parse("2026-02-01T09:00:00+08:00").expect("time")
}

/// Who signs.
pub struct Village {
    /// The chain.
    pub chain: ChainId,
    /// The key of every office: (name, role, key).
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
        Self {
            chain: ChainId::parse(chain).expect("chain"),
            people: OFFICES.map(|office| (office.key, office.role, office.secret())).into(),
        }
    }

    /// The key of an office.
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
            let grant = self.grant(client, &ChainId::root(), name, Role::Authority, TOWNSHIP);
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
        let grant = KeyGrant {
            key: secret(name).public(),
            roles: vec![role],
            scope: Scope::parse(scope),
            holder: holder(name),
        };
        sample::grant(salt(name), grant, name, role.zh())
    }

    /// The village's chain genesis; `root` is the info of chain `root`.
    pub fn genesis(&self, root: &ChainInfo) -> Template {
        let offices: Vec<&Office> = OFFICES.iter().filter(|office| office.role != Role::Root).collect();
        let catalogue = root.facts.as_ref().and_then(|f| f.ring.catalogue).expect("catalogue");
        let keys: Vec<KeyGrant> = offices.iter().map(|office| office.seeded_grant()).collect();
        let names = offices.iter().zip(&keys).map(|(office, grant)| office.person_name(grant.key.key_id())).collect();
        sample::genesis(salt("genesis"), catalogue, keys, names)
    }

    /// A party notice (D07), signed by the party secretary alone; may be published any number of times.
    pub fn notice(&self, text: &str) -> Template {
        sample::notice(salt(text), "D07", issuer(OrgKind::PartyOrganisation), "党组织换届选举", text)
    }

    /// The linked templates of a month: book, F02, F03, F04.
    pub fn month(&self, book: MonthBook) -> Vec<Template> {
        sample::month(&book, salt)
    }

    /// The book of January.
    pub fn january(&self) -> MonthBook {
        sample::month_book(salt("january"), &sample::period("2026-01"))
    }
}

/// What a drafter asks the node.
pub fn info(client: &Client, chain: &ChainId) -> ChainInfo {
    let answer = client.get(&format!("/api/v1/chains/{chain}"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    from_canonical(&answer.body).expect("chain info")
}
