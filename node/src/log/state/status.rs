//! Whether the log takes submissions, and every reason why not. The texts that people read are here and nowhere else.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::trouble::FollowTrouble;

/// What to do about a store that is an old copy.
const REMEDY: &str = "Restore the newest backup, or fetch the missing entries from a mirror or replica.";

/// Whether the log takes submissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Running,
    /// It does not for now or until the operator acts; reads go on.
    ReadOnly(ReadOnly),
    /// The writer ended for good; the process should.
    Stopped(Stopped),
}

/// Why the log only reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// The disk reserve is touched. Lifted when there is room again.
    DiskReserve,
    /// The last-signed guard names a larger size than the store has. Until a new start.
    BehindGuard {
        /// The store's size.
        here: u64,
        /// The size in the guard.
        signed: u64,
    },
    /// A witness has recorded a larger size than the store has. Until a new start.
    BehindWitness {
        /// The witness's name in the policy.
        witness: String,
        /// The store's size.
        here: u64,
        /// The size that the witness has recorded.
        recorded: u64,
        /// What the witness has shown for it.
        proof: RecordProof,
    },
    /// A witness has this log's signature over a root that the store does not have at that size. Until a new start.
    Contradiction {
        /// The witness's name in the policy.
        witness: String,
        /// The size that both have.
        size: u64,
    },
    /// A replica that has not published yet.
    FirstCopy,
    /// A replica that does not follow now.
    NotFollowing(FollowTrouble),
}

/// How a witness has shown that it recorded a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordProof {
    /// A checkpoint with a signature of this log.
    Signed,
    /// A checkpoint that it has cosigned; neither the store nor log.key knows the key that signed it.
    Cosigned,
    /// A size in a refusal (HTTP 409), without a signature.
    Told,
}

/// Why the writer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// A thread panicked.
    Panic,
    /// The store was committed to by somebody else, up to this size.
    OtherWriter(u64),
    /// Whether the commit of this size was stored could not be found out.
    CommitUnknown(u64),
    /// The store, the last-signed guard or a signature failed; says which and how.
    Failed(String),
    /// The node is shutting down.
    ShuttingDown,
    /// The log's handles are gone.
    Closed,
}

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DiskReserve => f.write_str("the disk is almost full"),
            Self::BehindGuard { here, signed } => write!(
                f,
                "the store ends at size {here}, but this log has signed size {signed}: an old copy was put back. {REMEDY}"
            ),
            Self::BehindWitness { witness, here, recorded, proof: RecordProof::Signed } => write!(
                f,
                "the store ends at size {here}, but witness {witness} has this log's signature over size {recorded}: an \
                 old copy was put back. {REMEDY}"
            ),
            Self::BehindWitness { witness, here, recorded, proof: RecordProof::Cosigned } => write!(
                f,
                "the store ends at size {here}, but witness {witness} has cosigned size {recorded}, signed with a log \
                 key that is known neither to the store nor to log.key: an old copy was put back. {REMEDY} If the \
                 witness is wrong, take it out of the policy"
            ),
            Self::BehindWitness { witness, here, recorded, proof: RecordProof::Told } => write!(
                f,
                "the store ends at size {here}, but witness {witness} says that it has cosigned size {recorded}: an old \
                 copy was put back, or somebody else signs with the log's key. {REMEDY} If the witness is wrong, take \
                 it out of the policy"
            ),
            Self::Contradiction { witness, size } => write!(
                f,
                "witness {witness} has this log's signature over another history of size {size}: never sign again with \
                 this key; keep both and report it"
            ),
            Self::FirstCopy => f.write_str("正在抄第一遍 · the first copy is under way"),
            Self::NotFollowing(trouble) => write!(f, "{} · {}", trouble.zh(), trouble.en()),
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic => f.write_str("a defect in the writer"),
            Self::OtherWriter(size) => write!(f, "another writer has moved the head to size {size}"),
            Self::CommitUnknown(size) => write!(f, "the commit of size {size} stayed unknown"),
            Self::Failed(why) => f.write_str(why),
            Self::ShuttingDown => f.write_str("the node is shutting down"),
            Self::Closed => f.write_str("the log was closed"),
        }
    }
}

/// The status, changed by the threads and waited for by the process.
///
/// `Stopped` is final. Set by the sequencer and the publisher (stopped), by the publisher (disk reserve), and where the
/// log is compared with what it has signed before (start, witness workers); of a replica by the follower.
pub(in crate::log) struct StatusCell {
    status: watch::Sender<Status>,
}

impl StatusCell {
    pub(in crate::log) fn new(status: Status) -> Self {
        Self { status: watch::Sender::new(status) }
    }

    pub(in crate::log) fn get(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Changes the status, unless the writer has stopped.
    pub(in crate::log) fn set(&self, status: Status) {
        self.status.send_if_modified(|now| {
            let change = !matches!(now, Status::Stopped(_)) && *now != status;
            if change {
                *now = status;
            }
            change
        });
    }

    /// Records that the writer has stopped, and why.
    pub(in crate::log) fn stop(&self, why: Stopped) {
        self.set(Status::Stopped(why));
    }

    /// Makes the log read-only: what it has signed before is doubtful, so nothing more is signed or shown until a
    /// restart.
    ///
    /// The first reason stays.
    pub(in crate::log) fn doubt(&self, why: ReadOnly) {
        self.status.send_if_modified(|now| {
            let change = matches!(now, Status::Running | Status::ReadOnly(ReadOnly::DiskReserve));
            if change {
                *now = Status::ReadOnly(why);
            }
            change
        });
    }

    /// Stops admission while the disk reserve is touched, and only then lets it go on: another reason to stop is
    /// neither replaced nor lifted.
    ///
    /// True if that changed the status.
    pub(in crate::log) fn set_disk_low(&self, low: bool) -> bool {
        const LOW: Status = Status::ReadOnly(ReadOnly::DiskReserve);
        self.status.send_if_modified(|now| {
            let (from, to) = if low { (Status::Running, LOW) } else { (LOW, Status::Running) };
            let change = *now == from;
            if change {
                *now = to;
            }
            change
        })
    }

    /// Returns when the writer has stopped for good.
    pub(in crate::log) async fn stopped(&self) -> Stopped {
        let mut status = self.status.subscribe();
        loop {
            if let Status::Stopped(why) = &*status.borrow_and_update() {
                return why.clone();
            }
            if status.changed().await.is_err() {
                return Stopped::Closed;
            }
        }
    }
}

/// Held by a writing thread: its panic shows in the status, and the process ends.
pub(in crate::log) struct StopOnPanic(pub(in crate::log) Arc<StatusCell>);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop(Stopped::Panic);
        }
    }
}
