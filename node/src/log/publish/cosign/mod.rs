//! Asking witnesses for cosignatures: who is asked, what each was last known to have recorded, when a checkpoint has
//! enough of them.
//!
//! ```text
//! publisher ── candidate (log signatures only) ──> one worker per witness: the newest candidate wins
//!           <── cosignature lines, checked ──────
//! ```
//!
//! A worker knows the size that its witness recorded last, proves from there, learns it again from a 409, and backs
//! off when the witness cannot be reached. It never slows the publisher or another worker down. How a witness is
//! reached is behind [`Peer`]: this module knows no HTTP.

mod board;
mod compare;
mod peer;
mod worker;

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use sanwu_schema::tlog::note::Note;

use self::board::Board;
use super::wake::Wake;
use crate::log::state::{Heads, ReadState, StatusCell};

pub use peer::{Peer, PublishRule, RENEW_AFTER, Reach, WitnessAnswer, Witnessing};

pub(in crate::log) use compare::Here;

/// The workers. Dropping it ends them, each after the call that it is in; nobody waits for a slow witness.
pub(in crate::log) struct Cosigners {
    board: Arc<Board>,
}

impl Cosigners {
    /// Starts a worker for each peer.
    pub(in crate::log) fn start(
        state: &Arc<ReadState>,
        heads: &Arc<Heads>,
        status: &Arc<StatusCell>,
        reaches: Vec<Reach>,
        events: &SyncSender<Wake>,
    ) -> std::io::Result<Self> {
        let board = Arc::new(Board::default());
        for reach in reaches {
            let worker = worker::Worker::new(state, heads, status, reach);
            worker.start(Arc::clone(&board), events.clone())?;
        }
        Ok(Self { board })
    }

    /// Puts a candidate up. `note` has the log's own signatures only.
    pub(in crate::log) fn ask(&self, size: u64, note: Note) {
        self.board.put(size, note);
    }
}

impl Drop for Cosigners {
    fn drop(&mut self) {
        self.board.close();
    }
}
