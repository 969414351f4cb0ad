//! The published books that a content is compared with, as the store has them.

use sanwu_schema::admission::Books;
use sanwu_schema::date::Period;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{AccountBalance, Body, MonthBook};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::validity::Slot;

use crate::log::state::ReadError;
use crate::log::submit::overlay::CommittedPast;

impl CommittedPast<'_> {
    /// The content of the entry at `index`; of a correction, what it puts in place.
    fn content(&self, index: u64) -> Result<Option<Body>, ReadError> {
        let bytes = self.state.store.entry(index)?.ok_or(ReadError::Record("entry"))?;
        let entry = Entry::parse(&bytes)?;
        let Some(reference) = &entry.statement.body else { return Ok(None) };
        let Some(bytes) = self.state.store.blob(&reference.digest)? else { return Ok(None) };
        let body = Body::parse(entry.statement.kind, &bytes).map_err(|_| ReadError::Record("body"))?;
        Ok(Some(body.effective(&entry.statement).map_err(|_| ReadError::Record("body"))?))
    }
}

impl Books for CommittedPast<'_> {
    type Error = ReadError;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, ReadError> {
        let slot = Slot { chain: chain.clone(), what: Kind::MonthBook.as_str().into(), period: period.clone() };
        let Some(effective) = self.state.slot(&slot)? else { return Ok(None) };
        let located = self.state.locate(&effective)?.ok_or(ReadError::Record("located statement"))?;
        match self.content(located.index)? {
            Some(Body::MonthBook(book)) => Ok(Some(book)),
            _ => Ok(None),
        }
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, ReadError> {
        let first = self.state.store.chain_entries(chain.as_str(), 0, 1)?;
        let Some(index) = first.first() else { return Ok(None) };
        let Some(Body::ChainGenesis(genesis)) = self.content(*index)? else { return Ok(None) };
        Ok(genesis.opening.month().map(|month| (month, genesis.opening.balances)))
    }
}
