//! Opening a replica: what is in its store has to be a beginning of something that the log has signed.

use std::sync::Arc;

use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::{EMPTY, Tree, build};

use super::pins::Pins;
use crate::log::error::OpenError;
use crate::log::state::{Committed, Heads, ReadError, ReadOnly, ReadState, Status, StatusCell};
use crate::storage::{Position, Store};

/// An opened store.
pub(super) struct OpenedReplica {
    pub(super) state: Arc<ReadState>,
    pub(super) heads: Arc<Heads>,
    pub(super) status: Arc<StatusCell>,
    /// The tree at the store's position.
    pub(super) tree: Tree,
    /// The store's position; `None` before its first commit.
    pub(super) at: Option<Position>,
}

/// Opens the store and checks it against itself and the pinned keys.
pub(super) fn open(store: Arc<dyn Store>, pins: &Pins) -> Result<OpenedReplica, OpenError> {
    store.check_indexed()?;
    let head = store.head()?;
    let published = store.last_published()?;
    let at = head.as_ref().map(|head| head.position);
    let position = at.unwrap_or(Position { size: 0, root: EMPTY });
    let status = if published.is_some() { Status::Running } else { Status::ReadOnly(ReadOnly::FirstCopy) };
    let start = Committed { position, note: Vec::new() };
    let held = pins.log_vkeys.clone();
    let state = ReadState::new(store, pins.origin.clone(), held, Arc::new(pins.witnesses()));
    let heads = Heads::new(start, published.clone());
    if let Some(head) = head {
        let root = state.chain(&ChainId::root())?;
        // Whether the key was in time was asked when the note was taken.
        let keys = pins.signers(root.as_ref().map(|state| &*state.facts));
        let signed = Checkpoint::open(&head.note, &pins.origin, keys.vkeys(), &[]);
        let (signed, _) = signed.map_err(|_| OpenError::OtherKey("head"))?;
        // Signed is this position, or a larger one that it was on its way to.
        if signed.size < position.size || (signed.size == position.size && signed.root != position.root) {
            return Err(OpenError::OtherKey("head"));
        }
        if signed.size == position.size {
            heads.set_committed(Committed { position, note: head.note });
        }
    }
    let tree = build::tree_at(position.size, &state.hashes()).map_err(ReadError::from)?;
    if tree.root() != position.root {
        return Err(OpenError::Tree(position.size));
    }
    if published.is_some_and(|published| published.size > position.size) {
        return Err(OpenError::Lost);
    }
    Ok(OpenedReplica {
        state: Arc::new(state),
        heads: Arc::new(heads),
        status: Arc::new(StatusCell::new(status)),
        tree,
        at,
    })
}
