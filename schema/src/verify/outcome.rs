//! The outcome of a verification: the verdict, its exit code, and the record to keep.

use alloc::format;
use alloc::string::ToString;

use super::remembered::{Beginning, Remembered};
use super::verdict::{Check, CheckCode, CheckState, State, Verdict};
use super::{Grants, Input};
use crate::error_code::ErrorCode;
use crate::proof::bundle::Bundle;
use crate::record::entry::Entry;
use crate::tlog::checkpoint::Checkpoint;
use crate::verify::trust::PinnedLog;

/// How the client came by a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// A log answered a client that named what it remembers: an answer that proves nothing from there is
    /// `partial`.
    #[default]
    Log,
    /// The log answered with its newest proof of the entry at this index, or of any: a proof of another entry is a
    /// mismatch, and so is a tree smaller than the one remembered.
    Newest(Option<u64>),
    /// It is a file that was not asked of a log: it may be of any time, and having no proof from what is remembered
    /// is no fault of it.
    File,
}

/// A mismatch that none of the five checks finds by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The proofs are of another entry than the one asked for.
    OtherNotice,
    /// Rollback: the tree is smaller than the one remembered.
    Shorter {
        /// Leaves remembered.
        before: u64,
        /// Leaves now.
        now: u64,
    },
    /// Another log under the same name: its first entry is not the remembered one.
    OtherGenesis,
    /// The chain's first entry is not the remembered one.
    OtherChain(Beginning),
    /// Equivocation or rewriting: the tree does not extend the one remembered.
    Rewritten,
    /// The log says that it has no entry at an index that the remembered tree covers.
    Gone {
        /// Leaves remembered.
        before: u64,
        /// The index.
        index: u64,
    },
}

/// The result of [`verify`](super::verify()).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// What else was found; then the verdict is a mismatch.
    pub found: Option<Found>,
    /// The record to store in place of the one handed in; `None` if nothing may be remembered.
    ///
    /// Only what was in order and compared is remembered: what could not be compared must not replace what it would
    /// have been compared with.
    pub keep: Option<Remembered>,
}

impl Outcome {
    /// Returns the exit code of a program: 0 verified, 3 mismatch, 6 undecided.
    pub fn exit(&self) -> u8 {
        self.verdict.state.exit()
    }

    /// Returns whether asking again in a moment may help: a replica may lag behind.
    pub fn may_lag(&self) -> bool {
        matches!(self.found, Some(Found::Shorter { .. }))
    }
}

/// What a verification knows after its five checks.
pub(super) struct Judged<'a> {
    pub input: &'a Input<'a>,
    pub bundle: &'a Bundle,
    pub grants: &'a Grants,
    pub trust: Option<&'a PinnedLog>,
    /// The checkpoint, if it opened.
    pub checkpoint: Option<&'a Checkpoint>,
    pub verdict: Verdict,
}

impl Judged<'_> {
    pub(super) fn conclude(self) -> Outcome {
        let beginning = self.beginning();
        let found = self.found(beginning.as_ref());
        let keep = self.keep(beginning.as_ref()).filter(|_| found.is_none());
        let mut verdict = self.verdict;
        let place = match &found {
            None | Some(Found::OtherNotice | Found::Rewritten | Found::Gone { .. }) => None,
            Some(Found::Shorter { .. }) => Some("size".to_string()),
            Some(Found::OtherGenesis) => Some("genesis".to_string()),
            Some(Found::OtherChain(beginning)) => Some(format!("genesis {}", beginning.id)),
        };
        if let Some(place) = place
            && let Some(check) = verdict.checks.iter_mut().find(|c| c.code == CheckCode::ClientConsistency)
        {
            check.state = CheckState::Mismatch;
            check.error = Some(ErrorCode::Consistency.as_str().to_string());
            check.place = Some(place);
        }
        if found.is_some() {
            verdict.state = State::Mismatch;
        }
        Outcome { verdict, found, keep }
    }

    fn found(&self, beginning: Option<&Beginning>) -> Option<Found> {
        if let Asked::Newest(Some(asked)) = self.input.asked
            && asked != self.verdict.index
        {
            return Some(Found::OtherNotice);
        }
        let remembered = self.input.remembered?;
        if let (Asked::Newest(_), Some(now)) = (self.input.asked, self.verdict.size)
            && now < remembered.size
        {
            return Some(Found::Shorter { before: remembered.size, now });
        }
        // What an entry says counts only where it was proved to be the log's; a fork is reported as one.
        if !self.is(CheckCode::ApprovalQuorum, &[CheckState::Ok])
            || !self.is(CheckCode::LogInclusion, &[CheckState::Ok])
            || self.is(CheckCode::ClientConsistency, &[CheckState::Mismatch])
        {
            return None;
        }
        if self.trust.is_some_and(|trust| !remembered.is_of(&trust.file.genesis)) {
            return Some(Found::OtherGenesis);
        }
        let beginning = beginning.filter(|beginning| remembered.begins(beginning) == Some(false))?;
        Some(Found::OtherChain(beginning.clone()))
    }

    /// The first entry of the bundle's chain: one that it brings along and proves, or its own entry.
    fn beginning(&self) -> Option<Beginning> {
        let chain = self.verdict.chain.clone()?;
        let first = |index: u64, entry: &Entry| {
            let is_first = entry.statement.chain == chain && entry.statement.seq == 0;
            is_first.then(|| Beginning { chain: chain.clone(), id: entry.id, index: Some(index) })
        };
        let mut brought = self.bundle.grants.iter().zip(self.grants);
        let brought = brought.find_map(|(proved, entry)| first(proved.index, entry.as_ref().ok()?));
        brought.or_else(|| first(self.bundle.index, &Entry::parse(&self.bundle.entry.0).ok()?))
    }

    fn keep(&self, beginning: Option<&Beginning>) -> Option<Remembered> {
        let (trust, checkpoint) = (self.trust?, self.checkpoint?);
        let fine = matches!(self.verdict.state, State::Ok | State::OkSuperseded);
        if !fine || !self.is(CheckCode::ClientConsistency, &[CheckState::Ok, CheckState::FirstSeen]) {
            return None;
        }
        let mut record = Remembered::after(self.input.remembered, trust.file.genesis, checkpoint);
        if let Some(beginning) = beginning {
            record.open(beginning);
        }
        Some(record)
    }

    fn is(&self, code: CheckCode, states: &[CheckState]) -> bool {
        self.verdict.check(code).is_some_and(|check: &Check| states.contains(&check.state))
    }
}

/// Judges a log's answer that it has no entry at `index`.
///
/// `now` is what the log's newest proof of its first entry came to; `None` if that could not be had. Without a finding
/// the number may just be mistyped.
pub fn absence(remembered: &Remembered, index: u64, now: Option<&Outcome>) -> Option<Found> {
    let forked = |outcome: &Outcome| {
        let check = outcome.verdict.check(CheckCode::ClientConsistency);
        check.is_some_and(|check| check.state == CheckState::Mismatch).then_some(Found::Rewritten)
    };
    now.and_then(|outcome| outcome.found.clone().or_else(|| forked(outcome)))
        .or_else(|| (remembered.size > index).then_some(Found::Gone { before: remembered.size, index }))
}
