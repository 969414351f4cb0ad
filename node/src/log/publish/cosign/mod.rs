//! Asking witnesses for cosignatures: who is asked, what each was last known to have recorded, when a checkpoint has
//! enough of them.
//!
//! ```text
//! publisher ── candidate (log signatures only) ──> one worker per witness: the newest candidate wins
//!           <── cosignature lines, checked ──────
//! ```
//!
//! A worker knows the size that its witness recorded last, proves from there, learns it anew from a 409, and backs
//! off when the witness cannot be reached. It never slows the publisher or another worker down. How a witness is
//! reached is behind [`Peer`]: this module knows no HTTP.

mod worker;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use sanwu_schema::tlog::note::{Note, Signature};
use sanwu_schema::tlog::policy::{Policy, QuorumReport};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::tlog::witness::AddCheckpoint;
use sanwu_schema::verify::trust::Operator;

use crate::log::publish::publisher::Event;
use crate::log::state::shared::Shared;

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
pub enum Answer {
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
    /// C2SP tlog-witness `add-checkpoint`.
    fn add_checkpoint(&mut self, request: &AddCheckpoint) -> Answer;

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
    /// How old their word may be, for the trust file.
    pub max_age_days: Option<u64>,
    /// After how long they are asked again about a checkpoint that is still the newest.
    pub renew_after: Duration,
}

/// How a witness stands, as far as this node knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessStanding {
    /// Its name in the policy.
    pub name: String,
    /// Its key name: what stands in signature lines.
    pub key_name: String,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// Whether it has an address here: the others are asked by somebody else, or by hand.
    pub asked: bool,
    /// The largest checkpoint that it cosigned for this process, and its own time in seconds since 1970.
    pub cosigned: Option<(u64, u64)>,
    /// Why it does not cosign now; `None` if it does, or was not asked yet.
    pub trouble: Option<String>,
    /// When the trouble began, in milliseconds since 1970.
    pub since_ms: u64,
}

/// What clients and pages need to know; fixed while the log is open, but for the standings.
pub(in crate::log) struct WitnessFacts {
    pub(in crate::log) policy: Policy,
    pub(in crate::log) lines: Vec<String>,
    pub(in crate::log) operators: Vec<Operator>,
    pub(in crate::log) max_age_days: Option<u64>,
    /// Written by the workers, each its own row.
    standings: Mutex<Vec<WitnessStanding>>,
}

impl WitnessFacts {
    /// Of a log without witnesses.
    pub(in crate::log) fn none() -> Self {
        Witnessing::none().facts()
    }

    pub(in crate::log) fn standings(&self) -> MutexGuard<'_, Vec<WitnessStanding>> {
        self.standings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Changes one witness's row.
    fn update(&self, name: &str, change: impl FnOnce(&mut WitnessStanding)) {
        if let Some(row) = self.standings().iter_mut().find(|row| row.name == name) {
            change(row);
        }
    }

    /// The cosignatures under a note that verify under the policy, each with its time.
    pub(in crate::log) fn cosigned_in(&self, note: &Note) -> Vec<(Vkey, u64)> {
        let lines = note.signatures().iter();
        lines
            .filter_map(|line| {
                let witness = self.policy.witnesses().iter().find(|witness| line.is_by(&witness.vkey))?;
                let time = witness.vkey.verify(note.text(), line.bytes()).ok()??;
                Some((witness.vkey.clone(), time))
            })
            .collect()
    }

    pub(in crate::log) fn cosigned(&self, name: &str, size: u64, time: u64) {
        self.update(name, |row| {
            row.cosigned = Some((size, time));
            row.trouble = None;
        });
    }

    pub(in crate::log) fn trouble(&self, name: &str, why: &str) {
        self.update(name, |row| {
            if row.trouble.is_none() {
                row.since_ms = crate::clock::now_ms();
                tracing::warn!(witness = name, reason = why, "a witness does not cosign: {why}");
            }
            row.trouble = Some(why.to_owned());
        });
    }

    /// What the quorum says about verified cosignatures.
    pub(in crate::log) fn weigh(&self, cosigned: &[(Vkey, u64)]) -> QuorumReport {
        self.policy.quorum(cosigned.iter().map(|(vkey, time)| (vkey, *time)))
    }
}

impl Witnessing {
    /// A log without witnesses: published at once.
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

    /// What stays when the workers have taken the peers.
    pub(in crate::log) fn facts(&self) -> WitnessFacts {
        let row = |witness: &sanwu_schema::tlog::policy::PolicyWitness| WitnessStanding {
            name: witness.name.clone(),
            key_name: witness.vkey.name().to_owned(),
            operator: self.operators.iter().find(|one| one.witness == witness.name).cloned(),
            asked: self.reaches.iter().any(|reach| reach.names.contains(&witness.name)),
            cosigned: None,
            trouble: None,
            since_ms: 0,
        };
        WitnessFacts {
            policy: self.policy.clone(),
            lines: self.lines.clone(),
            operators: self.operators.clone(),
            max_age_days: self.max_age_days,
            standings: Mutex::new(self.policy.witnesses().iter().map(row).collect()),
        }
    }
}

/// A checkpoint to be cosigned: the log's own signatures only, since witnesses cap the request.
#[derive(Clone, Debug)]
struct Candidate {
    /// Counts the times that a candidate was put up: the same checkpoint may be again.
    number: u64,
    size: u64,
    note: Note,
}

/// A cosignature that verifies.
#[derive(Clone, Debug)]
pub(in crate::log) struct Cosigned {
    /// Of which checkpoint.
    pub(in crate::log) size: u64,
    /// By which witness key.
    pub(in crate::log) vkey: Vkey,
    /// When, in the witness's word.
    pub(in crate::log) time: u64,
    /// The line.
    pub(in crate::log) signature: Signature,
}

/// The newest candidate, for every worker.
struct Board {
    candidate: Mutex<Option<Arc<Candidate>>>,
    changed: Condvar,
    closed: AtomicBool,
}

/// The workers. Dropping it ends them, each after the call that it is in; nobody waits for a slow witness.
pub(in crate::log) struct Cosigners {
    board: Arc<Board>,
}

impl Cosigners {
    /// Starts a worker for each peer.
    pub(in crate::log) fn start(
        shared: &Arc<Shared>,
        reaches: Vec<Reach>,
        events: &SyncSender<Event>,
    ) -> std::io::Result<Self> {
        let board =
            Arc::new(Board { candidate: Mutex::new(None), changed: Condvar::new(), closed: AtomicBool::new(false) });
        for reach in reaches {
            worker::start(shared, Arc::clone(&board), reach, events.clone())?;
        }
        Ok(Self { board })
    }

    /// Puts a candidate up; workers that are still at an older one go on with this. `note` has the log's own
    /// signatures only.
    pub(in crate::log) fn ask(&self, size: u64, note: Note) {
        let mut candidate = self.board.lock();
        let number = candidate.as_ref().map_or(0, |before| before.number + 1);
        *candidate = Some(Arc::new(Candidate { number, size, note }));
        drop(candidate);
        self.board.changed.notify_all();
    }
}

impl Drop for Cosigners {
    fn drop(&mut self) {
        self.board.closed.store(true, Ordering::Release);
        // The lock orders this before a worker's next look.
        drop(self.board.lock());
        self.board.changed.notify_all();
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Candidate>>> {
        self.candidate.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// The newest candidate if it was put up after the one numbered `done`, after a pause if there is one; waits for
    /// it. `None` when the log ends.
    fn next(&self, done: Option<u64>, pause: Option<Duration>) -> Option<Arc<Candidate>> {
        let mut candidate = self.lock();
        let until = pause.map(|pause| Instant::now() + pause);
        loop {
            if self.is_closed() {
                return None;
            }
            let left = until.and_then(|until| until.checked_duration_since(Instant::now())).filter(|l| !l.is_zero());
            let newest = candidate.as_ref().filter(|newest| done.is_none_or(|done| newest.number > done));
            candidate = match (left, newest) {
                // A pause is waited out, whatever comes.
                (Some(left), _) => match self.changed.wait_timeout(candidate, left) {
                    Ok((candidate, _)) => candidate,
                    Err(poisoned) => poisoned.into_inner().0,
                },
                (None, Some(newest)) => return Some(Arc::clone(newest)),
                (None, None) => self.changed.wait(candidate).unwrap_or_else(|poisoned| poisoned.into_inner()),
            };
        }
    }
}
