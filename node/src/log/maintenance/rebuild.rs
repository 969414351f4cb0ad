//! Making every derived record anew from entries and bodies, into a new store.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::tlog::merkle::{EMPTY, Tree, leaf_hash};
use sanwu_schema::validity::{self, Refused};
use thiserror::Error;

use super::recover::opened;
use crate::log::publish::{HeldKeys, Witnessing};
use crate::log::state::{ReadError, ReadState, extend};
use crate::log::submit::{Layer, Overlay, verify};
use crate::storage::{self, Blob, Commit, ENTRIES_PER_READ_MAX, Head, Position, ROWS_PER_READ_MAX, Store};

/// Why a store could not be rebuilt.
#[derive(Debug, Error)]
pub enum RebuildError {
    /// The old store cannot be read, or the new one not be written.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// What was written to the new store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An entry is not valid at its position.
    #[error("entry {index}: {invalid}")]
    Entry {
        /// Its index.
        index: u64,
        /// Why.
        invalid: Invalid,
    },
    /// The old store has no head, or one that none of the keys held has signed.
    #[error("the store has no head signed by the log keys held")]
    Head,
    /// The entries do not give the root that was signed.
    #[error("the entries do not give the signed root at size {0}")]
    Root(u64),
    /// The new store is not empty.
    #[error("the new store did not take a batch: {0}")]
    Target(String),
}

/// Replays `old` into the empty store `new`: tree, statements, chains, slots. Bodies and published
/// checkpoints are copied. Returns the size.
pub fn rebuild(old: &dyn Store, new: Arc<dyn Store>, keys: &HeldKeys, raw_leaves: bool) -> Result<u64, RebuildError> {
    let head = old.head()?.ok_or(RebuildError::Head)?;
    if opened(&head.note, keys.origin(), &keys.vkeys()) != Some(head.position) {
        return Err(RebuildError::Head);
    }
    let witnesses = Arc::new(Witnessing::none().facts());
    let state = ReadState::new(Arc::clone(&new), keys.origin().clone(), keys.vkeys(), witnesses);
    let mut target = Target { old, state, tree: Tree::new(), expected: None, raw_leaves };
    while target.tree.size() < head.position.size {
        let entries = old.entries(target.tree.size(), ENTRIES_PER_READ_MAX)?;
        if entries.is_empty() {
            return Err(RebuildError::Root(head.position.size));
        }
        let layer = target.derive(&entries)?;
        target.commit(layer, &head)?;
    }
    if head.position.size == 0 {
        target.commit(Layer::default(), &head)?;
    }
    if target.tree.root() != head.position.root {
        return Err(RebuildError::Root(head.position.size));
    }
    let mut from = 0;
    loop {
        let published = old.published_from(from, ROWS_PER_READ_MAX)?;
        let Some(last) = published.last() else { break };
        from = last.size.saturating_add(1);
        published.iter().try_for_each(|one| new.publish(one))?;
    }
    Ok(head.position.size)
}

struct Target<'a> {
    old: &'a dyn Store,
    state: ReadState,
    tree: Tree,
    expected: Option<Position>,
    raw_leaves: bool,
}

impl Target<'_> {
    /// What the next entries change, checked as when they were first placed.
    fn derive(&self, entries: &[Vec<u8>]) -> Result<Layer, RebuildError> {
        let none = Layer::default();
        let head = self.expected.unwrap_or(Position { size: 0, root: EMPTY });
        let mut layer = Layer::default();
        for bytes in entries {
            let past = Overlay { state: &self.state, head, batch: &none, package: &layer };
            let index = past.next_index();
            let entry = match Entry::parse(bytes) {
                Ok(entry) => entry,
                Err(_) if self.raw_leaves => {
                    layer.add_raw(bytes.as_slice().into(), leaf_hash(bytes));
                    continue;
                }
                Err(invalid) => return Err(RebuildError::Entry { index, invalid }),
            };
            let signed = verify(entry, &past).map_err(|invalid| RebuildError::Entry { index, invalid })?;
            let effect = validity::check(&signed, index, &past).map_err(|refused| match refused {
                Refused::Invalid(invalid) => RebuildError::Entry { index, invalid },
                Refused::History(error) => error.into(),
            })?;
            for digest in self.named(signed.entry())? {
                if let Some(bytes) = self.old.blob(&digest)? {
                    layer.add_blob(Blob { digest, bytes: bytes.into() });
                }
            }
            layer.add(signed.entry(), signed.entry().leaf_hash(), effect);
        }
        Ok(layer)
    }

    /// The blobs that an entry names.
    fn named(&self, entry: &Entry) -> Result<Vec<Hash>, RebuildError> {
        let Some(reference) = &entry.statement.body else { return Ok(Vec::new()) };
        let mut named = vec![reference.digest];
        let bytes = self.old.blob(&reference.digest)?;
        let body = bytes.and_then(|bytes| Body::parse(entry.statement.kind, &bytes).ok());
        named.extend(body.iter().flat_map(Body::attachments).map(|attachment| attachment.digest));
        Ok(named)
    }

    fn commit(&mut self, layer: Layer, last: &Head) -> Result<(), RebuildError> {
        let tree_hashes = extend(&mut self.tree, layer.leaves());
        let (mut batch, changed) = layer.into_rows();
        batch.tree = tree_hashes;
        let position = Position { size: self.tree.size(), root: self.tree.root() };
        // Only the last size was signed by this log; nothing else is signed here.
        let note = if position == last.position { last.note.clone() } else { Vec::new() };
        batch.head = Some(Head { position, note });
        match self.state.store.commit(self.expected, &batch)? {
            Commit::Committed => {
                self.expected = Some(position);
                self.state.advance(changed);
                Ok(())
            }
            other => Err(RebuildError::Target(format!("{other:?}"))),
        }
    }
}
