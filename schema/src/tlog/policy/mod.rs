//! Witness policies, C2SP tlog-policy: which logs are accepted, and whose cosignatures are enough.
//!
//! ```text
//! log sanwu.example.gov.cn/379999100+…
//! witness county county.example/w1+…
//! witness college college.example/w1+…
//! group outside any county college
//! quorum outside
//! ```

mod parse;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use thiserror::Error;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::{self, OpenNote};
use crate::error_code::ErrorCode;
use crate::tlog::vkey::Vkey;

/// The longest policy text.
pub const POLICY_BYTES_MAX: usize = 1 << 20;
/// The most logs, witnesses and groups each; C2SP asks for 32.
pub const POLICY_ITEMS_MAX: usize = 256;

/// Why a policy text, or a checkpoint under a policy, is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// The line breaks a rule of the format.
    #[error("policy line {line}: {rule}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        rule: PolicyRule,
    },
    /// No quorum line.
    #[error("the policy has no quorum line")]
    NoQuorum,
    /// More than 1 MiB, or more than 256 logs, witnesses or groups.
    #[error("the policy is too large")]
    TooLarge,
    /// The checkpoint is not acceptable, or no log of the policy has signed it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The cosignatures are not enough.
    #[error("the witness quorum is not reached")]
    Quorum,
}

impl PolicyError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Line { .. } | Self::NoQuorum => ErrorCode::Policy,
            Self::TooLarge => ErrorCode::Length,
            Self::Checkpoint(error) => error.code(),
            Self::Quorum => ErrorCode::WitnessQuorum,
        }
    }
}

/// What is wrong with a policy's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PolicyRule {
    /// A control character other than tab and newline.
    #[error("a control character")]
    Control,
    /// Not log, witness, group or quorum.
    #[error("an unknown keyword")]
    Keyword,
    /// Too few or too many words.
    #[error("the wrong number of words")]
    Words,
    /// A key text that is malformed or of a type that does not fit.
    #[error("not an acceptable key")]
    Key,
    /// The public key appears in an earlier log or witness line.
    #[error("the same key as in an earlier line")]
    DuplicateKey,
    /// The name is `none` or taken.
    #[error("the name is taken")]
    DuplicateName,
    /// The name is not defined on an earlier line.
    #[error("an unknown name")]
    UnknownName,
    /// The name is a member of a group already.
    #[error("a member of a group already")]
    SecondMembership,
    /// The threshold is not a plain decimal from 1 to the number of members.
    #[error("the threshold is out of range")]
    Threshold,
    /// A second quorum line.
    #[error("a second quorum line")]
    SecondQuorum,
}

/// A log that the policy accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key; the name is the origin.
    pub vkey: Vkey,
    /// Where it is, as the file says.
    pub url: Option<String>,
}

/// A witness that the policy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its name within this file.
    pub name: String,
    /// Its key.
    pub vkey: Vkey,
    /// Where it is, as the file says.
    pub url: Option<String>,
}

/// A parsed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    items: Vec<Item>,
    quorum: Option<usize>,
}

/// A named line, in the file's order, so that members always come before their group.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    /// Position in `witnesses`.
    Witness(usize),
    /// Positions in `items`.
    Group { threshold: usize, members: Vec<usize> },
}

/// Who has cosigned, and whether that is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumReport {
    /// Whether the quorum rule holds; always so with `quorum none`.
    pub satisfied: bool,
    /// Whether the policy asks for any witness at all.
    pub required: bool,
    /// The witnesses that have cosigned, in the policy's order.
    pub signed: Vec<WitnessTime>,
    /// The names of the witnesses that have not.
    pub missing: Vec<String>,
}

impl QuorumReport {
    /// Returns the earliest cosignature's time: by then the tree was seen from outside.
    pub fn earliest(&self) -> Option<u64> {
        self.signed.iter().map(|one| one.time).min()
    }
}

/// A witness's verified statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessTime {
    /// The witness's name in the policy.
    pub witness: String,
    /// When it saw the tree, in seconds since 1970.
    pub time: u64,
}

/// A checkpoint that a log of the policy has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyReport {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Who has cosigned it.
    pub quorum: QuorumReport,
    /// The opened note.
    pub note: OpenNote,
}

impl PolicyReport {
    /// Refuses the checkpoint unless the quorum is reached.
    pub fn require_quorum(self) -> Result<Self, PolicyError> {
        if self.quorum.satisfied { Ok(self) } else { Err(PolicyError::Quorum) }
    }
}

impl Policy {
    /// Returns the policy that knows no log and asks for no witness: `quorum none`.
    pub const fn none() -> Self {
        Self { logs: Vec::new(), witnesses: Vec::new(), items: Vec::new(), quorum: None }
    }

    /// Reads a policy text.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        parse::parse(text)
    }

    /// Returns the accepted logs.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// Returns the known witnesses.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Returns whether any cosignature is asked for, that is, the quorum is not `none`.
    pub fn requires_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Returns all keys to open a note with: the logs' first, then the witnesses'.
    pub fn vkeys(&self) -> Vec<Vkey> {
        let logs = self.logs.iter().map(|log| &log.vkey);
        logs.chain(self.witnesses.iter().map(|witness| &witness.vkey)).cloned().collect()
    }

    /// Weighs verified cosignatures, given as pairs of a witness's key and its time.
    ///
    /// Keys that are no witness's of this policy do not count.
    pub fn quorum<'a>(&self, cosigned: impl IntoIterator<Item = (&'a Vkey, u64)>) -> QuorumReport {
        let mut times: Vec<Option<u64>> = vec![None; self.witnesses.len()];
        for (vkey, time) in cosigned {
            let slots = times.iter_mut().zip(&self.witnesses).filter(|(_, witness)| witness.vkey == *vkey);
            slots.for_each(|(slot, _)| *slot = Some(slot.map_or(time, |old| old.min(time))));
        }
        let mut reached = Vec::<bool>::with_capacity(self.items.len());
        for item in &self.items {
            let holds = match item {
                Item::Witness(index) => times.get(*index).is_some_and(Option::is_some),
                Item::Group { threshold, members } => {
                    let votes = members.iter().filter(|member| reached.get(**member).copied().unwrap_or(false));
                    votes.count() >= *threshold
                }
            };
            reached.push(holds);
        }
        let satisfied = self.quorum.is_none_or(|item| reached.get(item).copied().unwrap_or(false));
        let mut report =
            QuorumReport { satisfied, required: self.quorum.is_some(), signed: Vec::new(), missing: Vec::new() };
        for (witness, time) in self.witnesses.iter().zip(times) {
            match time {
                Some(time) => report.signed.push(WitnessTime { witness: witness.name.clone(), time }),
                None => report.missing.push(witness.name.clone()),
            }
        }
        report
    }

    /// Checks a signed checkpoint: well-formed, signed by a log of this policy whose name is the origin, no known key's
    /// signature bad.
    ///
    /// Tells which witnesses have cosigned; whether these are enough is asked by [`PolicyReport::require_quorum`].
    pub fn check(&self, bytes: &[u8]) -> Result<PolicyReport, PolicyError> {
        let known = self.vkeys();
        let note = note::open(bytes, &known).map_err(CheckpointError::Note)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        let origin = checkpoint.origin.as_str();
        if !self.logs.iter().any(|log| log.vkey.name() == origin) {
            return Err(CheckpointError::OtherLog(checkpoint.origin).into());
        }
        let logs = known.get(..self.logs.len()).unwrap_or_default();
        checkpoint.need_log_signature(&note, logs, |_| true).map_err(CheckpointError::Note)?;
        let cosigned = note.verified.iter().filter_map(|one| Some((known.get(one.key)?, one.time?)));
        let quorum = self.quorum(cosigned);
        Ok(PolicyReport { checkpoint, quorum, note })
    }
}
