//! The log: admission, the one writer, publication, proofs, replicas.
//!
//! ```text
//! handle ──> maintenance ──> replica ──> submit ──> publish ──> state ──> storage (contract)
//! ```
//!
//! | Room | What it is |
//! |---|---|
//! | [`state`] | what is read: store handles and caches, heads, status, the [`Reader`], documents |
//! | [`publish`] | committed head → published checkpoint, at most once per interval; keys; witnesses are asked |
//! | [`submit`] | admission, the queue, and the sequencer: one thread, one durable commit per batch |
//! | [`replica`] | follows the log that another node writes; has neither sequencer nor publisher |
//! | [`maintenance`] | opening, fsck, rebuilding |
//!
//! A room imports what is to its right, never what is to its left; `tests/it/layers.rs` holds that, and that no import
//! circle is anywhere in here. The log knows neither HTTP nor the storage engine. Reading goes through [`Reader`], which
//! cannot write.

mod error;
mod handle;
mod maintenance;
mod options;
mod publish;
pub mod replica;
mod state;
mod submit;

#[cfg(test)]
pub(crate) mod tests;

pub use error::OpenError;
pub use handle::{Log, Threads};
pub use maintenance::{FsckFinding, FsckReport, RebuildError, fsck, fsck_replica, rebuild, reindex};
pub use options::LogOptions;
pub use publish::{HeldKeys, KeysError, Peer, PublishRule, RENEW_AFTER, Reach, WitnessAnswer, Witnessing};
pub use state::{
    Committed, FollowStatus, FollowTrouble, LoggedEntry, ReadError, ReadOnly, Reader, RecordProof, Status, Stopped,
    Superseded, WitnessStatus,
};
pub use submit::{
    Appended, PACKAGE_ENTRIES_MAX, Placed, QUEUE_BYTES_MAX, QUEUE_PACKAGES_MAX, RETRY_AFTER, Submission, SubmitError,
    SubmitRefusal,
};
