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
//! the log has signed; [`open`] relies on it. Such a note proves nothing by itself for the smaller
//! position, so readers are never given it: [`Committed::note`](crate::log::Committed) stays empty on the way.

mod copy;
mod evidence;
mod lines;
mod open;
mod retained;
mod source;
mod step;
mod trouble;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sanwu_schema::record::statement::StatementId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, CheckpointError, Origin};
use sanwu_schema::tlog::merkle::Tree;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::validity::ChainFacts;
use sanwu_schema::verify::trust::{Operator, Pinned};

use self::lines::Word;
use self::open::Opened;
use crate::log::publish::cosign::WitnessFacts;
use crate::log::publish::keys::LogSigners;
use crate::log::state::shared::{Shared, Status};
use crate::log::submit::sequencer::StopOnPanic;
use crate::log::{Options, ReadError, Witnessing};
use crate::storage::{Position, Store};

pub use source::{BLOB_BYTES_MAX, BUNDLE_BYTES_MAX, FetchError, HASHES_BYTES_MAX, Upstream};
pub use trouble::Trouble;

/// The longest pause before upstream is asked again. A replica that came back is at most a minute late.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What a replica pins of the log that it follows.
#[derive(Clone, Debug)]
pub struct Pins {
    /// The log.
    pub origin: Origin,
    /// Its first statement; absent for a log of raw leaves that has none.
    pub genesis: Option<StatementId>,
    /// Its keys, at least one.
    pub log_vkeys: Vec<Vkey>,
    /// Its witnesses.
    policy: Policy,
    /// The policy's lines about witnesses.
    lines: Vec<String>,
    /// Who runs them.
    operators: Vec<Operator>,
    /// How old their word may be.
    max_age_days: Option<u64>,
}

impl Pins {
    /// What a trust file says.
    pub fn trusting(pinned: Pinned) -> Self {
        let Pinned { file, log_vkeys, policy, .. } = pinned;
        let lines = file.policy.into_iter().filter(|line| !line.trim_start().starts_with("log "));
        Self {
            origin: file.origin,
            genesis: Some(file.genesis),
            log_vkeys,
            policy,
            lines: lines.collect(),
            operators: file.operators.unwrap_or_default(),
            max_age_days: file.max_age_days,
        }
    }

    /// A log that is known by its keys alone; `None` if they have no or several names, or one that is no origin.
    pub fn bare(log_vkeys: Vec<Vkey>) -> Option<Self> {
        let Witnessing { policy, lines, operators, max_age_days, .. } = Witnessing::none();
        let origin = Origin::parse(log_vkeys.first()?.name()).ok()?;
        if log_vkeys.iter().any(|vkey| vkey.name() != origin.as_str()) {
            return None;
        }
        Some(Self { origin, genesis: None, log_vkeys, policy, lines, operators, max_age_days })
    }

    /// What clients are told about the log's witnesses. A replica asks none.
    fn witnesses(&self) -> WitnessFacts {
        let Self { policy, lines, operators, max_age_days, .. } = self.clone();
        Witnessing { policy, lines, operators, max_age_days, ..Witnessing::none() }.facts()
    }

    /// The keys that may sign for the log, as far as the copied entries say, and the pinned ones, which may be named by
    /// an entry that is still to come.
    fn signers(&self, root: Option<&ChainFacts>) -> LogSigners {
        LogSigners::new(root, &self.log_vkeys)
    }

    /// The keys whose lines are checked here: the log's and the pinned witnesses'.
    fn checked(&self, root: Option<&ChainFacts>) -> Vec<Vkey> {
        let witnesses = self.policy.witnesses().iter().map(|witness| &witness.vkey);
        self.signers(root).vkeys().iter().chain(witnesses).cloned().collect()
    }

    /// Opens a checkpoint that a key of this log has signed while it might. The note is given back with those lines
    /// only that were checked: a bad one under a witness's name would make clients that pin the witness refuse it all,
    /// and whoever changed an answer on its way once would be served for ever.
    fn open(&self, note: &[u8], root: Option<&ChainFacts>) -> Result<(Checkpoint, Vec<u8>), CheckpointError> {
        let checkpoint = self.signers(root).checkpoint(note, &self.origin)?;
        let cleaned = lines::united(&[note], &self.checked(root), Word::First);
        Ok((checkpoint, cleaned.unwrap_or_else(|| note.to_vec())))
    }
}

/// How following goes; for the pages and for whoever asks whether the node is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where the writing log is.
    pub upstream: String,
    /// When this node last saw that it has all that upstream has published, milliseconds since 1970.
    pub level_ms: Option<u64>,
    /// Why it does not follow now.
    pub trouble: Option<Trouble>,
}

/// A replica's state beside the log's. Changed by the follower only.
pub(super) struct Following {
    report: Mutex<Report>,
}

impl Following {
    fn new(upstream: &str) -> Self {
        let report = Report { upstream: upstream.to_owned(), level_ms: None, trouble: None };
        Self { report: Mutex::new(report) }
    }

    pub(super) fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.report.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Held by every handle of a replica's log; when the last one goes, the follower ends.
#[derive(Clone)]
pub(super) struct Leash {
    pub(super) following: Arc<Following>,
    _alive: SyncSender<()>,
}

/// Why a step ended early.
#[derive(Debug)]
enum Stop {
    /// Something is not as it should be, here or at upstream.
    Trouble(Trouble),
    /// What is in the store is not known any more; the process has to end.
    Fatal(String),
    /// The node is shutting down.
    Ended,
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Trouble(Trouble::Store(error.to_string()))
    }
}

impl From<crate::storage::Error> for Stop {
    fn from(error: crate::storage::Error) -> Self {
        Self::Trouble(Trouble::Store(error.to_string()))
    }
}

/// The follower's own state; nobody else sees it.
pub(super) struct Follower {
    shared: Arc<Shared>,
    following: Arc<Following>,
    upstream: Arc<dyn Upstream>,
    pins: Pins,
    options: Options,
    /// The tree at the committed position.
    tree: Tree,
    /// The store's position; `None` before its first commit.
    at: Option<Position>,
    /// Sizes of the newest retained checkpoints, which may still get cosignatures.
    window: VecDeque<u64>,
    /// When retained checkpoints were last asked for.
    revisited_ms: u64,
    /// Gone when the node ends.
    alive: Receiver<()>,
}

/// Opens a replica over its store and starts the follower.
pub(super) fn start(
    store: Arc<dyn Store>,
    upstream: Arc<dyn Upstream>,
    pins: Pins,
    options: Options,
) -> Result<(Arc<Shared>, Leash, FollowThread), crate::log::OpenError> {
    let (done, joined) = std::sync::mpsc::sync_channel(1);
    let trouble = evidence::kept(&options.data)?.map(|file| Trouble::Fork { file });
    let (follower, leash) = Follower::open(store, upstream, pins, options)?;
    let shared = Arc::clone(&follower.shared);
    std::thread::Builder::new().name("follower".into()).spawn(move || {
        let _done = done;
        follower.run(trouble);
    })?;
    Ok((shared, leash, FollowThread { joined }))
}

/// The running follower.
pub struct FollowThread {
    /// Never sent to; closed when the thread ends.
    joined: Receiver<()>,
}

/// How long the node's end waits for the follower: a commit under way is done by then. A request to
/// upstream is not waited for: ending at any point is safe.
const END_TIME_MAX: Duration = Duration::from_secs(3);

impl FollowThread {
    /// Waits for the thread's end, not for ever.
    pub(super) fn join(&self) {
        if self.joined.recv_timeout(END_TIME_MAX) == Err(RecvTimeoutError::Timeout) {
            tracing::info!("upstream was still being read when the node ended");
        }
    }
}

impl Follower {
    /// Everything but the thread.
    fn open(
        store: Arc<dyn Store>,
        upstream: Arc<dyn Upstream>,
        pins: Pins,
        options: Options,
    ) -> Result<(Self, Leash), crate::log::OpenError> {
        let Opened { shared, tree, at } = open::open(store, &pins)?;
        let following = Arc::new(Following::new(upstream.address()));
        let (held, alive) = std::sync::mpsc::sync_channel(1);
        let leash = Leash { following: Arc::clone(&following), _alive: held };
        let window = VecDeque::new();
        let follower = Self { shared, following, upstream, pins, options, tree, at, window, revisited_ms: 0, alive };
        Ok((follower, leash))
    }

    /// Asks upstream again and again until the node ends, or following does.
    fn run(mut self, known: Option<Trouble>) {
        let _stop = StopOnPanic(Arc::clone(&self.shared));
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
                    return self.shared.set_status(Status::Stopped(why));
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
        let before = self.following.report().trouble;
        if let Some(trouble) = before {
            tracing::info!("following again, after: {}", trouble.en());
        }
        self.following.change(|report| {
            report.level_ms = Some(crate::clock::now_ms());
            report.trouble = None;
        });
        self.shared.set_status(Status::Running);
    }

    /// Says once what is wrong; what was verified is served on.
    fn tell(&self, trouble: &Trouble) {
        if self.following.report().trouble.as_ref() != Some(trouble) {
            tracing::warn!(upstream = %self.upstream.address(), "not following: {}", trouble.en());
        }
        self.following.change(|report| report.trouble = Some(trouble.clone()));
        // What was verified is no worse for a line that is down.
        if !trouble.is_of_the_line() {
            self.shared.set_status(Status::ReadOnly(format!("{} · {}", trouble.zh(), trouble.en())));
        }
    }

    fn wait_for_the_end(&self) {
        while self.alive.recv().is_ok() {}
    }

    /// An error if the node is shutting down or the disk is almost full.
    fn may_go_on(&self) -> Result<(), Stop> {
        if self.alive.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) {
            return Err(Stop::Ended);
        }
        let free = (self.options.free_bytes)(&self.options.data);
        if free.is_some_and(|free| free < self.options.disk_reserve_bytes) {
            return Err(Trouble::Disk.into());
        }
        Ok(())
    }
}
