//! The verdict: a document of its own, the same from page, CLI and report.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::content::Content;
use crate::crypto::key::KeyId;
use crate::date::Period;
use crate::error_code::{ErrorCode, ErrorKind};
use crate::json::{record, words};
use crate::kinds::Kind;
use crate::proof::bundle::Bundle;
use crate::record::check_code;
use crate::record::entry::Invalid;
use crate::record::statement::{ChainId, ItemCode, Role, StatementId};
use crate::tlog::checkpoint::Origin;

/// Names the format.
pub const VERDICT_FORMAT: &str = "sanwu-verdict-v1";

words! {
    /// The verdict as a whole, the better before the worse.
    pub enum State {
        Ok = "ok", "核对通过", "Checked";
        OkSuperseded = "ok_superseded", "核对通过, 但已有更正", "Checked, but since corrected";
        Partial = "partial", "大部分对上, 还差见证", "Mostly checked, witnesses missing";
        Cannot = "cannot", "这台手机没法核对", "This device cannot check";
        Mismatch = "mismatch", "对不上, 请留意", "Does not match";
    }
}

words! {
    /// The five checks.
    pub enum CheckCode {
        ContentSig = "content.sig", "内容和签名对得上", "content and signatures match";
        ApprovalQuorum = "approval.quorum", "该签字的都签了", "everyone who must sign has signed";
        LogInclusion = "log.inclusion", "已经写进村里的账链", "it is in the log";
        WitnessQuorum = "witness.quorum", "外面有人看着同一本账", "outside witnesses saw the same log";
        ClientConsistency = "client.consistency", "和您上次看到的是同一本", "it is the log you saw last time";
    }
}

words! {
    /// How one check ended.
    pub enum CheckState {
        Ok = "ok", "对上", "ok";
        Partial = "partial", "还差一些", "partly";
        Cannot = "cannot", "没法核", "cannot tell";
        Mismatch = "mismatch", "对不上", "mismatch";
        NotRequired = "not_required", "还没有外面的见证人", "not required";
        FirstSeen = "first_seen", "第一次看", "first visit";
        NotCompared = "not_compared", "没有比", "not compared";
    }
}

record! {
    /// One check.
    pub struct Check {
        code: CheckCode,
        /// How it ended.
        state: CheckState,
        /// The error code, unless it went well.
        error [opt]: String,
        place [opt]: String,
    }
}

record! {
    /// Who signed.
    pub struct SignerFact {
        keyid: KeyId,
        roles: Vec<Role>,
        /// The name, as the grant states it.
        name [opt]: String,
        /// The office, likewise.
        office [opt]: String,
    }
}

record! {
    /// A witness of the policy, and when it saw the checkpoint.
    pub struct WitnessFact {
        name: String,
        /// Who runs it.
        operator [opt]: String,
        /// Whether that is who runs the log, too.
        own [opt]: bool,
        /// POSIX seconds; absent when its cosignature is missing.
        time [opt]: u64,
    }
}

record! {
    /// The verdict.
    pub struct Verdict {
        format: String,
        state: State,
        /// Whether the log is a test log: a banner beside the verdict, never instead of it.
        test: bool,
        origin: Origin,
        index: u64,
        id [opt]: StatementId,
        /// The check code on paper.
        check_code [opt]: String,
        chain [opt]: ChainId,
        kind [opt]: Kind,
        code [opt]: ItemCode,
        period [opt]: Period,
        title [opt]: String,
        /// Size of the tree to which all was proved.
        size [opt]: u64,
        /// Who signed.
        signers: Vec<SignerFact>,
        /// Who saw it from outside.
        witnesses: Vec<WitnessFact>,
        /// How many days old their cosignatures may be, as the trust file says; absent where none is asked for.
        max_age_days [opt]: u64,
        /// Index of the entry that corrects this one.
        corrected_by [opt]: u64,
        /// Whether the content was erased by a proved erasure.
        erased: bool,
        checks: Vec<Check>,
        /// What no bytes prove, and what this way of checking leaves open.
        not_checked: Vec<String>,
    }
}

impl State {
    /// Returns the exit code of a program: 0 verified, 3 mismatch, 6 undecided. The two are never mixed.
    pub fn exit(self) -> u8 {
        match self {
            Self::Ok | Self::OkSuperseded => 0,
            Self::Mismatch => ErrorKind::Mismatch.exit(),
            Self::Partial | Self::Cannot => ErrorKind::Undecided.exit(),
        }
    }
}

impl Check {
    pub(super) fn ok(code: CheckCode) -> Self {
        Self::with(code, CheckState::Ok)
    }

    pub(super) fn with(code: CheckCode, state: CheckState) -> Self {
        Self { code, state, error: None, place: None }
    }

    pub(super) fn failed(code: CheckCode, why: &Invalid) -> Self {
        let state = match why.code {
            ErrorCode::WitnessQuorum | ErrorCode::Stale | ErrorCode::OlderThanRemembered => CheckState::Partial,
            c if c.kind() == ErrorKind::Undecided => CheckState::Cannot,
            _ => CheckState::Mismatch,
        };
        Self { code, state, error: Some(why.code.as_str().to_string()), place: Some(why.place.clone()) }
    }

    pub(super) fn from(code: CheckCode, result: Result<(), Invalid>) -> Self {
        match result {
            Ok(()) => Self::ok(code),
            Err(why) => Self::failed(code, &why),
        }
    }
}

impl Verdict {
    pub(super) fn about(bundle: &Bundle) -> Self {
        Self {
            format: VERDICT_FORMAT.to_string(),
            state: State::Cannot,
            test: false,
            origin: bundle.origin.clone(),
            index: bundle.index,
            id: None,
            check_code: None,
            chain: None,
            kind: None,
            code: None,
            period: None,
            title: None,
            size: None,
            signers: Vec::new(),
            witnesses: Vec::new(),
            max_age_days: None,
            corrected_by: None,
            erased: false,
            checks: Vec::new(),
            not_checked: ["receipts.authenticity", "spending.merit", "completeness", "revocation.between"]
                .map(ToString::to_string)
                .to_vec(),
        }
    }

    pub(super) fn tell(&mut self, content: &Content) {
        let s = &content.entry.statement;
        self.id = Some(content.entry.id);
        self.check_code = Some(check_code::of(&content.entry.id));
        self.chain = Some(s.chain.clone());
        self.kind = Some(s.kind);
        self.code = s.code.clone();
        self.period = s.period.clone();
        self.title = content.title.clone();
        self.signers = content.signers.clone();
        self.erased = content.erased;
    }

    /// Sums the checks up. A failed check outweighs an undecided one: what does not match does not match.
    pub(super) fn conclude(&mut self) {
        let any = |state| self.checks.iter().any(|c| c.state == state);
        self.state = if any(CheckState::Mismatch) {
            State::Mismatch
        } else if any(CheckState::Cannot) {
            State::Cannot
        } else if any(CheckState::Partial) {
            State::Partial
        } else if self.corrected_by.is_some() {
            State::OkSuperseded
        } else {
            State::Ok
        };
    }

    /// Returns a check by its code.
    pub fn check(&self, code: CheckCode) -> Option<&Check> {
        self.checks.iter().find(|c| c.code == code)
    }
}
