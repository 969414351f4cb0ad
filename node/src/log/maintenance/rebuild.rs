//! Replaying a journal: into a new store, or to derive the index of a store again.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::replay::{self, LeafRule, Past as _, Refused};
use sanwu_schema::tlog::merkle::{EMPTY, Tree, leaf_hash};
use thiserror::Error;

use super::recover::opened;
use crate::log::publish::{HeldKeys, Witnessing};
use crate::log::state::{ReadError, ReadState, extend};
use crate::log::submit::{CommittedPast, Pending, PendingParts};
use crate::storage::{self, Blob, Commit, ENTRIES_PER_READ_MAX, Head, Journal, Position, ROWS_PER_READ_MAX, Store};

/// Why a store could not be rebuilt.
#[derive(Debug, Error)]
pub enum RebuildError {
    /// A store cannot be read or written.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// What was written by the replay cannot be read.
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
    /// The journal has no head, or one that none of the keys held has signed.
    #[error("the store has no head signed by the log keys held")]
    Head,
    /// The entries do not give the root that was signed.
    #[error("the entries do not give the signed root at size {0}")]
    Root(u64),
    /// The new store is not empty.
    #[error("the new store did not take a batch: {0}")]
    Target(String),
}

/// Replays `old` into the empty store `new`: tree, statements, chains, slots.
///
/// Bodies and published checkpoints are copied; the index of `old` is not read. Returns the size.
pub fn rebuild(old: &dyn Journal, new: Arc<dyn Store>, keys: &HeldKeys, raw_leaves: bool) -> Result<u64, RebuildError> {
    let head = signed_head(old, keys)?;
    let mut target = Target::new(old, Arc::clone(&new), keys, raw_leaves);
    for_each_run(old, head.position, |entries| {
        let pending = target.derive(entries, Blobs::Copied)?;
        target.commit(pending, &head)
    })?;
    if head.position.size == 0 {
        target.commit(PendingParts::default(), &head)?;
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

/// Drops the index of a store and derives it again from the journal, which is not touched. Returns the size.
///
/// That the entries give the signed root is checked before anything is dropped. Interrupted after that, the index is
/// incomplete and says so ([`Store::check_indexed`]); running it again starts over.
pub fn reindex(mut store: Box<dyn Store>, keys: &HeldKeys, raw_leaves: bool) -> Result<u64, RebuildError> {
    let head = signed_head(&*store, keys)?;
    let mut tree = Tree::new();
    for_each_run(&*store, head.position, |entries| {
        entries.iter().for_each(|entry| _ = tree.append(leaf_hash(entry)));
        Ok(())
    })?;
    if tree.root() != head.position.root {
        return Err(RebuildError::Root(head.position.size));
    }
    store.clear()?;
    let store: Arc<dyn Store> = store.into();
    let mut target = Target::new(&*store, Arc::clone(&store), keys, raw_leaves);
    for_each_run(&*store, head.position, |entries| {
        let pending = target.derive(entries, Blobs::There)?;
        target.apply(pending)
    })?;
    Ok(head.position.size)
}

/// The journal's head, which a key held has signed.
fn signed_head(journal: &dyn Journal, keys: &HeldKeys) -> Result<Head, RebuildError> {
    let head = journal.head()?.ok_or(RebuildError::Head)?;
    if opened(&head.note, keys.origin(), &keys.vkeys()) != Some(head.position) {
        return Err(RebuildError::Head);
    }
    Ok(head)
}

/// Hands over all entries below the head in their order, one bundle at a time.
fn for_each_run(
    journal: &dyn Journal,
    head: Position,
    mut take: impl FnMut(&[Vec<u8>]) -> Result<(), RebuildError>,
) -> Result<(), RebuildError> {
    let mut next = 0;
    while next < head.size {
        let run = usize::try_from(head.size - next).map_or(ENTRIES_PER_READ_MAX, |left| left.min(ENTRIES_PER_READ_MAX));
        let entries = journal.entries(next, run)?;
        if entries.is_empty() {
            return Err(RebuildError::Root(head.size));
        }
        take(&entries)?;
        next += entries.len() as u64;
    }
    Ok(())
}

/// Whether the target has the bytes that the entries name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blobs {
    /// They are copied with the entries.
    Copied,
    /// They are there.
    There,
}

struct Target<'a> {
    /// The journal that is replayed.
    old: &'a dyn Journal,
    /// What is read of the log as far as it is replayed, over the store that is written.
    state: ReadState,
    tree: Tree,
    expected: Option<Position>,
    rule: LeafRule,
}

impl<'a> Target<'a> {
    fn new(old: &'a dyn Journal, store: Arc<dyn Store>, keys: &HeldKeys, raw_leaves: bool) -> Self {
        let witnesses = Arc::new(Witnessing::none().facts());
        let state = ReadState::new(store, keys.origin().clone(), keys.vkeys(), witnesses);
        let rule = if raw_leaves { LeafRule::Any } else { LeafRule::Entries };
        Self { old, state, tree: Tree::new(), expected: None, rule }
    }

    /// What the next entries change, checked as when they were first placed.
    fn derive(&self, entries: &[Vec<u8>], blobs: Blobs) -> Result<PendingParts, RebuildError> {
        let past = CommittedPast::new(&self.state, self.expected.unwrap_or(Position { size: 0, root: EMPTY }));
        let mut pending = Pending::new(&past);
        for bytes in entries {
            let index = pending.past().size();
            let leaf = replay::read(bytes, self.rule).map_err(|invalid| RebuildError::Entry { index, invalid })?;
            let entry = pending.step(bytes, leaf).map_err(|refused| match refused {
                Refused::Invalid(invalid) => RebuildError::Entry { index, invalid },
                Refused::History(error) => error.into(),
            })?;
            let Some(entry) = entry else { continue };
            let named = if blobs == Blobs::Copied { self.named(&entry)? } else { Vec::new() };
            for digest in named {
                if let Some(bytes) = self.old.blob(&digest)? {
                    pending.add_blob(Blob { digest, bytes: bytes.into() });
                }
            }
        }
        Ok(pending.into_parts())
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

    fn commit(&mut self, pending: PendingParts, last: &Head) -> Result<(), RebuildError> {
        let tree_hashes = extend(&mut self.tree, pending.leaves());
        let (mut batch, changed) = pending.into_rows();
        batch.journal.tree = tree_hashes;
        let position = Position { size: self.tree.size(), root: self.tree.root() };
        // Only the last size was signed by this log; nothing else is signed here.
        let note = if position == last.position { last.note.clone() } else { Vec::new() };
        let head = Head { position, note };
        match self.state.store.commit_indexed(self.expected, &head, &batch)? {
            Commit::Committed => {
                self.expected = Some(position);
                self.state.advance(changed);
                Ok(())
            }
            other => Err(RebuildError::Target(format!("{other:?}"))),
        }
    }

    fn apply(&mut self, pending: PendingParts) -> Result<(), RebuildError> {
        let before = self.tree.size();
        extend(&mut self.tree, pending.leaves());
        let (batch, changed) = pending.into_rows();
        let position = Position { size: self.tree.size(), root: self.tree.root() };
        self.state.store.apply(before..position.size, &batch.index)?;
        self.expected = Some(position);
        self.state.advance(changed);
        Ok(())
    }
}
