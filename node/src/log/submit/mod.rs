//! Submitting: admission on the submitters' threads, the queue, and the one writer.
//!
//! ```text
//! Submitter ── admit (parse, signatures, bodies) ── bounded queue ── sequencer (one thread)
//!   take what is queued → check positions → extend the tree → sign the new head
//!   → ONE durable commit → last-signed guard → answer every waiter
//! ```
//!
//! May import `state` and `publish` (the keys; the event that wakes the publisher). Knows neither replicas nor
//! maintenance; a follower commits with [`settle`], and what it accepts is [`Pending`], as the sequencer's.

mod admit;
mod answer;
mod overlay;
mod queue;
mod sequencer;

pub use admit::{PACKAGE_ENTRIES_MAX, Submission};
pub use answer::{Appended, Placed, SubmitError, SubmitRefusal};
pub use queue::{QUEUE_BYTES_MAX, QUEUE_PACKAGES_MAX, RETRY_AFTER};

pub(in crate::log) use overlay::{CommittedPast, Pending, PendingParts};
pub(in crate::log) use queue::Submitter;
pub(in crate::log) use sequencer::{Sequencer, settle};

#[cfg(test)]
pub(in crate::log) use {
    admit::{Admitted, admit},
    queue::Job,
    sequencer::BATCH_ENTRIES_MAX,
};
