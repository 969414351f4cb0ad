//! The way in: what is submitted is admitted on the submitters' threads and waits for the sequencer.

use std::sync::Arc;
use std::time::Duration;

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::entry::{Entry, Invalid};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::admit::{Admitted, Package, Submission, admit};
use super::answer::{Appended, SubmitError, admits, refuse};
use crate::log::state::{Heads, ReadState, StatusCell, Stopped};

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

/// A package that waits to be placed.
pub(in crate::log) struct Job {
    pub(in crate::log) package: Package,
    pub(in crate::log) answer: oneshot::Sender<Result<Appended, SubmitError>>,
    /// Its share of the queue's bytes, given back when the job is done.
    pub(in crate::log) _permit: OwnedSemaphorePermit,
}

/// A handle to submit. Cheap to clone; the last one dropped ends the sequencer.
#[derive(Clone)]
pub(in crate::log) struct Submitter {
    state: Arc<ReadState>,
    heads: Arc<Heads>,
    status: Arc<StatusCell>,
    queue: mpsc::Sender<Job>,
    budget: Arc<Semaphore>,
    /// Admissions at the same time: as many as there are cores, since they only compute.
    admissions: Arc<Semaphore>,
}

impl Submitter {
    /// Returns the handle, and the queue's end for the sequencer.
    pub(in crate::log) fn new(
        state: Arc<ReadState>,
        heads: Arc<Heads>,
        status: Arc<StatusCell>,
    ) -> (Self, mpsc::Receiver<Job>) {
        let (queue, jobs) = mpsc::channel(QUEUE_PACKAGES_MAX);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let budget = Arc::new(Semaphore::new(QUEUE_BYTES_MAX / QUEUE_GRAIN_BYTES));
        let admissions = Arc::new(Semaphore::new(cores));
        (Self { state, heads, status, queue, budget, admissions }, jobs)
    }

    /// Submits envelopes, all or nothing, and waits until they are durable.
    pub(in crate::log) async fn submit(&self, submission: Submission) -> Result<Appended, SubmitError> {
        admits(self.status.get())?;
        let permit = self.permit(submission.bytes())?;
        let (state, heads) = (Arc::clone(&self.state), Arc::clone(&self.heads));
        let turn = Arc::clone(&self.admissions).acquire_owned().await.map_err(|_| self.gone())?;
        let admitted = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            admit(&state, &heads, submission)
        })
        .await
        .map_err(|_| SubmitError::Stopped(Stopped::Failed("admission ended unexpectedly".into())))??;
        match admitted {
            Admitted::Known(placed) => Ok(Appended { placed, committed: self.heads.committed() }),
            Admitted::New(package) => self.enqueue(package, permit).await,
        }
    }

    /// Submits a raw leaf of a test log. What looks like an entry is refused: nobody would have checked it.
    pub(in crate::log) async fn submit_raw(&self, leaf: Arc<[u8]>) -> Result<Appended, SubmitError> {
        admits(self.status.get())?;
        if Entry::parse(&leaf).is_ok() {
            return Err(refuse(0, Invalid::new(ErrorCode::PayloadType, "leaf")));
        }
        let permit = self.permit(leaf.len())?;
        self.enqueue(Package::raw(leaf), permit).await
    }

    async fn enqueue(&self, package: Package, permit: OwnedSemaphorePermit) -> Result<Appended, SubmitError> {
        let (answer, waiter) = oneshot::channel();
        let job = Job { package, answer, _permit: permit };
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => self.gone(),
        })?;
        waiter.await.unwrap_or_else(|_| Err(self.gone()))
    }

    fn permit(&self, bytes: usize) -> Result<OwnedSemaphorePermit, SubmitError> {
        let grains = u32::try_from(bytes.div_ceil(QUEUE_GRAIN_BYTES)).unwrap_or(u32::MAX);
        Arc::clone(&self.budget).try_acquire_many_owned(grains).map_err(|_| SubmitError::Busy)
    }

    /// Takes the whole room of the queue until the permit is dropped.
    #[cfg(test)]
    pub(in crate::log) fn fill(&self) -> Option<OwnedSemaphorePermit> {
        let permits = u32::try_from(self.budget.available_permits()).ok()?;
        Arc::clone(&self.budget).try_acquire_many_owned(permits).ok()
    }

    fn gone(&self) -> SubmitError {
        SubmitError::gone(self.status.get())
    }
}
