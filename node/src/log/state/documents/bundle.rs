//! The proof bundle: all that an offline check of one entry needs, to one checkpoint.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanwu_schema::json::Bytes;
use sanwu_schema::proof::bundle::{Bundle, FORMAT, Proved, Since};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::validity::ChainFacts;
use sanwu_schema::validity::ring::Ring;

use crate::log::state::error::ReadError;
use crate::log::state::reader::{LoggedEntry, Reader};

/// Puts the bundle of an entry together. `since` is a size that the client remembers.
pub(super) fn assemble(reader: &Reader, index: u64, since: Option<u64>) -> Result<Option<Bundle>, ReadError> {
    let Some(LoggedEntry { entry, .. }) = reader.entry(index)? else { return Ok(None) };
    let Some((size, note)) = reader.checkpoint_covering(index, None, since)? else { return Ok(None) };
    let facts = facts_before(reader, &entry)?;
    let ring = facts.as_ref().map_or_else(Ring::empty, |facts| facts.ring.clone());
    let proving = Proving { reader, size };
    let since = match since.filter(|since| *since <= size) {
        Some(since) => Some(Since { size: since, proof: reader.consistency_proof(since, size)? }),
        None => None,
    };
    let correction = match reader.corrected_by(&entry.id)? {
        Some(by) => reader.find(&by)?.filter(|found| found.index < size),
        None => None,
    };
    let mut signed = vec![(entry.clone(), ring.clone())];
    if let Some(correction) = &correction {
        // Whoever signed the correction may hold a key that was granted later.
        let facts = facts_before(reader, &correction.entry)?;
        signed.push((correction.entry.clone(), facts.map_or_else(Ring::empty, |facts| facts.ring.clone())));
    }
    Ok(Some(Bundle {
        format: FORMAT.into(),
        origin: reader.origin().clone(),
        index,
        entry: Bytes(entry.bytes.clone()),
        body: reader.body(&entry.statement)?.map(Bytes),
        catalogue: facts.as_ref().filter(|_| ring.catalogue.is_some()).map(|facts| facts.catalogue.clone()),
        profile: facts.as_ref().filter(|_| ring.profile.is_some()).and_then(|facts| facts.profile.clone()),
        inclusion: reader.inclusion_proof(index, size)?,
        grants: proving.grants(&signed)?,
        seen: reader.consistency_proof(entry.statement.seen.size, size)?,
        ring,
        correction: correction.map(|found| proving.prove(&found)).transpose()?,
        erasure: None,
        since,
        checkpoint: Bytes(note),
    }))
}

/// The facts whose ring the entry's statement carries: those before it, and for a chain's first entry
/// those of `root`. `None` for the log's first entry.
fn facts_before(reader: &Reader, entry: &Entry) -> Result<Option<Arc<ChainFacts>>, ReadError> {
    let statement = &entry.statement;
    if let Some(before) = statement.seq.checked_sub(1) {
        return reader.facts_after(&statement.chain, before);
    }
    let Some(parent) = &statement.parent else { return Ok(None) };
    let parent = reader.locate(parent)?.ok_or(ReadError::Record("parent"))?;
    reader.facts_after(&ChainId::root(), parent.seq)
}

/// Proves other entries to the bundle's checkpoint.
struct Proving<'a> {
    reader: &'a Reader,
    size: u64,
}

impl Proving<'_> {
    /// The entries that granted the signers' keys, and the chain's genesis, by index. Each entry comes with the
    /// ring before it.
    fn grants(&self, signed: &[(Entry, Ring)]) -> Result<Vec<Proved>, ReadError> {
        let mut grants = BTreeMap::new();
        for (entry, ring) in signed {
            for signer in &entry.statement.signers {
                // A key that the entry itself grants is not in the ring before it.
                let Some(key) = ring.key(&signer.keyid) else { continue };
                if let Some(proved) = self.proved(&key.grant)? {
                    grants.insert(proved.index, proved);
                }
            }
            if entry.statement.seq > 0
                && let Some(genesis) = self.reader.chain_entries(&entry.statement.chain, 0, 1)?.first()
                && !grants.contains_key(&genesis.index)
            {
                grants.insert(genesis.index, self.prove(genesis)?);
            }
        }
        Ok(grants.into_values().collect())
    }

    /// A statement with its proof, if the checkpoint covers it.
    fn proved(&self, id: &StatementId) -> Result<Option<Proved>, ReadError> {
        match self.reader.find(id)?.filter(|found| found.index < self.size) {
            Some(found) => Ok(Some(self.prove(&found)?)),
            None => Ok(None),
        }
    }

    fn prove(&self, found: &LoggedEntry) -> Result<Proved, ReadError> {
        Ok(Proved {
            index: found.index,
            entry: Bytes(found.entry.bytes.clone()),
            body: self.reader.body(&found.entry.statement)?.map(Bytes),
            inclusion: self.reader.inclusion_proof(found.index, self.size)?,
        })
    }
}
