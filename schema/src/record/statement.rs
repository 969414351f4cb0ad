//! The statement: the small ASCII JSON that is signed. `FORMAT.md`, "Statement".

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::crypto::key::KeyId;
use crate::date::{IssuedAt, Period};
use crate::error_code::ErrorCode;
use crate::json::{Canon, JsonError, Value, record, shaped_text, words};
use crate::kinds::{Control, KeyGrant, Kind};
use crate::tlog::checkpoint::Origin;

/// Largest statement: its base64 (×4/3) and 16 signatures (16 × 180 B) fit an entry of 65,535 bytes.
pub const STATEMENT_BYTES_MAX: usize = 32_768;
/// Most signers: one per role and a few more.
pub const SIGNERS_MAX: usize = 16;
/// Most references.
pub const REFS_MAX: usize = 32;

/// The log's own chain.
pub const ROOT_CHAIN: &str = "root";

words! {
    /// In which role a key signs.
    pub enum Role {
        Root = "root", "账本根钥匙", "log root";
        Authority = "authority", "镇(县)管理机关", "authority";
        PartySec = "party_sec", "村党组织书记", "party secretary";
        VillageDir = "village_dir", "村委会主任", "village committee director";
        SupervisionChair = "supervision_chair", "村务监督委员会主任", "supervision committee chair";
        CoopChair = "coop_chair", "集体经济组织负责人", "chair of the collective";
        ChiefAccountant = "chief_accountant", "主管会计", "chief accountant";
        Township = "township", "乡镇", "township";
        TownshipCivil = "township_civil", "镇民政", "township civil affairs";
        ElectionCommittee = "election_committee", "村民选举委员会", "election committee";
        Intake = "intake", "收件", "intake";
    }
}

words! {
    /// Which organisation of the village issues a statement.
    pub enum OrgKind {
        VillageCommittee = "village_committee", "村民委员会", "villagers' committee";
        Collective = "collective", "农村集体经济组织", "rural collective economic organisation";
        PartyOrganisation = "party_organisation", "村党组织", "village party organisation";
        SupervisionCommittee = "supervision_committee", "村务监督委员会", "supervision committee";
        Township = "township", "乡镇", "township";
    }
}

words! {
    /// How a statement relates to an earlier one.
    pub enum Rel {
        Corrects = "corrects", "更正", "corrects";
        Answers = "answers", "答复", "answers";
        Implements = "implements", "落实", "implements";
        Fulfils = "fulfils", "履行", "fulfils";
        Erases = "erases", "删除", "erases";
        About = "about", "依据", "about";
    }
}

shaped_text! {
    /// A chain's name: `[a-z0-9][a-z0-9.-]{0,63}`.
    ChainId, |t| {
        let b = t.as_bytes();
        (1..=64).contains(&b.len())
            && b.iter().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
            && b.first().is_some_and(u8::is_ascii_alphanumeric)
    }
}

impl ChainId {
    /// Returns the log's own chain.
    pub fn root() -> Self {
        Self(String::from(ROOT_CHAIN))
    }
    /// Returns whether this is the log's own chain.
    pub fn is_root(&self) -> bool {
        self.0 == ROOT_CHAIN
    }
}

shaped_text! {
    /// An item of the disclosure catalogue: `[DVF]` and two digits.
    ItemCode, |t| matches!(t.as_bytes(), [b'D' | b'V' | b'F', b'0'..=b'9', b'0'..=b'9'])
}

shaped_text! {
    /// A region: 2, 4, 6, 9 or 12 digits of 统计用区划代码; covers every unit whose code starts with it.
    Scope, |t| matches!(t.len(), 2 | 4 | 6 | 9 | 12) && t.bytes().all(|b| b.is_ascii_digit())
}

shaped_text! {
    /// The 12-digit 统计用区划代码 of a reporting unit.
    UnitCode, |t| t.len() == 12 && t.bytes().all(|b| b.is_ascii_digit())
}

shaped_text! {
    /// A person within one chain: 32 hex digits drawn at random, so that it tells nothing.
    HolderId, |t| t.len() == 32 && t.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

shaped_text! {
    /// 统一社会信用代码 (GB 32100-2015): 18 characters, the check character right.
    Uscc, uscc_ok
}

crate::labels::show_as_text!(ItemCode, Scope, UnitCode, HolderId, Uscc);

/// GB 32100-2015: weights 3^(i−1) mod 31, check character (31 − Σ mod 31) mod 31.
fn uscc_ok(text: &str) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let value = |b: &u8| ALPHABET.iter().position(|a| a == b);
    let Some((last, head)) = text.as_bytes().split_last() else { return false };
    if head.len() != 17 {
        return false;
    }
    let mut weight = 1;
    let mut sum = 0;
    for byte in head {
        let Some(v) = value(byte) else { return false };
        sum += v * weight;
        weight = weight * 3 % 31;
    }
    value(last) == Some((31 - sum % 31) % 31)
}

/// SHA-256 of the DSSE pre-authentication encoding: what `prev`, `refs` and check codes name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementId(pub Hash);

impl core::fmt::Display for StatementId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0.to_text())
    }
}

impl core::fmt::Debug for StatementId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0.to_text())
    }
}

impl Canon for StatementId {
    fn read(value: &Value) -> Result<Self, JsonError> {
        Hash::read(value).map(Self)
    }
    fn write(&self, out: &mut String) {
        self.0.write(out);
    }
}

/// Strictly ascending.
fn sorted_unique<T: Ord>(items: &[T]) -> bool {
    items.windows(2).all(|w| matches!(w, [a, b] if a < b))
}

record! {
    /// The organisation that issues a statement; one of the chain's genesis.
    pub struct Issuer {
        kind "类别", "Kind": OrgKind,
        /// A party organisation or committee without a credit code has none.
        uscc [opt] "统一社会信用代码", "Credit code": Uscc,
    }
}

record! {
    /// A checkpoint that the drafter verified as consistent with all it had seen.
    pub struct Seen {
        size: u64,
        root: Hash,
    }
}

record! {
    /// Who signs, and in which roles.
    pub struct Signer {
        keyid: KeyId,
        /// Sorted.
        roles: Vec<Role>,
    }
}

record! {
    /// The body outside the log.
    pub struct BodyRef {
        digest: Hash,
        /// Length in bytes.
        size: u64,
    }
}

record! {
    /// The list of people outside the log.
    pub struct RowsRef {
        /// RFC 6962 root over the row leaves.
        root: Hash,
        count: u64,
    }
}

record! {
    /// A reference to an earlier statement.
    pub struct Ref {
        rel: Rel,
        id: StatementId,
    }
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The log it was made for.
    pub origin: Origin,
    /// The chain it extends.
    pub chain: ChainId,
    /// Its place in the chain, from 0.
    pub seq: u64,
    /// The chain's previous statement; absent at 0.
    pub prev: Option<StatementId>,
    /// In a chain's genesis: the head of `root`.
    pub parent: Option<StatementId>,
    /// What it is.
    pub kind: Kind,
    /// Who issues it.
    pub issuer: Option<Issuer>,
    /// The item of the catalogue.
    pub code: Option<ItemCode>,
    /// The period reported.
    pub period: Option<Period>,
    /// When it was drafted: a claim.
    pub issued_at: IssuedAt,
    /// The log's state that it pins.
    pub seen: Seen,
    /// Digest of the ring against which its signers are checked.
    pub keyring: Hash,
    /// Who signs, sorted by key.
    pub signers: Vec<Signer>,
    /// Machine data of control kinds.
    pub control: Option<Control>,
    /// The content, outside the log.
    pub body: Option<BodyRef>,
    /// The list of people, outside the log.
    pub rows: Option<RowsRef>,
    /// References.
    pub refs: Option<Vec<Ref>>,
}

record! {
    /// The statement's members before the control is understood by its kind.
    struct Wire {
        origin: Origin, chain: ChainId, seq: u64, prev [opt]: StatementId, parent [opt]: StatementId,
        kind: Kind, issuer [opt]: Issuer, code [opt]: ItemCode, period [opt]: Period, issued_at: IssuedAt,
        seen: Seen, keyring: Hash, signers: Vec<Signer>, control [opt]: Value, body [opt]: BodyRef,
        rows [opt]: RowsRef, refs [opt]: Vec<Ref>,
    }
}

impl Canon for Statement {
    fn read(value: &Value) -> Result<Self, JsonError> {
        // A kind that this program does not know is "cannot tell", not "wrong": say so before anything else.
        if let Some(Value::String(kind)) = value.get("kind")
            && Kind::parse(kind).is_none()
        {
            return Err(JsonError::new(ErrorCode::Kind, "kind"));
        }
        let w = Wire::read(value)?;
        let control = w.control.as_ref().map(|c| Control::read(w.kind, c)).transpose()?;
        if control.is_none() && w.kind.has_control() {
            return Err(JsonError::new(ErrorCode::Control, "control"));
        }
        let signers_ok = (1..=SIGNERS_MAX).contains(&w.signers.len())
            && w.signers.windows(2).all(|s| matches!(s, [a, b] if a.keyid < b.keyid));
        if !signers_ok {
            return Err(JsonError::new(ErrorCode::JsonValue, "signers"));
        }
        if let Some(i) = w.signers.iter().position(|s| s.roles.is_empty() || !roles_sorted(&s.roles)) {
            return Err(JsonError::new(ErrorCode::JsonValue, alloc::format!("signers[{i}].roles")));
        }
        if let Some(refs) = &w.refs
            && (refs.is_empty()
                || refs.len() > REFS_MAX
                || !sorted_unique(&refs.iter().map(|r| (r.rel.as_str(), r.id)).collect::<Vec<_>>()))
        {
            return Err(JsonError::new(ErrorCode::JsonValue, "refs"));
        }
        Ok(Self {
            origin: w.origin,
            chain: w.chain,
            seq: w.seq,
            prev: w.prev,
            parent: w.parent,
            kind: w.kind,
            issuer: w.issuer,
            code: w.code,
            period: w.period,
            issued_at: w.issued_at,
            seen: w.seen,
            keyring: w.keyring,
            signers: w.signers,
            control,
            body: w.body,
            rows: w.rows,
            refs: w.refs,
        })
    }

    fn write(&self, out: &mut String) {
        let w = self.clone();
        let control = w.control.as_ref().map(Control::to_value);
        Wire {
            origin: w.origin,
            chain: w.chain,
            seq: w.seq,
            prev: w.prev,
            parent: w.parent,
            kind: w.kind,
            issuer: w.issuer,
            code: w.code,
            period: w.period,
            issued_at: w.issued_at,
            seen: w.seen,
            keyring: w.keyring,
            signers: w.signers,
            control,
            body: w.body,
            rows: w.rows,
            refs: w.refs,
        }
        .write(out);
    }
}

/// Returns whether roles are sorted by their words, each once.
pub fn roles_sorted(roles: &[Role]) -> bool {
    roles.windows(2).all(|w| matches!(w, [a, b] if a.as_str() < b.as_str()))
}

/// Sorts roles by their words, once each.
pub fn sort_roles(roles: &mut Vec<Role>) {
    roles.sort_unstable_by_key(|r| r.as_str());
    roles.dedup();
}

impl Statement {
    /// Parses the signed bytes: canonical, ASCII, within the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.len() > STATEMENT_BYTES_MAX {
            return Err(JsonError::new(ErrorCode::Length, "statement"));
        }
        if let Some(at) = bytes.iter().position(|b| !b.is_ascii()) {
            return Err(JsonError::new(ErrorCode::JsonString, alloc::format!("byte {at}")));
        }
        crate::json::from_canonical(bytes)
    }

    /// Returns the kind that the statement is about: of a correction or an erasure the kind that its control names,
    /// otherwise its own.
    ///
    /// Item, roles and period follow from this kind.
    pub fn effective_kind(&self) -> Kind {
        match &self.control {
            Some(Control::Correction(c)) => c.of,
            Some(Control::Erasure(c)) => c.of,
            _ => self.kind,
        }
    }

    /// Returns the kind of the content that the statement publishes: of a correction that of the replacement, otherwise
    /// its own.
    ///
    /// An erasure publishes nothing and is not the kind that it erases.
    pub fn content_kind(&self) -> Kind {
        match self.kind {
            Kind::Correction => self.effective_kind(),
            own => own,
        }
    }

    /// Returns the keys that the statement's control grants.
    pub fn grants(&self) -> &[KeyGrant] {
        self.control.as_ref().map_or(&[], Control::grants)
    }

    /// Returns the statement that this one corrects.
    pub fn corrects(&self) -> Option<StatementId> {
        self.reference(Rel::Corrects)
    }

    /// Returns the statement that this one names with `rel`.
    pub fn reference(&self, rel: Rel) -> Option<StatementId> {
        self.refs.iter().flatten().find(|r| r.rel == rel).map(|r| r.id)
    }
}
