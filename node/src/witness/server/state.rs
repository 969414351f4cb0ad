//! A running witness: who it is, which logs it follows, what it recorded of each.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use sanwu_schema::tlog::cosignature::{self, CosignatureError};
use sanwu_schema::tlog::note::{Note, Signature};
use sanwu_schema::tlog::vkey::{SignerKey, Vkey};
use sanwu_schema::tlog::witness::{Recorded, Refusal, Submission, write_cosignatures};

use super::error::WitnessError;
use super::evidence::{self, ForkEvidence};
use super::folder::{WitnessFolder, log_hash};
use super::loglist::{Listed, LogList};
use super::logs::{LogRecord, LogStatus, WitnessedLog, lock, read_list, read_logs, statuses};
use super::record::Record;
use crate::durable::NotReplaced;
use crate::settings::Lock;

/// A clock that shows an earlier time was never set: 2026-01-01. A cosignature's time is taken as the proof that
/// a notice was public by then, so a wrong early one is worse than none.
const CLOCK_MIN: u64 = 1_767_225_600;

/// The outcome of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Cosigned and recorded, durably: the signature lines.
    Cosigned(String),
    /// Not cosigned, as the specification says.
    Refused(Refusal),
    /// The log has forked before; the evidence file's name.
    Frozen(String),
    /// More often than the list allows.
    TooOften(Duration),
    /// The clock was never set.
    ClockUnset,
    /// Nothing is recorded and cosigned any more until the witness is started again, or this once; why.
    Failed(String),
}

/// A witness. Owner of its directory for the life of the process.
pub struct WitnessState {
    folder: WitnessFolder,
    signers: Vec<SignerKey>,
    vkeys: Vec<Vkey>,
    /// Seconds since 1970.
    clock: fn() -> u64,
    list: RwLock<ReadList>,
    /// By hash of the origin: every log of the list that has asked, and every log with a record or evidence.
    logs: Mutex<BTreeMap<String, Arc<WitnessedLog>>>,
    /// Set once the disk has failed: what is on it is not known.
    stopped: OnceLock<String>,
    _lock: Lock,
}

/// The list as it was read last.
struct ReadList {
    logs: Arc<LogList>,
    /// Of the file it was read from, or was tried to be.
    stamp: Option<Stamp>,
    /// Why the newest file is not in force.
    error: Option<String>,
}

/// By what a changed file is noticed: time, length, inode.
type Stamp = (SystemTime, u64, u64);

impl WitnessState {
    /// Opens a witness's directory. `clock` gives the seconds since 1970.
    pub fn open(path: &Path, clock: fn() -> u64) -> Result<Self, WitnessError> {
        let folder = WitnessFolder::at(path);
        // Also the first look whether this is a witness's directory at all.
        let signers = folder.signers()?;
        let lock = folder.lock()?;
        let vkeys: Vec<Vkey> = signers.iter().map(|signer| signer.vkey().clone()).collect();
        let list = ReadList { stamp: stamp(&folder), logs: Arc::new(read_list(&folder)?), error: None };
        let logs = read_logs(&folder, &vkeys)?;
        let (list, logs, stopped) = (RwLock::new(list), Mutex::new(logs), OnceLock::new());
        Ok(Self { folder, signers, vkeys, clock, list, logs, stopped, _lock: lock })
    }

    /// Returns the witness's name.
    pub fn name(&self) -> &str {
        self.vkeys.first().map_or("", Vkey::name)
    }

    /// Returns the witness's verifier keys.
    pub fn vkeys(&self) -> &[Vkey] {
        &self.vkeys
    }

    /// Returns why the list of logs on the disk is not in force, if it is not.
    pub fn list_error(&self) -> Option<String> {
        self.list();
        self.list.read().unwrap_or_else(PoisonError::into_inner).error.clone()
    }

    /// Returns every log that is listed or was ever cosigned, by origin.
    pub fn logs(&self) -> Vec<LogStatus> {
        let list = self.list();
        let logs = lock(&self.logs).clone();
        statuses(&list, &logs)
    }

    /// Returns the note cosigned last, of the log with this hash.
    pub fn checkpoint(&self, hash: &str) -> Option<String> {
        let log = lock(&self.logs).get(hash).cloned()?;
        let served = log.served.read().unwrap_or_else(PoisonError::into_inner);
        served.as_ref().map(|record| record.note.clone())
    }

    /// Returns an evidence file.
    pub fn evidence(&self, name: &str) -> Option<String> {
        if !evidence::is_name(name) {
            return None;
        }
        std::fs::read_to_string(self.folder.evidence().join(name)).ok()
    }

    /// Answers a request's body. Waits for the disk; what is answered by cosignatures is durable.
    pub fn add_checkpoint(&self, bytes: &[u8]) -> Outcome {
        let list = self.list();
        let keys_of = |origin: &str| list.get(origin).map(|log| Arc::clone(&log.keys));
        let submission = match Submission::open(bytes, keys_of) {
            Ok(submission) => submission,
            Err(refusal) => return Outcome::Refused(refusal),
        };
        let Some(listed) = list.get(&submission.head.origin) else { return Outcome::Refused(Refusal::UnknownLog) };
        let hash = log_hash(&submission.head.origin);
        let log = Arc::clone(lock(&self.logs).entry(hash.clone()).or_default());
        let mut slot = lock(&log.slot);
        if let Some(why) = self.stopped.get() {
            return Outcome::Failed(why.clone());
        }
        if let Some(name) = slot.evidence.first() {
            return Outcome::Frozen(name.clone());
        }
        let contradicted = self.contradicted(&slot, &hash, &submission);
        if let Some(first) = &contradicted {
            self.freeze(&mut slot, &hash, listed, &submission, first);
        }
        let recorded = slot.record.as_ref().map_or(Recorded::NOTHING, |record| record.recorded());
        if let Err(refusal) = submission.check(&recorded) {
            return Outcome::Refused(refusal);
        }
        // Only where files were put back: the record fits, and an older one does not.
        if contradicted.is_some() {
            return match (slot.evidence.first(), self.stopped.get()) {
                (Some(name), _) => Outcome::Frozen(name.clone()),
                (None, why) => Outcome::Failed(why.cloned().unwrap_or_default()),
            };
        }
        // Anyone may send a public checkpoint again; that must not use up what the log needs for growing.
        let bucket = if submission.head.size > recorded.size { &mut slot.growing } else { &mut slot.repeating };
        if let Err(wait) = bucket.take(listed.qpd, Instant::now()) {
            return Outcome::TooOften(wait);
        }
        self.cosign(&log, &mut slot, &hash, submission)
    }

    /// The cosigned note that a submission contradicts: of the same size, with another root.
    fn contradicted(&self, slot: &LogRecord, hash: &str, submission: &Submission) -> Option<String> {
        let head = &submission.head;
        match &slot.record {
            Some(record) if record.head.size == head.size => {
                (record.head.root != head.root).then(|| record.note.clone())
            }
            _ => slot.heads.contradicting(head, &self.folder.state(hash), hash, &self.vkeys),
        }
    }

    /// Keeps the evidence; from then on the log is cosigned no more.
    fn freeze(&self, slot: &mut LogRecord, hash: &str, listed: &Listed, submission: &Submission, first: &str) {
        let origin = &submission.head.origin;
        let second = signed_note(submission, &[]).map(|note| note.to_text());
        let fork = ForkEvidence {
            witness: self.name(),
            origin,
            size: submission.head.size,
            keys: &listed.keys,
            first,
            second: &second.unwrap_or_default(),
            time: (self.clock)(),
        };
        match fork.write(&self.folder.evidence(), hash) {
            Ok(name) => {
                tracing::error!(origin, evidence = name, "{origin} has signed two trees that contradict each other");
                slot.evidence.push(name);
            }
            // The record stays as it is and is not cosigned over; but a fork must not be forgotten.
            Err(NotReplaced::Unchanged(error) | NotReplaced::Unknown(error)) => self.stop(&error),
        }
    }

    /// Cosigns a checked submission, records it, and only then gives the signatures away.
    fn cosign(&self, log: &WitnessedLog, slot: &mut LogRecord, hash: &str, submission: Submission) -> Outcome {
        let now = (self.clock)();
        if now < CLOCK_MIN {
            return Outcome::ClockUnset;
        }
        let before = slot.record.clone();
        // Even if the clock goes back, the times of a witness's cosignatures do not.
        let time = before.as_ref().map_or(now, |record| record.time.max(now));
        let text = &submission.note.text;
        let signed: Result<Vec<Signature>, CosignatureError> =
            self.signers.iter().map(|signer| cosignature::sign(signer, text, time)).collect();
        let note = signed.ok().and_then(|signed| Some((signed_note(&submission, &signed)?, signed)));
        let Some((note, signed)) = note else {
            return Outcome::Failed("the checkpoint cannot be cosigned".into());
        };
        let record = Record { head: submission.head, time, note: note.to_text() };
        let folder = self.folder.state(hash);
        if let Some(before) = &before
            && before.head.size != record.head.size
        {
            slot.heads.keep(&folder, before);
        }
        match record.write(&folder, before.as_deref()) {
            Ok(()) => {
                let record = Arc::new(record);
                *log.served.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&record));
                slot.record = Some(record);
                Outcome::Cosigned(write_cosignatures(&signed))
            }
            Err(NotReplaced::Unchanged(error)) => {
                tracing::error!(%error, "a record was not written: {error}");
                Outcome::Failed(error.to_string())
            }
            Err(NotReplaced::Unknown(error)) => {
                self.stop(&error);
                Outcome::Failed(error.to_string())
            }
        }
    }

    /// After a disk's failure what is on it is not known: only a new start, which reads it again, may go on.
    fn stop(&self, error: &std::io::Error) {
        tracing::error!(%error, "the witness has stopped cosigning: {error}");
        _ = self.stopped.set(error.to_string());
    }

    /// The list in force; reads the file again if it is another one than before.
    fn list(&self) -> Arc<LogList> {
        let now = stamp(&self.folder);
        {
            let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
            if list.stamp == now {
                return Arc::clone(&list.logs);
            }
        }
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        if list.stamp != now {
            list.stamp = now;
            match read_list(&self.folder) {
                Ok(logs) => {
                    tracing::info!(logs = logs.len(), "the list of logs has changed: {} logs", logs.len());
                    (list.logs, list.error) = (Arc::new(logs), None);
                }
                // Half a list, or none, must not end the cosigning of logs that were listed well.
                Err(error) => {
                    tracing::error!(%error, "the list of logs stays as it was: {error}");
                    list.error = Some(error.to_string());
                }
            }
        }
        Arc::clone(&list.logs)
    }
}

/// The note with the log's verified signatures and these: what others attached to it is not ours to pass on.
fn signed_note(submission: &Submission, cosignatures: &[Signature]) -> Option<Note> {
    let mut note = Note::new(submission.note.text.clone()).ok()?;
    let verified = submission.note.verified.iter().map(|one| &one.signature);
    verified.chain(cosignatures).cloned().for_each(|signature| note.add(signature));
    Some(note)
}

fn stamp(folder: &WitnessFolder) -> Option<Stamp> {
    let about = std::fs::metadata(folder.list()).ok()?;
    Some((about.modified().ok()?, about.len(), about.ino()))
}
