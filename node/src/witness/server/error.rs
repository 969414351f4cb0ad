//! Why a witness's directory cannot be used.

use thiserror::Error;

use crate::settings::DataError;

/// Why a witness's directory cannot be used.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the messages show what each field is")]
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
        detail: String,
    },
    /// A record is not one that this witness has signed.
    #[error("{path}: {detail}")]
    Record { path: String, detail: String },
}
