//! The right edge of a growing tree: as many hashes as the size has set bits.

use alloc::vec::Vec;

use thiserror::Error;

use super::{EMPTY, Node, SIZE_MAX, node_hash};
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;

/// The complete subtrees that a tree of some size consists of, largest (leftmost) first.
///
/// Enough to append and to tell the root; what lies below is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Tree {
    size: u64,
    edge: Vec<Hash>,
}

/// A size and a list of hashes that do not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a tree of {size} leaves has not {hashes} edge hashes")]
pub struct EdgeError {
    size: u64,
    hashes: usize,
}

impl EdgeError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::TreeRange
    }
}

impl Tree {
    /// Returns the tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, edge: Vec::new() }
    }

    /// Takes up a tree from its size and its edge, as [`edge`](Self::edge) gave it.
    pub fn from_parts(size: u64, edge: Vec<Hash>) -> Result<Self, EdgeError> {
        if size > SIZE_MAX || size.count_ones() as usize != edge.len() {
            return Err(EdgeError { size, hashes: edge.len() });
        }
        Ok(Self { size, edge })
    }

    /// Returns the number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the roots of the complete subtrees, largest first.
    pub fn edge(&self) -> &[Hash] {
        &self.edge
    }

    /// Returns the complete subtrees that the edge hashes belong to, in the same order.
    pub fn edge_nodes(&self) -> Vec<Node> {
        super::build::root_nodes(self.size)
    }

    /// Returns the root hash.
    pub fn root(&self) -> Hash {
        fold(&self.edge)
    }

    /// Appends a leaf by its hash and returns its index.
    pub fn append(&mut self, leaf: Hash) -> u64 {
        self.append_with(leaf, |_, _| {})
    }

    /// Appends a leaf by its hash and tells every subtree that becomes complete by it: the leaf
    /// itself first (level 0), then upwards.
    pub fn append_with(&mut self, leaf: Hash, mut complete: impl FnMut(Node, Hash)) -> u64 {
        let index = self.size;
        let mut hash = leaf;
        complete(Node { level: 0, index }, hash);
        for level in 0..index.trailing_ones() as u8 {
            let Some(left) = self.edge.pop() else { break };
            hash = node_hash(&left, &hash);
            complete(Node { level: level + 1, index: index >> (level + 1) }, hash);
        }
        self.edge.push(hash);
        self.size += 1;
        index
    }
}

/// Returns the root over complete subtrees, given largest first.
pub(super) fn fold(edge: &[Hash]) -> Hash {
    edge.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY)
}

/// Returns the root over leaf hashes.
pub fn root_of_leaves(leaves: impl IntoIterator<Item = Hash>) -> Hash {
    let mut tree = Tree::new();
    for leaf in leaves {
        tree.append(leaf);
    }
    tree.root()
}
