//! The log: admission, the one writer, publication, proofs.
//!
//! ```text
//! submit ── admit (parse, signatures, bodies; callers' threads) ── bounded queue ── sequencer (one thread)
//!           take what is queued → check positions → extend the tree → sign the new head
//!           → ONE durable commit → last-signed guard → answer every waiter
//! publisher (one thread): committed head → published checkpoint, at most once per interval
//! ```
//!
//! A replica has neither: its one thread follows the log that another node writes ([`follow`]).
//!
//! Knows neither HTTP nor the storage engine. Reading goes through [`Reader`], which cannot write.

mod admit;
mod cosign;
mod documents;
pub mod follow;
mod fsck;
mod keys;
mod overlay;
mod publisher;
mod reader;
mod rebuild;
mod recover;
mod sequencer;
mod state;
mod tree;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::tlog::merkle::build::BuildError;
use sanwu_schema::validity::ChainHead;
use thiserror::Error;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::storage::guard::Guard;
use crate::storage::{self, Admission, Store};

pub use admit::{PACKAGE_ENTRIES_MAX, Submission};
pub use cosign::{Answer, Peer, PublishRule, RENEW_AFTER, Reach, WitnessStanding, Witnessing};
pub use fsck::{Finding, Report, fsck, fsck_replica};
pub use keys::{KeysError, LogKeys};
pub use reader::{LoggedEntry, Reader, Standing};
pub use rebuild::{RebuildError, rebuild};
pub use recover::OpenError;
pub use state::{Committed, Status};

/// Packages waiting for the sequencer. At 64 clients per core and one package each this is never
/// reached by waiting alone; a longer queue would only turn refusals into time-outs (2,048 packages at
/// 2,000 packages/s are one second).
pub const QUEUE_PACKAGES_MAX: usize = 2_048;

/// Bytes waiting for the sequencer, so that attachments cannot fill the memory: two packages of the
/// largest size that HTTP admits, and much more of the usual 10 KB.
pub const QUEUE_BYTES_MAX: usize = 256 << 20;

/// Bytes per permit of the queue's budget; tokio counts permits in 32 bits.
const QUEUE_GRAIN_BYTES: usize = 1 << 10;

/// When a client that met a full queue should come back.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How the log behaves; everything else is in the store.
#[derive(Clone, Debug)]
pub struct Options {
    /// The shortest time between two published checkpoints.
    pub publish_interval: Duration,
    /// Below this much free space in the data directory nothing is admitted any more.
    pub disk_reserve_bytes: u64,
    /// Free space now; `None` if it cannot be told (then there is no reserve).
    pub free_bytes: fn(&std::path::Path) -> Option<u64>,
    /// The data directory, for `free_bytes`.
    pub data: std::path::PathBuf,
    /// Who may append; a store that was made under another rule is not opened.
    pub admission: Admission,
}

/// Why a read failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// A stored entry does not parse: damaged, or a raw leaf.
    #[error("stored entry: {0}")]
    Entry(#[from] Invalid),
    /// A stored record does not parse, or what it points to is missing.
    #[error("stored record is damaged: {0}")]
    Record(&'static str),
    /// A size or index beyond the committed head.
    #[error("index or size beyond the committed head")]
    Range,
}

impl From<BuildError<ReadError>> for ReadError {
    fn from(error: BuildError<ReadError>) -> Self {
        match error {
            BuildError::Range => Self::Range,
            BuildError::Short => Self::Record("tree hash"),
            BuildError::Read(error) => error,
        }
    }
}

/// A submission that is not admitted; nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which envelope of the package, from 0.
    pub envelope: usize,
    /// What is wrong.
    pub code: ErrorCode,
    /// Where.
    pub place: String,
    /// Everything else that is wrong with the content, where more than one thing was found.
    pub findings: Vec<Invalid>,
    /// Where the chain stands now; with conflicts only.
    pub head: Option<ChainHead>,
}

/// Why a submission was not answered with a place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// It is not admitted.
    #[error("{}: {}", .0.code.as_str(), .0.place)]
    Refused(Box<Refusal>),
    /// Too much is waiting; come back after [`RETRY_AFTER`].
    #[error("the queue is full")]
    Busy,
    /// The log only reads, and why.
    #[error("read-only: {0}")]
    ReadOnly(String),
    /// This node only copies the log; the address of the one that it follows.
    #[error("a replica of {0}")]
    Follower(String),
    /// The writer stopped. What was waiting may be stored or not; the same submission again is safe.
    #[error("the writer has stopped: {0}")]
    Stopped(String),
    /// The past could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Where a statement of a submission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its index.
    pub index: u64,
    /// Its id; of a raw leaf, its leaf hash.
    pub id: StatementId,
    /// False if it stood there before this submission.
    pub new: bool,
}

/// The answer to a submission.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// One per envelope, in their order.
    pub placed: Vec<Placed>,
    /// A committed head that covers them all.
    pub committed: Arc<Committed>,
}

/// The log: a handle to write and to read. Cheap to clone; the last one dropped ends the threads.
#[derive(Clone)]
pub struct Log {
    reader: Reader,
    shared: Arc<state::Shared>,
    queue: mpsc::Sender<sequencer::Job>,
    budget: Arc<Semaphore>,
    /// Admissions at the same time: as many as there are cores, since they only compute.
    admissions: Arc<Semaphore>,
    raw_leaves: bool,
    /// Of a replica: how following goes.
    leash: Option<follow::Leash>,
}

/// The threads of an open log, and the last hold on its store.
pub struct Threads {
    shared: Arc<state::Shared>,
    running: Running,
}

enum Running {
    /// Of a log that is written here: the one writer, and who publishes what it has written.
    Writer { sequencer: JoinHandle<()>, publisher: JoinHandle<()> },
    /// Of a replica.
    Follower(follow::FollowThread),
}

/// How long the end waits for reads that are still under way, such as a proof for a witness: milliseconds each.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(3);

impl Threads {
    /// Waits until everything queued is answered, then closes the store: a process that ends while another thread
    /// closes it, or reads it, is aborted by the engine. All [`Log`] and [`Reader`] handles have to be dropped before.
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
        let mut shared = self.shared;
        while let Err(held) = Arc::try_unwrap(shared) {
            if Instant::now() >= until {
                return tracing::warn!("the store was still being read when the log ended");
            }
            shared = held;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Log {
    /// Opens the log over a store: checks store, guard, keys and the witnesses' records against each other, signs
    /// the head of a new log, starts the threads. Waits for silent witnesses as long as their time-out is.
    pub fn open(
        store: Arc<dyn Store>,
        guard: Guard,
        keys: LogKeys,
        mut witnessing: Witnessing,
        options: Options,
    ) -> Result<(Self, Threads), OpenError> {
        let admission = options.admission;
        let (shared, sequencer) = recover::open(store, guard, keys.clone(), witnessing.facts(), admission)?;
        recover::ask_witnesses(&shared, &mut witnessing.reaches);
        let (queue, jobs) = mpsc::channel(QUEUE_PACKAGES_MAX);
        let (wake, woken) = publisher::channel();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let Witnessing { rule, reaches, renew_after, .. } = witnessing;
        let asking = publisher::Asking { rule, reaches, renew_after };
        let publisher = publisher::start(Arc::clone(&shared), options, keys, asking, &wake, woken)?;
        let sequencer = sequencer.start(jobs, wake)?;
        let log = Self {
            reader: Reader::new(Arc::clone(&shared)),
            shared: Arc::clone(&shared),
            queue,
            budget: Arc::new(Semaphore::new(QUEUE_BYTES_MAX / QUEUE_GRAIN_BYTES)),
            admissions: Arc::new(Semaphore::new(cores)),
            raw_leaves: admission == Admission::Open,
            leash: None,
        };
        Ok((log, Threads { shared, running: Running::Writer { sequencer, publisher } }))
    }

    /// Opens a replica over its own store and starts to follow. `options.publish_interval` is how often
    /// upstream is asked. Everything but submitting works as with a log that is written here.
    pub fn follow(
        store: Arc<dyn Store>,
        upstream: Arc<dyn follow::Upstream>,
        pins: follow::Pins,
        options: Options,
    ) -> Result<(Self, Threads), OpenError> {
        let raw_leaves = options.admission == Admission::Open;
        let (shared, leash, thread) = follow::start(store, upstream, pins, options)?;
        let log = Self {
            reader: Reader::following(Arc::clone(&shared), Arc::clone(&leash.following)),
            shared: Arc::clone(&shared),
            // Nobody takes anything out: `writes_here` refuses first.
            queue: mpsc::channel(1).0,
            budget: Arc::new(Semaphore::new(0)),
            admissions: Arc::new(Semaphore::new(0)),
            raw_leaves,
            leash: Some(leash),
        };
        Ok((log, Threads { shared, running: Running::Follower(thread) }))
    }

    /// An error if this node only copies the log; it says where the writing one is.
    pub fn writes_here(&self) -> Result<(), SubmitError> {
        match &self.leash {
            Some(leash) => Err(SubmitError::Follower(leash.following.report().upstream)),
            None => Ok(()),
        }
    }

    /// The reading side.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Whether the log takes submissions.
    pub fn status(&self) -> Status {
        self.reader.status()
    }

    /// Whether raw leaves are admitted.
    pub fn takes_raw_leaves(&self) -> bool {
        self.raw_leaves
    }

    /// Returns when the writer has stopped for good, with the reason.
    pub async fn stopped(&self) -> String {
        self.shared.stopped().await
    }

    /// Submits envelopes, all or nothing, and waits until they are durable.
    ///
    /// Checks what needs no position here, on the blocking pool; then queues. Dropping the future does
    /// not take a queued package back.
    pub async fn submit(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        self.writes_here()?;
        self.shared.status().admits()?;
        let permit = self.permit(submission.bytes())?;
        let shared = Arc::clone(&self.shared);
        let turn = Arc::clone(&self.admissions).acquire_owned().await.map_err(|_| self.shared.gone())?;
        let admitted = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            admit::admit(&shared, submission)
        })
        .await
        .map_err(|_| SubmitError::Stopped("admission ended unexpectedly".into()))??;
        match admitted {
            admit::Admitted::Known(placed) => Ok(Receipt { placed, committed: self.shared.committed() }),
            admit::Admitted::New(package) => self.enqueue(package, permit).await,
        }
    }

    /// Submits a raw leaf of a test log. What looks like an entry is refused: nobody would have checked it.
    pub async fn submit_raw(&self, leaf: Arc<[u8]>) -> Result<Receipt, SubmitError> {
        self.writes_here()?;
        self.shared.status().admits()?;
        if Entry::parse(&leaf).is_ok() {
            return Err(admit::refuse(0, Invalid::new(ErrorCode::PayloadType, "leaf")));
        }
        let permit = self.permit(leaf.len())?;
        self.enqueue(admit::Package::raw(leaf), permit).await
    }

    async fn enqueue(
        &self,
        package: admit::Package,
        permit: tokio::sync::OwnedSemaphorePermit,
    ) -> Result<Receipt, SubmitError> {
        let (answer, waiter) = oneshot::channel();
        let job = sequencer::Job { package, answer, _permit: permit };
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => self.shared.gone(),
        })?;
        waiter.await.unwrap_or_else(|_| Err(self.shared.gone()))
    }

    fn permit(&self, bytes: usize) -> Result<tokio::sync::OwnedSemaphorePermit, SubmitError> {
        let grains = u32::try_from(bytes.div_ceil(QUEUE_GRAIN_BYTES)).unwrap_or(u32::MAX);
        Arc::clone(&self.budget).try_acquire_many_owned(grains).map_err(|_| SubmitError::Busy)
    }
}
