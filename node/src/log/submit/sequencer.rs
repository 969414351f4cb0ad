//! The one writer: takes what is queued, checks positions, and commits it as one batch.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::replay::{Past, Refused, VerifiedLeaf};
use sanwu_schema::tlog::merkle::Tree;
use sanwu_schema::validity::{ChainState, History as _};
use tokio::sync::mpsc;

use super::admit::{Leaves, Package};
use super::answer::{Appended, Placed, SubmitError, SubmitRefusal, admits, refuse};
use super::overlay::{CommittedPast, Pending, PendingParts};
use super::queue::Job;
use crate::log::publish::{HeldKeys, Wake};
use crate::log::state::{Committed, Heads, ReadError, ReadState, StatusCell, StopOnPanic, Stopped, extend};
use crate::storage::guard::Guard;
use crate::storage::{Batch, Commit, Head, Position};

/// Entries in one commit. Checking a position takes some 20 µs, so 1,024 entries hold a waiter up by
/// 20 ms, about what one synced write costs on a spinning disk.
pub(in crate::log) const BATCH_ENTRIES_MAX: u64 = 1_024;

/// Bytes in one commit; one package may go beyond by itself.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// How often a batch of unknown outcome is committed again before the writer gives up. Between two
/// attempts the head is read, so that the batch is never stored twice.
const UNKNOWN_ATTEMPTS_MAX: u32 = 5;

/// The pause before trying again.
const UNKNOWN_PAUSE: Duration = Duration::from_millis(50);

/// The writer's own state; nobody else sees it.
pub(in crate::log) struct Sequencer {
    pub(in crate::log) state: Arc<ReadState>,
    pub(in crate::log) heads: Arc<Heads>,
    pub(in crate::log) status: Arc<StatusCell>,
    pub(in crate::log) guard: Guard,
    pub(in crate::log) keys: HeldKeys,
    pub(in crate::log) head: Position,
    pub(in crate::log) tree: Tree,
}

/// What a package is answered with once the batch is durable.
enum Outcome {
    Placed(Vec<Placed>),
    Refused(SubmitError),
}

impl Sequencer {
    /// Starts the thread. It ends when all senders of `jobs` are gone, or at a fatal error.
    pub(in crate::log) fn start(
        mut self,
        mut jobs: mpsc::Receiver<Job>,
        wake: SyncSender<Wake>,
    ) -> std::io::Result<std::thread::JoinHandle<()>> {
        std::thread::Builder::new().name("sequencer".into()).spawn(move || {
            let _stop = StopOnPanic(Arc::clone(&self.status));
            while let Some(first) = jobs.blocking_recv() {
                let batch = take(first, &mut jobs);
                match self.sequence(batch) {
                    // A full channel means that the publisher is about to look anyway.
                    Ok(()) => _ = wake.try_send(Wake::Committed),
                    Err(why) => {
                        tracing::error!(reason = %why, "the writer stops: {why}");
                        break;
                    }
                }
            }
            // Those who still wait learn it from the closed channel; the publisher publishes what is left.
            _ = wake.send(Wake::Ended);
        })
    }

    /// Places, commits and answers.
    fn sequence(&mut self, jobs: Vec<Job>) -> Result<(), Stopped> {
        // Queued before the log was stopped: what it has signed may be doubtful, so it signs no more.
        if let Err(closed) = admits(self.status.get()) {
            jobs.into_iter().for_each(|job| _ = job.answer.send(Err(closed.clone())));
            return Ok(());
        }
        let state = Arc::clone(&self.state);
        let past = CommittedPast::new(&state, self.head);
        let mut batch = Pending::new(&past);
        let mut outcomes = Vec::with_capacity(jobs.len());
        let mut answers = Vec::with_capacity(jobs.len());
        for Job { package, answer, _permit } in jobs {
            outcomes.push(match self.place(&package, &batch) {
                Ok((placed, accepted)) => {
                    batch.merge(accepted);
                    Outcome::Placed(placed)
                }
                Err(refused) => Outcome::Refused(refused),
            });
            answers.push((answer, _permit));
        }
        let committed = if batch.len() == 0 {
            Ok(())
        } else {
            let root = batch.past().chain(&ChainId::root()).map_err(failed);
            root.and_then(|root| self.commit(batch.into_parts(), root.as_ref()))
        };
        let committed = match committed {
            Ok(()) => Ok(self.heads.committed()),
            Err(why) => {
                // Before the answers: a client that reads one finds the log stopped.
                self.status.stop(why.clone());
                Err(why)
            }
        };
        for (outcome, (answer, _)) in outcomes.into_iter().zip(answers) {
            let answered = match (&committed, outcome) {
                (Err(why), _) => Err(SubmitError::Stopped(why.clone())),
                (Ok(committed), Outcome::Placed(placed)) => Ok(Appended { placed, committed: Arc::clone(committed) }),
                (Ok(_), Outcome::Refused(error)) => Err(error),
            };
            // A waiter that went away took nothing back: the entry is in the log, asking again finds it.
            _ = answer.send(answered);
        }
        committed.map(|_| ())
    }

    /// Checks a package at its positions, all or nothing.
    fn place(
        &self,
        package: &Package,
        batch: &Pending<'_, CommittedPast<'_>>,
    ) -> Result<(Vec<Placed>, PendingParts), SubmitError> {
        let mut accepted = Pending::new(batch.past());
        let mut placed = Vec::new();
        match &package.content {
            Leaves::Raw(leaf) => {
                let hash = sanwu_schema::tlog::merkle::leaf_hash(leaf);
                let index = accepted.past().size();
                accepted.add_raw(Arc::clone(leaf), hash);
                placed.push(Placed { index, id: StatementId(hash), new: true });
            }
            Leaves::Signed(leaves) => {
                for (number, leaf) in leaves.iter().enumerate() {
                    placed.push(self.place_entry(number, leaf, batch.past(), &mut accepted)?);
                }
            }
        }
        // Bytes of an entry that was there already are there too.
        if accepted.len() > 0 {
            for blob in &package.blobs {
                if !self.state.store.has_blob(&blob.digest).map_err(ReadError::from)? {
                    accepted.add_blob(blob.clone());
                }
            }
        }
        Ok((placed, accepted.into_parts()))
    }

    /// Places an entry of a package; `before` is the past without the package.
    fn place_entry<P: Past<Error = ReadError>>(
        &self,
        number: usize,
        leaf: &VerifiedLeaf,
        before: &P,
        accepted: &mut Pending<'_, P>,
    ) -> Result<Placed, SubmitError> {
        let (id, chain) = (leaf.entry().id, &leaf.entry().statement.chain);
        if let Some(located) = accepted.past().locate(&id)? {
            return Ok(Placed { index: located.index, id, new: false });
        }
        let index = accepted.past().size();
        let root = if chain.is_root() { accepted.past().chain(chain)? } else { None };
        let effect = match accepted.place(leaf) {
            Ok(effect) => effect,
            Err(Refused::History(error)) => return Err(error.into()),
            Err(Refused::Invalid(Invalid { code, place })) => {
                let head = match code.kind() {
                    ErrorKind::Conflict => before.chain(chain)?.map(|state| state.head),
                    _ => None,
                };
                let refusal = SubmitRefusal { envelope: number, code, place, findings: Vec::new(), head };
                return Err(SubmitError::Refused(Box::new(refusal)));
            }
        };
        if chain.is_root() && !self.keys.can_follow(root.as_ref().map(|state| &*state.facts), &effect.state.facts) {
            // It is valid, but this node could not sign the head that contains it as it says.
            let invalid = Invalid::new(ErrorCode::LogKeyAbsent, "control.log_vkeys");
            return Err(refuse(number, invalid));
        }
        Ok(Placed { index, id, new: true })
    }

    /// Makes a batch durable: tree, signature, one commit, guard; then everybody may see it. `root` is the log's own
    /// chain after the batch.
    fn commit(&mut self, pending: PendingParts, root: Option<&ChainState>) -> Result<(), Stopped> {
        let mut tree = self.tree.clone();
        let hashes = extend(&mut tree, pending.leaves());
        // The signature stays in this batch until the commit is known.
        let position = Position { size: tree.size(), root: tree.root() };
        let note = self.keys.sign_head(position, root.map(|state| &*state.facts));
        let note = note.map_err(failed)?.to_text().into_bytes();
        let head = Head { position, note };
        let (mut batch, changed) = pending.into_rows();
        batch.journal.tree = hashes;
        let expected = Some(self.head);
        settle(&*self.state.store, expected, &batch, &head)?;
        self.guard.record(&head.note).map_err(|error| Stopped::Failed(format!("last-signed guard: {error}")))?;
        (self.head, self.tree) = (head.position, tree);
        self.state.advance(changed);
        self.heads.set_committed(Committed { position: head.position, note: head.note });
        self.state.keep_edge(position.size);
        Ok(())
    }
}

/// Takes what is queued, up to a batch.
fn take(first: Job, jobs: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let mut entries = first.package.len();
    let mut bytes = first.package.bytes();
    let mut taken = vec![first];
    while entries < BATCH_ENTRIES_MAX && bytes < BATCH_BYTES_MAX {
        let Ok(job) = jobs.try_recv() else { break };
        entries += job.package.len();
        bytes += job.package.bytes();
        taken.push(job);
    }
    taken
}

/// Commits the batch, and where the outcome is unknown finds it out, so that no other batch is formed
/// before this very one is known to be stored or not.
pub(in crate::log) fn settle(
    store: &dyn crate::storage::Store,
    expected: Option<Position>,
    batch: &Batch,
    head: &Head,
) -> Result<(), Stopped> {
    for _ in 0..UNKNOWN_ATTEMPTS_MAX {
        let why = match store.commit_indexed(expected, head, batch).map_err(failed)? {
            Commit::Committed => return Ok(()),
            Commit::Lost(now) => return Err(other_writer(now.as_ref())),
            Commit::Unknown(why) => why,
        };
        tracing::warn!(reason = %why, size = head.position.size, "the outcome of a commit is unknown: {why}");
        match store.head().map_err(failed)? {
            Some(now) if now == *head => {
                // The journal has it; the index may not have got that far.
                let entries = expected.map_or(0, |position| position.size)..head.position.size;
                return store.apply(entries, &batch.index).map_err(failed);
            }
            now if now.as_ref().map(|now| now.position) == expected => std::thread::sleep(UNKNOWN_PAUSE),
            now => return Err(other_writer(now.as_ref())),
        }
    }
    Err(Stopped::CommitUnknown(head.position.size))
}

fn other_writer(now: Option<&Head>) -> Stopped {
    Stopped::OtherWriter(now.map_or(0, |head| head.position.size))
}

fn failed(error: impl ToString) -> Stopped {
    Stopped::Failed(error.to_string())
}
