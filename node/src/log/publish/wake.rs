//! What wakes the publisher.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sanwu_schema::tlog::note::Signature;
use sanwu_schema::tlog::vkey::Vkey;

/// Events that may wait: a worker that finds no room waits itself.
const EVENTS_MAX: usize = 64;

/// What the publisher is woken by.
pub(in crate::log) enum Wake {
    /// The sequencer has moved the committed head.
    Committed,
    Cosigned(Box<Cosigned>),
    Ended,
}

/// A cosignature that verifies.
#[derive(Clone, Debug)]
pub(in crate::log) struct Cosigned {
    /// Of which checkpoint.
    pub(in crate::log) size: u64,
    /// By which witness key.
    pub(in crate::log) vkey: Vkey,
    /// When, by the witness's clock, in seconds since 1970.
    pub(in crate::log) time: u64,
    pub(in crate::log) signature: Signature,
}

/// Returns the two ends of the publisher's channel.
pub(in crate::log) fn channel() -> (SyncSender<Wake>, Receiver<Wake>) {
    sync_channel(EVENTS_MAX)
}
