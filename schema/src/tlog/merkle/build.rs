//! Making roots and proofs from stored hashes of complete subtrees.

use alloc::vec::Vec;

use thiserror::Error;

use super::{PROOF_HASHES_MAX, SIZE_MAX, Tree, tree::fold};
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;

/// A complete subtree: the leaves from `index · 2^level`, 2^level of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Height above the leaves.
    pub level: u8,
    /// Position among the subtrees of that height, from the left.
    pub index: u64,
}

/// Where the hashes of complete subtrees come from: a store, tiles over HTTP, a list in memory.
///
/// The tree may grow while it is read: a complete subtree never changes, so every answer stays true.
pub trait HashReader {
    /// What reading may fail with.
    type Error;

    /// Returns the hash of the complete subtree at `level` (0 = leaf hashes) and `index`.
    fn hash(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;

    /// Returns the hashes of many subtrees, in the order asked.
    ///
    /// To be overridden where one read is cheaper than many.
    fn hashes(&self, nodes: &[Node]) -> Result<Vec<Hash>, Self::Error> {
        nodes.iter().map(|node| self.hash(node.level, node.index)).collect()
    }
}

/// Why a root or proof could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BuildError<E> {
    /// Index not below size, old above new or 0, or a size above 2^63 − 1.
    #[error("index or size out of range")]
    Range,
    /// The reader answered with another number of hashes than asked.
    #[error("the store answered with the wrong number of hashes")]
    Short,
    /// The reader failed.
    #[error("{0}")]
    Read(E),
}

impl<E> BuildError<E> {
    /// Returns the stable code; `None` if the reader's own error has to tell.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Range => Some(ErrorCode::TreeRange),
            Self::Short | Self::Read(_) => None,
        }
    }
}

/// Returns the subtrees whose hashes make the root at `size`, largest first: none for 0.
pub fn root_nodes(size: u64) -> Vec<Node> {
    cover(0, size)
}

/// Returns the root at any earlier size.
pub fn root_at<R: HashReader>(size: u64, reader: &R) -> Result<Hash, BuildError<R::Error>> {
    Ok(tree_at(size, reader)?.root())
}

/// Returns the growing edge at any earlier size.
pub fn tree_at<R: HashReader>(size: u64, reader: &R) -> Result<Tree, BuildError<R::Error>> {
    if size > SIZE_MAX {
        return Err(BuildError::Range);
    }
    let edge = reader.hashes(&root_nodes(size)).map_err(BuildError::Read)?;
    Tree::from_parts(size, edge).map_err(|_| BuildError::Short)
}

/// Returns the subtrees that the inclusion proof of `index` at `size` is made of.
pub fn inclusion_nodes(index: u64, size: u64) -> Option<Vec<Node>> {
    Some(inclusion_ranges(index, size)?.into_iter().flat_map(|(from, to)| cover(from, to)).collect())
}

/// Returns the subtrees that the consistency proof from `old` to `new` is made of.
pub fn consistency_nodes(old: u64, new: u64) -> Option<Vec<Node>> {
    Some(consistency_ranges(old, new)?.into_iter().flat_map(|(from, to)| cover(from, to)).collect())
}

/// Makes the inclusion proof of the leaf at `index` in the tree of `size` leaves.
pub fn inclusion_proof<R: HashReader>(index: u64, size: u64, reader: &R) -> Result<Vec<Hash>, BuildError<R::Error>> {
    read_ranges(&inclusion_ranges(index, size).ok_or(BuildError::Range)?, reader)
}

/// Makes the consistency proof from the tree of `old` leaves to that of `new`; empty if `old` is 0
/// or equal to `new`.
pub fn consistency_proof<R: HashReader>(old: u64, new: u64, reader: &R) -> Result<Vec<Hash>, BuildError<R::Error>> {
    read_ranges(&consistency_ranges(old, new).ok_or(BuildError::Range)?, reader)
}

/// A range of leaves that is a subtree: from a multiple of the next power of two.
type Range = (u64, u64);

fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range>> {
    if index >= size || size > SIZE_MAX {
        return None;
    }
    let (mut from, mut to) = (0, size);
    let mut ranges = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            ranges.push((middle, to));
            to = middle;
        } else {
            ranges.push((from, middle));
            from = middle;
        }
    }
    ranges.reverse();
    (ranges.len() <= PROOF_HASHES_MAX).then_some(ranges)
}

fn consistency_ranges(old: u64, new: u64) -> Option<Vec<Range>> {
    if old > new || new > SIZE_MAX {
        return None;
    }
    if old == 0 {
        return Some(Vec::new());
    }
    let (mut from, mut to) = (0, new);
    let mut ranges = Vec::new();
    while to > old {
        let middle = from + split(to - from);
        if old <= middle {
            ranges.push((middle, to));
            to = middle;
        } else {
            ranges.push((from, middle));
            from = middle;
        }
    }
    if from > 0 {
        ranges.push((from, to));
    }
    ranges.reverse();
    (ranges.len() <= PROOF_HASHES_MAX).then_some(ranges)
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// The complete subtrees that a subtree's range consists of, largest first.
fn cover(from: u64, to: u64) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut at = from;
    while at < to {
        let level = (to - at).ilog2() as u8;
        nodes.push(Node { level, index: at >> level });
        at += 1 << level;
    }
    nodes
}

/// Reads all subtrees in one go and folds each range to its hash.
fn read_ranges<R: HashReader>(ranges: &[Range], reader: &R) -> Result<Vec<Hash>, BuildError<R::Error>> {
    let covers: Vec<Vec<Node>> = ranges.iter().map(|&(from, to)| cover(from, to)).collect();
    let nodes: Vec<Node> = covers.iter().flatten().copied().collect();
    let hashes = reader.hashes(&nodes).map_err(BuildError::Read)?;
    if hashes.len() != nodes.len() {
        return Err(BuildError::Short);
    }
    let mut rest = hashes.as_slice();
    covers
        .iter()
        .map(|cover| {
            let (mine, others) = rest.split_at_checked(cover.len()).ok_or(BuildError::Short)?;
            rest = others;
            Ok(fold(mine))
        })
        .collect()
}
