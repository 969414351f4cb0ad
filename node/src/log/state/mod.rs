//! What is read of a log, apart from what runs: the store's handles and caches, the heads, the status, what is known of
//! witnesses and of following, the reader, and the documents that are put together from them.
//!
//! May import the storage contract and the schema. Knows no other room of the log, no thread, no HTTP. The files import
//! each other directly; other rooms import what is named here.

mod caches;
mod documents;
mod error;
mod following;
mod heads;
mod read;
mod reader;
mod status;
mod tree;
mod trouble;
mod witnesses;

pub use error::ReadError;
pub use following::FollowStatus;
pub use heads::Committed;
pub use reader::{LoggedEntry, Reader, Superseded};
pub use status::{ReadOnly, RecordProof, Status, Stopped};
pub use trouble::FollowTrouble;
pub use witnesses::WitnessStatus;

pub(in crate::log) use caches::CHAINS_CACHED_MAX;
pub(in crate::log) use following::Following;
pub(in crate::log) use heads::Heads;
pub(in crate::log) use read::{ReadState, slot_text};
pub(in crate::log) use status::{StatusCell, StopOnPanic};
pub(in crate::log) use tree::extend;
pub(in crate::log) use witnesses::{WitnessFacts, WitnessPolicy};
