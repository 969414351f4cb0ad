//! What a witness keeps of each log in memory, and how it is read from the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use sanwu_schema::tlog::vkey::Vkey;

use super::error::WitnessError;
use super::evidence;
use super::folder::{WitnessFolder, is_log_hash, log_hash};
use super::loglist::{self, LogList};
use super::rate::Bucket;
use super::record::{CosignedHeads, Record};

/// A log as the pages and the operator see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStatus {
    /// The log's origin.
    pub origin: String,
    /// The part of the path: lower-case hex SHA-256 of the origin.
    pub log: String,
    /// Whether the list still names it.
    pub listed: bool,
    /// How to reach its operator, as the list says.
    pub contact: Option<String>,
    /// The size cosigned last, if any was.
    pub size: Option<u64>,
    /// When, seconds since 1970.
    pub time: Option<u64>,
    /// Whether it has forked: it is cosigned no more.
    pub frozen: bool,
    /// The names of the evidence files.
    pub evidence: Vec<String>,
}

impl LogStatus {
    fn of(origin: &str, log: &str) -> Self {
        let (origin, log) = (origin.to_owned(), log.to_owned());
        Self { origin, log, listed: false, contact: None, size: None, time: None, frozen: false, evidence: Vec::new() }
    }
}

/// A log that the witness has to do with.
pub(super) struct WitnessedLog {
    /// Held from reading the record until the new one is durable.
    pub(super) slot: Mutex<LogRecord>,
    /// The durable record, for readers.
    pub(super) served: RwLock<Option<Arc<Record>>>,
}

/// What is recorded of a log, and what it has asked for lately.
#[derive(Default)]
pub(super) struct LogRecord {
    /// The note cosigned last; never ahead of the disk.
    pub(super) record: Option<Arc<Record>>,
    /// The ones before it.
    pub(super) heads: CosignedHeads,
    /// The names of evidence files; with one the log is cosigned no more.
    pub(super) evidence: Vec<String>,
    /// The allowance for larger checkpoints.
    pub(super) growing: Bucket,
    /// The allowance for the same checkpoint again.
    pub(super) repeating: Bucket,
}

impl Default for WitnessedLog {
    fn default() -> Self {
        Self { slot: Mutex::default(), served: RwLock::new(None) }
    }
}

/// Locks, also after a panic of a holder: a record is replaced in one step, after the disk, and so is whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the list of logs.
pub(super) fn read_list(folder: &WitnessFolder) -> Result<LogList, WitnessError> {
    let path = folder.list();
    let bytes = std::fs::read(&path).map_err(|error| crate::settings::io(&path, error))?;
    let wrong = |(line, detail)| WitnessError::List { path: path.display().to_string(), line, detail };
    loglist::parse(&bytes).map_err(wrong)
}

/// Reads every record and the names of all evidence.
pub(super) fn read_logs(
    folder: &WitnessFolder,
    own: &[Vkey],
) -> Result<BTreeMap<String, Arc<WitnessedLog>>, WitnessError> {
    let unreadable = |path: &Path, error| WitnessError::from(crate::settings::io(path, error));
    let (states, kept) = (folder.states(), folder.evidence());
    let mut evidence = evidence::read_names(&kept).map_err(|error| unreadable(&kept, error))?;
    let mut hashes: BTreeSet<String> = evidence.keys().cloned().collect();
    for entry in std::fs::read_dir(&states).map_err(|error| unreadable(&states, error))? {
        let entry = entry.map_err(|error| unreadable(&states, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_log_hash(&name) {
            hashes.insert(name);
        }
    }
    let mut logs = BTreeMap::new();
    for hash in hashes {
        let path = folder.state(&hash);
        let record = Record::read(&path, &hash, own)?.map(Arc::new);
        let heads = CosignedHeads::read(&path);
        let evidence = evidence.remove(&hash).unwrap_or_default();
        let slot = LogRecord { record: record.clone(), heads, evidence, ..LogRecord::default() };
        logs.insert(hash, Arc::new(WitnessedLog { slot: Mutex::new(slot), served: RwLock::new(record) }));
    }
    Ok(logs)
}

/// Returns what is known of each log, by origin.
pub(super) fn statuses(list: &LogList, logs: &BTreeMap<String, Arc<WitnessedLog>>) -> Vec<LogStatus> {
    let mut found: BTreeMap<String, LogStatus> = BTreeMap::new();
    for (origin, listed) in list {
        let log = log_hash(origin);
        let listed = LogStatus { listed: true, contact: listed.contact.clone(), ..LogStatus::of(origin, &log) };
        found.insert(log, listed);
    }
    for (hash, log) in logs {
        let slot = lock(&log.slot);
        if slot.record.is_none() && slot.evidence.is_empty() {
            continue;
        }
        // Evidence without a record is of a log whose name only the file tells.
        let origin = slot.record.as_ref().map_or("", |record| record.head.origin.as_str());
        let log = found.entry(hash.clone()).or_insert_with(|| LogStatus::of(origin, hash));
        log.size = slot.record.as_ref().map(|record| record.head.size);
        log.time = slot.record.as_ref().map(|record| record.time);
        (log.frozen, log.evidence) = (!slot.evidence.is_empty(), slot.evidence.clone());
    }
    let mut found: Vec<LogStatus> = found.into_values().collect();
    found.sort_by(|a, b| a.origin.cmp(&b.origin));
    found
}
