//! The data directory: its files, what they say, who may work on it.
//!
//! ```text
//! config.toml     what the operator may change
//! log.toml        what was fixed when the log was made
//! log.key         the log's signing keys, one a line, readable by the owner only
//! last-signed     the guard: what this log signed last
//! lock            held by the process that works on the directory
//! store/          the embedded storage engine
//! genesis.draft   the log's first entry, to be signed by the root keys and published
//! ```
//!
//! A replica's directory has `config.toml`, `lock` and `store/`, and instead of the others:
//!
//! ```text
//! replica.toml    which log it copies, and how it knows it
//! evidence/       signed checkpoints that contradict each other
//! ```

mod config;
mod files;
mod folder;

pub use config::{Config, ConfigError, Publish, TEMPLATE, WitnessOperator, Witnesses};
pub use files::{LogFile, PinnedBy, ReplicaFile};
pub(crate) use folder::io;
pub use folder::{Data, DataError, Lock, free_bytes};
