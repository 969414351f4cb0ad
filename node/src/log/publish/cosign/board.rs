//! The newest checkpoint to be cosigned, where every worker finds it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sanwu_schema::tlog::note::Note;

/// A checkpoint to be cosigned: the log's own signatures only, since witnesses cap the request.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Counts the times that a candidate was put up: the same checkpoint may be again.
    pub(super) number: u64,
    pub(super) size: u64,
    pub(super) note: Note,
}

/// The newest candidate, for every worker.
#[derive(Default)]
pub(super) struct Board {
    candidate: Mutex<Option<Arc<Candidate>>>,
    changed: Condvar,
    closed: AtomicBool,
}

impl Board {
    /// Puts a candidate up; workers that are still at an older one go on with this.
    pub(super) fn put(&self, size: u64, note: Note) {
        let mut candidate = self.lock();
        let number = candidate.as_ref().map_or(0, |before| before.number + 1);
        *candidate = Some(Arc::new(Candidate { number, size, note }));
        drop(candidate);
        self.changed.notify_all();
    }

    /// Ends the workers.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        // The lock orders this before a worker's next look.
        drop(self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Candidate>>> {
        self.candidate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Returns the newest candidate if it was put up after the one numbered `done`, after a pause if there is one;
    /// waits for it.
    ///
    /// `None` when the log ends.
    pub(super) fn next(&self, done: Option<u64>, pause: Option<Duration>) -> Option<Arc<Candidate>> {
        let mut candidate = self.lock();
        let until = pause.map(|pause| Instant::now() + pause);
        loop {
            if self.is_closed() {
                return None;
            }
            let left = until.and_then(|until| until.checked_duration_since(Instant::now())).filter(|l| !l.is_zero());
            let newest = candidate.as_ref().filter(|newest| done.is_none_or(|done| newest.number > done));
            candidate = match (left, newest) {
                // A pause is waited out in full.
                (Some(left), _) => match self.changed.wait_timeout(candidate, left) {
                    Ok((candidate, _)) => candidate,
                    Err(poisoned) => poisoned.into_inner().0,
                },
                (None, Some(newest)) => return Some(Arc::clone(newest)),
                (None, None) => self.changed.wait(candidate).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}
