//! The files of a data directory that the program writes for itself.

#![allow(missing_docs, reason = "a field is described where its name leaves something open")]

use serde::{Deserialize, Serialize};

use crate::storage::AppendPolicy;

/// `log.toml`: what was fixed when the log was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFile {
    pub origin: String,
    /// Who may append. The store has recorded it too; a log is not opened where the two differ.
    #[serde(rename = "admission")]
    pub append_policy: AppendPolicy,
}

/// `replica.toml`: what a replica pins of the log that it copies.
///
/// Written once, and again when a trust file confirms what was pinned by trust on first use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicaFile {
    pub pinned: PinnedBy,
    /// Whether raw leaves are copied.
    #[serde(rename = "admission")]
    pub append_policy: AppendPolicy,
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
    /// By what upstream said of itself at the first start (TOFU).
    FirstUse,
}
