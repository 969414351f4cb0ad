//! The embedded engine: one RocksDB directory, one synced write batch per commit.
//!
//! The only place that knows RocksDB. What lies where is in [`layout`].

mod layout;
mod open;
mod write;

use std::path::Path;
use std::sync::Mutex;

use rocksdb::{DB, Direction, IteratorMode, ReadOptions};
use sanwu_schema::crypto::hash::Hash;

use self::layout as at;
use super::{
    Admission, Batch, Commit, DAMAGES_MAX, ENTRIES_PER_READ_MAX, Error, Family, FamilyCheck, Head, Position, Published,
    ROWS_PER_READ_MAX, Store, TILE_WIDTH,
};

/// A store in a RocksDB directory.
pub struct Rocks {
    /// RocksDB synchronises its own readers and writers.
    db: DB,
    /// Read when the store is opened.
    admission: Admission,
    /// Held by `commit` from the comparison to the write. Owner: the sequencer's thread.
    writer: Mutex<Writer>,
}

/// What the committing thread knows.
struct Writer {
    /// The head as last committed or read.
    head: Option<Head>,
    /// Set by the first failed write; from then on nothing is written.
    broken: Option<Error>,
}

/// One stored record, its seal checked and removed.
type Row = (Box<[u8]>, Vec<u8>);

impl Rocks {
    /// Makes a new store in a directory that does not exist or is empty.
    pub fn create(path: &Path, admission: Admission) -> Result<Self, Error> {
        Self::with(open::create(path, admission)?)
    }

    /// Opens an existing store for reading and writing; RocksDB's own lock keeps others out.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::with(open::read_write(path)?)
    }

    /// Opens an existing store for reading only; nothing on disk changes.
    pub fn open_read_only(path: &Path) -> Result<Self, Error> {
        Self::with(open::read_only(path, open::Care::Strict)?)
    }

    /// Opens what is left of a damaged store, for finding out what is damaged and for nothing else.
    pub fn open_damaged(path: &Path) -> Result<Self, Error> {
        Self::with(open::read_only(path, open::Care::Lenient)?)
    }

    /// Opens a store that another process is writing to, as it is at this moment. `scratch` is a
    /// directory for RocksDB's own log file.
    pub fn open_beside(path: &Path, scratch: &Path) -> Result<Self, Error> {
        Self::with(open::beside(path, scratch)?)
    }

    fn with(db: DB) -> Result<Self, Error> {
        let writer = Mutex::new(Writer { head: None, broken: None });
        let mut store = Self { db, admission: Admission::default(), writer };
        store.admission = match store.get(Family::Meta, at::KEY_FORMAT)? {
            Some(format) => at::read_format(&format)?,
            None => return Err(Error::Format("not a sanwu store: the format version is missing".into())),
        };
        let head = store.head()?;
        store.writer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).head = head;
        Ok(store)
    }

    fn family(&self, family: Family) -> Result<&rocksdb::ColumnFamily, Error> {
        self.db.cf_handle(family.as_str()).ok_or_else(|| Error::Format(format!("column family {family} is missing")))
    }

    /// The sealed or (blob) self-addressed record at a key.
    fn get(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.db.get_pinned_cf(self.family(family)?, key).map_err(|error| read_error(family, key, &error))? {
            Some(value) => check(family, key, &value).map(Some),
            None => Ok(None),
        }
    }

    /// Rows from `from` on (or backwards) while `wanted`, at most `count`.
    fn rows(
        &self,
        family: Family,
        from: &[u8],
        direction: Direction,
        count: usize,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        for item in self.db.iterator_cf(self.family(family)?, IteratorMode::From(from, direction)) {
            let (key, sealed) = item.map_err(|error| read_error(family, from, &error))?;
            if rows.len() >= count || !wanted(&key) {
                break;
            }
            let value = check(family, &key, &sealed)?;
            rows.push((key, value));
        }
        Ok(rows)
    }

    fn check_family(&self, family: Family) -> Result<FamilyCheck, Error> {
        let mut found = FamilyCheck { family, records: 0, damages: Vec::new() };
        let mut options = ReadOptions::default();
        options.set_verify_checksums(true);
        options.fill_cache(false);
        let mut last: Box<[u8]> = Box::default();
        for item in self.db.iterator_cf_opt(self.family(family)?, options, IteratorMode::Start) {
            found.records += 1;
            let damage = match item {
                Ok((key, value)) => {
                    let damage = check(family, &key, &value).err();
                    last = key;
                    damage
                }
                Err(error) => Some(read_error(family, &last, &error)),
            };
            if let Some(damage) = damage
                && found.damages.len() < DAMAGES_MAX
            {
                found.damages.push(damage.to_string());
            }
        }
        Ok(found)
    }
}

impl Store for Rocks {
    fn admission(&self) -> Admission {
        self.admission
    }

    fn head(&self) -> Result<Option<Head>, Error> {
        let Some(value) = self.get(Family::Meta, at::KEY_HEAD)? else { return Ok(None) };
        at::read_head(&value).map(Some).ok_or_else(|| at::damaged(Family::Meta, at::KEY_HEAD, "not a head"))
    }

    fn commit(&self, expected: Option<Position>, batch: &Batch) -> Result<Commit, Error> {
        self.write_commit(expected, batch)
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
        let found = self.db.get_pinned_cf(self.family(Family::Blob)?, key);
        found.map(|value| value.is_some()).map_err(|error| read_error(Family::Blob, &key, &error))
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

    fn check_records(&self) -> Result<Vec<FamilyCheck>, Error> {
        Family::ALL.into_iter().map(|family| self.check_family(family)).collect()
    }
}

impl Rocks {
    fn hash(&self, family: Family, key: &[u8]) -> Result<Option<Hash>, Error> {
        let Some(value) = self.get(family, key)? else { return Ok(None) };
        Hash::from_slice(&value).map(Some).ok_or_else(|| at::damaged(family, key, "not 32 bytes"))
    }

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

    /// The hashes of a tile that stand at the edge, from the first without a gap.
    fn edge(&self, level: u8, index: u64) -> Result<Vec<Hash>, Error> {
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

/// A value as it was written: the seal removed, or a blob's digest compared.
fn check(family: Family, key: &[u8], value: &[u8]) -> Result<Vec<u8>, Error> {
    if family != Family::Blob {
        return at::unseal(family, key, value);
    }
    if Hash::digest(value).0 != *key {
        return Err(at::damaged(family, key, "the bytes have another SHA-256"));
    }
    Ok(value.to_vec())
}

/// What a failed read means: corruption names the family and the key, anything else is the engine's.
fn read_error(family: Family, key: &[u8], error: &rocksdb::Error) -> Error {
    match error.kind() {
        rocksdb::ErrorKind::Corruption => at::damaged(family, key, error.to_string()),
        _ => Error::Engine { doing: "reading", detail: error.to_string() },
    }
}

#[cfg(test)]
mod tests;
