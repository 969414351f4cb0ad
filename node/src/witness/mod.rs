//! Witnessing over HTTP, C2SP tlog-witness: being a witness, to which other logs come for cosignatures over their
//! checkpoints; and `client`, this log's own way to its witnesses.
//!
//! A witness promises that it never cosigns two trees of one log that contradict each other. So its record of
//! what it cosigned last is compared and replaced under one lock per log, and is durable before the answer
//! leaves. What is decided about a request is `sanwu_schema::tlog::witness`; here are the record, the list of
//! logs, the evidence of a fork, and HTTP.
//!
//! The directory is a witness's own, also where it lies inside a node's (`witness/`):
//!
//! ```text
//! witness.key                  the Ed25519 cosigner key (type 0x04), readable by the owner only
//! witness-mldsa.key            the ML-DSA-44 cosigner key (type 0x06); may be absent
//! logs.txt                     which logs it follows; read again when it changes
//! state/<log>/checkpoint       the note cosigned last: text, the log's verified signatures, own cosignatures
//! state/<log>/heads/<size>     the notes cosigned before it, for the last 64 sizes
//! evidence/<log>-<size>.txt    two notes of one log that contradict each other
//! lock                         held by the process that serves
//! ```
//!
//! `<log>` is the lower-case hex SHA-256 of the log's origin. Never put `state/` back from a backup: a witness
//! that forgets may cosign a fork. Make new keys instead.

pub mod client;
mod evidence;
mod folder;
mod loglist;
mod logs;
mod rate;
mod record;
mod server;
mod state;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use crate::settings::DataError;

pub(crate) use folder::{Folder, KeyFile};
pub use logs::LogStatus;
pub use server::{router_in_node, serve};
pub use state::{Outcome, WitnessState};

/// The part of the path under which a node serves its witness.
pub const PREFIX: &str = "/witness";

/// The folder of a node's data directory that makes it a witness.
const IN_NODE: &str = "witness";

/// Why a witness's directory cannot be used.
#[derive(Debug, Error)]
pub enum WitnessError {
    /// A file, or the lock.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The list of logs; names the line.
    #[error("{path}:{line}: {detail}")]
    List {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        detail: String,
    },
    /// A record is not one that this witness has signed.
    #[error("{path}: {detail}")]
    Record {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
}

/// What a witness's directory says about its logs, also while another process works on it.
pub(crate) fn survey(folder: &Folder) -> Result<Vec<LogStatus>, WitnessError> {
    let vkeys: Vec<_> = folder.signers()?.iter().map(|signer| signer.vkey().clone()).collect();
    Ok(logs::statuses(&logs::read_list(folder)?, &logs::read_logs(folder, &vkeys)?))
}

/// Opens the witness inside a node's data directory, if there is one.
pub fn open_in_node(data: &Path) -> Result<Option<Arc<WitnessState>>, WitnessError> {
    let path = data.join(IN_NODE);
    if !path.is_dir() {
        return Ok(None);
    }
    Ok(Some(Arc::new(WitnessState::open(&path, crate::clock::now_seconds)?)))
}
