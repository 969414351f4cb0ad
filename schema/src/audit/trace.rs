//! What the rules ask of single entries, which the state of a replay does not keep.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::crypto::key::KeyId;
use crate::kinds::Control;
use crate::record::entry::Entry;
use crate::record::statement::{ChainId, StatementId};

/// An entry and who signed it.
#[derive(Clone, Debug)]
pub struct TracedEntry {
    /// Its index.
    pub index: u64,
    /// Its place in the chain.
    pub seq: u64,
    /// Its statement.
    pub id: StatementId,
    /// Whose signatures it carries, sorted.
    pub keys: Vec<KeyId>,
}

/// A revocation that casts doubt on what the keys signed before.
#[derive(Clone, Debug)]
pub struct Suspicion {
    /// The chain.
    pub chain: ChainId,
    /// The revoked keys.
    pub keys: Vec<KeyId>,
    /// The first doubtful place in the chain.
    pub from: u64,
    /// The place of the revocation.
    pub to: u64,
}

/// The valid entries of a log, as far as rules ask about them one by one.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    signed: BTreeMap<ChainId, Vec<TracedEntry>>,
    suspicions: Vec<Suspicion>,
}

impl Trace {
    /// Takes over a valid entry. Called in index order.
    pub fn keep(&mut self, index: u64, entry: &Entry) {
        let statement = &entry.statement;
        if let Some(Control::Revoke(revocation)) = &statement.control
            && let Some(from) = revocation.suspect_from
        {
            let (chain, keys) = (statement.chain.clone(), revocation.keys.clone());
            self.suspicions.push(Suspicion { chain, keys, from, to: statement.seq });
        }
        self.signed.entry(statement.chain.clone()).or_default().push(TracedEntry {
            index,
            seq: statement.seq,
            id: entry.id,
            keys: statement.signers.iter().map(|signer| signer.keyid).collect(),
        });
    }

    /// Returns the entries of a chain, in its order.
    pub fn signed(&self, chain: &ChainId) -> &[TracedEntry] {
        self.signed.get(chain).map_or(&[], Vec::as_slice)
    }

    /// Returns the revocations that look back, in index order.
    pub fn suspicions(&self) -> &[Suspicion] {
        &self.suspicions
    }
}
