//! A chain's state: its head, and the facts that change rarely (unit, organisations, ring, rules).

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::catalogue::{Catalogue, Profile};
use crate::crypto::hash::Hash;
use crate::crypto::key::{KeyId, PublicKey};
use crate::json::record;
use crate::kinds::Purpose;
use crate::record::entry::Entry;
use crate::record::statement::{ChainId, Issuer, StatementId, UnitCode};
use crate::validity::approval::RulesInForce;
use crate::validity::ring::Ring;
use crate::verify::trust::RetiredKey;

record! {
    /// The end of a chain; changes with every entry.
    pub struct ChainHead {
        /// Place of the last statement.
        seq: u64,
        id: StatementId,
        index: u64,
        /// The size in its `seen`.
        seen: u64,
    }
}

record! {
    /// What changes only by control entries.
    pub struct ChainFacts {
        chain: ChainId,
        /// In `root`: live or test.
        purpose [opt]: Purpose,
        /// In `root`: the log's verifier keys.
        log_vkeys [opt]: Vec<String>,
        /// In `root`: keys that signed earlier trees.
        log_retired [opt]: Vec<RetiredKey>,
        /// Elsewhere: the reporting unit.
        unit [opt]: UnitCode,
        /// Elsewhere: who may issue.
        organisations: Vec<Issuer>,
        /// The keys in force.
        ring: Ring,
        /// The bytes of those keys, in the ring's order.
        keys: Vec<PublicKey>,
        /// The catalogue that the ring names.
        catalogue: Catalogue,
        /// The profile that the ring names.
        profile [opt]: Profile,
    }
}

/// A chain's state after some entry. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainState {
    /// Changes with every entry.
    pub head: ChainHead,
    /// Change by control entries only.
    pub facts: Arc<ChainFacts>,
    /// Digest of the ring, kept because every entry is checked against it.
    pub ring_digest: Hash,
}

impl ChainState {
    /// Makes a state from its stored parts.
    pub fn new(head: ChainHead, facts: Arc<ChainFacts>) -> Self {
        let ring_digest = facts.ring.digest();
        Self { head, facts, ring_digest }
    }
}

impl ChainFacts {
    /// Returns the ring and rules against which the next statement's signers are checked.
    pub fn in_force(&self) -> RulesInForce<'_> {
        RulesInForce {
            ring: &self.ring,
            unit: self.unit.as_ref(),
            catalogue: Some(&self.catalogue),
            profile: self.profile.as_ref(),
        }
    }

    /// Returns the bytes of a key in force.
    pub fn key(&self, keyid: &KeyId) -> Option<&PublicKey> {
        let at = self.ring.keys.iter().position(|k| k.keyid == *keyid)?;
        self.keys.get(at)
    }
}

/// Returns the state after an entry, before its control is applied. A genesis gets its facts from its control.
pub(super) fn advance(before: Option<&ChainState>, entry: &Entry, index: u64) -> ChainState {
    let s = &entry.statement;
    let head = ChainHead { seq: s.seq, id: entry.id, index, seen: s.seen.size };
    match before {
        Some(state) => ChainState { head, facts: state.facts.clone(), ring_digest: state.ring_digest },
        None => {
            let facts = ChainFacts {
                chain: s.chain.clone(),
                purpose: None,
                log_vkeys: None,
                log_retired: None,
                unit: None,
                organisations: Vec::new(),
                ring: Ring::empty(),
                keys: Vec::new(),
                catalogue: Catalogue { version: 0, items: Vec::new(), kinds: Vec::new() },
                profile: None,
            };
            ChainState::new(head, Arc::new(facts))
        }
    }
}
