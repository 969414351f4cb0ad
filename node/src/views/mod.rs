//! Views: what is computed from the log so that pages can answer quickly.
//!
//! The contract of every view:
//!
//! - it has its own cursor: the first entry that it has not seen. It follows the committed head by itself, on the
//!   reader's thread, and is never part of a commit: a view that fails or lags loses nothing;
//! - [`View::apply`] takes one entry after the other, in order, and depends on nothing else: no clock, no
//!   configuration, no other view;
//! - it can be dropped at any time. [`View::rebuild`] makes it again from the log, which stays the one source, and
//!   gives the same as following did.
//!
//! Views read the log through [`Reader`] and know neither the log's storage nor HTTP. Pages read views. Today all views
//! are in memory. One that is kept on disk has a RocksDB of its own in this folder, with its cursor inside, and
//! follows the same contract.
//!
//! To add a view: its file here with an `impl View`, and how [`Views`] hands it out.

mod chain;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sanwu_schema::kinds::{Body, Kind};
use sanwu_schema::record::statement::ChainId;

use crate::log::{LoggedEntry, ReadError, Reader};

pub(crate) use chain::{ChainView, EntryView};

/// Chain views kept. One of ten years has some 1,500 entries of 400 bytes: 160 MB at most.
const CHAINS_MAX: usize = 256;

/// Entries read at once.
const STEP: usize = 256;

/// What a view does with the entries that it follows.
trait View: Default {
    /// Returns the number of the first entry that was not applied: a chain's sequence number, or the log's index.
    fn cursor(&self) -> u64;

    /// Takes the entry at the cursor and moves the cursor past it.
    ///
    /// `body` is absent when it was erased or cannot be parsed.
    fn apply(&mut self, logged: &LoggedEntry, body: Option<Body>);

    /// Applies what is between the cursor and `end`.
    ///
    /// `read` gives up to so many entries from a number on; nothing means that there is nothing more, and the view
    /// stays behind.
    fn follow(
        &mut self,
        reader: &Reader,
        end: u64,
        read: impl Fn(u64, usize) -> Result<Vec<LoggedEntry>, ReadError>,
    ) -> Result<(), ReadError> {
        while self.cursor() < end {
            let entries = read(self.cursor(), STEP)?;
            if entries.is_empty() {
                break;
            }
            for logged in &entries {
                let statement = &logged.entry.statement;
                let body = reader.body(statement)?.and_then(|bytes| Body::parse(statement.kind, &bytes).ok());
                self.apply(logged, body);
            }
        }
        Ok(())
    }

    /// Builds the view from nothing.
    fn rebuild(
        reader: &Reader,
        end: u64,
        read: impl Fn(u64, usize) -> Result<Vec<LoggedEntry>, ReadError>,
    ) -> Result<Self, ReadError> {
        let mut view = Self::default();
        view.follow(reader, end, read)?;
        Ok(view)
    }
}

/// The views of a log.
pub(crate) struct Views {
    reader: Reader,
    /// Views of the chains asked for lately.
    chains: Mutex<HashMap<ChainId, Arc<ChainView>>>,
    /// Names by chain: they are in the genesis and never change.
    names: Mutex<HashMap<ChainId, String>>,
}

impl Views {
    /// Views over a log; none is built before it is asked for.
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, chains: Mutex::default(), names: Mutex::default() }
    }

    /// Returns the view of a chain, up to its committed head; `None` if there is no such chain.
    pub(crate) fn chain(&self, chain: &ChainId) -> Result<Option<Arc<ChainView>>, ReadError> {
        let reader = &self.reader;
        let Some(state) = reader.chain(chain)? else { return Ok(None) };
        let end = state.head.seq + 1;
        let read = |from, count| reader.chain_entries(chain, from, count);
        let known = self.chains.lock().unwrap_or_else(PoisonError::into_inner).get(chain).cloned();
        let view = match known {
            Some(view) if view.cursor() >= end => return Ok(Some(view)),
            // Readers may hold the one that is kept: a copy follows.
            Some(view) => {
                let mut view = (*view).clone();
                view.follow(reader, end, read)?;
                view
            }
            None => ChainView::rebuild(reader, end, read)?,
        };
        let view = Arc::new(view);
        let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
        if chains.len() >= CHAINS_MAX && !chains.contains_key(chain) {
            chains.clear();
        }
        chains.insert(chain.clone(), Arc::clone(&view));
        Ok(Some(view))
    }

    /// Returns a village's name, without building the view of its chain.
    pub(crate) fn name(&self, chain: &ChainId) -> Result<String, ReadError> {
        if let Some(name) = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(chain) {
            return Ok(name.clone());
        }
        let genesis = self.reader.chain_entries(chain, 0, 1)?;
        let mut name = chain.as_str().to_owned();
        if let Some(first) = genesis.first()
            && let Some(bytes) = self.reader.body(&first.entry.statement)?
            && let Ok(Body::ChainGenesis(body)) = Body::parse(Kind::ChainGenesis, &bytes)
        {
            name = body.unit_name;
        }
        self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(chain.clone(), name.clone());
        Ok(name)
    }
}
