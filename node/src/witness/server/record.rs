//! What a witness cosigned of one log: the newest note, and the ones before it.
//!
//! The notes before are kept for one purpose: a log that signs another root for one of those sizes is caught by
//! its own signatures. Losing one of them loses that chance and nothing else, so they are not synced.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::Head;
use sanwu_schema::tlog::note::{self, Note};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::tlog::witness::Recorded;

use super::error::WitnessError;
use super::folder::log_hash;
use crate::durable::{Access, NotReplaced, replace};
use crate::settings::io as unreadable;

/// The newest note's file.
const CHECKPOINT: &str = "checkpoint";

/// The folder of the notes before it.
const HEADS: &str = "heads";

/// How many of them are kept: an hour of a log that publishes every minute; 64 notes of at most 8 kB.
const HEADS_MAX: usize = 64;

/// A cosigned note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) head: Head,
    /// When it was cosigned, seconds since 1970.
    pub(super) time: u64,
    /// The note: text, the log's verified signatures, own cosignatures.
    pub(super) note: String,
}

impl Record {
    /// Reads a note that this witness, whose keys are `own`, has cosigned.
    fn parse(bytes: &[u8], log: &str, own: &[Vkey]) -> Result<Self, String> {
        let opened = note::open(bytes, own).map_err(|error| error.to_string())?;
        let head = Head::parse(&opened.text).map_err(|error| error.to_string())?;
        if log_hash(&head.origin) != log {
            return Err(format!("a checkpoint of {}", head.origin));
        }
        let time = opened.verified.iter().filter_map(|one| one.time).max().ok_or("a cosignature without time")?;
        Ok(Self { head, time, note: String::from_utf8_lossy(bytes).into_owned() })
    }

    /// Reads the newest note in the folder of the log with this hash.
    pub(super) fn read(folder: &Path, log: &str, own: &[Vkey]) -> Result<Option<Self>, WitnessError> {
        let path = folder.join(CHECKPOINT);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| unreadable(&path, error))?,
        };
        let damaged = |detail| WitnessError::Record { path: path.display().to_string(), detail };
        Self::parse(&bytes, log, own).map(Some).map_err(damaged)
    }

    /// Returns the facts that the decision about a request needs.
    pub(super) fn recorded(&self) -> Recorded {
        Recorded { size: self.head.size, root: self.head.root }
    }

    /// Puts this record in place of `before`; durable on return.
    pub(super) fn write(&self, folder: &Path, before: Option<&Self>) -> Result<(), NotReplaced> {
        if before.is_none() {
            let parent = folder.parent().ok_or_else(|| NotReplaced::Unchanged(io::Error::other("no parent")))?;
            std::fs::create_dir_all(folder.join(HEADS)).map_err(NotReplaced::Unchanged)?;
            let parent = File::open(parent).map_err(NotReplaced::Unchanged)?;
            parent.sync_all().map_err(NotReplaced::Unknown)?;
        }
        replace(&folder.join(CHECKPOINT), self.note.as_bytes(), Access::Public)
    }
}

/// Size and root of the notes before the newest.
#[derive(Debug, Default)]
pub(super) struct CosignedHeads(BTreeMap<u64, Hash>);

impl CosignedHeads {
    /// Reads what is kept in a log's folder; what cannot be read is ignored.
    ///
    /// Signatures are checked when one of them matters: thousands of logs are to be open within seconds.
    pub(super) fn read(folder: &Path) -> Self {
        let mut heads = BTreeMap::new();
        let names = std::fs::read_dir(folder.join(HEADS)).into_iter().flatten().flatten();
        for path in names.map(|entry| entry.path()) {
            let note = std::fs::read(&path).ok().and_then(|bytes| Note::parse(&bytes).ok());
            match note.and_then(|note| Head::parse(note.text()).ok()) {
                Some(head) => _ = heads.insert(head.size, head.root),
                None => tracing::warn!("an older cosigned note cannot be read: {}", path.display()),
            }
        }
        Self(heads)
    }

    /// Returns the note that was cosigned at the size of `head`, if it contradicts it and is whole.
    pub(super) fn contradicting(&self, head: &Head, folder: &Path, log: &str, own: &[Vkey]) -> Option<String> {
        self.0.get(&head.size).filter(|root| **root != head.root)?;
        let path = folder.join(HEADS).join(head.size.to_string());
        let record = std::fs::read(&path).map_err(|error| error.to_string());
        // A file that has rotted must not accuse anybody.
        match record.and_then(|bytes| Record::parse(&bytes, log, own)) {
            Ok(record) if record.head.size == head.size && record.head.root != head.root => Some(record.note),
            Ok(_) => None,
            Err(error) => {
                tracing::error!(%error, "an older cosigned note is not whole: {}", path.display());
                None
            }
        }
    }

    /// Keeps the newest note of a log as one before, and lets go of the oldest.
    pub(super) fn keep(&mut self, folder: &Path, record: &Record) {
        let size = record.head.size;
        let path = folder.join(HEADS).join(size.to_string());
        match std::fs::hard_link(folder.join(CHECKPOINT), &path) {
            Ok(()) => _ = self.0.insert(size, record.head.root),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => tracing::warn!(%error, "an older cosigned note is not kept: {}", path.display()),
        }
        while self.0.len() > HEADS_MAX
            && let Some((oldest, _)) = self.0.pop_first()
        {
            _ = std::fs::remove_file(folder.join(HEADS).join(oldest.to_string()));
        }
    }
}
