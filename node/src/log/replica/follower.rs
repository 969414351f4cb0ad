//! The follower: the thread that looks at upstream again and again, and what it keeps.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use sanwu_schema::tlog::merkle::Tree;

use super::evidence;
use super::open::{self, OpenedReplica};
use super::pins::Pins;
use super::source::Upstream;
use crate::log::error::OpenError;
use crate::log::options::LogOptions;
use crate::log::state::{
    FollowTrouble, Following, Heads, ReadError, ReadOnly, ReadState, Reader, Status, StatusCell, StopOnPanic, Stopped,
};
use crate::storage::{Position, Store};

/// The longest pause before upstream is asked again. A replica that came back is at most a minute late.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Held by every handle of a replica's log; when the last one is dropped, the follower ends.
#[derive(Clone)]
pub(in crate::log) struct FollowerHandle {
    pub(in crate::log) following: Arc<Following>,
    _alive: SyncSender<()>,
}

/// Why a step ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something is not as it should be, here or at upstream.
    Trouble(FollowTrouble),
    /// What is in the store is not known any more; the process has to end.
    Fatal(Stopped),
    /// The node is shutting down.
    Ended,
}

impl From<FollowTrouble> for Stop {
    fn from(trouble: FollowTrouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Trouble(FollowTrouble::Store(error.to_string()))
    }
}

impl From<crate::storage::Error> for Stop {
    fn from(error: crate::storage::Error) -> Self {
        Self::Trouble(FollowTrouble::Store(error.to_string()))
    }
}

/// The follower's own state; nobody else sees it.
pub(in crate::log) struct Follower {
    pub(in crate::log) state: Arc<ReadState>,
    pub(in crate::log) heads: Arc<Heads>,
    pub(in crate::log) status: Arc<StatusCell>,
    pub(super) following: Arc<Following>,
    pub(super) upstream: Arc<dyn Upstream>,
    pub(super) pins: Pins,
    pub(super) options: LogOptions,
    /// The tree at the committed position.
    pub(super) tree: Tree,
    /// The store's position; `None` before its first commit.
    pub(super) at: Option<Position>,
    /// Sizes of the newest retained checkpoints, which may still get cosignatures.
    pub(super) window: VecDeque<u64>,
    /// When retained checkpoints were last asked for.
    pub(super) revisited_ms: u64,
    /// Gone when the node ends.
    alive: Receiver<()>,
}

/// The running follower.
pub(in crate::log) struct FollowThread {
    /// Never sent to; closed when the thread ends.
    joined: Receiver<()>,
}

/// How long the node's end waits for the follower: a commit under way is done by then. A request to
/// upstream is not waited for: ending at any point is safe.
const END_TIME_MAX: Duration = Duration::from_secs(3);

impl FollowThread {
    /// Waits for the thread's end, not for ever.
    pub(in crate::log) fn join(&self) {
        if self.joined.recv_timeout(END_TIME_MAX) == Err(RecvTimeoutError::Timeout) {
            tracing::info!("upstream was still being read when the node ended");
        }
    }
}

impl Follower {
    /// Opens the store; the thread is [started](Self::start) then.
    pub(in crate::log) fn open(
        store: Arc<dyn Store>,
        upstream: Arc<dyn Upstream>,
        pins: Pins,
        options: LogOptions,
    ) -> Result<(Self, FollowerHandle), OpenError> {
        let OpenedReplica { state, heads, status, tree, at } = open::open(store, &pins)?;
        let following = Arc::new(Following::new(upstream.address()));
        let (held, alive) = std::sync::mpsc::sync_channel(1);
        let handle = FollowerHandle { following: Arc::clone(&following), _alive: held };
        let window = VecDeque::new();
        let follower =
            Self { state, heads, status, following, upstream, pins, options, tree, at, window, revisited_ms: 0, alive };
        Ok((follower, handle))
    }

    /// Starts the thread, unless evidence of a fork is in the data directory: such a log is not followed any more.
    pub(in crate::log) fn start(self) -> std::io::Result<FollowThread> {
        let trouble = evidence::kept(&self.options.data)?.map(|file| FollowTrouble::Fork { file });
        let (done, joined) = std::sync::mpsc::sync_channel(1);
        std::thread::Builder::new().name("follower".into()).spawn(move || {
            let _done = done;
            self.run(trouble);
        })?;
        Ok(FollowThread { joined })
    }

    /// Returns a reader of what is copied.
    pub(in crate::log) fn reader(&self) -> Reader {
        let (state, heads, status) = (Arc::clone(&self.state), Arc::clone(&self.heads), Arc::clone(&self.status));
        Reader::new(state, heads, status, Some(Arc::clone(&self.following)))
    }

    /// Asks upstream again and again until the node ends, or following does.
    fn run(mut self, known: Option<FollowTrouble>) {
        let _stop = StopOnPanic(Arc::clone(&self.status));
        if let Some(trouble) = known {
            self.tell(&trouble);
            return self.wait_for_the_end();
        }
        let mut pause = self.options.publish_interval;
        loop {
            match self.step() {
                Ok(()) => {
                    pause = self.options.publish_interval;
                    self.level();
                }
                Err(Stop::Trouble(trouble)) => {
                    self.tell(&trouble);
                    if trouble.is_final() {
                        return self.wait_for_the_end();
                    }
                    pause = pause.saturating_mul(2).min(PAUSE_MAX.max(self.options.publish_interval));
                }
                Err(Stop::Fatal(why)) => {
                    tracing::error!(reason = %why, "the writer stops: {why}");
                    return self.status.stop(why);
                }
                Err(Stop::Ended) => return,
            }
            if self.alive.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    /// Takes note that all is well.
    fn level(&self) {
        let before = self.following.get().trouble;
        if let Some(trouble) = before {
            tracing::info!("following again, after: {}", trouble.en());
        }
        self.following.change(|report| {
            report.level_ms = Some(crate::clock::now_ms());
            report.trouble = None;
        });
        self.status.set(Status::Running);
    }

    /// Says once what is wrong; what was verified is served on.
    fn tell(&self, trouble: &FollowTrouble) {
        if self.following.get().trouble.as_ref() != Some(trouble) {
            tracing::warn!(upstream = %self.upstream.address(), "not following: {}", trouble.en());
        }
        self.following.change(|report| report.trouble = Some(trouble.clone()));
        // What was verified is no worse for a line that is down.
        if !trouble.is_of_the_line() {
            self.status.set(Status::ReadOnly(ReadOnly::NotFollowing(trouble.clone())));
        }
    }

    fn wait_for_the_end(&self) {
        while self.alive.recv().is_ok() {}
    }

    /// Refuses if the node is shutting down or the disk is almost full.
    pub(super) fn may_go_on(&self) -> Result<(), Stop> {
        if self.alive.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) {
            return Err(Stop::Ended);
        }
        let free = (self.options.free_bytes)(&self.options.data);
        if free.is_some_and(|free| free < self.options.disk_reserve_bytes) {
            return Err(FollowTrouble::Disk.into());
        }
        Ok(())
    }
}
