//! Audit: rules over a replayed log that never block publication.
//!
//! A rule is a pure function over what a replay left behind. It lives in a file of its own and is named once, in
//! [`RULES`]; an auditor's program runs the whole table. A rule that lacks data is reported as not checked, never as
//! clean. Built with the feature `audit`, which the verifier on a phone does not carry.

mod suspect;
mod trace;

use alloc::string::String;
use alloc::vec::Vec;

use crate::error_code::ErrorCode;
use crate::record::statement::StatementId;
use crate::replay::LogState;

pub use trace::{Suspicion, Trace, TracedEntry};

/// The rules, in the order in which they run.
pub const RULES: &[&Rule] = &[&suspect::RULE];

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable and unique.
    pub id: &'static str,
    /// How grave its findings are.
    pub severity: Severity,
    /// What it looks at, in Chinese.
    pub zh: &'static str,
    /// What it looks at, in English.
    pub en: &'static str,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// Finds what breaks it.
    pub check: fn(&Replayed<'_>) -> Vec<Violation>,
}

/// How grave the findings of a rule are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Medium,
    /// To be explained by those who signed.
    High,
    /// The books or the procedure do not hold.
    Critical,
}

/// What a rule cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Every entry, placed: no chain ended at one that is not valid.
    Entries,
    /// The contents of all entries whose contents are not erased.
    Contents,
}

/// What a replay left behind for the rules.
#[derive(Clone, Copy, Debug)]
pub struct Replayed<'a> {
    /// The state after the last entry.
    pub state: &'a LogState,
    /// Who signed what, in order.
    pub trace: &'a Trace,
    /// What is missing of the log.
    pub missing: &'a [Need],
}

/// An entry that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The entry's index.
    pub index: u64,
    /// Its statement.
    pub id: StatementId,
    /// What is wrong, as a stable code.
    pub code: ErrorCode,
    /// Where in it, or which: a member path, a key.
    pub place: String,
}

/// What the rules found.
#[derive(Debug, Default)]
pub struct AuditOutcome {
    /// Violations, by rule in table order.
    pub violations: Vec<(&'static Rule, Violation)>,
    /// Rules that could not be checked, and what they lack.
    pub unchecked: Vec<(&'static Rule, Need)>,
}

/// Runs rules over a replayed log.
pub fn run(rules: &[&'static Rule], replayed: &Replayed<'_>) -> AuditOutcome {
    let mut outcome = AuditOutcome::default();
    for rule in rules {
        match rule.needs.iter().find(|need| replayed.missing.contains(need)) {
            Some(need) => outcome.unchecked.push((rule, *need)),
            None => outcome.violations.extend((rule.check)(replayed).into_iter().map(|found| (*rule, found))),
        }
    }
    outcome
}
