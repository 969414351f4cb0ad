//! Whom a log asks for cosignatures, when it publishes, and how a witness is reached.

use std::time::Duration;

use sanwu_schema::tlog::note::Signature;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::witness::AddCheckpoint;
use sanwu_schema::verify::trust::Operator;

use crate::log::state::{WitnessFacts, WitnessPolicy};

/// The policy of a log without witnesses says so instead of leaving it open.
const NO_QUORUM: &str = "quorum none";

/// After how long witnesses are asked again about a checkpoint that is still the newest: a small part of the month
/// that trust files of villages allow a cosignature to be old, and one request a day for each witness.
pub const RENEW_AFTER: Duration = Duration::from_secs(86_400);

/// When a checkpoint is published, relative to its cosignatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishRule {
    /// Only with the quorum: no quorum, no publication.
    Closed,
    /// With the quorum, or without it after this time; what comes later is added.
    Wait(Duration),
    /// At once; cosignatures are added as they come.
    Open,
}

/// What a witness answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// 200: signature lines, not checked yet.
    Cosigned(Vec<Signature>),
    /// 409: the size that it has recorded.
    Conflict(u64),
    /// 429 or 503: to come back after this time at the earliest.
    Busy(Duration),
    /// Any other answer that says no.
    Refused(String),
    /// No answer.
    Unreachable(String),
}

/// A witness, reached somehow. Calls block and bring their own time-outs.
pub trait Peer: Send + 'static {
    /// Sends C2SP tlog-witness `add-checkpoint`.
    fn add_checkpoint(&mut self, request: &AddCheckpoint) -> WitnessAnswer;

    /// The newest checkpoint that it has cosigned of this log; `None` if it never did.
    fn latest(&mut self) -> Result<Option<Vec<u8>>, String>;
}

/// A witness that can be asked. One with two keys has two names in the policy and is asked once for both.
pub struct Reach {
    /// Its names in the policy.
    pub names: Vec<String>,
    /// The way there.
    pub peer: Box<dyn Peer>,
}

/// Whom a log asks, and what clients are told about them.
pub struct Witnessing {
    /// The quorum.
    pub policy: Policy,
    /// The policy's lines about witnesses, for the trust file.
    pub lines: Vec<String>,
    /// When to publish.
    pub rule: PublishRule,
    /// The witnesses that can be asked.
    pub reaches: Vec<Reach>,
    /// Who runs the witnesses, for people.
    pub operators: Vec<Operator>,
    /// How old a cosignature may be, for the trust file.
    pub max_age_days: Option<u64>,
    /// After how long they are asked again about a checkpoint that is still the newest.
    pub renew_after: Duration,
}

impl Witnessing {
    /// Returns a log without witnesses: published at once.
    pub fn none() -> Self {
        Self {
            policy: Policy::none(),
            lines: vec![NO_QUORUM.to_owned()],
            rule: PublishRule::Open,
            reaches: Vec::new(),
            operators: Vec::new(),
            max_age_days: None,
            renew_after: RENEW_AFTER,
        }
    }

    /// Returns what the trust file says of them.
    pub(in crate::log) fn stated(&self) -> WitnessPolicy {
        WitnessPolicy {
            policy: self.policy.clone(),
            lines: self.lines.clone(),
            operators: self.operators.clone(),
            max_age_days: self.max_age_days,
        }
    }

    /// Returns what stays when the workers have taken the peers.
    pub(in crate::log) fn facts(&self) -> WitnessFacts {
        WitnessFacts::new(self.stated(), |name| {
            self.reaches.iter().any(|reach| reach.names.iter().any(|one| one == name))
        })
    }
}
