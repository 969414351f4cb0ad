//! How an open log behaves.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::storage::AppendPolicy;

/// How the log behaves; everything else is in the store.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// The shortest time between two published checkpoints; of a replica, how often upstream is asked.
    pub publish_interval: Duration,
    /// Below this much free space in the data directory nothing is admitted any more.
    pub disk_reserve_bytes: u64,
    /// Free space now; `None` if it is not known (then there is no reserve).
    pub free_bytes: fn(&Path) -> Option<u64>,
    /// The data directory, for `free_bytes`.
    pub data: PathBuf,
    /// Who may append; a store that was made under another rule is not opened.
    pub append_policy: AppendPolicy,
}
