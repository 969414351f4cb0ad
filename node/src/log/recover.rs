//! Opening a log: what is in the store is compared with the last-signed guard and the key before
//! anything is signed.

use std::sync::Arc;

use sanwu_schema::hash::Hash;
use sanwu_schema::key::Vkey;
use sanwu_schema::log::checkpoint::{Checkpoint, Origin};
use sanwu_schema::log::merkle::{EMPTY, Tree, build};
use sanwu_schema::statement::ChainId;
use thiserror::Error;

use super::ReadError;
use super::cosign::{Reach, WitnessFacts};
use super::keys::{self, KeysError, LogKeys};
use super::sequencer::Sequencer;
use super::state::{Committed, Shared, Status};
use super::tree::TileHashes;
use crate::storage::guard::Guard;
use crate::storage::{self, Admission, Batch, Commit, Head, Position, Store};

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
pub(super) fn open(
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
    if !keys.can_sign(facts) {
        return Err(KeysError::NoneInForce.into());
    }
    // The log's own word on its keys, once there is one; a key that was changed since may have signed last.
    let known = facts.map_or_else(|| keys.vkeys(), keys::stated);
    if opened(&head.note, &shared.origin, &known).ok_or(OpenError::OtherKey("head"))? != position {
        return Err(OpenError::OtherKey("head"));
    }
    let status = match guard.note() {
        Some(note) => {
            let last = opened(note, &shared.origin, &known).ok_or(OpenError::OtherKey("last-signed guard"))?;
            compare(last, position)?
        }
        // A lost guard file is made anew from the store; after a restore to a new machine too.
        None => Status::Running,
    };
    shared.set_status(status.clone());
    let shared = Arc::new(shared);
    let hashes = TileHashes::new(&shared);
    let tree: Tree = build::tree_at(position.size, &hashes).map_err(ReadError::from)?;
    if tree.root() != position.root {
        return Err(OpenError::Tree(position.size));
    }
    if status == Status::Running {
        if let Some(note) = guard.note() {
            // The store went on without the guard (a crash between the two): it has to contain it.
            let last = opened(note, &shared.origin, &known).ok_or(OpenError::OtherKey("last-signed guard"))?;
            if shared.root_at(last.size)? != Some(last.root) {
                return Err(OpenError::Fork(last.size));
            }
        }
        guard.record(&head.note)?;
    }
    Ok((Arc::clone(&shared), Sequencer { shared, guard, keys, tree }))
}

/// Asks every witness, all at the same time, for the newest checkpoint of this log that it has cosigned. One that is
/// ahead of the store, or of another history, makes the log read-only; a silent one is told in its standing and
/// counts as nothing.
pub(super) fn ask_witnesses(shared: &Arc<Shared>, reaches: &mut [Reach]) {
    std::thread::scope(|scope| {
        for Reach { names, peer } in reaches {
            scope.spawn(move || {
                let name = names.first().map_or("", String::as_str);
                if let Err(why) = peer.latest().and_then(|record| heed_witness(shared, name, record.as_deref())) {
                    names.iter().for_each(|name| shared.witnesses.trouble(name, &why));
                }
            });
        }
    });
}

/// Stops admission if what a witness has recorded is not part of the log: this store is an old copy, or somebody
/// else signs with the key. An error if the log has not signed what the witness shows: its word alone stops no log.
pub(super) fn heed_witness(shared: &Shared, name: &str, record: Option<&[u8]>) -> Result<(), String> {
    let Some(note) = record else { return Ok(()) };
    if let Some(why) = compare_witness(shared, name, note)? {
        tracing::error!(witness = name, "read-only: {why}");
        shared.set_status(Status::ReadOnly(why));
    }
    Ok(())
}

/// Why the log may not go on, in view of what a witness has recorded; `None` if that is part of the log.
fn compare_witness(shared: &Shared, name: &str, note: &[u8]) -> Result<Option<String>, String> {
    let root = shared.chain(&ChainId::root()).map_err(|error| error.to_string())?;
    let known = root.map_or_else(|| shared.held.clone(), |state| keys::stated(&state.facts));
    let shown = opened(note, &shared.origin, &known).ok_or("it shows a checkpoint that this log has not signed")?;
    let head = shared.committed().position;
    if shown.size > head.size {
        return Ok(Some(format!(
            "the store ends at size {}, but witness {name} has this log's signature over size {}: an old copy was put \
             back. Restore the newest backup, or fetch the missing entries from a mirror or replica",
            head.size, shown.size
        )));
    }
    let root = shared.root_at(shown.size).map_err(|error| error.to_string())?;
    Ok((root != Some(shown.root)).then(|| {
        format!(
            "witness {name} has this log's signature over another history of size {}: never sign again with this key; \
             keep both and report it",
            shown.size
        )
    }))
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
pub(super) fn opened(note: &[u8], origin: &Origin, vkeys: &[Vkey]) -> Option<Position> {
    let (checkpoint, _) = Checkpoint::open(note, origin, vkeys, &[]).ok()?;
    Some(Position { size: checkpoint.size, root: checkpoint.root })
}

/// What a guard at `last` says about a store at `head`.
fn compare(last: Position, head: Position) -> Result<Status, OpenError> {
    let roots: [Hash; 2] = [last.root, head.root];
    if last.size == head.size && roots[0] != roots[1] {
        return Err(OpenError::Fork(last.size));
    }
    if last.size > head.size {
        let why = format!(
            "the store ends at size {}, but this log has signed size {}: an old copy was put back",
            head.size, last.size
        );
        tracing::error!(store_size = head.size, signed_size = last.size, "read-only: {why}");
        return Ok(Status::ReadOnly(why));
    }
    Ok(Status::Running)
}
