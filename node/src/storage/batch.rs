//! What one commit consists of, in the words of the log.

#![allow(missing_docs, reason = "a field is described where its name leaves something open")]

use std::ops::Range;
use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;

use super::{Error, Head, Position};

/// What a run of entries adds to a store.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub journal: JournalBatch,
    /// What is derived from the entries of `journal`, and from nothing else.
    pub index: IndexBatch,
}

/// What the journal stores, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct JournalBatch {
    /// The new envelopes, in index order.
    pub entries: Vec<Arc<[u8]>>,
    /// Every tile hash that becomes complete by them, in the order in which they become complete.
    pub tree: Vec<TreeHash>,
    /// Bodies, rows and attachments that the entries name.
    pub blobs: Vec<Blob>,
}

/// What the index stores, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct IndexBatch {
    /// The place of each new statement, in the order of the entries.
    pub located: Vec<LocatedRow>,
    /// New heads, and facts where they changed, at most once per chain and seq.
    pub chains: Vec<ChainUpdate>,
    /// Slots taken, each with the statement that took it.
    pub slots: Vec<(String, Hash)>,
    /// Keys granted, by chain.
    pub granted: Vec<(String, Hash)>,
    /// Statements corrected, each with the one that corrects it.
    pub corrected: Vec<(Hash, Hash)>,
}

/// A hash of a tile: the complete subtree of height 8 · `level` at `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHash {
    /// Tile level, 0 to 7.
    pub level: u8,
    /// Position among the subtrees of that height.
    pub index: u64,
    pub hash: Hash,
}

/// A statement and the record of its place.
#[derive(Clone, Debug)]
pub struct LocatedRow {
    pub id: Hash,
    pub chain: String,
    /// Its place in the chain.
    pub seq: u64,
    /// Its place in the log.
    pub index: u64,
    /// The record, opaque here.
    pub record: Vec<u8>,
}

/// A chain's state after one of its entries.
#[derive(Clone, Debug)]
pub struct ChainUpdate {
    pub chain: String,
    /// The entry's place in the chain.
    pub seq: u64,
    /// The head record, opaque here. Of several updates of one chain the last one's is kept.
    pub head: Vec<u8>,
    /// The facts in force after this entry, if it changed them.
    pub facts: Option<Vec<u8>>,
}

/// Bytes addressed by their SHA-256.
#[derive(Clone, Debug)]
pub struct Blob {
    /// SHA-256 of the bytes.
    pub digest: Hash,
    pub bytes: Arc<[u8]>,
}

impl Batch {
    /// Moves everything out of a batch of later entries to the end of this one.
    ///
    /// Tree hashes are not joined: they are computed over the whole.
    pub fn append(&mut self, later: &mut Self) {
        self.journal.entries.append(&mut later.journal.entries);
        self.journal.blobs.append(&mut later.journal.blobs);
        let (mine, later) = (&mut self.index, &mut later.index);
        mine.located.append(&mut later.located);
        mine.chains.append(&mut later.chains);
        mine.slots.append(&mut later.slots);
        mine.granted.append(&mut later.granted);
        mine.corrected.append(&mut later.corrected);
    }
}

impl JournalBatch {
    /// Checks that the batch leads from the expected position to the head.
    ///
    /// Every engine asks first: a batch that cannot be right is refused before anything is written.
    pub(super) fn check(&self, expected: Option<Position>, head: &Head) -> Result<(), Error> {
        let before = expected.map_or(0, |position| position.size);
        if before.checked_add(self.entries.len() as u64) != Some(head.position.size) {
            return Err(Error::Batch("the head's size is not the old size and the new entries"));
        }
        Ok(())
    }
}

impl IndexBatch {
    /// Checks that the batch may come from these entries.
    pub(super) fn check(&self, entries: &Range<u64>) -> Result<(), Error> {
        let mut next = entries.start;
        for located in &self.located {
            if located.index < next || located.index >= entries.end {
                return Err(Error::Batch("statements are not in the order of the entries"));
            }
            next = located.index + 1;
        }
        Ok(())
    }
}
