//! Turning a batch into one synced write.

use std::collections::BTreeMap;
use std::sync::MutexGuard;

use rocksdb::{ColumnFamily, WriteBatch, WriteOptions};
use sanwu_schema::crypto::hash::Hash;

use super::layout as at;
use super::{Rocks, Writer};
use crate::storage::{Batch, Commit, Error, Family, Head, Position, Published, TILE_WIDTH, TreeHash};

/// Every write waits for the disk.
pub(super) fn synced() -> WriteOptions {
    let mut options = WriteOptions::default();
    options.set_sync(true);
    options
}

impl Rocks {
    pub(super) fn write_commit(&self, expected: Option<Position>, batch: &Batch) -> Result<Commit, Error> {
        let mut writer = self.writer();
        if let Some(error) = &writer.broken {
            return Err(error.clone());
        }
        if writer.head.as_ref().map(|head| head.position) != expected {
            return Ok(Commit::Lost(writer.head.clone()));
        }
        let head = batch.check(expected)?;
        let mut rows = Rows { store: self, batch: WriteBatch::default() };
        rows.collect(expected.map_or(0, |position| position.size), batch, head)?;
        match self.db.write_opt(rows.batch, &synced()) {
            Ok(()) => {
                writer.head = Some(head.clone());
                Ok(Commit::Committed)
            }
            Err(error) => {
                let error = Error::Engine { doing: "committing", detail: error.to_string() };
                writer.broken = Some(error.clone());
                Err(error)
            }
        }
    }

    pub(super) fn write_published(&self, checkpoint: &Published) -> Result<(), Error> {
        let key = at::number_key(checkpoint.size);
        let value = at::seal(Family::Checkpoint, &key, &at::published_value(checkpoint));
        // Not held while the disk is waited for: commits need not wait for a publication.
        if let Some(error) = &self.writer().broken {
            return Err(error.clone());
        }
        self.db.put_cf_opt(self.family(Family::Checkpoint)?, key, value, &synced()).map_err(|error| {
            let error = Error::Engine { doing: "publishing", detail: error.to_string() };
            self.writer().broken.get_or_insert(error).clone()
        })
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A write batch in the making.
struct Rows<'a> {
    store: &'a Rocks,
    batch: WriteBatch,
}

impl<'a> Rows<'a> {
    fn collect(&mut self, before: u64, batch: &Batch, head: &Head) -> Result<(), Error> {
        for (entry, index) in batch.entries.iter().zip(before..) {
            self.put(Family::Entry, &at::number_key(index), entry)?;
        }
        for located in &batch.located {
            self.put(Family::Statement, &located.id.0, &located.record)?;
            let key = at::chain_key(&located.chain, located.seq);
            self.put(Family::ChainEntry, &key, &at::number_key(located.index))?;
        }
        for update in &batch.chains {
            self.put(Family::Chain, update.chain.as_bytes(), &update.head)?;
            if let Some(facts) = &update.facts {
                self.put(Family::Facts, &at::chain_key(&update.chain, update.seq), facts)?;
            }
        }
        for (slot, statement) in &batch.slots {
            self.put(Family::Slot, slot.as_bytes(), &statement.0)?;
        }
        for (chain, key) in &batch.granted {
            self.put(Family::Grant, &at::grant_key(chain, key), &[])?;
        }
        for (corrected, by) in &batch.corrected {
            self.put(Family::Corrected, &corrected.0, &by.0)?;
        }
        for blob in &batch.blobs {
            // No seal: the key is the digest of the value.
            let family = self.family(Family::Blob)?;
            self.batch.put_cf(family, blob.digest.0, &blob.bytes);
        }
        self.tree(&batch.tree)?;
        self.put(Family::Meta, at::KEY_HEAD, &at::head_value(head))
    }

    /// Puts hashes at the edge, and moves a tile that becomes full from there to its place.
    fn tree(&mut self, hashes: &[TreeHash]) -> Result<(), Error> {
        let mut tiles: BTreeMap<(u8, u64), Vec<&TreeHash>> = BTreeMap::new();
        for hash in hashes {
            tiles.entry((hash.level, hash.index / TILE_WIDTH)).or_default().push(hash);
        }
        for ((level, tile), new) in tiles {
            let first = at::first_of_tile(tile);
            let old = new.first().map_or(first, |hash| hash.index) - first;
            if new.iter().zip(first + old..).any(|(hash, index)| hash.index != index) {
                return Err(Error::Batch("tree hashes with a gap"));
            }
            if old + (new.len() as u64) < TILE_WIDTH {
                for hash in new {
                    self.put(Family::Edge, &at::tree_key(level, hash.index), &hash.hash.0)?;
                }
                continue;
            }
            let mut full: Vec<Hash> = if old == 0 { Vec::new() } else { self.store.edge(level, tile)? };
            if full.len() as u64 != old {
                return Err(at::damaged(Family::Edge, &at::tree_key(level, first), "hashes of the tile are missing"));
            }
            let edge = self.family(Family::Edge)?;
            for index in first..first + old {
                self.batch.delete_cf(edge, at::tree_key(level, index));
            }
            full.extend(new.iter().map(|hash| hash.hash));
            let value: Vec<u8> = full.iter().flat_map(|hash| hash.0).collect();
            self.put(Family::Tile, &at::tree_key(level, tile), &value)?;
        }
        Ok(())
    }

    fn put(&mut self, family: Family, key: &[u8], value: &[u8]) -> Result<(), Error> {
        let handle = self.family(family)?;
        self.batch.put_cf(handle, key, at::seal(family, key, value));
        Ok(())
    }

    fn family(&self, family: Family) -> Result<&'a ColumnFamily, Error> {
        self.store.family(family)
    }
}
