//! Opening the directory: column families, caches, what happens after a crash.

use std::path::Path;

use rocksdb::{BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode, Options};

use super::layout::{KEY_FORMAT, format_value, seal};
use super::write::synced;
use crate::storage::{Admission, Error, Family};

/// Read cache: the right edge of every tree level, chain heads and the month's entries of a county
/// (some 10^4 × 4 KB) fit; the rest is the operating system's page cache.
const CACHE_BYTES: usize = 64 << 20;

/// All memtables together; 13 families of RocksDB's default size would take 832 MB.
const WRITE_BUFFERS_BYTES: usize = 96 << 20;

/// A larger log of writes only makes a restart slower: RocksDB replays some 100 MB/s.
const WAL_BYTES_MAX: u64 = 256 << 20;

/// Files open at once; the usual limit of a process is 1,024, of which connections need the rest.
const OPEN_FILES_MAX: i32 = 400;

/// From here on a value stands in a file of its own kind, so that compaction does not copy
/// attachments again and again.
const LARGE_VALUE_BYTES: u64 = 64 << 10;

/// Makes the store and writes its format version, and with it who may append.
pub(super) fn create(path: &Path, admission: Admission) -> Result<DB, Error> {
    let mut options = options();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_error_if_exists(true);
    let db = DB::open_cf_descriptors(&options, path, families()).map_err(|error| opening(&error))?;
    let meta = db.cf_handle(Family::Meta.as_str()).ok_or(Error::Format("no family meta".into()))?;
    let value = seal(Family::Meta, KEY_FORMAT, format_value(admission));
    db.put_cf_opt(meta, KEY_FORMAT, value, &synced()).map_err(|error| opening(&error))?;
    Ok(db)
}

/// Opens for reading and writing.
pub(super) fn read_write(path: &Path) -> Result<DB, Error> {
    exists(path)?;
    DB::open_cf_descriptors(&options(), path, families()).map_err(|error| opening(&error))
}

/// Opens without changing anything.
pub(super) fn read_only(path: &Path, care: Care) -> Result<DB, Error> {
    exists(path)?;
    let mut options = options();
    options.set_paranoid_checks(care == Care::Strict);
    DB::open_cf_descriptors_read_only(&options, path, families(), false).map_err(|error| opening(&error))
}

/// What an opening does about damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Refuses.
    Strict,
    /// Opens what can be opened, so that reading every record meets the damaged block and names its
    /// family; a refused opening names a file number at best.
    Lenient,
}

/// Opens beside a running writer.
pub(super) fn beside(path: &Path, scratch: &Path) -> Result<DB, Error> {
    exists(path)?;
    let mut options = options();
    // RocksDB asks for it: files that the writer deletes meanwhile stay readable while they are open.
    options.set_max_open_files(-1);
    let db = DB::open_cf_descriptors_as_secondary(&options, path, scratch, families());
    let db = db.map_err(|error| opening(&error))?;
    db.try_catch_up_with_primary().map_err(|error| opening(&error))?;
    Ok(db)
}

fn exists(path: &Path) -> Result<(), Error> {
    if path.join("CURRENT").is_file() {
        return Ok(());
    }
    Err(Error::Format(format!("no store at {}", path.display())))
}

fn options() -> Options {
    let mut options = Options::default();
    options.set_paranoid_checks(true);
    // Only a torn last record may be dropped, which was never acknowledged. A damaged record before it
    // is an error: the default would silently forget all that follows.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_max_total_wal_size(WAL_BYTES_MAX);
    options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
    options.set_max_open_files(OPEN_FILES_MAX);
    options.set_keep_log_file_num(4);
    options.set_max_background_jobs(2);
    options
}

fn families() -> Vec<ColumnFamilyDescriptor> {
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    let family = |family: Family| {
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(&cache);
        // Dedupe asks for statements that are mostly not there.
        table.set_bloom_filter(10.0, false);
        table.set_format_version(5);
        let mut options = Options::default();
        options.set_block_based_table_factory(&table);
        options.set_compression_type(match family {
            // Hashes do not compress.
            Family::Edge | Family::Tile | Family::Grant => DBCompressionType::None,
            _ => DBCompressionType::Lz4,
        });
        if family == Family::Blob {
            options.set_enable_blob_files(true);
            options.set_min_blob_size(LARGE_VALUE_BYTES);
            options.set_blob_compression_type(DBCompressionType::Lz4);
        }
        ColumnFamilyDescriptor::new(family.as_str(), options)
    };
    let default = ColumnFamilyDescriptor::new("default", Options::default());
    std::iter::once(default).chain(Family::ALL.into_iter().map(family)).collect()
}

fn opening(error: &rocksdb::Error) -> Error {
    Error::Engine { doing: "opening", detail: error.to_string() }
}
