//! What one commit consists of, in the words of the log.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;

use super::{Error, Head, Position};

/// Everything that one commit stores, all or nothing.
///
/// Positions are absolute: the first of `entries` has the index `expected.size`.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The new envelopes, in index order.
    pub entries: Vec<Arc<[u8]>>,
    /// Every tile hash that becomes complete by them, in the order in which they become complete.
    pub tree: Vec<TreeHash>,
    /// Where each new statement stands.
    pub located: Vec<Located>,
    /// New heads, and facts where they changed, at most once per chain and seq.
    pub chains: Vec<ChainUpdate>,
    /// Slots taken, each with the statement that took it.
    pub slots: Vec<(String, Hash)>,
    /// Keys granted, by chain.
    pub granted: Vec<(String, Hash)>,
    /// Statements corrected, each with the one that corrects it.
    pub corrected: Vec<(Hash, Hash)>,
    /// Bodies, rows and attachments that the entries name.
    pub blobs: Vec<Blob>,
    /// The head after the batch.
    pub head: Option<Head>,
}

/// A hash that belongs into a tile: the complete subtree of height 8 · `level` at `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHash {
    /// Tile level, 0 to 7.
    pub level: u8,
    /// Position among the subtrees of that height.
    pub index: u64,
    /// The subtree's hash.
    pub hash: Hash,
}

/// A statement and the record that says where it stands.
#[derive(Clone, Debug)]
pub struct Located {
    /// The statement id.
    pub id: Hash,
    /// The chain it belongs to.
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
    /// The chain.
    pub chain: String,
    /// The entry's place in the chain.
    pub seq: u64,
    /// The head record, opaque here. Of several updates of one chain the last one's stays.
    pub head: Vec<u8>,
    /// The facts in force after this entry, if it changed them.
    pub facts: Option<Vec<u8>>,
}

/// Bytes addressed by their SHA-256.
#[derive(Clone, Debug)]
pub struct Blob {
    /// SHA-256 of the bytes.
    pub digest: Hash,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

impl Batch {
    /// The head after the batch, once the batch is known to fit the expected head.
    ///
    /// Both engines call this first: what cannot be right is refused before anything is written.
    pub(super) fn check(&self, expected: Option<Position>) -> Result<&Head, Error> {
        let head = self.head.as_ref().ok_or(Error::Batch("no head"))?;
        let before = expected.map_or(0, |position| position.size);
        if before.checked_add(self.entries.len() as u64) != Some(head.position.size) {
            return Err(Error::Batch("the head's size is not the old size and the new entries"));
        }
        let mut next = before;
        for located in &self.located {
            if located.index < next || located.index >= head.position.size {
                return Err(Error::Batch("statements are not in the order of the entries"));
            }
            next = located.index + 1;
        }
        Ok(head)
    }
}
