//! The node's log as a source of proof bundles.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::proof::{self, ProofSource, ProofTarget};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, Statement, StatementId};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::validity::ChainFacts;

use crate::log::state::error::ReadError;
use crate::log::state::reader::Reader;

/// Puts the bundle of an entry together, to the checkpoint that covers it. `since` is a size that the client remembers.
pub(super) fn assemble(reader: &Reader, index: u64, since: Option<u64>) -> Result<Option<Bundle>, ReadError> {
    let Some((size, note)) = reader.checkpoint_covering(index, None, since)? else { return Ok(None) };
    proof::assemble(reader, index, ProofTarget { size, note }, since)
}

impl ProofSource for Reader {
    type Error = ReadError;

    fn origin(&self) -> &Origin {
        Self::origin(self)
    }

    fn entry(&self, index: u64) -> Result<Option<Entry>, ReadError> {
        Ok(Self::entry(self, index)?.map(|logged| logged.entry))
    }

    fn index_of(&self, id: &StatementId) -> Result<Option<u64>, ReadError> {
        Ok(self.locate(id)?.map(|located| located.index))
    }

    fn opened_at(&self, chain: &ChainId) -> Result<Option<u64>, ReadError> {
        Ok(self.chain_entries(chain, 0, 1)?.first().map(|logged| logged.index))
    }

    fn facts_before(&self, _: u64, entry: &Entry) -> Result<Option<Arc<ChainFacts>>, ReadError> {
        let statement = &entry.statement;
        if let Some(before) = statement.seq.checked_sub(1) {
            return self.facts_after(&statement.chain, before);
        }
        let Some(parent) = &statement.parent else { return Ok(None) };
        let parent = self.locate(parent)?.ok_or(ReadError::Record("parent"))?;
        self.facts_after(&ChainId::root(), parent.seq)
    }

    fn body(&self, statement: &Statement) -> Result<Option<Vec<u8>>, ReadError> {
        Self::body(self, statement)
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, ReadError> {
        Self::corrected_by(self, id)
    }

    fn erased_by(&self, _: &StatementId) -> Result<Option<StatementId>, ReadError> {
        // Erasure is not served yet: a node keeps every body.
        Ok(None)
    }

    fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        self.inclusion_proof(index, size)
    }

    fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        self.consistency_proof(old, new)
    }
}
