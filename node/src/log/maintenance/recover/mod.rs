//! Opening a log: what is in the store is compared with the last-signed guard and the key before
//! anything is signed.

mod witnesses;

use std::sync::Arc;

use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::{EMPTY, Tree, build};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::Vkey;
use thiserror::Error;

use crate::log::ReadError;
use crate::log::publish::cosign::WitnessFacts;
use crate::log::publish::keys::{self, KeysError, LogKeys, LogSigners, Shown};
use crate::log::state::shared::{Committed, Shared, Status};
use crate::log::state::tree::TileHashes;
use crate::log::submit::sequencer::Sequencer;
use crate::storage::guard::Guard;
use crate::storage::{self, Admission, Batch, Commit, Head, Position, Store};

pub(in crate::log) use witnesses::{ask_witnesses, heed_witness};

/// What to do about a store that is an old copy.
const REMEDY: &str = "Restore the newest backup, or fetch the missing entries from a mirror or replica.";

/// Why a log was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// The store's content could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The keys cannot sign this log.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The head in the store is not signed by this log's keys, or the guard's note is not.
    #[error("the {0} is not signed by this log's keys")]
    OtherKey(&'static str),
    /// The tree in the store has another root than the head that was signed.
    #[error("the stored tree does not have the signed root at size {0}: restore a backup and run fsck")]
    Tree(u64),
    /// Store and guard have signed different roots at one size.
    #[error("the guard has another root than the store at size {0}: never sign again with this key")]
    Fork(u64),
    /// The settings say another rule of admission than the one the log was made under.
    #[error("log.toml says admission = \"{}\", but this log was made with \"{}\"", .asked.as_str(), .made.as_str())]
    Admission {
        /// What the log was made under.
        made: Admission,
        /// What it was to be opened with.
        asked: Admission,
    },
    /// The store is empty, but the guard says that the log has signed.
    #[error("the store is empty, but this log has signed before: restore a backup")]
    Lost,
    /// The first commit of a new log failed.
    #[error("the new log could not be signed: {0}")]
    First(String),
    /// A file or thread could not be had.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Opens everything but the threads.
pub(in crate::log) fn open(
    store: Arc<dyn Store>,
    mut guard: Guard,
    keys: LogKeys,
    witnesses: WitnessFacts,
    asked: Admission,
) -> Result<(Arc<Shared>, Sequencer), OpenError> {
    let made = store.admission();
    if made != asked {
        return Err(OpenError::Admission { made, asked });
    }
    let origin = keys.origin().clone();
    let head = match store.head()? {
        Some(head) => head,
        None if guard.note().is_some() => return Err(OpenError::Lost),
        None => first(&*store, &keys)?,
    };
    let position = head.position;
    let committed = Committed { position, note: head.note.clone() };
    let published = store.last_published()?;
    let mut shared = Shared::new(store, origin, keys.vkeys(), committed, published, Status::Running);
    shared.witnesses = Arc::new(witnesses);
    let root = shared.chain(&ChainId::root())?;
    let facts = root.as_ref().map(|state| &*state.facts);
    // The log's own word on its keys, once there is one; a key that was changed since may have signed last.
    let known = facts.map_or_else(|| keys.vkeys(), keys::stated);
    if opened(&head.note, &shared.origin, &known).ok_or(OpenError::OtherKey("head"))? != position {
        return Err(OpenError::OtherKey("head"));
    }
    // A lost guard file is made anew from the store; after a restore to a new machine too.
    let last = match guard.note() {
        Some(note) => {
            let signers = LogSigners::new(facts, &shared.held);
            Some(last_signed(note, &shared.origin, &signers, position)?)
        }
        None => None,
    };
    if let Some(Last::Ahead(size)) = last {
        let why = format!(
            "the store ends at size {}, but this log has signed size {size}: an old copy was put back. {REMEDY}",
            position.size
        );
        tracing::error!(store_size = position.size, signed_size = size, "read-only: {why}");
        shared.doubt(why);
    } else if !keys.can_sign(facts) {
        return Err(KeysError::NoneInForce.into());
    }
    let shared = Arc::new(shared);
    let hashes = TileHashes::new(&shared);
    let tree: Tree = build::tree_at(position.size, &hashes).map_err(ReadError::from)?;
    if tree.root() != position.root {
        return Err(OpenError::Tree(position.size));
    }
    match last {
        Some(Last::Ahead(_)) => {}
        // The store went on without the guard (a crash between the two): it has to contain it.
        Some(Last::At(last)) if shared.root_at(last.size)? != Some(last.root) => {
            return Err(OpenError::Fork(last.size));
        }
        _ => guard.record(&head.note)?,
    }
    Ok((Arc::clone(&shared), Sequencer { shared, guard, keys, tree }))
}

/// What the guard's note says.
enum Last {
    /// Signed was this, and the store is there or beyond.
    At(Position),
    /// Signed was a tree of this size, beyond the store's.
    Ahead(u64),
}

/// Reads the guard's note beside a store at `head`.
fn last_signed(note: &[u8], origin: &Origin, signers: &LogSigners, head: Position) -> Result<Last, OpenError> {
    match signers.open(note, origin) {
        Shown::Signed(last) if last.size > head.size => Ok(Last::Ahead(last.size)),
        Shown::Signed(last) => Ok(Last::At(last)),
        // The file is this node's own: a key that neither store nor key file knows was changed since both were saved.
        _ => match claimed(note, origin) {
            Some(size) if size > head.size => Ok(Last::Ahead(size)),
            _ => Err(OpenError::OtherKey("last-signed guard")),
        },
    }
}

/// Signs the empty tree: from the first moment on there is a head, a note and a checkpoint.
fn first(store: &dyn Store, keys: &LogKeys) -> Result<Head, OpenError> {
    let position = Position { size: 0, root: EMPTY };
    let head = Head { position, note: keys.sign_head(position, None)?.to_text().into_bytes() };
    match store.commit(None, &Batch { head: Some(head.clone()), ..Batch::default() })? {
        Commit::Committed => Ok(head),
        Commit::Lost(_) => Err(OpenError::First("another writer was faster".into())),
        Commit::Unknown(why) => match store.head()? {
            Some(now) if now == head => Ok(head),
            _ => Err(OpenError::First(why)),
        },
    }
}

/// The position that a note of this log signs.
pub(in crate::log) fn opened(note: &[u8], origin: &Origin, vkeys: &[Vkey]) -> Option<Position> {
    let (checkpoint, _) = Checkpoint::open(note, origin, vkeys, &[]).ok()?;
    Some(Position { size: checkpoint.size, root: checkpoint.root })
}

/// The size that a note names for this log, whoever signed it.
fn claimed(note: &[u8], origin: &Origin) -> Option<u64> {
    let checkpoint = Checkpoint::parse(Note::parse(note).ok()?.text()).ok()?;
    (checkpoint.origin == *origin).then_some(checkpoint.size)
}
