//! Turning a batch into one synced write.

use std::collections::BTreeMap;
use std::ops::Range;

use rocksdb::{ColumnFamily, WriteBatch, WriteOptions};
use sanwu_schema::crypto::hash::Hash;

use super::layout as at;
use super::{Rocks, Writer, open};
use crate::storage::{
    Access, Commit, Error, Family, Head, IndexBatch, JournalBatch, Position, Published, TILE_WIDTH, TreeHash,
};

/// Returns the options of every write: it waits for the disk.
pub(super) fn synced() -> WriteOptions {
    let mut options = WriteOptions::default();
    options.set_sync(true);
    options
}

impl Rocks {
    /// Stores the journal's part of a batch and, where it is given, the index's, in one write.
    pub(super) fn write_commit(
        &self,
        expected: Option<Position>,
        head: &Head,
        journal: &JournalBatch,
        index: Option<&IndexBatch>,
    ) -> Result<Commit, Error> {
        let mut writer = self.writer();
        if let Some(error) = &writer.broken {
            return Err(error.clone());
        }
        if writer.head.as_ref().map(|head| head.position) != expected {
            return Ok(Commit::Lost(writer.head.clone()));
        }
        journal.check(expected, head)?;
        let (before, size) = (writer.size(), head.position.size);
        let mut rows = Rows::new(self);
        rows.journal(before, head, journal)?;
        let mut behind = writer.behind;
        match index {
            Some(_) if behind.is_some() => {
                return Err(Error::Unindexed { derived: behind.unwrap_or_default(), size: before });
            }
            Some(index) => {
                index.check(&(before..size))?;
                rows.index(index)?;
            }
            None if size > before && behind.is_none() => {
                rows.cursor(Some(before))?;
                behind = Some(before);
            }
            None => {}
        }
        self.write(&mut writer, rows.batch, "committing")?;
        writer.head = Some(head.clone());
        writer.behind = behind;
        Ok(Commit::Committed)
    }

    /// Stores the index's part of entries that are committed already.
    pub(super) fn write_index(&self, entries: &Range<u64>, batch: &IndexBatch) -> Result<(), Error> {
        let mut writer = self.writer();
        if let Some(error) = &writer.broken {
            return Err(error.clone());
        }
        let size = writer.size();
        let cursor = writer.behind.unwrap_or(size);
        if entries.end <= cursor {
            return Ok(());
        }
        if entries.start != cursor || entries.end > size {
            return Err(Error::Batch("not the entries at the index's cursor"));
        }
        batch.check(entries)?;
        let behind = (entries.end < size).then_some(entries.end);
        let mut rows = Rows::new(self);
        rows.index(batch)?;
        rows.cursor(behind)?;
        self.write(&mut writer, rows.batch, "indexing")?;
        writer.behind = behind;
        Ok(())
    }

    /// Drops the index's families and makes them again, empty.
    ///
    /// The cursor is stored first: whatever is interrupted after that, the store says that its index is incomplete.
    /// Where a family was dropped and not made again, the next opening for writing drops all of them again. At the end
    /// the directory is reopened, which starts a manifest without the drops: RocksDB crashes where it opens a
    /// directory beside its writer and reads in the manifest that a family was dropped.
    pub(super) fn drop_index(&mut self) -> Result<(), Error> {
        self.store_cursor(Some(0))?;
        let (path, cache) = (self.path.clone(), self.cache.clone());
        let emptied = self.db.as_mut().map_or(Ok(()), |db| {
            Family::ALL.into_iter().filter(|family| family.is_derived()).try_for_each(|family| {
                let name = family.as_str();
                let dropped = if db.cf_handle(name).is_some() { db.drop_cf(name) } else { Ok(()) };
                dropped.and_then(|()| db.create_cf(name, &open::family_options(family, &cache)))
            })
        });
        emptied.map_err(|error| self.fail(&mut self.writer(), "dropping the index", &error))?;
        self.db = None;
        match open::existing(&path, &Access::Write) {
            Ok((opened, _)) => (self.db, self.cache) = (Some(opened.db), opened.cache),
            Err(error) => return Err(self.fail(&mut self.writer(), "opening", &error)),
        }
        let empty = self.writer().size() == 0;
        if empty { self.store_cursor(None) } else { Ok(()) }
    }

    fn store_cursor(&self, behind: Option<u64>) -> Result<(), Error> {
        let mut writer = self.writer();
        if let Some(error) = &writer.broken {
            return Err(error.clone());
        }
        let mut rows = Rows::new(self);
        rows.cursor(behind)?;
        self.write(&mut writer, rows.batch, "dropping the index")?;
        writer.behind = behind;
        Ok(())
    }

    pub(super) fn write_published(&self, checkpoint: &Published) -> Result<(), Error> {
        let key = at::number_key(checkpoint.size);
        let value = at::seal(Family::Checkpoint, &key, &at::published_value(checkpoint));
        // Not held while the disk is waited for: commits need not wait for a publication.
        if let Some(error) = &self.writer().broken {
            return Err(error.clone());
        }
        let written = self.db()?.put_cf_opt(self.family(Family::Checkpoint)?, key, value, &synced());
        written.map_err(|error| self.fail(&mut self.writer(), "publishing", &error))
    }

    fn write(&self, writer: &mut Writer, batch: WriteBatch, doing: &'static str) -> Result<(), Error> {
        #[cfg(test)]
        let fault = writer.fault.take();
        #[cfg(test)]
        if fault == Some(crate::storage::Fault::NotStored) {
            return Err(self.fail(writer, doing, &"injected: failed, not stored"));
        }
        self.db()?.write_opt(batch, &synced()).map_err(|error| self.fail(writer, doing, &error))?;
        #[cfg(test)]
        if fault == Some(crate::storage::Fault::Stored) {
            return Err(self.fail(writer, doing, &"injected: failed, but stored"));
        }
        Ok(())
    }

    /// Ends writing for good. The first failure is the one that is reported.
    fn fail(&self, writer: &mut Writer, doing: &'static str, error: &dyn std::fmt::Display) -> Error {
        writer.broken.get_or_insert(Error::Engine { doing, detail: error.to_string() }).clone()
    }
}

/// A write batch in the making.
struct Rows<'a> {
    store: &'a Rocks,
    batch: WriteBatch,
}

impl<'a> Rows<'a> {
    fn new(store: &'a Rocks) -> Self {
        Self { store, batch: WriteBatch::default() }
    }

    fn journal(&mut self, before: u64, head: &Head, batch: &JournalBatch) -> Result<(), Error> {
        for (entry, index) in batch.entries.iter().zip(before..) {
            self.put(Family::Entry, &at::number_key(index), entry)?;
        }
        for blob in &batch.blobs {
            // No seal: the key is the digest of the value.
            let family = self.family(Family::Blob)?;
            self.batch.put_cf(family, blob.digest.0, &blob.bytes);
        }
        self.tree(&batch.tree)?;
        self.put(Family::Meta, at::KEY_HEAD, &at::head_value(head))
    }

    fn index(&mut self, batch: &IndexBatch) -> Result<(), Error> {
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
        Ok(())
    }

    /// Stores how far the index is derived, or that it is at the head.
    fn cursor(&mut self, behind: Option<u64>) -> Result<(), Error> {
        match behind {
            Some(cursor) => self.put(Family::Meta, at::KEY_CURSOR, &at::number_key(cursor)),
            None => {
                let meta = self.family(Family::Meta)?;
                self.batch.delete_cf(meta, at::KEY_CURSOR);
                Ok(())
            }
        }
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
