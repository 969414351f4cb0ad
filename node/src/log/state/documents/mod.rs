//! Documents that are put together from the log: proof bundles, the trust file, what a drafter needs.

mod bundle;
mod chain_info;
mod trust;

use sanwu_schema::draft::ChainInfo;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::verify::trust::Trust;

use super::error::ReadError;
use super::reader::Reader;

impl Reader {
    /// Returns the proof bundle (receipt) of an entry to the checkpoint that covers it; with the consistency proof from
    /// `since`, a size that the client remembers.
    ///
    /// `None` if there is no such entry.
    pub fn bundle(&self, index: u64, since: Option<u64>) -> Result<Option<Bundle>, ReadError> {
        bundle::assemble(self, index, since)
    }

    /// Returns the trust file as this node would give it; `None` before the log's first entry.
    pub fn trust(&self) -> Result<Option<Trust>, ReadError> {
        trust::assemble(self)
    }

    /// Returns what a drafter must know of a chain; without head and facts if the chain is not open.
    pub fn chain_info(&self, chain: &ChainId) -> Result<ChainInfo, ReadError> {
        chain_info::assemble(self, chain)
    }
}
