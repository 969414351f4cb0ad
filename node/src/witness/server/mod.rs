//! Being a witness, C2SP tlog-witness over HTTP: other logs come for cosignatures over their checkpoints.
//!
//! A witness promises that it never cosigns two trees of one log that contradict each other. So its record of
//! what it cosigned last is compared and replaced under one lock per log, and is durable before the answer
//! leaves. What is decided about a request is `sanwu_schema::tlog::witness`; here are the record, the list of
//! logs, the evidence of a fork, and HTTP.
//!
//! May import the data directory, the clock, the limits of HTTP and, in `http` alone, axum. Knows neither this node's log
//! nor its store: a witness is its own authority.
//!
//! The directory is a witness's own, also inside a node's (`witness/`):
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

mod error;
mod evidence;
mod folder;
mod http;
mod loglist;
mod logs;
mod rate;
mod record;
mod state;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

pub(crate) use folder::{KeyFile, WitnessFolder};

pub use error::WitnessError;
pub use http::{PREFIX, router_in_node, serve};
pub use logs::LogStatus;
pub use state::{Outcome, WitnessState};

/// The folder of a node's data directory that makes it a witness.
const IN_NODE: &str = "witness";

/// Returns what a witness's directory says about its logs, also while another process works on it.
pub(crate) fn survey(folder: &WitnessFolder) -> Result<Vec<LogStatus>, WitnessError> {
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
