//! What a submission is answered with: a place in the log, or why not.

use std::sync::Arc;

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::validity::ChainHead;
use thiserror::Error;

use crate::log::state::{Committed, ReadError, ReadOnly, Status, Stopped};

/// A submission that is not admitted; nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitRefusal {
    /// Which envelope of the package, from 0.
    pub envelope: usize,
    /// What is wrong.
    pub code: ErrorCode,
    /// Where.
    pub place: String,
    /// Everything else that is wrong with the content, where more than one thing was found.
    pub findings: Vec<Invalid>,
    /// The chain's head now; with conflicts only.
    pub head: Option<ChainHead>,
}

/// Why a submission was not answered with a place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// It is not admitted.
    #[error("{}: {}", .0.code.as_str(), .0.place)]
    Refused(Box<SubmitRefusal>),
    /// Too much is waiting; come back after [`RETRY_AFTER`](super::queue::RETRY_AFTER).
    #[error("the queue is full")]
    Busy,
    /// The log only reads, and why.
    #[error("read-only: {0}")]
    ReadOnly(ReadOnly),
    /// This node only copies the log; the address of the one that it follows.
    #[error("a replica of {0}")]
    Follower(String),
    /// The writer stopped. What was waiting may be stored or not; the same submission again is safe.
    #[error("the writer has stopped: {0}")]
    Stopped(Stopped),
    /// The past could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The place of a statement of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its index.
    pub index: u64,
    /// Its id; of a raw leaf, its leaf hash.
    pub id: StatementId,
    /// False if it was there before this submission.
    pub new: bool,
}

/// The answer to a submission.
#[derive(Clone, Debug)]
pub struct Appended {
    /// One per envelope, in their order.
    pub placed: Vec<Placed>,
    /// A committed head that covers them all.
    pub committed: Arc<Committed>,
}

impl SubmitError {
    /// Returns the error for a submitter whose sequencer is not there any more.
    pub(super) fn gone(status: Status) -> Self {
        match status {
            Status::Stopped(why) => Self::Stopped(why),
            _ => Self::Stopped(Stopped::ShuttingDown),
        }
    }
}

/// Refuses if the log takes no submissions.
pub(super) fn admits(status: Status) -> Result<(), SubmitError> {
    match status {
        Status::Running => Ok(()),
        Status::ReadOnly(why) => Err(SubmitError::ReadOnly(why)),
        Status::Stopped(why) => Err(SubmitError::Stopped(why)),
    }
}

/// Returns the refusal of one envelope for one reason.
pub(super) fn refuse(envelope: usize, invalid: Invalid) -> SubmitError {
    refuse_all(envelope, invalid, Vec::new())
}

/// Returns the refusal of one envelope for several reasons.
pub(super) fn refuse_all(envelope: usize, first: Invalid, findings: Vec<Invalid>) -> SubmitError {
    let Invalid { code, place } = first;
    SubmitError::Refused(Box::new(SubmitRefusal { envelope, code, place, findings, head: None }))
}
