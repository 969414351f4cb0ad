//! Opening a log: what is in the store is compared with the last-signed guard and the key before
//! anything is signed.

use std::sync::Arc;

use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::{EMPTY, Tree, build};
use sanwu_schema::tlog::vkey::Vkey;

use crate::log::error::OpenError;
use crate::log::publish::{HeldKeys, KeysError, LogSigners, NoteStatus, claimed_size, stated};
use crate::log::state::{Committed, Heads, ReadError, ReadOnly, ReadState, Status, StatusCell, WitnessFacts};
use crate::log::submit::Sequencer;
use crate::storage::guard::Guard;
use crate::storage::{AppendPolicy, Batch, Commit, Head, Position, Store};

/// Opens everything but the threads; what is read is in the sequencer's handles.
pub(in crate::log) fn open(
    store: Arc<dyn Store>,
    mut guard: Guard,
    keys: HeldKeys,
    witnesses: WitnessFacts,
    asked: AppendPolicy,
) -> Result<Sequencer, OpenError> {
    let made = store.append_policy();
    if made != asked {
        return Err(OpenError::AppendPolicy { made, asked });
    }
    store.check_indexed()?;
    let origin = keys.origin().clone();
    let head = match store.head()? {
        Some(head) => head,
        None if guard.note().is_some() => return Err(OpenError::Lost),
        None => first(&*store, &keys)?,
    };
    let position = head.position;
    let committed = Committed { position, note: head.note.clone() };
    let published = store.last_published()?;
    let state = ReadState::new(store, origin, keys.vkeys(), Arc::new(witnesses));
    let heads = Heads::new(committed, published);
    let status = StatusCell::new(Status::Running);
    let root = state.chain(&ChainId::root())?;
    let facts = root.as_ref().map(|root| &*root.facts);
    // The keys that the log states, once it does; a key that was changed since may have signed last.
    let known = facts.map_or_else(|| keys.vkeys(), stated);
    if opened(&head.note, &state.origin, &known).ok_or(OpenError::OtherKey("head"))? != position {
        return Err(OpenError::OtherKey("head"));
    }
    // A lost guard file is made again from the store; after a restore to a new machine too.
    let last = match guard.note() {
        Some(note) => {
            let signers = LogSigners::new(facts, &state.held);
            Some(last_signed(note, &state.origin, &signers, position)?)
        }
        None => None,
    };
    if let Some(Last::Ahead(size)) = last {
        let why = ReadOnly::BehindGuard { here: position.size, signed: size };
        tracing::error!(store_size = position.size, signed_size = size, "read-only: {why}");
        status.doubt(why);
    } else if !keys.can_sign(facts) {
        return Err(KeysError::NoneInForce.into());
    }
    let tree: Tree = build::tree_at(position.size, &state.hashes()).map_err(ReadError::from)?;
    if tree.root() != position.root {
        return Err(OpenError::Tree(position.size));
    }
    match last {
        Some(Last::Ahead(_)) => {}
        // The store went on without the guard (a crash between the two): it has to contain it.
        Some(Last::At(last)) if state.root_at(position, last.size)? != Some(last.root) => {
            return Err(OpenError::Fork(last.size));
        }
        _ => guard.record(&head.note)?,
    }
    let (state, heads, status) = (Arc::new(state), Arc::new(heads), Arc::new(status));
    Ok(Sequencer { state, heads, status, guard, keys, head: position, tree })
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
        NoteStatus::Signed(last) if last.size > head.size => Ok(Last::Ahead(last.size)),
        NoteStatus::Signed(last) => Ok(Last::At(last)),
        // The file is this node's own: a key that neither store nor key file knows was changed since both were saved.
        _ => match claimed_size(note, origin) {
            Some(size) if size > head.size => Ok(Last::Ahead(size)),
            _ => Err(OpenError::OtherKey("last-signed guard")),
        },
    }
}

/// Signs the empty tree: from the first moment on there is a head, a note and a checkpoint.
fn first(store: &dyn Store, keys: &HeldKeys) -> Result<Head, OpenError> {
    let position = Position { size: 0, root: EMPTY };
    let head = Head { position, note: keys.sign_head(position, None)?.to_text().into_bytes() };
    match store.commit_indexed(None, &head, &Batch::default())? {
        Commit::Committed => Ok(head),
        Commit::Lost(_) => Err(OpenError::First("another writer was faster".into())),
        Commit::Unknown(why) => match store.head()? {
            Some(now) if now == head => Ok(head),
            _ => Err(OpenError::First(why)),
        },
    }
}

/// Returns the position that a note of this log signs.
pub(in crate::log) fn opened(note: &[u8], origin: &Origin, vkeys: &[Vkey]) -> Option<Position> {
    let (checkpoint, _) = Checkpoint::open(note, origin, vkeys, &[]).ok()?;
    Some(Position { size: checkpoint.size, root: checkpoint.root })
}
