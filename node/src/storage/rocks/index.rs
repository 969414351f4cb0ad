//! The index's side: statements, chains, slots, grants, corrections.

use std::ops::Range;

use rocksdb::Direction;
use sanwu_schema::crypto::hash::Hash;

use super::Rocks;
use super::layout as at;
use crate::storage::{Error, Family, FamilyCheck, Index, IndexBatch, ROWS_PER_READ_MAX};

impl Index for Rocks {
    fn cursor(&self) -> Result<u64, Error> {
        let writer = self.writer();
        Ok(writer.behind.unwrap_or(writer.size()))
    }

    fn apply(&self, entries: Range<u64>, batch: &IndexBatch) -> Result<(), Error> {
        self.write_index(&entries, batch)
    }

    fn clear(&mut self) -> Result<(), Error> {
        self.drop_index()
    }

    fn located(&self, statement: &Hash) -> Result<Option<Vec<u8>>, Error> {
        self.get(Family::Statement, &statement.0)
    }

    fn statements_from(&self, from: &Hash, count: usize) -> Result<Vec<Hash>, Error> {
        let count = count.min(ROWS_PER_READ_MAX);
        self.rows(Family::Statement, &from.0, Direction::Forward, count, |_| true)?
            .iter()
            .map(|(key, _)| Hash::from_slice(key).ok_or_else(|| at::damaged(Family::Statement, key, "not an id")))
            .collect()
    }

    fn chain_head(&self, chain: &str) -> Result<Option<Vec<u8>>, Error> {
        self.get(Family::Chain, chain.as_bytes())
    }

    fn chain_facts(&self, chain: &str, seq: u64) -> Result<Option<Vec<u8>>, Error> {
        let prefix = at::chain_prefix(chain);
        let from = at::chain_key(chain, seq);
        let rows = self.rows(Family::Facts, &from, Direction::Reverse, 1, |key| key.starts_with(&prefix))?;
        Ok(rows.into_iter().next().map(|(_, facts)| facts))
    }

    fn chain_entries(&self, chain: &str, first_seq: u64, count: usize) -> Result<Vec<u64>, Error> {
        let prefix = at::chain_prefix(chain);
        let from = at::chain_key(chain, first_seq);
        let count = count.min(ROWS_PER_READ_MAX);
        self.rows(Family::ChainEntry, &from, Direction::Forward, count, |key| key.starts_with(&prefix))?
            .iter()
            .map(|(key, value)| at::number(value).ok_or_else(|| at::damaged(Family::ChainEntry, key, "not an index")))
            .collect()
    }

    fn chains(&self, after: Option<&str>, count: usize) -> Result<Vec<(String, Vec<u8>)>, Error> {
        // The smallest key after a chain id is the id and a zero byte.
        let from = after.map(at::chain_prefix).unwrap_or_default();
        self.rows(Family::Chain, &from, Direction::Forward, count.min(ROWS_PER_READ_MAX), |_| true)?
            .into_iter()
            .map(|(key, head)| match String::from_utf8(key.to_vec()) {
                Ok(chain) => Ok((chain, head)),
                Err(_) => Err(at::damaged(Family::Chain, &key, "not a chain id")),
            })
            .collect()
    }

    fn slot(&self, slot: &str) -> Result<Option<Hash>, Error> {
        self.hash(Family::Slot, slot.as_bytes())
    }

    fn was_granted(&self, chain: &str, key: &Hash) -> Result<bool, Error> {
        Ok(self.get(Family::Grant, &at::grant_key(chain, key))?.is_some())
    }

    fn corrected_by(&self, statement: &Hash) -> Result<Option<Hash>, Error> {
        self.hash(Family::Corrected, &statement.0)
    }

    fn check_index(&self) -> Result<Vec<FamilyCheck>, Error> {
        Ok(self.check_families(true))
    }
}
