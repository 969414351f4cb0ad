//! Validity by position: may this entry be at this index of this log?
//!
//! One function, [`check`], called by [`crate::replay`] only. It reads no clock. What it needs of the log's past it
//! asks of a [`History`]; what the entry changes it returns as an [`Effect`].

pub mod approval;
mod control;
mod disclosure;
pub mod ring;
mod state;

use alloc::string::String;
use alloc::vec::Vec;

use self::approval::RulesInForce;
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
    /// What later references ask about a statement.
    pub struct Located {
        index: u64,
        chain: ChainId,
        seq: u64,
        /// Of a correction, the kind that it replaces.
        kind: Kind,
        correction: bool,
        issuer [opt]: Issuer,
        code [opt]: ItemCode,
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
    /// The item's code, or the name of a kind without one.
    pub what: String,
    /// The period.
    pub period: Period,
}

/// What validity asks of the log's past: everything with an index smaller than the entry's.
pub trait History {
    /// Why the past cannot be read.
    type Error;
    /// Returns the log's origin.
    fn origin(&self) -> &Origin;
    /// Returns the log's root at an earlier size (0 ..= the entry's index); `None` if there is no such size yet.
    fn root_at(&self, size: u64) -> Result<Option<Hash>, Self::Error>;
    /// Returns a chain's state after its last entry.
    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, Self::Error>;
    /// Finds an earlier statement by its id.
    fn locate(&self, id: &StatementId) -> Result<Option<Located>, Self::Error>;
    /// Returns the effective statement in a slot.
    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, Self::Error>;
    /// Returns whether a key was ever granted in a chain, also if it was revoked since.
    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, Self::Error>;
    /// Returns the statement that corrects this one.
    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Self::Error>;
}

/// Why an entry was not accepted at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused<E> {
    /// The entry is not valid at this position.
    Invalid(Invalid),
    /// The past cannot be read, which says nothing about the entry.
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

/// Checks an entry whose signatures verify, at the position `index`, and returns what it changes.
///
/// The rules and the order of their codes are those of `FORMAT.md`, "Validity by position".
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
    let (rules, ring_digest) = match (&before, &root) {
        (Some(state), _) => (state.facts.in_force(), state.ring_digest),
        // A chain's genesis is signed by authority keys then valid in `root`.
        (None, Some(root)) => (RulesInForce { unit: None, ..root.facts.in_force() }, root.ring_digest),
        (None, None) => (RulesInForce { ring: &empty, unit: None, catalogue: None, profile: None }, empty.digest()),
    };
    // A log's first keys and a granted key are in the entry itself. The keys that a chain's genesis appoints are, too,
    // but cannot sign it.
    let brings_its_own = statement.kind.signed_by_own_keys();
    if let Some(missing) = statement
        .signers
        .iter()
        .find(|s| rules.ring.key(&s.keyid).is_none() && !(brings_its_own && entry.own_key(&s.keyid).is_some()))
    {
        let chain = if before.is_some() { &statement.chain } else { &ChainId::root() };
        let was = history.was_granted(chain, &missing.keyid).map_err(Refused::History)?;
        return refuse(if was { ErrorCode::KeyRevoked } else { ErrorCode::KeyUnknown }, missing.keyid.to_hex());
    }
    if statement.keyring != ring_digest {
        return refuse(ErrorCode::Keyring, "keyring");
    }
    approval::check(statement, &rules)?;

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
    // The other kind of genesis is refused anywhere in the chain: it would set up a ring of its own.
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

/// Returns whether two issuers are the same, which they are when their canonical forms are.
pub(crate) fn same_issuer(a: Option<&Issuer>, b: Option<&Issuer>) -> bool {
    a.map(to_text) == b.map(to_text)
}
