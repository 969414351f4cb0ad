//! The journal's side: head, entries, tiles, blobs, checkpoints.

use rocksdb::Direction;
use sanwu_schema::crypto::hash::Hash;

use super::layout as at;
use super::{Rocks, Row, read_error};
use crate::storage::{
    AppendPolicy, Commit, ENTRIES_PER_READ_MAX, Error, Family, FamilyCheck, Head, Journal, JournalBatch, Position,
    Published, ROWS_PER_READ_MAX, TILE_WIDTH,
};

impl Journal for Rocks {
    fn append_policy(&self) -> AppendPolicy {
        self.policy
    }

    fn head(&self) -> Result<Option<Head>, Error> {
        let Some(value) = self.get(Family::Meta, at::KEY_HEAD)? else { return Ok(None) };
        at::read_head(&value).map(Some).ok_or_else(|| at::damaged(Family::Meta, at::KEY_HEAD, "not a head"))
    }

    fn commit(&self, expected: Option<Position>, head: &Head, batch: &JournalBatch) -> Result<Commit, Error> {
        self.write_commit(expected, head, batch, None)
    }

    fn publish(&self, checkpoint: &Published) -> Result<(), Error> {
        self.write_published(checkpoint)
    }

    fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, Error> {
        self.get(Family::Entry, &at::number_key(index))
    }

    fn entries(&self, first: u64, count: usize) -> Result<Vec<Vec<u8>>, Error> {
        let count = count.min(ENTRIES_PER_READ_MAX);
        let rows = self.rows(Family::Entry, &at::number_key(first), Direction::Forward, count, |_| true)?;
        for ((key, _), index) in rows.iter().zip(first..) {
            if at::number(key) != Some(index) {
                return Err(at::damaged(Family::Entry, &at::number_key(index), "missing"));
            }
        }
        Ok(rows.into_iter().map(|(_, entry)| entry).collect())
    }

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error> {
        let hashes = self.full_tile(level, index)?;
        if !hashes.is_empty() {
            return Ok(hashes);
        }
        let edge = self.edge(level, index)?;
        // Between the two reads a commit may have moved the hashes into a full tile.
        if (edge.len() as u64) < TILE_WIDTH {
            let hashes = self.full_tile(level, index)?;
            if !hashes.is_empty() {
                return Ok(hashes);
            }
        }
        Ok(edge)
    }

    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, Error> {
        self.get(Family::Blob, &digest.0)
    }

    fn has_blob(&self, digest: &Hash) -> Result<bool, Error> {
        let key = digest.0;
        let found = self.db()?.get_pinned_cf(self.family(Family::Blob)?, key);
        found.map(|value| value.is_some()).map_err(|error| read_error(Family::Blob, &key, &error))
    }

    fn last_published(&self) -> Result<Option<Published>, Error> {
        let last = at::number_key(u64::MAX);
        let rows = self.rows(Family::Checkpoint, &last, Direction::Reverse, 1, |_| true)?;
        rows.first().map(published).transpose()
    }

    fn published_from(&self, size: u64, count: usize) -> Result<Vec<Published>, Error> {
        let count = count.min(ROWS_PER_READ_MAX);
        let rows = self.rows(Family::Checkpoint, &at::number_key(size), Direction::Forward, count, |_| true)?;
        rows.iter().map(published).collect()
    }

    fn published_before(&self, size: u64, count: usize) -> Result<Vec<Published>, Error> {
        let Some(last) = size.checked_sub(1) else { return Ok(Vec::new()) };
        let count = count.min(ROWS_PER_READ_MAX);
        let rows = self.rows(Family::Checkpoint, &at::number_key(last), Direction::Reverse, count, |_| true)?;
        rows.iter().map(published).collect()
    }

    fn check_journal(&self) -> Result<Vec<FamilyCheck>, Error> {
        Ok(self.check_families(false))
    }
}

impl Rocks {
    /// The hashes of a full tile; none if it is not full yet.
    fn full_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error> {
        let key = at::tree_key(level, index);
        let Some(value) = self.get(Family::Tile, &key)? else { return Ok(Vec::new()) };
        let (hashes, rest) = value.as_chunks::<32>();
        if !rest.is_empty() || hashes.len() as u64 != TILE_WIDTH {
            return Err(at::damaged(Family::Tile, &key, "not 256 hashes"));
        }
        Ok(hashes.iter().copied().map(Hash).collect())
    }

    /// Returns the hashes of a tile that are at the edge, from the first without a gap.
    pub(super) fn edge(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error> {
        let first = at::first_of_tile(index);
        let from = at::tree_key(level, first);
        let end = at::tree_key(level, first.saturating_add(TILE_WIDTH - 1));
        let rows = self.rows(Family::Edge, &from, Direction::Forward, TILE_WIDTH as usize, |key| *key <= end[..])?;
        rows.iter()
            .zip(first..)
            .map(|((key, value), index)| {
                if **key != at::tree_key(level, index) {
                    return Err(at::damaged(Family::Edge, &at::tree_key(level, index), "missing"));
                }
                Hash::from_slice(value).ok_or_else(|| at::damaged(Family::Edge, key, "not 32 bytes"))
            })
            .collect()
    }
}

fn published((key, value): &Row) -> Result<Published, Error> {
    at::read_published(key, value).ok_or_else(|| at::damaged(Family::Checkpoint, key, "not a checkpoint"))
}
