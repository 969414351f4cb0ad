//! Validity by position: may this entry stand at this index of this log?
//!
//! One function, [`check`], for the node before it appends and for every replay afterwards. It reads no clock.
//! What it needs of the log's past it asks of a [`History`]; what it changes it returns as an [`Effect`].

pub mod approval;
mod control;
mod disclosure;
pub mod ring;
mod state;

use alloc::string::String;
use alloc::vec::Vec;

use self::approval::Standing;
use crate::crypto::hash::Hash;
use crate::crypto::key::KeyId;
use crate::date::Period;
use crate::error_code::ErrorCode;
use crate::json::{record, to_text};
use crate::kinds::Kind;
use crate::record::entry::{Entry, Invalid, SignedEntry};
use crate::record::statement::{ChainId, Issuer, ItemCode, Role, Statement, StatementId};
use crate::tlog::checkpoint::Origin;
use crate::validity::ring::Ring;

pub use state::{ChainFacts, ChainHead, ChainState};

record! {
    /// Where a statement stands and what it is: what later references ask about it.
    pub struct Located {
        /// Its leaf index.
        index: u64,
        /// Its chain.
        chain: ChainId,
        /// Its place in the chain.
        seq: u64,
        /// Its kind; of a correction, the kind it replaces.
        kind: Kind,
        /// Whether it is itself a correction.
        correction: bool,
        /// Its issuer.
        issuer [opt]: Issuer,
        /// Its item.
        code [opt]: ItemCode,
        /// Its period.
        period [opt]: Period,
        /// The roles in which it was signed, sorted.
        roles: Vec<Role>,
    }
}

/// The place that only one effective statement may take: (chain, code or kind, period).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The chain.
    pub chain: ChainId,
    /// The item's code, or the kind's word for kinds without one.
    pub what: String,
    /// The period.
    pub period: Period,
}

/// What a check asks of the log's past: everything with an index smaller than the entry's.
pub trait History {
    /// Why the past could not be read.
    type Error;
    /// The log's origin.
    fn origin(&self) -> &Origin;
    /// The log's root at an earlier size (0 ..= the entry's index); `None` if there is no such size yet.
    fn root_at(&self, size: u64) -> Result<Option<Hash>, Self::Error>;
    /// A chain's state.
    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, Self::Error>;
    /// A statement by its id.
    fn locate(&self, id: &StatementId) -> Result<Option<Located>, Self::Error>;
    /// The effective statement in a slot.
    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, Self::Error>;
    /// Whether a key was ever granted in a chain.
    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, Self::Error>;
    /// The statement that corrects this one.
    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Self::Error>;
}

/// Why an entry may not stand there: it is not valid, or the past could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused<E> {
    /// The entry is not valid at this position.
    Invalid(Invalid),
    /// The past could not be read; says nothing about the entry.
    History(E),
}

impl<E> From<Invalid> for Refused<E> {
    fn from(e: Invalid) -> Self {
        Self::Invalid(e)
    }
}

pub(crate) fn refuse<T, E>(code: ErrorCode, place: impl alloc::string::ToString) -> Result<T, Refused<E>> {
    Err(Refused::Invalid(Invalid::new(code, place)))
}

/// What an entry changes.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The chain's state after it.
    pub state: ChainState,
    /// Whether anything but the head changed in the state.
    pub facts_changed: bool,
    /// The slot that it takes, now held by this entry.
    pub slot: Option<Slot>,
    /// Keys granted by it.
    pub granted: Vec<KeyId>,
    /// The statement that it corrects.
    pub corrects: Option<StatementId>,
    /// The statement from which it erases.
    pub erases: Option<StatementId>,
    /// What later references will ask about it.
    pub located: Located,
}

/// Checks an entry whose signatures verify at the position `index`, and says what it changes.
pub fn check<H: History>(signed: &SignedEntry, index: u64, history: &H) -> Result<Effect, Refused<H::Error>> {
    let entry = signed.entry();
    let statement = &entry.statement;
    if statement.origin != *history.origin() {
        return refuse(ErrorCode::OtherLog, statement.origin.as_str());
    }
    let before = place(statement, index, history)?;
    let seen = &statement.seen;
    let seen_before = before.as_ref().map_or(0, |s| s.head.seen);
    if seen.size > index
        || seen.size < seen_before
        || history.root_at(seen.size).map_err(Refused::History)? != Some(seen.root)
    {
        return refuse(ErrorCode::Seen, seen.size);
    }

    let root = match &statement.kind {
        Kind::LogGenesis => None,
        _ => history.chain(&ChainId::root()).map_err(Refused::History)?,
    };
    let empty = Ring::empty();
    let (standing, ring_digest) = match (&before, &root) {
        (Some(state), _) => (state.facts.standing(), state.ring_digest),
        // A chain's genesis is signed by authority keys then valid in `root`.
        (None, Some(root)) => (Standing { unit: None, ..root.facts.standing() }, root.ring_digest),
        (None, None) => (Standing { ring: &empty, unit: None, catalogue: None, profile: None }, empty.digest()),
    };
    // A log's first keys and a granted key stand in the entry itself; whom a chain's genesis appoints cannot open it.
    let brings_its_own = statement.kind.signed_by_own_keys();
    if let Some(missing) = statement
        .signers
        .iter()
        .find(|s| standing.ring.key(&s.keyid).is_none() && !(brings_its_own && entry.own_key(&s.keyid).is_some()))
    {
        let chain = if before.is_some() { &statement.chain } else { &ChainId::root() };
        let was = history.was_granted(chain, &missing.keyid).map_err(Refused::History)?;
        return refuse(if was { ErrorCode::KeyRevoked } else { ErrorCode::KeyUnknown }, missing.keyid.to_hex());
    }
    if statement.keyring != ring_digest {
        return refuse(ErrorCode::Keyring, "keyring");
    }
    approval::check(statement, &standing)?;

    let mut effect = Effect {
        state: state::advance(before.as_ref(), entry, index),
        facts_changed: false,
        slot: None,
        granted: Vec::new(),
        corrects: None,
        erases: None,
        located: locate(entry, index),
    };
    match &statement.control {
        Some(control) if statement.kind.is_control() => {
            control::apply(entry, control, root.as_ref(), history, &mut effect)?;
        }
        _ => disclosure::apply(entry, index, before.as_ref(), history, &mut effect)?,
    }
    Ok(effect)
}

/// The chain's state before the entry; the entry is the next one, or the first.
fn place<H: History>(statement: &Statement, index: u64, history: &H) -> Result<Option<ChainState>, Refused<H::Error>> {
    let before = history.chain(&statement.chain).map_err(Refused::History)?;
    let genesis = if statement.chain.is_root() { Kind::LogGenesis } else { Kind::ChainGenesis };
    // The other genesis never belongs here, at no place of the chain: it would set up a ring of its own.
    if statement.kind.is_genesis() && statement.kind != genesis {
        return refuse(ErrorCode::ChainKind, statement.kind);
    }
    if (statement.kind == genesis) != (statement.seq == 0) || (index == 0) != (statement.kind == Kind::LogGenesis) {
        // Also: nothing is admitted before the log's first entry.
        if let Some(state) = &before
            && statement.kind == genesis
        {
            return refuse(ErrorCode::ChainExists, state.head.id);
        }
        return refuse(ErrorCode::ChainKind, statement.kind);
    }
    match &before {
        Some(state) => {
            if statement.kind == genesis {
                return refuse(ErrorCode::ChainExists, state.head.id);
            }
            if statement.seq != state.head.seq + 1 {
                return refuse(ErrorCode::Seq, state.head.seq);
            }
            if statement.prev != Some(state.head.id) {
                return refuse(ErrorCode::Prev, state.head.id);
            }
        }
        None if statement.kind != genesis => return refuse(ErrorCode::ChainMissing, &statement.chain),
        None if statement.prev.is_some() => return refuse(ErrorCode::Prev, "prev"),
        None => {}
    }
    let parent = match statement.kind {
        Kind::ChainGenesis => history.chain(&ChainId::root()).map_err(Refused::History)?.map(|r| r.head.id),
        _ => None,
    };
    if statement.parent != parent {
        return refuse(ErrorCode::Parent, "parent");
    }
    Ok(before)
}

fn locate(entry: &Entry, index: u64) -> Located {
    let s = &entry.statement;
    let mut roles: Vec<Role> = s.signers.iter().flat_map(|s| s.roles.iter().copied()).collect();
    crate::record::statement::sort_roles(&mut roles);
    Located {
        index,
        chain: s.chain.clone(),
        seq: s.seq,
        kind: s.content_kind(),
        correction: s.kind == Kind::Correction,
        issuer: s.issuer.clone(),
        code: s.code.clone(),
        period: s.period.clone(),
        roles,
    }
}

/// Two issuers are the same when their canonical forms are.
pub(crate) fn same_issuer(a: Option<&Issuer>, b: Option<&Issuer>) -> bool {
    a.map(to_text) == b.map(to_text)
}
