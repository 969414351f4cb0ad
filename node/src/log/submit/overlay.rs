//! The committed log as the replayer reads it, and what was accepted over it, with the rows that the store will get.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::json::to_canonical;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::replay::{self, Growing as _, Layer, LayerParts, Leaf, Past, Refused, VerifiedLeaf};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::{Tree, build};
use sanwu_schema::validity::{ChainState, Effect, History, Located, Slot};

use crate::log::state::{ReadError, ReadState, slot_text};
use crate::storage::{self, Batch, ChainUpdate, Position};

/// The log as committed at one head.
pub(in crate::log) struct CommittedPast<'a> {
    pub(super) state: &'a ReadState,
    head: Position,
}

impl<'a> CommittedPast<'a> {
    /// Returns the log as committed at `head`, which is the store's.
    pub(in crate::log) fn new(state: &'a ReadState, head: Position) -> Self {
        Self { state, head }
    }
}

impl History for CommittedPast<'_> {
    type Error = ReadError;

    fn origin(&self) -> &Origin {
        &self.state.origin
    }

    fn root_at(&self, size: u64) -> Result<Option<Hash>, ReadError> {
        self.state.root_at(self.head, size)
    }

    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, ReadError> {
        self.state.chain(chain)
    }

    fn locate(&self, id: &StatementId) -> Result<Option<Located>, ReadError> {
        self.state.locate(id)
    }

    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, ReadError> {
        self.state.slot(slot)
    }

    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, ReadError> {
        self.state.was_granted(chain, keyid)
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, ReadError> {
        self.state.corrected_by(id)
    }
}

impl Past for CommittedPast<'_> {
    fn size(&self) -> u64 {
        self.head.size
    }

    fn tree(&self) -> Result<Tree, ReadError> {
        Ok(build::tree_at(self.head.size, &self.state.hashes())?)
    }
}

/// Leaves accepted over a past, and their rows.
///
/// A package writes into its own, which is dropped if the package is refused and merged into the batch's if not.
pub(in crate::log) struct Pending<'a, P> {
    layer: Layer<'a, P>,
    rows: Batch,
}

/// What is pending, without the past below it.
#[derive(Default)]
pub(in crate::log) struct PendingParts {
    layer: LayerParts,
    /// The rows that the store will get, but for head and tree.
    rows: Batch,
}

impl<'a, P: Past> Pending<'a, P> {
    pub(in crate::log) fn new(below: &'a P) -> Self {
        Self::resume(below, PendingParts::default())
    }

    /// Goes on where another one over the same past ended.
    pub(in crate::log) fn resume(below: &'a P, parts: PendingParts) -> Self {
        Self { layer: Layer::resume(below, parts.layer), rows: parts.rows }
    }

    /// Returns what validity sees: all that was accepted so far.
    pub(in crate::log) fn past(&self) -> &Layer<'a, P> {
        &self.layer
    }

    /// Places an entry whose signatures are verified.
    pub(in crate::log) fn place(&mut self, leaf: &VerifiedLeaf) -> Result<Effect, Refused<P::Error>> {
        let effect = replay::place(leaf, &mut self.layer)?;
        add_rows(&mut self.rows, leaf.entry(), &effect);
        Ok(effect)
    }

    /// Takes the next leaf of a log that exists. Returns its entry, if it is one.
    pub(in crate::log) fn step(&mut self, bytes: &[u8], leaf: Leaf) -> Result<Option<Entry>, Refused<P::Error>> {
        match replay::step(leaf, &mut self.layer)? {
            Some((entry, effect)) => {
                add_rows(&mut self.rows, &entry, &effect);
                Ok(Some(entry))
            }
            None => {
                self.rows.journal.entries.push(bytes.into());
                Ok(None)
            }
        }
    }

    /// Takes over a leaf without a statement.
    pub(in crate::log) fn add_raw(&mut self, leaf: Arc<[u8]>, hash: Hash) {
        self.layer.append(hash);
        self.rows.journal.entries.push(leaf);
    }

    /// Takes over bytes that an accepted entry names.
    pub(in crate::log) fn add_blob(&mut self, blob: storage::Blob) {
        self.rows.journal.blobs.push(blob);
    }

    /// Takes over what is pending over this.
    pub(in crate::log) fn merge(&mut self, mut above: PendingParts) {
        self.layer.merge(above.layer);
        self.rows.append(&mut above.rows);
    }

    /// Returns the number of leaves accepted.
    pub(in crate::log) fn len(&self) -> u64 {
        self.layer.parts().leaves.len() as u64
    }

    pub(in crate::log) fn into_parts(self) -> PendingParts {
        PendingParts { layer: self.layer.into_parts(), rows: self.rows }
    }
}

impl PendingParts {
    /// Returns the number of leaves accepted.
    pub(in crate::log) fn len(&self) -> u64 {
        self.layer.leaves.len() as u64
    }

    /// Returns the leaf hashes accepted.
    pub(in crate::log) fn leaves(&self) -> &[Hash] {
        &self.layer.leaves
    }

    /// Takes over bytes that an accepted entry names.
    pub(in crate::log) fn add_blob(&mut self, blob: storage::Blob) {
        self.rows.journal.blobs.push(blob);
    }

    /// Returns the rows for the store, and the chains' states after them.
    pub(in crate::log) fn into_rows(self) -> (Batch, Vec<ChainState>) {
        let states = self.layer.changes.chains().map(|(_, state)| state.clone()).collect();
        (self.rows, states)
    }
}

/// The rows that an accepted entry gives.
fn add_rows(rows: &mut Batch, entry: &Entry, effect: &Effect) {
    let statement = &entry.statement;
    let chain = statement.chain.as_str();
    rows.journal.entries.push(entry.bytes.as_slice().into());
    rows.index.located.push(storage::LocatedRow {
        id: entry.id.0,
        chain: chain.to_owned(),
        seq: statement.seq,
        index: effect.located.index,
        record: to_canonical(&effect.located),
    });
    rows.index.chains.push(ChainUpdate {
        chain: chain.to_owned(),
        seq: statement.seq,
        head: to_canonical(&effect.state.head),
        facts: effect.facts_changed.then(|| to_canonical(&*effect.state.facts)),
    });
    rows.index.slots.extend(effect.slot.iter().map(|slot| (slot_text(slot), entry.id.0)));
    rows.index.granted.extend(effect.granted.iter().map(|keyid| (chain.to_owned(), Hash(keyid.0))));
    rows.index.corrected.extend(effect.corrects.map(|corrected| (corrected.0, entry.id.0)));
}
