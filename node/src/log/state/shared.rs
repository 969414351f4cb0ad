//! What the threads of one log share, and who may change it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::json::{Canon, from_canonical};
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::build;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::validity::{ChainFacts, ChainHead, ChainState, Located, Slot};
use tokio::sync::watch;

use crate::log::publish::cosign::WitnessFacts;
use crate::log::state::tree::{TileCache, TileHashes};
use crate::log::{ReadError, SubmitError};
use crate::storage::{Position, Published, Store};

/// Chain states kept in memory. Each has its own copy of the catalogue, some 40 KB: 160 MB at most.
pub(in crate::log) const CHAINS_CACHED_MAX: usize = 4_096;

/// Roots kept in memory; drafters pin published checkpoints, of which one a second comes about.
const ROOTS_CACHED_MAX: usize = 4_096;

/// The reason given while the disk reserve is touched.
const DISK: &str = "the disk is almost full";

/// A durable head, its signature, free to leave the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Size and root.
    pub position: Position,
    /// The signed note.
    pub note: Vec<u8>,
}

/// Whether the log takes submissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Running,
    /// It does not for now or until the operator acts; reads go on.
    ReadOnly(String),
    /// The writer ended for good; the process should.
    Stopped(String),
}

impl Status {
    /// Whether only the disk reserve keeps the log from running.
    pub(in crate::log) fn is_disk_low(&self) -> bool {
        matches!(self, Self::ReadOnly(why) if why == DISK)
    }

    /// The error for a submission, if none is taken.
    pub(in crate::log) fn admits(&self) -> Result<(), SubmitError> {
        match self {
            Self::Running => Ok(()),
            Self::ReadOnly(why) => Err(SubmitError::ReadOnly(why.clone())),
            Self::Stopped(why) => Err(SubmitError::Stopped(why.clone())),
        }
    }
}

/// Shared by sequencer, publisher, submitters and readers.
pub(in crate::log) struct Shared {
    /// Its contract allows reads from any thread. `commit` is the sequencer's, `publish` the publisher's.
    pub(in crate::log) store: Arc<dyn Store>,
    /// Fixed when the log is opened.
    pub(in crate::log) origin: Origin,
    /// The public halves of the signing keys held here. Fixed when the log is opened.
    pub(in crate::log) held: Vec<Vkey>,
    /// Whom this log asks for cosignatures. Fixed when the log is opened, but for their standings.
    pub(in crate::log) witnesses: Arc<WitnessFacts>,
    /// Expanded tiles. Anyone fills it: full tiles never change.
    pub(in crate::log) tiles: TileCache,
    /// Replaced by the sequencer only, after commit and guard.
    committed: RwLock<Arc<Committed>>,
    /// Replaced by the publisher only, after the store has retained it.
    published: RwLock<Option<Arc<Published>>>,
    /// The newest published checkpoint that has the quorum. Replaced by the publisher only.
    witnessed: watch::Sender<Option<Arc<Published>>>,
    /// Filled by anyone, overwritten by the sequencer; see [`Chains`].
    chains: Mutex<Chains>,
    /// Filled by anyone: the root at a size never changes.
    roots: Mutex<HashMap<u64, Hash>>,
    /// Set by the sequencer (stopped), the publisher (disk reserve), and who holds the log against what it has signed
    /// before (start, witness workers); of a replica by its thread. `Stopped` is final.
    status: watch::Sender<Status>,
}

/// Chain states by chain.
///
/// A reader that finds none loads it from the store and may put it here only if no commit came between:
/// otherwise it could put an old state over a newer one.
#[derive(Default)]
struct Chains {
    states: HashMap<ChainId, ChainState>,
    /// Counts commits.
    generation: u64,
}

/// Reads a stored canonical record.
pub(in crate::log) fn record<T: Canon>(bytes: &[u8], what: &'static str) -> Result<T, ReadError> {
    from_canonical(bytes).map_err(|_| ReadError::Record(what))
}

/// A slot as the store knows it. Neither part can hold a space.
pub(in crate::log) fn slot_text(slot: &Slot) -> String {
    format!("{} {} {}", slot.chain.as_str(), slot.what, slot.period.as_str())
}

impl Shared {
    pub(in crate::log) fn new(
        store: Arc<dyn Store>,
        origin: Origin,
        held: Vec<Vkey>,
        committed: Committed,
        published: Option<Published>,
        status: Status,
    ) -> Self {
        Self {
            store,
            origin,
            held,
            witnesses: Arc::new(WitnessFacts::none()),
            tiles: TileCache::default(),
            committed: RwLock::new(Arc::new(committed)),
            published: RwLock::new(published.map(Arc::new)),
            witnessed: watch::Sender::new(None),
            chains: Mutex::default(),
            roots: Mutex::default(),
            status: watch::Sender::new(status),
        }
    }

    pub(in crate::log) fn committed(&self) -> Arc<Committed> {
        Arc::clone(&self.committed.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// For the sequencer, after commit and guard: the new head and the chains that it changed.
    pub(in crate::log) fn advance(&self, committed: Committed, changed: impl IntoIterator<Item = ChainState>) {
        {
            let mut chains = self.chains();
            chains.generation += 1;
            for state in changed {
                if chains.states.len() >= CHAINS_CACHED_MAX && !chains.states.contains_key(&state.facts.chain) {
                    chains.states.clear();
                }
                chains.states.insert(state.facts.chain.clone(), state);
            }
        }
        *self.committed.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Arc::new(committed);
    }

    pub(in crate::log) fn published(&self) -> Option<Arc<Published>> {
        self.published.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// For the publisher, after the store has retained it.
    pub(in crate::log) fn set_published(&self, published: Published) {
        *self.published.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(Arc::new(published));
    }

    pub(in crate::log) fn witnessed(&self) -> Option<Arc<Published>> {
        self.witnessed.borrow().clone()
    }

    /// For the publisher: a published checkpoint has the quorum. Never goes back to a smaller one.
    pub(in crate::log) fn set_witnessed(&self, published: &Published) {
        self.witnessed.send_if_modified(|now| {
            let newer = now.as_ref().is_none_or(|now| now.size <= published.size);
            if newer {
                *now = Some(Arc::new(published.clone()));
            }
            newer
        });
    }

    /// Returns when a published checkpoint that has the quorum covers the index.
    pub(in crate::log) async fn until_witnessed(&self, index: u64) {
        let covers = |now: &Option<Arc<Published>>| now.as_ref().is_some_and(|now| index < now.size);
        // The sender lives as long as `self`.
        _ = self.witnessed.subscribe().wait_for(covers).await;
    }

    pub(in crate::log) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Changes the status, unless the writer has stopped.
    pub(in crate::log) fn set_status(&self, status: Status) {
        self.status.send_if_modified(|now| {
            let change = !matches!(now, Status::Stopped(_)) && *now != status;
            if change {
                *now = status;
            }
            change
        });
    }

    /// What this log has signed before is in question: nothing more is signed or shown until a new start. The first
    /// reason stays.
    pub(in crate::log) fn doubt(&self, why: String) {
        self.status.send_if_modified(|now| {
            let change = *now == Status::Running || now.is_disk_low();
            if change {
                *now = Status::ReadOnly(why);
            }
            change
        });
    }

    /// Stops admission while the disk reserve is touched, and only then lets it go on: another reason to stop is
    /// neither replaced nor lifted. True if that changed the status.
    pub(in crate::log) fn set_disk_low(&self, low: bool) -> bool {
        self.status.send_if_modified(|now| {
            let change = if low { *now == Status::Running } else { now.is_disk_low() };
            if change {
                *now = if low { Status::ReadOnly(DISK.into()) } else { Status::Running };
            }
            change
        })
    }

    pub(in crate::log) async fn stopped(&self) -> String {
        let mut status = self.status.subscribe();
        loop {
            if let Status::Stopped(why) = &*status.borrow_and_update() {
                return why.clone();
            }
            if status.changed().await.is_err() {
                return "the log was closed".into();
            }
        }
    }

    /// The error for a submitter whose sequencer is not there any more.
    pub(in crate::log) fn gone(&self) -> SubmitError {
        match self.status() {
            Status::Stopped(why) => SubmitError::Stopped(why),
            _ => SubmitError::Stopped("the node is shutting down".into()),
        }
    }

    pub(in crate::log) fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, ReadError> {
        let generation = {
            let chains = self.chains();
            if let Some(state) = chains.states.get(chain) {
                return Ok(Some(state.clone()));
            }
            chains.generation
        };
        let Some(head) = self.store.chain_head(chain.as_str())? else { return Ok(None) };
        let head: ChainHead = record(&head, "chain head")?;
        let facts = self.facts_after(chain, head.seq)?.ok_or(ReadError::Record("chain facts"))?;
        let state = ChainState::new(head, facts);
        let mut chains = self.chains();
        if chains.generation == generation && chains.states.len() < CHAINS_CACHED_MAX {
            chains.states.insert(chain.clone(), state.clone());
        }
        Ok(Some(state))
    }

    pub(in crate::log) fn facts_after(&self, chain: &ChainId, seq: u64) -> Result<Option<Arc<ChainFacts>>, ReadError> {
        match self.store.chain_facts(chain.as_str(), seq)? {
            Some(facts) => Ok(Some(Arc::new(record(&facts, "chain facts")?))),
            None => Ok(None),
        }
    }

    pub(in crate::log) fn locate(&self, id: &StatementId) -> Result<Option<Located>, ReadError> {
        match self.store.located(&id.0)? {
            Some(located) => Ok(Some(record(&located, "located statement")?)),
            None => Ok(None),
        }
    }

    pub(in crate::log) fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, ReadError> {
        Ok(self.store.slot(&slot_text(slot))?.map(StatementId))
    }

    pub(in crate::log) fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, ReadError> {
        Ok(self.store.was_granted(chain.as_str(), &Hash(keyid.0))?)
    }

    pub(in crate::log) fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, ReadError> {
        Ok(self.store.corrected_by(&id.0)?.map(StatementId))
    }

    /// The root at a size up to the committed one; `None` beyond.
    pub(in crate::log) fn root_at(&self, size: u64) -> Result<Option<Hash>, ReadError> {
        let position = self.committed().position;
        if size >= position.size {
            return Ok((size == position.size).then_some(position.root));
        }
        if let Some(root) = self.roots().get(&size) {
            return Ok(Some(*root));
        }
        let root = build::root_at(size, &TileHashes::new(self))?;
        let mut roots = self.roots();
        if roots.len() >= ROOTS_CACHED_MAX {
            roots.clear();
        }
        roots.insert(size, root);
        Ok(Some(root))
    }

    fn chains(&self) -> MutexGuard<'_, Chains> {
        self.chains.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn roots(&self) -> MutexGuard<'_, HashMap<u64, Hash>> {
        self.roots.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
