//! Opening the directory: column families, caches, what happens after a crash.

use std::path::Path;

use rocksdb::{BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode, Options};

use super::layout::{KEY_CURSOR, KEY_FORMAT, format_value, seal};
use super::write::synced;
use crate::storage::{Access, AppendPolicy, Error, Family};

/// Read cache: the right edge of every tree level, chain heads and the month's entries of a county
/// (some 10^4 × 4 KB) fit; the rest is the operating system's page cache.
const CACHE_BYTES: usize = 64 << 20;

/// All memtables together; 13 families of RocksDB's default size would take 832 MB.
const WRITE_BUFFERS_BYTES: usize = 96 << 20;

/// A larger log of writes only makes a restart slower: RocksDB replays some 100 MB/s.
const WAL_BYTES_MAX: u64 = 256 << 20;

/// Files open at once; the usual limit of a process is 1,024, of which connections need the rest.
const OPEN_FILES_MAX: i32 = 400;

/// From here on a value gets a file of its own kind, so that compaction does not copy
/// attachments again and again.
const LARGE_VALUE_BYTES: u64 = 64 << 10;

/// The family that RocksDB makes by itself; nothing is stored in it.
const UNUSED: &str = "default";

/// An open directory.
pub(super) struct Opened {
    pub(super) db: DB,
    pub(super) cache: Cache,
}

/// Makes the store and writes its format version, and with it who may append.
pub(super) fn create(path: &Path, policy: AppendPolicy) -> Result<Opened, Error> {
    let mut options = options();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_error_if_exists(true);
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    let db = DB::open_cf_descriptors(&options, path, descriptors(&Family::ALL, &cache));
    let db = db.map_err(|error| opening(&error))?;
    let meta = db.cf_handle(Family::Meta.as_str()).ok_or(Error::Format("no family meta".into()))?;
    let value = seal(Family::Meta, KEY_FORMAT, format_value(policy));
    db.put_cf_opt(meta, KEY_FORMAT, value, &synced()).map_err(|error| opening(&error))?;
    Ok(Opened { db, cache })
}

/// Opens a store that is there, and says whether a family of the index is missing: dropping the index was interrupted,
/// or somebody removed it.
pub(super) fn existing(path: &Path, access: &Access) -> Result<(Opened, bool), Error> {
    if !path.join("CURRENT").is_file() {
        return Err(Error::Format(format!("no store at {}", path.display())));
    }
    let named = DB::list_cf(&Options::default(), path).map_err(|error| opening(&error))?;
    let (present, missing): (Vec<Family>, Vec<Family>) =
        Family::ALL.into_iter().partition(|family| named.iter().any(|name| name == family.as_str()));
    if let Some(lost) = missing.iter().find(|family| !family.is_derived()) {
        return Err(Error::Format(format!("the column family {lost} is missing")));
    }
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    let families = descriptors(&present, &cache);
    let mut options = options();
    let opened = match access {
        Access::Write => DB::open_cf_descriptors(&options, path, families),
        Access::Read => DB::open_cf_descriptors_read_only(&options, path, families, false),
        Access::Damaged => {
            // Opens what can be opened, so that reading every record meets the damaged block and names its family; a
            // refused opening names a file number at best.
            options.set_paranoid_checks(false);
            DB::open_cf_descriptors_read_only(&options, path, families, false)
        }
        Access::Beside { .. } if is_reindexed(path, &present, &cache) => {
            DB::open_cf_descriptors_read_only(&options, path, families, false)
        }
        Access::Beside { scratch } => {
            // RocksDB asks for it: files that the writer deletes meanwhile stay readable while they are open.
            options.set_max_open_files(-1);
            DB::open_cf_descriptors_as_secondary(&options, path, scratch, families).and_then(|db| {
                db.try_catch_up_with_primary()?;
                Ok(db)
            })
        }
    };
    let db = opened.map_err(|error| opening(&error))?;
    Ok((Opened { db, cache }, !missing.is_empty()))
}

/// Whether the index is incomplete: it is being rebuilt, or that was interrupted, and its families may be dropped. See
/// [`drop_index`](super::Rocks::drop_index) for why nothing is opened beside a writer then.
fn is_reindexed(path: &Path, present: &[Family], cache: &Cache) -> bool {
    let db = DB::open_cf_descriptors_read_only(&options(), path, descriptors(present, cache), false);
    // Beside a writer this may fail, if a file goes at the wrong moment; no node runs over an incomplete index.
    let cursor = db.map(|db| {
        let meta = db.cf_handle(Family::Meta.as_str());
        meta.is_some_and(|meta| matches!(db.get_pinned_cf(meta, KEY_CURSOR), Ok(Some(_))))
    });
    cursor.unwrap_or(false)
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

fn descriptors(families: &[Family], cache: &Cache) -> Vec<ColumnFamilyDescriptor> {
    let unused = ColumnFamilyDescriptor::new(UNUSED, Options::default());
    let ours = families.iter().map(|one| ColumnFamilyDescriptor::new(one.as_str(), family_options(*one, cache)));
    std::iter::once(unused).chain(ours).collect()
}

/// Returns the options of one column family.
pub(super) fn family_options(family: Family, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
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
    options
}

fn opening(error: &rocksdb::Error) -> Error {
    Error::Engine { doing: "opening", detail: error.to_string() }
}
