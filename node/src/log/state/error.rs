//! Why a read of the log failed.

use sanwu_schema::record::entry::Invalid;
use sanwu_schema::tlog::merkle::build::BuildError;
use thiserror::Error;

use crate::storage;

/// Why a read failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// A stored entry does not parse: damaged, or a raw leaf.
    #[error("stored entry: {0}")]
    Entry(#[from] Invalid),
    /// A stored record does not parse, or what it points to is missing.
    #[error("stored record is damaged: {0}")]
    Record(&'static str),
    /// A size or index beyond the committed head.
    #[error("index or size beyond the committed head")]
    Range,
}

impl From<BuildError<ReadError>> for ReadError {
    fn from(error: BuildError<ReadError>) -> Self {
        match error {
            BuildError::Range => Self::Range,
            BuildError::Short => Self::Record("tree hash"),
            BuildError::Read(error) => error,
        }
    }
}
