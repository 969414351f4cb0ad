//! An open log: the handle that is given around, and the threads behind it.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::error::OpenError;
use super::maintenance;
use super::options::LogOptions;
use super::publish::{Asking, HeldKeys, Here, Publisher, Witnessing, channel};
use super::replica::{FollowThread, Follower, FollowerHandle, Pins, Upstream};
use super::state::{ReadState, Reader, Status, StatusCell, Stopped};
use super::submit::{Appended, Submission, SubmitError, Submitter};
use crate::storage::guard::Guard;
use crate::storage::{AppendPolicy, Store};

/// The log: a handle to write and to read. Cheap to clone; the last one dropped ends the threads.
#[derive(Clone)]
pub struct Log {
    reader: Reader,
    status: Arc<StatusCell>,
    side: Side,
    raw_leaves: bool,
}

/// Where new entries come from.
#[derive(Clone)]
enum Side {
    /// Submitted here.
    Writer(Submitter),
    /// Copied from another node.
    Replica(FollowerHandle),
}

/// The threads of an open log, and the last hold on its store.
pub struct Threads {
    state: Arc<ReadState>,
    running: Running,
}

enum Running {
    /// Of a log that is written here: the one writer, and the publisher of what it has written.
    Writer { sequencer: JoinHandle<()>, publisher: JoinHandle<()> },
    /// Of a replica.
    Follower(FollowThread),
}

/// How long the end waits for reads that are still under way, such as a proof for a witness: milliseconds each.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(3);

impl Threads {
    /// Waits until everything queued is answered, then closes the store: a process that ends while another thread
    /// closes it, or reads it, is aborted by the engine.
    ///
    /// All [`Log`] and [`Reader`] handles have to be dropped before.
    pub fn join(self) {
        match self.running {
            Running::Writer { sequencer, publisher } => {
                // A panic in one of the threads was reported by the panic hook and shows in the status.
                let _ = sequencer.join();
                let _ = publisher.join();
            }
            Running::Follower(follower) => follower.join(),
        }
        let until = Instant::now() + CLOSE_TIME_MAX;
        let mut state = self.state;
        while let Err(held) = Arc::try_unwrap(state) {
            if Instant::now() >= until {
                return tracing::warn!("the store was still being read when the log ended");
            }
            state = held;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Log {
    /// Opens the log over a store: checks store, guard, keys and the witnesses' records against each other, signs the
    /// head of a new log, starts the threads.
    ///
    /// Waits for silent witnesses as long as their time-out is.
    pub fn open(
        store: Arc<dyn Store>,
        guard: Guard,
        keys: HeldKeys,
        mut witnessing: Witnessing,
        options: LogOptions,
    ) -> Result<(Self, Threads), OpenError> {
        let raw_leaves = options.append_policy == AppendPolicy::Open;
        let sequencer = maintenance::open(store, guard, keys.clone(), witnessing.facts(), options.append_policy)?;
        let (state, heads) = (Arc::clone(&sequencer.state), Arc::clone(&sequencer.heads));
        let status = Arc::clone(&sequencer.status);
        Here { state: &state, heads: &heads, status: &status }.ask_all(&mut witnessing.reaches);
        let (submitter, jobs) = Submitter::new(Arc::clone(&state), Arc::clone(&heads), Arc::clone(&status));
        let Witnessing { rule, reaches, renew_after, .. } = witnessing;
        let asking = Asking { rule, reaches, renew_after };
        let (wake, woken) = channel();
        let handles = (Arc::clone(&state), Arc::clone(&heads), Arc::clone(&status));
        let publisher = Publisher::new(handles.0, handles.1, handles.2, options, keys, asking, &wake)?.start(woken)?;
        let sequencer = sequencer.start(jobs, wake)?;
        let reader = Reader::new(Arc::clone(&state), heads, Arc::clone(&status), None);
        let log = Self { reader, status, side: Side::Writer(submitter), raw_leaves };
        Ok((log, Threads { state, running: Running::Writer { sequencer, publisher } }))
    }

    /// Opens a replica over its own store and starts to follow.
    ///
    /// Everything but submitting works as with a log that is written here.
    pub fn follow(
        store: Arc<dyn Store>,
        upstream: Arc<dyn Upstream>,
        pins: Pins,
        options: LogOptions,
    ) -> Result<(Self, Threads), OpenError> {
        let raw_leaves = options.append_policy == AppendPolicy::Open;
        let (follower, handle) = Follower::open(store, upstream, pins, options)?;
        let (reader, status, state) = (follower.reader(), Arc::clone(&follower.status), Arc::clone(&follower.state));
        let running = Running::Follower(follower.start()?);
        let log = Self { reader, status, side: Side::Replica(handle), raw_leaves };
        Ok((log, Threads { state, running }))
    }

    /// Returns the way in; an error if this node only copies the log, which says where the writing one is.
    pub(super) fn submitter(&self) -> Result<&Submitter, SubmitError> {
        match &self.side {
            Side::Writer(submitter) => Ok(submitter),
            Side::Replica(follower) => Err(SubmitError::Follower(follower.following.get().upstream)),
        }
    }

    /// Refuses if this node only copies the log; the error says where the writing one is.
    pub fn writes_here(&self) -> Result<(), SubmitError> {
        self.submitter().map(|_| ())
    }

    /// Returns the reading side.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Returns whether the log takes submissions.
    pub fn status(&self) -> Status {
        self.reader.status()
    }

    /// Returns whether raw leaves are admitted.
    pub fn takes_raw_leaves(&self) -> bool {
        self.raw_leaves
    }

    /// Returns when the writer has stopped for good, with the reason.
    pub async fn stopped(&self) -> Stopped {
        self.status.stopped().await
    }

    /// Submits envelopes, all or nothing, and waits until they are durable.
    ///
    /// Checks what needs no position here, on the blocking pool; then queues. Dropping the future does
    /// not take a queued package back.
    pub async fn submit(&self, submission: Submission) -> Result<Appended, SubmitError> {
        self.submitter()?.submit(submission).await
    }

    /// Submits a raw leaf of a test log. What looks like an entry is refused: nobody would have checked it.
    pub async fn submit_raw(&self, leaf: Arc<[u8]>) -> Result<Appended, SubmitError> {
        self.submitter()?.submit_raw(leaf).await
    }
}
