//! Opening a log that was closed, checking a store against itself, and making its derived records again.
//!
//! May import every other room: it opens what the sequencer writes and checks what a replica has copied. Only the log's
//! handle imports it.

mod fsck;
mod rebuild;
mod recover;

pub use fsck::{FsckFinding, FsckReport, fsck, fsck_replica};
pub use rebuild::{RebuildError, rebuild, reindex};

pub(in crate::log) use recover::open;
