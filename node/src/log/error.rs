//! Why a log was not opened.

use thiserror::Error;

use super::publish::KeysError;
use super::state::ReadError;
use crate::storage::{self, AppendPolicy};

/// Why a log was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// The store's content could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The keys cannot sign this log.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The head in the store is not signed by this log's keys, or the guard's note is not.
    #[error("the {0} is not signed by this log's keys")]
    OtherKey(&'static str),
    /// The tree in the store has another root than the head that was signed.
    #[error("the stored tree does not have the signed root at size {0}: restore a backup and run fsck")]
    Tree(u64),
    /// Store and guard have signed different roots at one size.
    #[error("the guard has another root than the store at size {0}: never sign again with this key")]
    Fork(u64),
    /// The settings say another append policy than the one the log was made under.
    #[error("log.toml says admission = \"{}\", but this log was made with \"{}\"", .asked.as_str(), .made.as_str())]
    AppendPolicy {
        /// What the log was made under.
        made: AppendPolicy,
        /// What it was to be opened with.
        asked: AppendPolicy,
    },
    /// The store is empty, but the guard says that the log has signed.
    #[error("the store is empty, but this log has signed before: restore a backup")]
    Lost,
    /// The first commit of a new log failed.
    #[error("the new log could not be signed: {0}")]
    First(String),
    /// A file or thread could not be had.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
