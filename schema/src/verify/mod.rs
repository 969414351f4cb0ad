//! `verify()`: the one verdict, for the page, the CLI, the auditor and anyone's own program.
//!
//! Five checks, each with its code, then the comparison with what the client remembers. What was not or could not be
//! checked is said; "cannot tell" is never mixed up with "does not match". Without a trust file the verdict is never
//! `ok`. Out come the verdict, its exit code and the record to keep; the words for it are in [`verdict_text`].

mod approval;
mod content;
mod inclusion;
mod known_keys;
mod outcome;
mod remembered;
pub mod trust;
mod verdict;
pub mod verdict_text;

use alloc::string::ToString;
use alloc::vec::Vec;

use crate::error_code::{ErrorCode, ErrorKind};
use crate::kinds::Purpose;
use crate::proof::bundle::Bundle;
use crate::record::entry::{Entry, Invalid};
use crate::tlog::checkpoint::Checkpoint;
use crate::tlog::vkey::Vkey;
use crate::verify::trust::{Opened, PinnedLog, Trust};

use outcome::Judged;

pub use known_keys::{KnownKeys, is_hearsay};
pub use outcome::{Asked, Found, Outcome, absence};
pub use remembered::{Beginning, Chains, Continues, Remembered};
pub use verdict::{Check, CheckCode, CheckState, SignerFact, State, VERDICT_FORMAT, Verdict, WitnessFact};

/// What is to be verified, and against what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// The bundle's bytes.
    pub bundle: &'a [u8],
    /// The trust file's bytes.
    pub trust: Option<&'a [u8]>,
    /// What the client remembers of the log.
    pub remembered: Option<&'a Remembered>,
    /// The client's clock, in seconds since 1970, for the age of the cosignatures; without it that is not checked.
    pub now: Option<u64>,
    /// How the client came by the bundle.
    pub asked: Asked,
}

/// Verifies a bundle.
///
/// An error means that the container itself is broken; everything else is in the verdict.
pub fn verify(input: &Input<'_>) -> Result<Outcome, Invalid> {
    let bundle =
        Bundle::parse(input.bundle).map_err(|e| Invalid::new(e.code, alloc::format!("bundle: {}", e.place)))?;
    let trust = input.trust.map(Trust::parse).transpose();
    let trust = trust.map_err(|e| Invalid::new(e.code, alloc::format!("trust: {}", e.place)))?;
    // Parsed once: every grant of a genesis decodes its keys, which is what costs time on a phone.
    let grants: Vec<_> = bundle.grants.iter().map(|g| Entry::parse(&g.entry.0)).collect();
    let (bundle, grants, trust) = (&bundle, &*grants, trust.as_ref());
    let verification = Verification { bundle, grants, trust, input };
    let opened = verification.open_checkpoint();
    let verdict = verification.run(&opened);
    let checkpoint = opened.as_ref().ok().map(|opened| &opened.checkpoint);
    Ok(Judged { input, bundle, grants, trust, checkpoint, verdict }.conclude())
}

/// The entries of the bundle's `grants`, in its order.
type Grants = [Result<Entry, Invalid>];

struct Verification<'a> {
    bundle: &'a Bundle,
    grants: &'a Grants,
    trust: Option<&'a PinnedLog>,
    input: &'a Input<'a>,
}

impl Verification<'_> {
    fn run(&self, opened: &Result<Opened, Invalid>) -> Verdict {
        let mut verdict = Verdict::about(self.bundle);
        verdict.test = self.trust.is_some_and(|t| t.file.purpose == Purpose::Test);

        let content = content::check(self.bundle, self.grants);
        let entry = match content {
            Ok(content) => {
                verdict.tell(&content);
                verdict.checks.push(match content.missing {
                    None => Check::ok(CheckCode::ContentSig),
                    Some(why) => Check::failed(CheckCode::ContentSig, &why),
                });
                Some(content.entry)
            }
            Err(why) => {
                verdict.checks.push(Check::failed(CheckCode::ContentSig, &why));
                None
            }
        };

        let (approval, log) = match &entry {
            Some(entry) => {
                let checkpoint = opened.as_ref().map(|o| &o.checkpoint).map_err(Clone::clone);
                (self.approval(entry), self.log_inclusion(entry, checkpoint, &mut verdict))
            }
            None => {
                let unread = Invalid::new(ErrorCode::NotReached, "entry");
                (Err(unread.clone()), Err(unread))
            }
        };
        verdict.checks.push(Check::from(CheckCode::ApprovalQuorum, approval));
        verdict.checks.push(Check::from(CheckCode::LogInclusion, log));
        let witnessed = self.witness_quorum(opened, &mut verdict.witnesses);
        if witnessed.state != CheckState::NotRequired {
            verdict.max_age_days = self.trust.and_then(|t| t.file.max_age_days);
        }
        verdict.checks.push(witnessed);
        verdict.checks.push(self.client_consistency(opened));
        verdict.conclude();
        verdict
    }

    /// The checkpoint, when a key that the trust file pins has signed it.
    fn open_checkpoint(&self) -> Result<Opened, Invalid> {
        let trust = self.trust.ok_or_else(|| Invalid::new(ErrorCode::TrustMissing, "trust"))?;
        trust.open(&self.bundle.checkpoint.0).map_err(|e| Invalid::new(e.code(), "checkpoint"))
    }

    fn approval(&self, entry: &Entry) -> Result<(), Invalid> {
        // Proofs of the grants lead to the checkpoint in the bundle; whether it is the log's, another check says.
        let checkpoint = Checkpoint::parse(&self.note_text()?).map_err(|e| Invalid::new(e.code(), "checkpoint"))?;
        approval::check(self.bundle, self.grants, entry, self.trust, &checkpoint)
    }

    fn log_inclusion(
        &self,
        entry: &Entry,
        checkpoint: Result<&Checkpoint, Invalid>,
        verdict: &mut Verdict,
    ) -> Result<(), Invalid> {
        let checkpoint = match checkpoint {
            Ok(checkpoint) => checkpoint.clone(),
            Err(why) if why.code == ErrorCode::TrustMissing => {
                // Wrong proofs are wrong, no matter who signed the checkpoint.
                let unsigned =
                    Checkpoint::parse(&self.note_text()?).map_err(|e| Invalid::new(e.code(), "checkpoint"))?;
                inclusion::check(self.bundle, self.grants, entry, &unsigned, verdict)?;
                return Err(why);
            }
            Err(why) => return Err(why),
        };
        if let Some(trust) = self.trust
            && (entry.statement.origin != trust.file.origin || self.bundle.origin != trust.file.origin)
        {
            return Err(Invalid::new(ErrorCode::OtherLog, "origin"));
        }
        inclusion::check(self.bundle, self.grants, entry, &checkpoint, verdict)
    }

    fn note_text(&self) -> Result<alloc::string::String, Invalid> {
        let note = crate::tlog::note::Note::parse(&self.bundle.checkpoint.0);
        note.map(|n| n.text().to_string()).map_err(|e| Invalid::new(e.code(), "checkpoint"))
    }

    fn witness_quorum(&self, opened: &Result<Opened, Invalid>, facts: &mut Vec<WitnessFact>) -> Check {
        let code = CheckCode::WitnessQuorum;
        let (trust, cosigned) = match (self.trust, opened) {
            (Some(trust), Ok(opened)) => (trust, &opened.cosigned),
            (_, Err(why)) if why.code.kind() == ErrorKind::Undecided => return Check::failed(code, why),
            _ => return Check::failed(code, &Invalid::new(ErrorCode::NotReached, "checkpoint")),
        };
        let report = trust.policy.quorum(cosigned.iter().map(|(k, t)| (k, *t)));
        let fact = |name: &str, time: Option<u64>| {
            let operator = trust.operator(name);
            let own = operator.and_then(|o| o.own).filter(|own| *own);
            WitnessFact { name: name.to_string(), operator: operator.map(|o| o.name.clone()), own, time }
        };
        facts.extend(report.signed.iter().map(|w| fact(&w.witness, Some(w.time))));
        facts.extend(report.missing.iter().map(|name| fact(name, None)));
        match (report.required, report.satisfied) {
            (false, _) => Check::with(code, CheckState::NotRequired),
            (true, false) => Check::failed(code, &Invalid::new(ErrorCode::WitnessQuorum, report.missing.join(", "))),
            (true, true) => Check::from(code, self.fresh(trust, cosigned)),
        }
    }

    /// The quorum holds even among those cosignatures that are not older than the trust file allows.
    fn fresh(&self, trust: &PinnedLog, cosigned: &[(Vkey, u64)]) -> Result<(), Invalid> {
        let (Some(days), Some(now)) = (trust.file.max_age_days, self.input.now) else { return Ok(()) };
        if trust.is_fresh(cosigned, now) { Ok(()) } else { Err(Invalid::new(ErrorCode::Stale, days)) }
    }

    fn client_consistency(&self, opened: &Result<Opened, Invalid>) -> Check {
        let code = CheckCode::ClientConsistency;
        let Some(remembered) = self.input.remembered else { return Check::with(code, CheckState::FirstSeen) };
        let checkpoint = match opened {
            Ok(opened) => &opened.checkpoint,
            Err(why) if why.code.kind() == ErrorKind::Undecided => return Check::failed(code, why),
            Err(_) => return Check::failed(code, &Invalid::new(ErrorCode::NotReached, "checkpoint")),
        };
        match remembered.extended_by(checkpoint, self.bundle.since.as_ref()) {
            // A log that gives no proof to a client that asked for one does not get around the comparison like this.
            Err(why) if why.code == ErrorCode::OlderThanRemembered && self.input.asked == Asked::File => {
                Check::with(code, CheckState::NotCompared)
            }
            compared => Check::from(code, compared),
        }
    }
}
