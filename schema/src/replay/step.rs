//! The steps of a replay, one function each. Nothing else calls `validity::check` and `admission::check`.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::state::{Growing, Past};
use crate::admission::{self, Books, Rejected};
use crate::catalogue::Pii;
use crate::crypto::hash::Hash;
use crate::crypto::key::{KeyId, PublicKey};
use crate::error_code::ErrorCode;
use crate::kinds::Body;
use crate::record::entry::{Entry, Invalid, SignedEntry};
use crate::record::statement::{ChainId, Statement};
use crate::tlog::merkle::leaf_hash;
use crate::validity::{self, ChainFacts, Effect, Refused};

/// What may be a leaf of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafRule {
    /// Entries only.
    Entries,
    /// Any bytes: a test log that takes leaves without statements.
    Any,
}

/// A leaf that was read.
#[derive(Clone, Debug)]
pub enum Leaf {
    /// An entry.
    Entry(Box<ParsedLeaf>),
    /// Bytes without a statement, in a log that takes such; by their leaf hash.
    Raw(Hash),
}

/// Reads a leaf. Stateless.
pub fn read(bytes: &[u8], rule: LeafRule) -> Result<Leaf, Invalid> {
    match (ParsedLeaf::parse(bytes), rule) {
        (Ok(parsed), _) => Ok(Leaf::Entry(Box::new(parsed))),
        (Err(_), LeafRule::Any) => Ok(Leaf::Raw(leaf_hash(bytes))),
        (Err(invalid), LeafRule::Entries) => Err(invalid),
    }
}

/// An entry and its leaf hash. Nothing is verified yet.
#[derive(Clone, Debug)]
pub struct ParsedLeaf {
    entry: Entry,
    hash: Hash,
}

impl ParsedLeaf {
    /// Parses a leaf.
    pub fn parse(bytes: &[u8]) -> Result<Self, Invalid> {
        Ok(Self { entry: Entry::parse(bytes)?, hash: leaf_hash(bytes) })
    }

    /// Returns the entry.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Returns the leaf hash.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Verifies the signatures with keys from anywhere. Stateless: may run on any thread and in any order.
    ///
    /// A keyid is the digest of the key, so the source needs no trust. Keys in the entry's own control are found
    /// without it.
    pub fn verify(self, key: impl Fn(&KeyId) -> Option<PublicKey>) -> Result<VerifiedLeaf, Invalid> {
        let signed = self.entry.verify_signatures(key)?;
        Ok(VerifiedLeaf { signed, hash: self.hash })
    }

    /// Verifies the signatures with the keys that the past knows.
    ///
    /// A key that it does not know is revoked if it was ever granted in the chain (for a chain that does not exist: in
    /// `root`), otherwise unknown.
    pub fn verify_at<P: Past>(self, past: &P) -> Result<VerifiedLeaf, Refused<P::Error>> {
        let chain = self.entry.statement.chain.clone();
        let mut keys: BTreeMap<KeyId, PublicKey> = BTreeMap::new();
        for signer in &self.entry.statement.signers {
            if let Some(key) = past.key(&chain, &signer.keyid).map_err(Refused::History)? {
                keys.insert(signer.keyid, key);
            }
        }
        let invalid = match self.verify(|keyid| keys.get(keyid).cloned()) {
            Ok(verified) => return Ok(verified),
            Err(invalid) => invalid,
        };
        if invalid.code == ErrorCode::KeyUnknown
            && let Some(keyid) = KeyId::from_hex(&invalid.place)
        {
            let exists = past.chain(&chain).map_err(Refused::History)?.is_some();
            let ring = if exists { chain } else { ChainId::root() };
            if past.was_granted(&ring, &keyid).map_err(Refused::History)? {
                return Err(Refused::Invalid(Invalid { code: ErrorCode::KeyRevoked, ..invalid }));
            }
        }
        Err(Refused::Invalid(invalid))
    }
}

/// An entry whose signatures verify, with its leaf hash: all that can be known without its position.
#[derive(Clone, Debug)]
pub struct VerifiedLeaf {
    signed: SignedEntry,
    hash: Hash,
}

impl VerifiedLeaf {
    /// Returns the entry.
    pub fn entry(&self) -> &Entry {
        self.signed.entry()
    }

    /// Returns the entry.
    pub fn into_entry(self) -> Entry {
        self.signed.into_entry()
    }

    /// Returns the leaf hash.
    pub fn hash(&self) -> Hash {
        self.hash
    }
}

/// Checks an entry as the next leaf; if it is valid there, the state takes it over.
///
/// On an error the state is as before. What follows an entry that is not valid is the caller's decision: a log that is
/// written refuses it, a replay of a whole log appends its leaf and goes on with other chains.
pub fn place<S: Growing>(leaf: &VerifiedLeaf, state: &mut S) -> Result<Effect, Refused<S::Error>> {
    let effect = validity::check(&leaf.signed, state.size(), state)?;
    state.apply(leaf.entry(), &effect);
    state.append(leaf.hash);
    Ok(effect)
}

/// Takes the next leaf: signatures by the keys of the past, validity at this position, effect.
///
/// Returns the entry and what it changes; `None` for a leaf without a statement.
pub fn step<S: Growing>(leaf: Leaf, state: &mut S) -> Result<Option<(Entry, Effect)>, Refused<S::Error>> {
    match leaf {
        Leaf::Raw(hash) => {
            state.append(hash);
            Ok(None)
        }
        Leaf::Entry(parsed) => {
            let verified = parsed.verify_at(state)?;
            let effect = place(&verified, state)?;
            Ok(Some((verified.into_entry(), effect)))
        }
    }
}

/// A content, and what admission has against it.
#[derive(Clone, Debug)]
pub struct CheckedContent {
    /// The body; `None` if the bytes are not the signed ones or cannot be read, which the findings say.
    pub body: Option<Body>,
    /// What is wrong, all of it; empty if the body may be published.
    pub findings: Vec<Invalid>,
}

/// Checks a statement's body against the rules and books in force at its position.
///
/// `facts` are those of its chain after the entry; `None` before there is any, where no item is known. A node refuses
/// at the first finding, a replay reports all. An error says that the books cannot be read, and nothing of the body.
/// The caller keeps a published body with [`BookKeeper::keep`](super::BookKeeper::keep).
pub fn admit<B: Books>(
    statement: &Statement,
    bytes: &[u8],
    facts: Option<&ChainFacts>,
    books: &B,
) -> Result<CheckedContent, B::Error> {
    let pii = facts.map_or(Pii::None, |facts| facts.catalogue.pii_of(statement));
    match admission::check(statement, bytes, pii, books) {
        Ok(body) => Ok(CheckedContent { body: Some(body), findings: Vec::new() }),
        Err(Rejected::Books(error)) => Err(error),
        Err(Rejected::Findings(findings)) => {
            let signed = findings.iter().all(|finding| finding.code != ErrorCode::BodyDigest);
            let body = if signed { Body::parse(statement.kind, bytes).ok() } else { None };
            Ok(CheckedContent { body, findings })
        }
    }
}
