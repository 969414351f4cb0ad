//! Turns the committed head into the published checkpoint, at most once per interval, with the cosignatures that the
//! publish rule asks for, and watches the disk.
//!
//! ```text
//! committed head ── round: second signature, witnesses asked ── rule fulfilled ── retained ── visible
//!                                                               later cosignatures: retained again
//! ```

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::Vkey;

use super::cosign::{Cosigners, PublishRule, Reach};
use super::keys::{HeldKeys, LogSigners};
use super::wake::{Cosigned, Wake};
use crate::log::options::LogOptions;
use crate::log::state::{Heads, ReadError, ReadOnly, ReadState, Status, StatusCell, Stopped};
use crate::storage::{Published, ROWS_PER_READ_MAX};

/// How often the disk is looked at while nothing happens.
const IDLE: Duration = Duration::from_secs(5);

/// Under `closed`, how long a checkpoint waits for its quorum before a newer head takes its place: longer than a
/// witness may take to answer (10 s), so that a slow one is not overtaken for ever.
const CLOSED_ROUND_MAX: Duration = Duration::from_secs(20);

/// Retained checkpoints looked through at the start for the newest with the quorum: those of a day at one a second.
/// With none among them clients get the newest checkpoint, and are told who is missing.
const WITNESSED_SCAN_MAX: usize = 86_400;

/// Whom to ask for cosignatures, and when.
pub(in crate::log) struct Asking {
    pub(in crate::log) rule: PublishRule,
    pub(in crate::log) reaches: Vec<Reach>,
    pub(in crate::log) renew_after: Duration,
}

/// A checkpoint and the verified cosignatures under it.
struct Collected {
    size: u64,
    note: Note,
    cosigned: Vec<(Vkey, u64)>,
}

impl Collected {
    fn published(&self, published_ms: u64) -> Published {
        Published { size: self.size, published_ms, note: self.note.to_text().into_bytes() }
    }

    /// Adds a cosignature, unless there is one by this key: the first says since when the tree was public.
    fn add(&mut self, one: Cosigned) -> bool {
        self.cosigned.iter().all(|(vkey, _)| *vkey != one.vkey) && self.renew(one)
    }

    /// Adds a cosignature in place of an earlier one by this key: the last says that the witness still watches.
    fn renew(&mut self, one: Cosigned) -> bool {
        if self.cosigned.iter().any(|(vkey, time)| *vkey == one.vkey && *time >= one.time) {
            return false;
        }
        self.cosigned.retain(|(vkey, _)| *vkey != one.vkey);
        self.cosigned.push((one.vkey, one.time));
        self.note.add(one.signature);
        true
    }
}

/// A checkpoint on its way to publication.
struct Round {
    collected: Collected,
    started: Instant,
}

/// The publisher's own state; nobody else sees it.
pub(in crate::log) struct Publisher {
    state: Arc<ReadState>,
    heads: Arc<Heads>,
    status: Arc<StatusCell>,
    options: LogOptions,
    keys: HeldKeys,
    rule: PublishRule,
    cosigners: Option<Cosigners>,
    /// After how long witnesses are asked again about a checkpoint that is still the newest.
    renew_after: Duration,
    round: Option<Round>,
    /// When the last round began.
    last: Option<Instant>,
    /// When the witnesses were asked last.
    asked: Instant,
}

impl Publisher {
    /// Starts the witnesses' workers, which send to `events`.
    pub(in crate::log) fn new(
        state: Arc<ReadState>,
        heads: Arc<Heads>,
        status: Arc<StatusCell>,
        options: LogOptions,
        keys: HeldKeys,
        asking: Asking,
        events: &SyncSender<Wake>,
    ) -> std::io::Result<Self> {
        let Asking { rule, reaches, renew_after } = asking;
        let cosigners = match reaches.is_empty() {
            true => None,
            false => Some(Cosigners::start(&state, &heads, &status, reaches, events)?),
        };
        let asked = Instant::now();
        Ok(Self { state, heads, status, options, keys, rule, cosigners, renew_after, round: None, last: None, asked })
    }

    /// Starts the thread. It ends when the sequencer has ended.
    pub(in crate::log) fn start(mut self, woken: Receiver<Wake>) -> std::io::Result<std::thread::JoinHandle<()>> {
        std::thread::Builder::new().name("publisher".into()).spawn(move || {
            self.take_up();
            self.run(&woken);
        })
    }

    fn run(&mut self, woken: &Receiver<Wake>) {
        loop {
            self.watch_disk();
            self.step();
            match woken.recv_timeout(self.pause()) {
                Ok(Wake::Committed) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Wake::Cosigned(one)) => self.cosigned(*one),
                Ok(Wake::Ended) | Err(RecvTimeoutError::Disconnected) => return self.end(woken),
            }
        }
    }

    /// What was answered is published before the process ends, as far as the rule allows within the
    /// time that a round waits anyway.
    fn end(&mut self, woken: &Receiver<Wake>) {
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
            if let Ok(Wake::Cosigned(one)) = woken.recv_timeout(left) {
                self.cosigned(*one);
            }
        }
        self.step();
    }

    /// Goes on with the checkpoint published last by an earlier process: it may lack cosignatures.
    fn take_up(&mut self) {
        let Some(published) = self.heads.published() else { return };
        let Some(collected) = self.collected(&published) else { return };
        if self.weighs(&collected) {
            self.heads.set_witnessed(&published);
        } else {
            self.find_witnessed(published.size);
        }
        self.ask(&collected);
    }

    /// Finds the newest checkpoint before `size` that has the quorum: what witnesses have seen does not count for less
    /// because they were away when an earlier process ended.
    fn find_witnessed(&self, mut size: u64) {
        if !self.state.witnesses.policy().requires_witnesses() {
            return;
        }
        let mut seen = 0;
        while seen < WITNESSED_SCAN_MAX {
            let rows = match self.state.store.published_before(size, ROWS_PER_READ_MAX) {
                Ok(rows) => rows,
                Err(error) => return tracing::error!(%error, "retained checkpoints: {error}"),
            };
            let Some(last) = rows.last() else { return };
            (seen, size) = (seen + rows.len(), last.size);
            let found = rows.iter().filter(|row| self.may_weigh(row));
            let found = found.into_iter().find(|row| self.collected(row).is_some_and(|one| self.weighs(&one)));
            if let Some(found) = found {
                return self.heads.set_witnessed(found);
            }
        }
    }

    /// Whether a checkpoint has lines by enough witnesses, checked or not: most have none, and checking is what
    /// takes time.
    fn may_weigh(&self, row: &Published) -> bool {
        let Ok(note) = Note::parse(&row.note) else { return false };
        let policy = self.state.witnesses.policy();
        let named = policy.witnesses().iter().filter(|one| note.signatures().iter().any(|line| line.is_by(&one.vkey)));
        policy.quorum(named.map(|one| (&one.vkey, 1))).satisfied
    }

    /// Shows the witnesses a checkpoint.
    fn ask(&mut self, collected: &Collected) {
        self.asked = Instant::now();
        let Some(cosigners) = &self.cosigners else { return };
        match self.candidate(collected) {
            Ok(note) => cosigners.ask(collected.size, note),
            Err(error) => tracing::error!(%error, "witnesses are not asked: {error}"),
        }
    }

    /// What witnesses are sent: the log's own signatures only, since they cap the request.
    fn candidate(&self, collected: &Collected) -> Result<Note, ReadError> {
        let root = self.state.chain(&ChainId::root())?;
        let own = LogSigners::new(root.as_ref().map(|state| &*state.facts), &self.state.held);
        let mut note = collected.note.clone();
        note.retain(|signature| own.vkeys().iter().any(|vkey| signature.is_by(vkey)));
        Ok(note)
    }

    /// Asks again about a checkpoint that is the newest for long: a log that does not grow is watched all the same, and
    /// readers tell by the age of the last cosignature.
    fn renew(&mut self) {
        if self.cosigners.is_none() || self.round.is_some() || self.asked.elapsed() < self.renew_after {
            return;
        }
        self.asked = Instant::now();
        if let Some(collected) = self.heads.published().and_then(|published| self.collected(&published)) {
            self.ask(&collected);
        }
    }

    /// A retained checkpoint with the cosignatures that verify under the present policy.
    fn collected(&self, published: &Published) -> Option<Collected> {
        let note = Note::parse(&published.note).ok()?;
        let cosigned = self.state.witnesses.cosigned_in(&note);
        Some(Collected { size: published.size, cosigned, note })
    }

    /// Begins a round if there is a newer head, and publishes what the rule allows.
    fn step(&mut self) {
        if self.is_read_only() {
            return;
        }
        self.begin();
        self.renew();
        let Some(round) = &self.round else { return };
        let waited = round.started.elapsed();
        // `quorum none` is always satisfied.
        let quorum = || self.state.witnesses.weigh(&round.collected.cosigned).satisfied;
        let ready = match self.rule {
            PublishRule::Open => true,
            // Where nobody is asked, waiting brings nothing.
            PublishRule::Wait(wait) => self.cosigners.is_none() || waited >= wait || quorum(),
            PublishRule::Closed => quorum(),
        };
        if ready && let Some(round) = self.round.take() {
            self.publish(round.collected);
            // What was committed meanwhile does not wait for another event.
            self.begin();
        }
    }

    /// An old copy was put back: showing its head would look like a log that shrank.
    fn is_read_only(&self) -> bool {
        matches!(self.status.get(), Status::ReadOnly(why) if why != ReadOnly::DiskReserve)
    }

    /// Whether the quorum holds; never without a policy that asks for one.
    fn weighs(&self, collected: &Collected) -> bool {
        let report = self.state.witnesses.weigh(&collected.cosigned);
        report.required && report.satisfied
    }

    /// Takes the committed head for a new round, at most once per interval.
    fn begin(&mut self) {
        let committed = self.heads.committed();
        let size = committed.position.size;
        let stale = |round: &Round| {
            self.rule == PublishRule::Closed
                && round.started.elapsed() >= CLOSED_ROUND_MAX
                && size > round.collected.size
        };
        if self.round.as_ref().is_some_and(|round| !stale(round))
            || self.heads.published().is_some_and(|published| published.size >= size)
            || self.last.is_some_and(|last| last.elapsed() < self.options.publish_interval)
        {
            return;
        }
        let note = match self.sign(&committed.note) {
            Ok(note) => note,
            Err(why) => {
                tracing::error!(reason = %why, size, "publishing failed: {why}");
                return self.status.stop(Stopped::Failed(why));
            }
        };
        let now = Instant::now();
        self.last = Some(now);
        let collected = Collected { size, note, cosigned: Vec::new() };
        self.ask(&collected);
        self.round = Some(Round { collected, started: now });
    }

    /// The committed note with the second signature.
    fn sign(&self, committed: &[u8]) -> Result<Note, String> {
        let mut note = Note::parse(committed).map_err(|error| error.to_string())?;
        // The head that the note signs is committed, so `root` is at least where it was then; the keys that have
        // come into force since may sign it as well.
        let root = self.state.chain(&ChainId::root()).map_err(|error| error.to_string())?;
        let facts = root.as_ref().map(|state| &*state.facts);
        let time = crate::clock::now_ms() / 1_000;
        self.keys.sign_published(&mut note, facts, time).map_err(|error| error.to_string())?;
        Ok(note)
    }

    /// Retained first, visible then.
    fn publish(&mut self, collected: Collected) {
        let published_ms = crate::clock::now_ms();
        if self.retain(&collected, published_ms) {
            self.show(&collected, published_ms);
        }
    }

    /// Keeps a checkpoint with the cosignatures that it has by now.
    fn retain(&self, collected: &Collected, published_ms: u64) -> bool {
        match self.state.store.publish(&collected.published(published_ms)) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, size = collected.size, "publishing failed: {error}");
                self.status.stop(Stopped::Failed(error.to_string()));
                false
            }
        }
    }

    /// Lets everybody see a checkpoint that is retained, unless a larger one is seen.
    fn show(&self, collected: &Collected, published_ms: u64) {
        let published = collected.published(published_ms);
        // A request that waits for the witnesses finds the published checkpoint in place when it is woken.
        if self.heads.published().is_none_or(|now| now.size <= collected.size) {
            self.heads.set_published(published.clone());
        }
        if self.weighs(collected) {
            self.heads.set_witnessed(&published);
        }
    }

    /// A cosignature came in, for the round or for a checkpoint published before.
    fn cosigned(&mut self, one: Cosigned) {
        if let Some(round) = self.round.as_mut().filter(|round| round.collected.size == one.size) {
            round.collected.add(one);
            return;
        }
        // None is retained of a round that was given up.
        let rows = match self.state.store.published_from(one.size, 1) {
            Ok(rows) => rows,
            Err(error) => return tracing::error!(%error, size = one.size, "a late cosignature is lost: {error}"),
        };
        let Some(row) = rows.into_iter().find(|row| row.size == one.size) else { return };
        // When it was published, and when a witness first saw it, is not changed by what comes later.
        if let Some(mut first) = self.collected(&row)
            && first.add(one.clone())
            && !self.retain(&first, row.published_ms)
        {
            return;
        }
        // What is shown has the newest cosignature of each; after a restart the witnesses are asked anyway.
        let shown = self.heads.published().filter(|shown| shown.size == one.size);
        let shown = shown.or_else(|| self.heads.witnessed().filter(|shown| shown.size == one.size));
        if let Some(mut newest) = self.collected(shown.as_deref().unwrap_or(&row))
            && newest.renew(one)
        {
            self.show(&newest, row.published_ms);
        }
    }

    /// How long nothing will happen by itself.
    fn pause(&self) -> Duration {
        let round = self.round.as_ref().and_then(|round| match self.rule {
            PublishRule::Wait(wait) => Some(wait.saturating_sub(round.started.elapsed())),
            // Once that is over only an event changes anything.
            PublishRule::Closed => CLOSED_ROUND_MAX.checked_sub(round.started.elapsed()),
            PublishRule::Open => Some(Duration::ZERO),
        });
        let behind = self.heads.published().is_none_or(|one| one.size < self.heads.committed().position.size);
        let interval = self.last.map(|last| self.options.publish_interval.saturating_sub(last.elapsed()));
        let renewal = self.cosigners.as_ref().map(|_| self.renew_after.saturating_sub(self.asked.elapsed()));
        let idle = interval.filter(|_| behind).into_iter().chain(renewal).min();
        let next = round.or(idle).filter(|_| !self.is_read_only());
        // Never a busy loop: a time-out that has just passed is looked at once more after a moment.
        next.map_or(IDLE, |next| next.clamp(Duration::from_millis(1), IDLE))
    }

    /// Stops admission while the reserve is touched: a log that cannot write its last batch loses it.
    fn watch_disk(&self) {
        let Some(free) = (self.options.free_bytes)(&self.options.data) else { return };
        let low = free < self.options.disk_reserve_bytes;
        if !self.status.set_disk_low(low) {
            return;
        }
        if low {
            let reserve = self.options.disk_reserve_bytes;
            tracing::error!(free_bytes = free, reserve_bytes = reserve, "the disk is almost full: read-only");
        } else {
            tracing::info!(free_bytes = free, "the disk has room again");
        }
    }
}
