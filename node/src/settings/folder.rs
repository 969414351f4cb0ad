//! A data directory: which file is where, and who works on it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use sanwu_schema::tlog::vkey::SignerKey;
use thiserror::Error;

use super::config::ConfigError;
use super::files::{LogFile, ReplicaFile};
use crate::durable::{self, Access};
use crate::log::HeldKeys;
use crate::storage;

/// Why the data directory cannot be used.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the messages show what each field is")]
pub enum DataError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io { path: String, source: std::io::Error },
    /// A file is not what it should be.
    #[error("{path}: {detail}")]
    Content { path: String, detail: String },
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
    #[error(transparent)]
    Config(#[from] ConfigError),
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
    /// Returns the directory at a path.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_path_buf() }
    }

    /// Returns the directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the store's directory.
    pub fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// Returns how the store is opened.
    pub fn storage(&self) -> storage::Settings {
        storage::Settings { folder: self.store() }
    }

    /// Returns the operator's settings.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// Returns what was fixed when the log was made.
    pub fn log_file(&self) -> PathBuf {
        self.path.join("log.toml")
    }

    /// Returns the log's signing keys.
    pub fn key(&self) -> PathBuf {
        self.path.join("log.key")
    }

    /// Returns what a replica pins.
    pub fn replica_file(&self) -> PathBuf {
        self.path.join("replica.toml")
    }

    /// Returns the last-signed guard.
    pub fn guard(&self) -> PathBuf {
        self.path.join("last-signed")
    }

    /// Returns the draft of the log's first entry.
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

    /// Adds signing keys to the file; the old file stays whole until the new one is durable.
    pub fn add_keys(&self, new: &[SignerKey]) -> Result<(), DataError> {
        let path = self.key();
        let mut text = std::fs::read_to_string(&path).map_err(|error| io(&path, error))?;
        new.iter().for_each(|signer| text.push_str(&(signer.to_text() + "\n")));
        durable::replace(&path, text.as_bytes(), Access::Secret).map_err(|error| io(&path, error.into()))
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
        durable::replace(path, bytes, Access::Public).map_err(|error| io(path, error.into()))
    }

    /// Writes a new file, synced; refuses to replace one.
    pub fn write_new(&self, path: &Path, bytes: &[u8], access: Access) -> Result<(), DataError> {
        durable::write_new(path, bytes, access).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => DataError::Exists(path.display().to_string()),
            _ => io(path, error),
        })
    }
}

/// Returns the free space of the disk that a path is on, in bytes.
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
