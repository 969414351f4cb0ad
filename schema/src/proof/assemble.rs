//! Puts a proof bundle together from a log, whatever keeps it: a node's store, a mirror's folder, a test's memory.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use super::bundle::{Bundle, FORMAT, Proved, Since};
use crate::crypto::hash::Hash;
use crate::json::Bytes;
use crate::record::entry::Entry;
use crate::record::statement::{ChainId, Statement, StatementId};
use crate::tlog::checkpoint::Origin;
use crate::validity::ChainFacts;
use crate::validity::ring::Ring;

/// A log from which bundles are put together.
pub trait ProofSource {
    /// Why the log could not be read.
    type Error;
    /// Returns the log's origin.
    fn origin(&self) -> &Origin;
    /// Returns the entry at an index; `None` if there is none.
    fn entry(&self, index: u64) -> Result<Option<Entry>, Self::Error>;
    /// Returns the index of a statement's entry.
    fn index_of(&self, id: &StatementId) -> Result<Option<u64>, Self::Error>;
    /// Returns the index of a chain's first entry.
    fn opened_at(&self, chain: &ChainId) -> Result<Option<u64>, Self::Error>;
    /// Returns the facts whose ring the entry's statement names: its chain's before the entry, or those of `root` for
    /// the first entry of another chain.
    ///
    /// `None` for the log's first entry.
    fn facts_before(&self, index: u64, entry: &Entry) -> Result<Option<Arc<ChainFacts>>, Self::Error>;
    /// Returns a statement's body; `None` if it names none, or if it was erased.
    fn body(&self, statement: &Statement) -> Result<Option<Vec<u8>>, Self::Error>;
    /// Returns the statement that corrects this one.
    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Self::Error>;
    /// Returns the statement that erased this one's body.
    fn erased_by(&self, id: &StatementId) -> Result<Option<StatementId>, Self::Error>;
    /// Returns the inclusion proof of the leaf at `index` in the tree of `size` leaves.
    fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Self::Error>;
    /// Returns the consistency proof between two sizes.
    fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, Self::Error>;
}

/// The signed checkpoint to which everything is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofTarget {
    /// Its tree size.
    pub size: u64,
    /// The signed note.
    pub note: Vec<u8>,
}

/// Puts the bundle of an entry together.
///
/// `since` is a size that the client remembers; one beyond the checkpoint is ignored. `None` if there is no such
/// entry, or the checkpoint does not cover it.
pub fn assemble<S: ProofSource>(
    source: &S,
    index: u64,
    to: ProofTarget,
    since: Option<u64>,
) -> Result<Option<Bundle>, S::Error> {
    let proving = Proving { source, size: to.size };
    let Some(own) = proving.logged(index)? else { return Ok(None) };
    let entry = &own.entry;
    let facts = source.facts_before(index, entry)?;
    let ring = facts.as_ref().map_or_else(Ring::empty, |facts| facts.ring.clone());
    let body = source.body(&entry.statement)?;
    let correction = proving.later(source.corrected_by(&entry.id)?)?;
    // Only what is not there needs an explanation.
    let erasure = match (&body, &entry.statement.body) {
        (None, Some(_)) => proving.later(source.erased_by(&entry.id)?)?,
        _ => None,
    };
    let since = match since.filter(|since| *since <= to.size) {
        Some(since) => Some(Since { size: since, proof: source.consistency(since, to.size)? }),
        None => None,
    };
    // The signers of the correction or the erasure may hold keys that were granted later.
    let mut signed = vec![(entry, ring.clone())];
    for later in correction.iter().chain(&erasure) {
        let facts = source.facts_before(later.index, &later.entry)?;
        signed.push((&later.entry, facts.map_or_else(Ring::empty, |facts| facts.ring.clone())));
    }
    let named = |digest: Option<Hash>| facts.as_ref().filter(|_| digest.is_some());
    Ok(Some(Bundle {
        format: FORMAT.to_string(),
        origin: source.origin().clone(),
        index,
        body: body.map(Bytes),
        catalogue: named(ring.catalogue).map(|facts| facts.catalogue.clone()),
        profile: named(ring.profile).and_then(|facts| facts.profile.clone()),
        inclusion: source.inclusion(index, to.size)?,
        grants: proving.grants(&signed)?,
        seen: source.consistency(entry.statement.seen.size, to.size)?,
        correction: correction.as_ref().map(|later| proving.prove(later)).transpose()?,
        erasure: erasure.as_ref().map(|later| proving.prove(later)).transpose()?,
        since,
        checkpoint: Bytes(to.note),
        entry: Bytes(own.entry.bytes),
        ring,
    }))
}

/// An entry of the log, below the checkpoint's size.
struct Logged {
    index: u64,
    entry: Entry,
}

struct Proving<'a, S> {
    source: &'a S,
    size: u64,
}

impl<S: ProofSource> Proving<'_, S> {
    fn logged(&self, index: u64) -> Result<Option<Logged>, S::Error> {
        if index >= self.size {
            return Ok(None);
        }
        Ok(self.source.entry(index)?.map(|entry| Logged { index, entry }))
    }

    /// The entry of a later statement, if the checkpoint covers it.
    fn later(&self, id: Option<StatementId>) -> Result<Option<Logged>, S::Error> {
        let Some(id) = id else { return Ok(None) };
        match self.source.index_of(&id)? {
            Some(index) => self.logged(index),
            None => Ok(None),
        }
    }

    /// The entries that granted the signers' keys, and the chain's genesis, by index. Each entry comes with the ring
    /// before it.
    fn grants(&self, signed: &[(&Entry, Ring)]) -> Result<Vec<Proved>, S::Error> {
        let mut indexes = Vec::new();
        for (entry, ring) in signed {
            // A key that the entry itself grants is not in the ring before it.
            for key in entry.statement.signers.iter().filter_map(|signer| ring.key(&signer.keyid)) {
                indexes.extend(self.source.index_of(&key.grant)?);
            }
            if entry.statement.seq > 0 {
                indexes.extend(self.source.opened_at(&entry.statement.chain)?);
            }
        }
        let mut grants = BTreeMap::new();
        for index in indexes {
            if !grants.contains_key(&index)
                && let Some(logged) = self.logged(index)?
            {
                grants.insert(index, self.prove(&logged)?);
            }
        }
        Ok(grants.into_values().collect())
    }

    fn prove(&self, logged: &Logged) -> Result<Proved, S::Error> {
        Ok(Proved {
            index: logged.index,
            entry: Bytes(logged.entry.bytes.clone()),
            body: self.source.body(&logged.entry.statement)?.map(Bytes),
            inclusion: self.source.inclusion(logged.index, self.size)?,
        })
    }
}
