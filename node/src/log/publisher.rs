//! Turns the committed head into the published checkpoint, at most once per interval, with the cosignatures that the
//! publish rule asks for, and watches the disk.
//!
//! ```text
//! committed head ── round: second signature, witnesses asked ── rule fulfilled ── retained ── visible
//!                                                               later cosignatures: retained again
//! ```

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use sanwu_schema::key::Vkey;
use sanwu_schema::log::note::Note;
use sanwu_schema::statement::ChainId;

use super::Options;
use super::cosign::{Candidate, Cosigned, Cosigners, PublishRule, Reach};
use super::keys::LogKeys;
use super::state::{Shared, Status};
use crate::storage::Published;

/// How often the disk is looked at while nothing happens.
const IDLE: Duration = Duration::from_secs(5);

/// Under `closed`, how long a checkpoint waits for its quorum before a newer head takes its place: longer than a
/// witness may take to answer (10 s), so that a slow one is not overtaken for ever.
const CLOSED_ROUND_MAX: Duration = Duration::from_secs(20);

/// Published checkpoints to which late cosignatures are still added. A worker answers about the newest it was given,
/// so more than a few are never open; the rest are complete.
const COLLECTING_MAX: usize = 8;

/// Events that may wait: a worker that finds no room waits itself.
const EVENTS_MAX: usize = 64;

/// The reason given while the disk reserve is touched.
const DISK: &str = "the disk is almost full";

/// What the publisher is woken by.
pub(super) enum Event {
    /// The sequencer has moved the committed head.
    Committed,
    /// A witness has cosigned.
    Cosigned(Box<Cosigned>),
    /// The sequencer has ended.
    Ended,
}

/// The two ends of the publisher's channel.
pub(super) fn channel() -> (SyncSender<Event>, Receiver<Event>) {
    sync_channel(EVENTS_MAX)
}

/// A checkpoint and the verified cosignatures under it.
struct Collected {
    size: u64,
    note: Note,
    cosigned: Vec<(Vkey, u64)>,
}

impl Collected {
    /// Adds a cosignature, unless it is there.
    fn add(&mut self, one: Cosigned) -> bool {
        let new = self.cosigned.iter().all(|(vkey, _)| *vkey != one.vkey);
        if new {
            self.note.add(one.signature);
            self.cosigned.push((one.vkey, one.time));
        }
        new
    }
}

/// A checkpoint on its way to publication.
struct Round {
    collected: Collected,
    started: Instant,
}

/// The publisher's own state; nobody else sees it.
struct Publisher {
    shared: Arc<Shared>,
    options: Options,
    keys: LogKeys,
    rule: PublishRule,
    cosigners: Option<Cosigners>,
    round: Option<Round>,
    /// Published, and still collecting; the newest last.
    collecting: VecDeque<Collected>,
    /// When the last round began.
    last: Option<Instant>,
}

/// Starts the thread. It ends when the sequencer has ended.
pub(super) fn start(
    shared: Arc<Shared>,
    options: Options,
    keys: LogKeys,
    rule: PublishRule,
    reaches: Vec<Reach>,
    events: &SyncSender<Event>,
    woken: Receiver<Event>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    let cosigners = if reaches.is_empty() { None } else { Some(Cosigners::start(&shared, reaches, events)?) };
    let mut publisher =
        Publisher { shared, options, keys, rule, cosigners, round: None, collecting: VecDeque::new(), last: None };
    std::thread::Builder::new().name("publisher".into()).spawn(move || {
        publisher.take_up();
        publisher.run(&woken);
    })
}

impl Publisher {
    fn run(&mut self, woken: &Receiver<Event>) {
        loop {
            self.watch_disk();
            self.step();
            match woken.recv_timeout(self.pause()) {
                Ok(Event::Committed) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::Cosigned(one)) => self.cosigned(*one),
                Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => return self.end(woken),
            }
        }
    }

    /// The last words: what was answered is published before the process ends, as far as the rule allows within the
    /// time that a round waits anyway.
    fn end(&mut self, woken: &Receiver<Event>) {
        let wait = match self.rule {
            PublishRule::Wait(wait) => wait,
            PublishRule::Closed => Duration::from_secs(1),
            PublishRule::Open => Duration::ZERO,
        };
        let until = Instant::now() + wait;
        self.last = None;
        loop {
            self.step();
            let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
            let (Some(left), Some(_)) = (left, &self.round) else { break };
            if let Ok(Event::Cosigned(one)) = woken.recv_timeout(left) {
                self.cosigned(*one);
            }
        }
        self.step();
    }

    /// Goes on with the checkpoint published last by an earlier process: it may lack cosignatures.
    fn take_up(&mut self) {
        let Some(published) = self.shared.published() else { return };
        let Some(collected) = self.collected(&published) else { return };
        if self.weighs(&collected) {
            self.shared.set_witnessed(&published);
        }
        if let Some(cosigners) = &self.cosigners {
            cosigners.ask(candidate(&collected));
        }
        self.collecting.push_back(collected);
    }

    /// A retained checkpoint with the cosignatures that verify under the present policy.
    fn collected(&self, published: &Published) -> Option<Collected> {
        let note = Note::parse(&published.note).ok()?;
        let cosigned = self.shared.witnesses.cosigned_in(&note);
        Some(Collected { size: published.size, cosigned, note })
    }

    /// Begins a round if there is a newer head, and publishes what the rule allows.
    fn step(&mut self) {
        if self.is_read_only() {
            return;
        }
        self.begin();
        let Some(round) = &self.round else { return };
        let waited = round.started.elapsed();
        let ready = self.cosigners.is_none()
            || match self.rule {
                PublishRule::Open => true,
                PublishRule::Wait(wait) => waited >= wait || self.weighs(&round.collected),
                PublishRule::Closed => self.weighs(&round.collected),
            };
        if ready && let Some(round) = self.round.take() {
            self.publish(round.collected);
            // What was committed meanwhile does not wait for another event.
            self.begin();
        }
    }

    /// An old copy was put back: showing its head would look like a log that shrank.
    fn is_read_only(&self) -> bool {
        matches!(self.shared.status(), Status::ReadOnly(why) if why != DISK)
    }

    /// Whether the quorum holds; never without a policy that asks for one.
    fn weighs(&self, collected: &Collected) -> bool {
        let report = self.shared.witnesses.weigh(&collected.cosigned);
        report.required && report.satisfied
    }

    /// Takes the committed head for a new round, at most once per interval.
    fn begin(&mut self) {
        let committed = self.shared.committed();
        let size = committed.position.size;
        let stale = |round: &Round| {
            self.rule == PublishRule::Closed
                && round.started.elapsed() >= CLOSED_ROUND_MAX
                && size > round.collected.size
        };
        if self.round.as_ref().is_some_and(|round| !stale(round))
            || self.shared.published().is_some_and(|published| published.size >= size)
            || self.last.is_some_and(|last| last.elapsed() < self.options.publish_interval)
        {
            return;
        }
        let note = match self.sign(&committed.note) {
            Ok(note) => note,
            Err(why) => {
                tracing::error!(reason = %why, size, "publishing failed: {why}");
                return self.shared.set_status(Status::Stopped(why));
            }
        };
        let now = Instant::now();
        self.last = Some(now);
        let collected = Collected { size, note, cosigned: Vec::new() };
        if let Some(cosigners) = &self.cosigners {
            cosigners.ask(candidate(&collected));
        }
        self.round = Some(Round { collected, started: now });
    }

    /// The committed note with the second signature.
    fn sign(&self, committed: &[u8]) -> Result<Note, String> {
        let mut note = Note::parse(committed).map_err(|error| error.to_string())?;
        // The head that the note signs is committed, so `root` is at least where it was then; the keys that have
        // come into force since may sign it as well.
        let root = self.shared.chain(&ChainId::root()).map_err(|error| error.to_string())?;
        let facts = root.as_ref().map(|state| &*state.facts);
        let time = crate::clock::now_ms() / 1_000;
        self.keys.sign_published(&mut note, facts, time).map_err(|error| error.to_string())?;
        Ok(note)
    }

    /// Retained first, visible then.
    fn publish(&mut self, collected: Collected) {
        let published_ms = crate::clock::now_ms();
        self.retain(&collected, published_ms);
        self.collecting.push_back(collected);
        if self.collecting.len() > COLLECTING_MAX {
            self.collecting.pop_front();
        }
    }

    /// Keeps a checkpoint with the cosignatures that it has by now.
    fn retain(&self, collected: &Collected, published_ms: u64) {
        let size = collected.size;
        let published = Published { size, published_ms, note: collected.note.to_text().into_bytes() };
        match self.shared.store.publish(&published) {
            Ok(()) => {
                // Whoever waits for the witnesses finds the published checkpoint in place when he is woken.
                if self.shared.published().is_none_or(|now| now.size <= size) {
                    self.shared.set_published(published.clone());
                }
                if self.weighs(collected) {
                    self.shared.set_witnessed(&published);
                }
            }
            Err(error) => {
                tracing::error!(%error, size, "publishing failed: {error}");
                self.shared.set_status(Status::Stopped(error.to_string()));
            }
        }
    }

    /// A cosignature came in, for the round or for a checkpoint published before.
    fn cosigned(&mut self, one: Cosigned) {
        if let Some(round) = self.round.as_mut().filter(|round| round.collected.size == one.size) {
            round.collected.add(one);
            return;
        }
        let Some(at) = self.collecting.iter().position(|collected| collected.size == one.size) else { return };
        let Some(collected) = self.collecting.get_mut(at) else { return };
        if !collected.add(one) {
            return;
        }
        if let Some(collected) = self.collecting.get(at) {
            // When it was published is not changed by what comes later.
            let published = self.shared.store.published_from(collected.size, 1);
            let first = published.ok().and_then(|rows| rows.into_iter().find(|row| row.size == collected.size));
            self.retain(collected, first.map_or_else(crate::clock::now_ms, |row| row.published_ms));
        }
    }

    /// How long nothing will happen by itself.
    fn pause(&self) -> Duration {
        let round = self.round.as_ref().map(|round| {
            let wait = match self.rule {
                PublishRule::Wait(wait) => wait,
                PublishRule::Closed => CLOSED_ROUND_MAX,
                PublishRule::Open => Duration::ZERO,
            };
            wait.saturating_sub(round.started.elapsed())
        });
        let behind = self.shared.published().is_none_or(|one| one.size < self.shared.committed().position.size);
        let interval = self.last.map(|last| self.options.publish_interval.saturating_sub(last.elapsed()));
        let next = round.or_else(|| interval.filter(|_| behind && !self.is_read_only()));
        // Never a busy loop: a time-out that has just passed is looked at once more after a moment.
        next.map_or(IDLE, |next| next.clamp(Duration::from_millis(1), IDLE))
    }

    /// Stops admission while the reserve is touched: a log that cannot write its last words loses them.
    fn watch_disk(&self) {
        let Some(free) = (self.options.free_bytes)(&self.options.data) else { return };
        let low = free < self.options.disk_reserve_bytes;
        match (low, self.shared.status()) {
            (true, Status::Running) => {
                tracing::error!(
                    free_bytes = free,
                    reserve_bytes = self.options.disk_reserve_bytes,
                    "{DISK}: read-only"
                );
                self.shared.set_status(Status::ReadOnly(DISK.into()));
            }
            (false, Status::ReadOnly(why)) if why == DISK => {
                tracing::info!(free_bytes = free, "the disk has room again");
                self.shared.set_status(Status::Running);
            }
            _ => {}
        }
    }
}

/// What witnesses are sent: the log's own signatures only.
fn candidate(collected: &Collected) -> Candidate {
    let mut note = collected.note.clone();
    note.retain(|signature| collected.cosigned.iter().all(|(vkey, _)| !signature.is_by(vkey)));
    Candidate { size: collected.size, note }
}
