//! Following a log that another node writes: a verifying read replica.
//!
//! ```text
//! upstream's /checkpoint ── signed by the log? ── continues what is here?
//!   → entry bundles → parse, signatures, position (as any replay) → contents by their digests
//!   → proved to be the beginning of the signed tree → ONE durable commit per part
//!   → retained checkpoints → the upstream checkpoint, with the cosignatures of the pinned witnesses, is
//!     this node's own
//! ```
//!
//! The follower is the store's one writer here: it commits and it publishes. It has no key and signs
//! nothing.
//!
//! **The head of a replica.** The log signs some sizes only, and a first copy of a large log is committed
//! in parts of one entry bundle, so most of a replica's positions were never signed. Each part is proved,
//! before it is committed, to be the beginning of the tree that the checkpoint under way signs
//! (consistency by upstream's own tiles). The store's [`Head`](crate::storage::Head) then holds the
//! position reached and the note of the checkpoint under way: signed by the log, of that size or a larger
//! one. So at every moment, also after `kill -9`, what is in the store is a beginning of something that
//! the log has signed; opening relies on it. Such a note proves nothing by itself for the smaller
//! position, so readers are never given it: [`Committed::note`](crate::log::Committed) stays empty on the way.
//!
//! May import `state`, `publish` (who may sign), `submit` (checking and committing, as the sequencer does) and how opening
//! fails. Knows no HTTP: where the bytes come from is behind [`Upstream`].

mod copy;
mod evidence;
mod follower;
mod lines;
mod open;
mod pins;
mod retained;
mod signed;
mod source;
mod step;

#[cfg(test)]
mod tests;

pub use pins::Pins;
pub use source::{BLOB_BYTES_MAX, BUNDLE_BYTES_MAX, FetchError, HASHES_BYTES_MAX, Upstream};

pub(in crate::log) use follower::{FollowThread, Follower, FollowerHandle};
