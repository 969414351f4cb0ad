//! What a client remembers of a log, and what it makes of a log that it sees again: rollback, equivocation, another
//! log under the same name.
//!
//! The record is opaque to its keeper: a page and a program store its bytes, hand them back, and are told what to
//! store next.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;
use crate::json::{Canon, JsonError, ObjectWriter, Value, from_json, record, to_canonical, words};
use crate::proof::bundle::Since;
use crate::record::entry::Invalid;
use crate::record::statement::{ChainId, StatementId};
use crate::tlog::checkpoint::Checkpoint;
use crate::tlog::merkle::verify_consistency;

record! {
    /// What a client remembers of one log.
    pub struct Remembered {
        /// Leaves of the largest tree that it has compared.
        size: u64,
        /// The root at that size.
        root: Hash,
        /// The log's first statement.
        genesis [opt]: StatementId,
        /// The first entry of each chain that it has looked at.
        chains [opt]: Chains,
    }
}

/// The first entries of chains, sorted by chain. No map: what that links would be a twentieth of the verifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains(Vec<(ChainId, First)>);

impl Chains {
    fn get(&self, chain: &ChainId) -> Option<First> {
        self.0.iter().find(|(known, _)| known == chain).map(|(_, first)| *first)
    }

    fn insert(&mut self, chain: ChainId, first: First) {
        let at = self.0.iter().position(|(known, _)| *known >= chain).unwrap_or(self.0.len());
        match self.0.get_mut(at) {
            Some((known, old)) if *known == chain => *old = first,
            _ => self.0.insert(at, (chain, first)),
        }
    }
}

/// A chain's first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Id(StatementId),
    /// Its leaf index, as records of before ids were kept have it. Says as much: two entries at one index have
    /// different roots.
    Index(u64),
}

/// A chain's first entry as a bundle proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The chain.
    pub chain: ChainId,
    /// The entry's statement.
    pub id: StatementId,
    /// Its leaf index, where that is known.
    pub index: Option<u64>,
}

words! {
    /// How a view of a log relates to what is remembered.
    pub enum Continues {
        Yes = "continues", "接着上次看到的", "continues what was seen";
        Older = "older", "比上次看到的旧", "older than what was seen";
        No = "contradicts", "和上次看到的不是同一本", "contradicts what was seen";
    }
}

impl Remembered {
    /// Reads a stored record.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        from_json(bytes)
    }

    /// Returns the record to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_canonical(self)
    }

    /// Returns the record of a client that has compared a checkpoint with `before`.
    ///
    /// The larger tree is kept: an older proof takes nothing back.
    pub fn after(before: Option<&Self>, genesis: StatementId, checkpoint: &Checkpoint) -> Self {
        let head = match before {
            Some(before) if before.size >= checkpoint.size => (before.size, before.root),
            _ => (checkpoint.size, checkpoint.root),
        };
        let chains = before.and_then(|before| before.chains.clone());
        Self { size: head.0, root: head.1, genesis: Some(genesis), chains }
    }

    /// Returns whether it is of the log with this first statement; a record that names none is of any.
    pub fn is_of(&self, genesis: &StatementId) -> bool {
        self.genesis.is_none_or(|known| known == *genesis)
    }

    /// Returns whether a chain begins as remembered; `None` if that is not known.
    pub fn begins(&self, beginning: &Beginning) -> Option<bool> {
        if beginning.chain.is_root() {
            return self.genesis.map(|known| known == beginning.id);
        }
        match self.chains.as_ref()?.get(&beginning.chain)? {
            First::Id(known) => Some(known == beginning.id),
            First::Index(known) => beginning.index.map(|index| known == index),
        }
    }

    /// Returns the statement that a chain is remembered to begin with.
    pub fn first_of(&self, chain: &ChainId) -> Option<StatementId> {
        if chain.is_root() {
            return self.genesis;
        }
        match self.chains.as_ref()?.get(chain)? {
            First::Id(known) => Some(known),
            First::Index(_) => None,
        }
    }

    /// Adds a chain's first entry. One that is known stays: it is compared, never replaced by another.
    pub fn open(&mut self, beginning: &Beginning) {
        if beginning.chain.is_root() || self.begins(beginning) == Some(false) {
            return;
        }
        let chains = self.chains.get_or_insert_default();
        chains.insert(beginning.chain.clone(), First::Id(beginning.id));
    }

    /// Adds the chains of another record of the same log.
    pub fn open_all(&mut self, other: &Self) {
        for (chain, first) in other.chains.iter().flat_map(|chains| &chains.0) {
            let chains = self.chains.get_or_insert_default();
            if chains.get(chain).is_none() {
                chains.insert(chain.clone(), *first);
            }
        }
    }

    /// Checks that a checkpoint extends the remembered tree.
    ///
    /// Fails with E-CONSISTENCY on another history, and with E-OLDER where no proof leads from one to the other.
    pub fn extended_by(&self, checkpoint: &Checkpoint, since: Option<&Since>) -> Result<(), Invalid> {
        if self.size == checkpoint.size {
            let same = self.root == checkpoint.root;
            return if same { Ok(()) } else { Err(Invalid::new(ErrorCode::Consistency, "since")) };
        }
        let proof = match since {
            Some(since) if since.size == self.size && self.size < checkpoint.size => &since.proof,
            _ if self.size == 0 => return Ok(()),
            // An older file, or one made for somebody else: it proves nothing either way.
            _ => return Err(Invalid::new(ErrorCode::OlderThanRemembered, "since")),
        };
        verify_consistency(self.size, checkpoint.size, &self.root, &checkpoint.root, proof)
            .map_err(|e| Invalid::new(e.code(), "since"))
    }

    /// Compares a view whose whole tree is at hand.
    ///
    /// `size` is the view's, `root_then` its root at the remembered size. A copy may have been made before this
    /// client's last visit; the log's own server does not forget.
    pub fn continued_by(&self, size: u64, root_then: Option<Hash>, is_copy: bool) -> Continues {
        match root_then {
            _ if self.size > size => {
                if is_copy {
                    Continues::Older
                } else {
                    Continues::No
                }
            }
            Some(root) if root == self.root => Continues::Yes,
            _ => Continues::No,
        }
    }
}

impl Canon for Chains {
    fn read(value: &Value) -> Result<Self, JsonError> {
        let Value::Object(members) = value else { return Err(JsonError::new(ErrorCode::JsonType, "")) };
        let mut chains = Self::default();
        for (name, value) in members {
            let chain = ChainId::parse(name).ok_or_else(|| JsonError::new(ErrorCode::JsonValue, name))?;
            chains.insert(chain, First::read(value).map_err(|e| e.within(name))?);
        }
        Ok(chains)
    }

    fn write(&self, out: &mut String) {
        let mut object = ObjectWriter::open(out);
        for (chain, first) in &self.0 {
            object.member(chain.as_str(), first);
        }
        object.close();
    }
}

impl Canon for First {
    fn read(value: &Value) -> Result<Self, JsonError> {
        match value {
            Value::Int(_) => u64::read(value).map(Self::Index),
            _ => StatementId::read(value).map(Self::Id),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Id(id) => id.write(out),
            Self::Index(index) => index.write(out),
        }
    }
}

impl core::fmt::Display for Remembered {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {}", self.size, self.root.to_text())
    }
}
