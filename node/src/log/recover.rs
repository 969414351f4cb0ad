//! Opening a log: what is in the store is compared with the last-signed guard and the key before
//! anything is signed.

use std::sync::Arc;

use sanwu_schema::hash::Hash;
use sanwu_schema::key::{SignerKey, Vkey};
use sanwu_schema::log::checkpoint::{Checkpoint, Origin};
use sanwu_schema::log::merkle::{EMPTY, Tree, build};
use thiserror::Error;

use super::ReadError;
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
    /// The key's name is not a log origin.
    #[error("the log key's name is not a log origin")]
    Origin,
    /// The head in the store is not signed by this key, or the guard's note is not.
    #[error("the {0} is not signed by this log key")]
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
    signer: SignerKey,
    asked: Admission,
) -> Result<(Arc<Shared>, Sequencer), OpenError> {
    let made = store.admission();
    if made != asked {
        return Err(OpenError::Admission { made, asked });
    }
    let vkey = signer.vkey().clone();
    let origin = Origin::parse(vkey.name()).map_err(|_| OpenError::Origin)?;
    let head = match store.head()? {
        Some(head) => head,
        None if guard.note().is_some() => return Err(OpenError::Lost),
        None => first(&*store, &origin, &signer)?,
    };
    if opened(&head.note, &origin, &vkey).ok_or(OpenError::OtherKey("head"))? != head.position {
        return Err(OpenError::OtherKey("head"));
    }
    let status = match guard.note().map(<[u8]>::to_vec) {
        Some(note) => {
            let last = opened(&note, &origin, &vkey).ok_or(OpenError::OtherKey("last-signed guard"))?;
            compare(last, head.position)?
        }
        // A lost guard file is made anew from the store; after a restore to a new machine too.
        None => Status::Running,
    };
    let published = store.last_published()?;
    let position = head.position;
    let committed = Committed { position, note: head.note.clone() };
    let shared = Arc::new(Shared::new(store, origin, vkey, committed, published, status.clone()));
    let hashes = TileHashes::new(&shared);
    let tree: Tree = build::tree_at(position.size, &hashes).map_err(ReadError::from)?;
    if tree.root() != position.root {
        return Err(OpenError::Tree(position.size));
    }
    if status == Status::Running {
        if let Some(note) = guard.note() {
            // The store went on without the guard (a crash between the two): it has to contain it.
            let last = opened(note, &shared.origin, &shared.vkey).ok_or(OpenError::OtherKey("last-signed guard"))?;
            if shared.root_at(last.size)? != Some(last.root) {
                return Err(OpenError::Fork(last.size));
            }
        }
        guard.record(&head.note)?;
    }
    drop(hashes);
    Ok((Arc::clone(&shared), Sequencer { shared, guard, signer, tree }))
}

/// Signs the empty tree: from the first moment on there is a head, a note and a checkpoint.
fn first(store: &dyn Store, origin: &Origin, signer: &SignerKey) -> Result<Head, OpenError> {
    let checkpoint = Checkpoint { origin: origin.clone(), size: 0, root: EMPTY };
    let note = checkpoint.sign(signer).map_err(|error| OpenError::First(error.to_string()))?;
    let head = Head { position: Position { size: 0, root: EMPTY }, note: note.to_text().into_bytes() };
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
pub(super) fn opened(note: &[u8], origin: &Origin, vkey: &Vkey) -> Option<Position> {
    let (checkpoint, _) = Checkpoint::open(note, origin, std::slice::from_ref(vkey), &[]).ok()?;
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
