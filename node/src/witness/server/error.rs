//! Why a witness's directory cannot be used.

use thiserror::Error;

use crate::settings::DataError;

/// Why a witness's directory cannot be used.
#[derive(Debug, Error)]
pub enum WitnessError {
    /// A file, or the lock.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The list of logs; names the line.
    #[error("{path}:{line}: {detail}")]
    List {
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        detail: String,
    },
    /// A record is not one that this witness has signed.
    #[error("{path}: {detail}")]
    Record {
        path: String,
        /// What is wrong.
        detail: String,
    },
}
