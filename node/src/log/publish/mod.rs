//! Publishing: the log's keys, the publisher, and asking witnesses for cosignatures.
//!
//! May import `state` and the options. Knows no other room: the sequencer wakes the publisher through [`Wake`], and how
//! a witness is reached is behind [`Peer`].

mod cosign;
mod keys;
mod publisher;
mod wake;

pub use cosign::{Peer, PublishRule, RENEW_AFTER, Reach, WitnessAnswer, Witnessing};
pub use keys::{HeldKeys, KeysError};

pub(in crate::log) use cosign::Here;
pub(in crate::log) use keys::{LogSigners, NoteStatus, claimed_size, stated};
pub(in crate::log) use publisher::{Asking, Publisher};
pub(in crate::log) use wake::{Wake, channel};
