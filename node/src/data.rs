//! The data directory: which file is what, and who may use it.
//!
//! ```text
//! config.toml     what the operator may change
//! log.toml        what was fixed when the log was made
//! log.key         the log's signing keys, one a line, readable by the owner only
//! last-signed     the guard: what this log signed last
//! lock            held by whoever works on the directory
//! store/          RocksDB
//! genesis.draft   the log's first entry, to be signed by the root keys and published
//! ```
//!
//! A replica's directory has `config.toml`, `lock` and `store/`, and instead of the others:
//!
//! ```text
//! replica.toml    which log it copies, and how it knows it
//! evidence/       signed checkpoints that contradict each other
//! ```

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sanwu_schema::tlog::vkey::SignerKey;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::ConfigError;
use crate::log::HeldKeys;
use crate::storage::{self, Admission};

/// What was fixed when the log was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFile {
    /// The log's origin.
    pub origin: String,
    /// Who may append. The store knows it too, and has the last word.
    pub admission: Admission,
}

/// What a replica pins of the log that it copies; written once, and anew when a trust file confirms it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicaFile {
    /// Where this comes from.
    pub pinned: PinnedBy,
    /// Whether raw leaves are taken over.
    pub admission: Admission,
    /// The trust file's text; absent for a log of raw leaves without a first entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<String>,
    /// The log's keys, where there is no trust file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vkeys: Option<Vec<String>>,
}

/// How a replica came to know its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinnedBy {
    /// By a trust file that the operator gave.
    TrustFile,
    /// By the upstream's own word, at the first start.
    FirstUse,
}

/// Why the data directory cannot be used.
#[derive(Debug, Error)]
pub enum DataError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {detail}")]
    Content {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
    /// Another process works on the directory.
    #[error("{0}: another sanwu-node is working on it")]
    Busy(String),
    /// There is something already.
    #[error("{0}: exists already and is not overwritten")]
    Exists(String),
    /// A writing log's directory was to be used by a replica.
    #[error("{0}: a log is written here")]
    Writer(String),
    /// A replica's directory was to be used by a writing log.
    #[error("{0}: a replica's directory")]
    Replica(String),
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

/// A data directory, not opened.
#[derive(Clone, Debug)]
pub struct Data {
    path: PathBuf,
}

/// The exclusive right to work on a data directory; ends with the process.
pub struct Lock {
    _file: File,
}

impl Data {
    /// The directory at a path.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_path_buf() }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The store's directory.
    pub fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// The operator's settings.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// What was fixed when the log was made.
    pub fn log_file(&self) -> PathBuf {
        self.path.join("log.toml")
    }

    /// The log's signing keys.
    pub fn key(&self) -> PathBuf {
        self.path.join("log.key")
    }

    /// What a replica pins.
    pub fn replica_file(&self) -> PathBuf {
        self.path.join("replica.toml")
    }

    /// The last-signed guard.
    pub fn guard(&self) -> PathBuf {
        self.path.join("last-signed")
    }

    /// The draft of the log's first entry.
    pub fn genesis_draft(&self) -> PathBuf {
        self.path.join("genesis.draft")
    }

    /// Takes the directory for this process.
    pub fn lock(&self) -> Result<Lock, DataError> {
        let path = self.path.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|e| io(&path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(DataError::Busy(self.path.display().to_string())),
            Err(TryLockError::Error(error)) => Err(io(&path, error)),
        }
    }

    /// Reads the signing keys: one key text a line.
    pub fn read_keys(&self) -> Result<HeldKeys, DataError> {
        self.is_no_replica()?;
        let path = self.key();
        let text = std::fs::read_to_string(&path).map_err(|error| io(&path, error))?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let signers: Result<Vec<SignerKey>, _> = lines.map(|line| SignerKey::parse(line.trim())).collect();
        HeldKeys::new(signers.map_err(|error| content(&path, error))?).map_err(|error| content(&path, error))
    }

    /// Adds signing keys to the file; the old file stays whole until the new one is synced.
    pub fn add_keys(&self, new: &[SignerKey]) -> Result<(), DataError> {
        let (path, fresh) = (self.key(), self.path.join("log.key.new"));
        let mut text = std::fs::read_to_string(&path).map_err(|error| io(&path, error))?;
        new.iter().for_each(|signer| text.push_str(&(signer.to_text() + "\n")));
        // Left behind by an interrupted run; nothing in it was ever used.
        _ = std::fs::remove_file(&fresh);
        self.write_new(&fresh, text.as_bytes(), Access::Secret)?;
        std::fs::rename(&fresh, &path).map_err(|error| io(&path, error))?;
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(|error| io(&self.path, error))
    }

    /// Reads what was fixed when the log was made.
    pub fn read_log_file(&self) -> Result<LogFile, DataError> {
        self.is_no_replica()?;
        let path = self.log_file();
        let text = std::fs::read_to_string(&path).map_err(|error| io(&path, error))?;
        toml::from_str(&text).map_err(|error| content(&path, error))
    }

    fn is_no_replica(&self) -> Result<(), DataError> {
        if self.replica_file().exists() {
            return Err(DataError::Replica(self.path.display().to_string()));
        }
        Ok(())
    }

    /// Reads what a replica pins; `None` if the directory is not a replica's yet.
    pub fn read_replica_file(&self) -> Result<Option<ReplicaFile>, DataError> {
        if self.log_file().exists() || self.key().exists() {
            return Err(DataError::Writer(self.path.display().to_string()));
        }
        let path = self.replica_file();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(&path, error)),
        };
        toml::from_str(&text).map(Some).map_err(|error| content(&path, error))
    }

    /// Writes or replaces a file: whole or not at all, durable on return.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), DataError> {
        let new = path.with_extension("new");
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&new, path)?;
            File::open(&self.path)?.sync_all()
        });
        written.map_err(|error| io(path, error))
    }

    /// Writes a new file, synced; refuses to replace one. Secrets are readable by the owner only.
    pub fn write_new(&self, path: &Path, bytes: &[u8], access: Access) -> Result<(), DataError> {
        let mode = match access {
            Access::Secret => 0o600,
            Access::Public => 0o644,
        };
        let mut file = match OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(DataError::Exists(path.display().to_string()));
            }
            Err(error) => return Err(io(path, error)),
        };
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| io(path, error))
    }
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The owner.
    Secret,
    /// Everyone on the machine.
    Public,
}

/// Free space of the disk that a path lies on.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    stat.f_bavail.checked_mul(stat.f_frsize)
}

pub(crate) fn io(path: &Path, source: std::io::Error) -> DataError {
    DataError::Io { path: path.display().to_string(), source }
}

fn content(path: &Path, detail: impl std::fmt::Display) -> DataError {
    DataError::Content { path: path.display().to_string(), detail: detail.to_string() }
}
