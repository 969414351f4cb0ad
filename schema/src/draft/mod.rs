//! Drafting: from bodies to statements that only need their signatures. Pure: salt, time and the log's state
//! are arguments.
//!
//! A draft file holds linked statements of one chain, in order: a month's book and what follows from it are
//! signed in one round per signer and published together.

mod file;
mod signers;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::crypto::key::KeyId;
use crate::date::{IssuedAt, Period};
use crate::error_code::ErrorCode;
use crate::json::{Bytes, record, to_canonical, to_text};
use crate::kinds::Control;
use crate::kinds::Kind;
use crate::kinds::{Body, Opening, PersonName};
use crate::record::dsse::statement_id;
use crate::record::entry::Invalid;
use crate::record::statement::{
    BodyRef, ChainId, Issuer, ItemCode, Ref, Rel, RowsRef, Seen, Statement, StatementId, UnitCode,
};
use crate::tlog::checkpoint::Origin;
use crate::validity::approval::{self, RulesInForce};
use crate::validity::ring::Ring;
use crate::validity::{ChainFacts, ChainHead};

pub use file::{AttachedFile, Draft, DraftEntry, FORMAT, Missing, Publication};
pub use signers::choose_signers;

/// Names the format of [`ChainInfo`].
pub const CHAIN_INFO_FORMAT: &str = "sanwu-chain-v1";

record! {
    /// What a drafter must know of a chain: `GET /api/v1/chains/{chain}`.
    pub struct ChainInfo {
        /// [`CHAIN_INFO_FORMAT`].
        format: String,
        origin: Origin,
        chain: ChainId,
        /// From the genesis body.
        unit_name [opt]: String,
        /// Absent while the chain is not open.
        head [opt]: ChainHead,
        /// Ring, rules and organisations.
        facts [opt]: ChainFacts,
        /// Of the key holders.
        names: Vec<PersonName>,
        /// From the genesis body.
        opening [opt]: Opening,
        /// The published checkpoint, to be pinned in a statement's `seen`.
        seen: Seen,
        /// The same, as the signed note.
        checkpoint: Bytes,
    }
}

/// The place that a draft's first statement will have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The log.
    pub origin: Origin,
    /// The chain.
    pub chain: ChainId,
    /// Its next place.
    pub seq: u64,
    /// Its last statement.
    pub prev: Option<StatementId>,
    /// For a genesis: `root`'s head.
    pub parent: Option<StatementId>,
    /// What the drafter has seen of the log.
    pub seen: Seen,
    /// The facts that give ring and rules; of `root` for a chain's genesis; none for the log's.
    pub facts: Option<ChainFacts>,
}

impl Place {
    /// Returns the next place of an open chain.
    pub fn next(info: &ChainInfo) -> Result<Self, Invalid> {
        let (Some(head), Some(facts)) = (&info.head, &info.facts) else {
            return Err(Invalid::new(ErrorCode::ChainMissing, &info.chain));
        };
        Ok(Self {
            origin: info.origin.clone(),
            chain: info.chain.clone(),
            seq: head.seq + 1,
            prev: Some(head.id),
            parent: None,
            seen: info.seen.clone(),
            facts: Some(facts.clone()),
        })
    }

    /// Returns the first place of a new chain; `root` is the info of chain `root`.
    pub fn chain_genesis(root: &ChainInfo, chain: ChainId) -> Result<Self, Invalid> {
        let next = Self::next(root)?;
        Ok(Self { chain, seq: 0, prev: None, parent: root.head.as_ref().map(|h| h.id), ..next })
    }

    /// Returns the first place of a log.
    pub fn log_genesis(origin: Origin) -> Self {
        Self {
            origin,
            chain: ChainId::root(),
            seq: 0,
            prev: None,
            parent: None,
            seen: Seen { size: 0, root: crate::tlog::merkle::EMPTY },
            facts: None,
        }
    }

    fn ring(&self) -> Ring {
        self.facts.as_ref().map_or_else(Ring::empty, |f| f.ring.clone())
    }
}

/// One statement to be drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What it is.
    pub kind: Kind,
    /// Who issues it; control kinds have none.
    pub issuer: Option<Issuer>,
    /// The item.
    pub code: Option<ItemCode>,
    /// The period.
    pub period: Option<Period>,
    /// Machine data.
    pub control: Option<Control>,
    /// The content.
    pub body: Body,
    /// The list of people.
    pub rows: Option<RowsRef>,
    /// References to statements in the log.
    pub refs: Vec<Ref>,
    /// References to earlier statements of this draft, by their place in it.
    pub links: Vec<(Rel, usize)>,
}

impl Template {
    /// Returns a template without references.
    pub fn new(kind: Kind, body: Body) -> Self {
        Self {
            kind,
            issuer: None,
            code: None,
            period: None,
            control: None,
            body,
            rows: None,
            refs: Vec::new(),
            links: Vec::new(),
        }
    }
}

/// Drafts linked statements. `prefer` names the keys to sign where several hold a role.
pub fn build(
    place: &Place,
    title: &str,
    templates: &[Template],
    issued_at: &IssuedAt,
    prefer: &[KeyId],
) -> Result<Draft, Invalid> {
    let ring = place.ring();
    let keyring = ring.digest();
    let mut ids: Vec<StatementId> = Vec::new();
    let mut entries = Vec::new();
    for (i, template) in templates.iter().enumerate() {
        let body = template.body.to_bytes();
        let mut refs = template.refs.clone();
        for (rel, target) in &template.links {
            let id = ids.get(*target).ok_or_else(|| Invalid::new(ErrorCode::Refs, format!("links {target}")))?;
            refs.push(Ref { rel: *rel, id: *id });
        }
        refs.sort_by_key(|r| (r.rel.as_str(), r.id));
        refs.dedup();
        let mut statement = Statement {
            origin: place.origin.clone(),
            chain: place.chain.clone(),
            seq: place.seq + i as u64,
            prev: ids.last().copied().or(place.prev),
            parent: place.parent.filter(|_| template.kind == Kind::ChainGenesis),
            kind: template.kind,
            issuer: template.issuer.clone(),
            code: template.code.clone(),
            period: template.period.clone(),
            issued_at: issued_at.clone(),
            seen: place.seen.clone(),
            keyring,
            signers: Vec::new(),
            control: template.control.clone(),
            body: Some(BodyRef { digest: Hash::digest(&body), size: body.len() as u64 }),
            rows: template.rows.clone(),
            refs: (!refs.is_empty()).then_some(refs),
        };
        statement.signers = choose_signers(&statement, place.facts.as_ref(), prefer)?;
        let bytes = to_canonical(&statement);
        Statement::parse(&bytes)?;
        ids.push(statement_id(&bytes));
        entries.push(DraftEntry {
            statement: String::from_utf8(bytes).map_err(|_| Invalid::new(ErrorCode::JsonString, "statement"))?,
            body: String::from_utf8(body).map_err(|_| Invalid::new(ErrorCode::JsonString, "body"))?,
            signatures: Vec::new(),
            attachments: None,
        });
    }
    Ok(Draft {
        format: FORMAT.to_string(),
        origin: place.origin.clone(),
        chain: place.chain.clone(),
        title: title.to_string(),
        entries,
    })
}

/// Moves a draft to where the chain now is. Statements change, so their signatures are dropped; bodies stay.
pub fn rebase(draft: &Draft, place: &Place, prefer: &[KeyId]) -> Result<Draft, Invalid> {
    let keyring = place.ring().digest();
    let mut moved: Vec<(StatementId, StatementId)> = Vec::new();
    let mut entries = Vec::new();
    for (i, old) in draft.entries.iter().enumerate() {
        let mut statement = Statement::parse(old.statement.as_bytes())?;
        statement.seq = place.seq + i as u64;
        statement.prev = moved.last().map(|(_, new)| *new).or(place.prev);
        statement.parent = place.parent.filter(|_| statement.kind == Kind::ChainGenesis);
        statement.seen = place.seen.clone();
        statement.keyring = keyring;
        if let Some(refs) = &mut statement.refs {
            for r in refs.iter_mut() {
                if let Some((_, new)) = moved.iter().find(|(old, _)| *old == r.id) {
                    r.id = *new;
                }
            }
            refs.sort_by_key(|r| (r.rel.as_str(), r.id));
        }
        let same: Vec<KeyId> = statement.signers.iter().map(|s| s.keyid).chain(prefer.iter().copied()).collect();
        statement.signers = choose_signers(&statement, place.facts.as_ref(), &same)?;
        let text = to_text(&statement);
        let id = statement_id(text.as_bytes());
        moved.push((statement_id(old.statement.as_bytes()), id));
        let signatures = if text == old.statement { old.signatures.clone() } else { Vec::new() };
        entries.push(DraftEntry { statement: text, signatures, ..old.clone() });
    }
    Ok(Draft { entries, ..draft.clone() })
}

/// The ring and rules against which a drafted statement will be checked.
fn in_force<'a>(facts: Option<&'a ChainFacts>, empty: &'a Ring, unit: Option<&'a UnitCode>) -> RulesInForce<'a> {
    match facts {
        Some(facts) => RulesInForce { unit: unit.or(facts.unit.as_ref()), ..facts.in_force() },
        None => RulesInForce { ring: empty, unit, catalogue: None, profile: None },
    }
}

/// Checks that the listed signers would suffice.
pub(crate) fn signers_do(statement: &Statement, facts: Option<&ChainFacts>) -> Result<(), Invalid> {
    let empty = Ring::empty();
    approval::check(statement, &in_force(facts, &empty, None))
}
