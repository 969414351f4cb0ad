//! The embedded engine: one RocksDB directory that holds the journal and the index.
//!
//! The only place that knows RocksDB. What lies where is in [`layout`].
//!
//! **One write.** [`Store::commit_indexed`] puts both parts of a batch and the head into one synced write batch: after
//! a crash both have it or neither. So in normal use the index's cursor is the size of the head and is not stored; it
//! is stored only while the index is behind, from the moment before it is dropped until its rebuilding has reached the
//! head. A store made before there was a cursor has none, which says the same.
//!
//! **Durable.** Every write is synced, also [`Index::apply`].
//!
//! [`Index::apply`]: super::Index::apply

mod index;
mod journal;
mod layout;
mod open;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use rocksdb::{Cache, ColumnFamily, DB, Direction, IteratorMode, ReadOptions};
use sanwu_schema::crypto::hash::Hash;

use self::layout as at;
use self::open::Opened;
use super::{
    Access, AppendPolicy, Batch, Commit, DAMAGES_MAX, Error, Family, FamilyCheck, Head, Journal, Position, Store,
};

/// A store in a RocksDB directory.
pub(super) struct Rocks {
    path: PathBuf,
    /// RocksDB synchronises its own readers and writers. `None` if opening it again has failed, after which nothing
    /// is read or written.
    db: Option<DB>,
    /// The read cache that all families share.
    cache: Cache,
    /// Read when the store is opened.
    policy: AppendPolicy,
    /// Held by writes from the comparison to the end. Owner: the committing thread.
    writer: Mutex<Writer>,
}

/// What the committing thread knows.
#[derive(Default)]
struct Writer {
    /// The head as last committed or read.
    head: Option<Head>,
    /// The index's cursor; `None`: at the head.
    behind: Option<u64>,
    /// Set by the first failed write; from then on nothing is written.
    broken: Option<Error>,
    /// What the next write does instead of what it should.
    #[cfg(test)]
    fault: Option<super::Fault>,
}

impl Writer {
    fn size(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.position.size)
    }
}

/// One stored record, its seal checked and removed.
type Row = (Box<[u8]>, Vec<u8>);

impl Rocks {
    /// Makes a new store in a directory that does not exist or is empty.
    pub(super) fn create(path: &Path, policy: AppendPolicy) -> Result<Self, Error> {
        Self::with(path, open::create(path, policy)?)
    }

    /// Opens an existing store; RocksDB's own lock keeps a second writer out.
    pub(super) fn open(path: &Path, access: &Access) -> Result<Self, Error> {
        let (opened, incomplete) = open::existing(path, access)?;
        let mut store = Self::with(path, opened)?;
        if incomplete {
            if *access == Access::Write {
                // Dropping the index was interrupted; this ends it.
                store.drop_index()?;
            } else {
                store.writer().behind = Some(0);
            }
        }
        Ok(store)
    }

    fn with(path: &Path, Opened { db, cache }: Opened) -> Result<Self, Error> {
        let mut store = Self {
            path: path.to_path_buf(),
            db: Some(db),
            cache,
            policy: AppendPolicy::default(),
            writer: Mutex::default(),
        };
        store.policy = match store.get(Family::Meta, at::KEY_FORMAT)? {
            Some(format) => at::read_format(&format)?,
            None => return Err(Error::Format("not a sanwu store: the format version is missing".into())),
        };
        let head = store.head()?;
        let behind = match store.get(Family::Meta, at::KEY_CURSOR)? {
            Some(cursor) => {
                let cursor = at::number(&cursor);
                Some(cursor.ok_or_else(|| at::damaged(Family::Meta, at::KEY_CURSOR, "not a number"))?)
            }
            None => None,
        };
        *store.writer() = Writer { head, behind, ..Writer::default() };
        Ok(store)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Lets the next write fail.
    #[cfg(test)]
    pub(super) fn inject(&self, fault: super::Fault) {
        self.writer().fault = Some(fault);
    }

    fn db(&self) -> Result<&DB, Error> {
        self.db.as_ref().ok_or_else(|| Error::Engine { doing: "reading", detail: "the store is closed".into() })
    }

    fn family(&self, family: Family) -> Result<&ColumnFamily, Error> {
        self.db()?.cf_handle(family.as_str()).ok_or_else(|| at::damaged(family, &[], "the whole family is missing"))
    }

    /// The sealed or (blob) self-addressed record at a key.
    fn get(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.db()?.get_pinned_cf(self.family(family)?, key).map_err(|error| read_error(family, key, &error))? {
            Some(value) => check(family, key, &value).map(Some),
            None => Ok(None),
        }
    }

    /// A record that is a digest.
    fn hash(&self, family: Family, key: &[u8]) -> Result<Option<Hash>, Error> {
        let Some(value) = self.get(family, key)? else { return Ok(None) };
        Hash::from_slice(&value).map(Some).ok_or_else(|| at::damaged(family, key, "not 32 bytes"))
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
        for item in self.db()?.iterator_cf(self.family(family)?, IteratorMode::From(from, direction)) {
            let (key, sealed) = item.map_err(|error| read_error(family, from, &error))?;
            if rows.len() >= count || !wanted(&key) {
                break;
            }
            let value = check(family, &key, &sealed)?;
            rows.push((key, value));
        }
        Ok(rows)
    }

    /// Reads every record of the families that are derived, or of those that are not.
    fn check_families(&self, derived: bool) -> Vec<FamilyCheck> {
        let families = Family::ALL.into_iter().filter(|family| family.is_derived() == derived);
        families.map(|family| self.check_family(family)).collect()
    }

    fn check_family(&self, family: Family) -> FamilyCheck {
        let mut found = FamilyCheck { family, records: 0, damages: Vec::new() };
        let (db, handle) = match self.db().and_then(|db| Ok((db, self.family(family)?))) {
            Ok(opened) => opened,
            Err(missing) => {
                found.damages.push(missing.to_string());
                return found;
            }
        };
        let mut options = ReadOptions::default();
        options.set_verify_checksums(true);
        options.fill_cache(false);
        let mut last: Box<[u8]> = Box::default();
        for item in db.iterator_cf_opt(handle, options, IteratorMode::Start) {
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
        found
    }
}

impl Store for Rocks {
    fn commit_indexed(&self, expected: Option<Position>, head: &Head, batch: &Batch) -> Result<Commit, Error> {
        self.write_commit(expected, head, &batch.journal, Some(&batch.index))
    }
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
