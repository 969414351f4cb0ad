//! Checking proofs. The algorithms walk from the leaf upwards, as RFC 9162 sections 2.1.3.2 and
//! 2.1.4.2 state them; `FORMAT.md` repeats them step by step.

use thiserror::Error;

use super::{EMPTY, PROOF_HASHES_MAX, SIZE_MAX, node_hash};
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MerkleError {
    /// The numbers ask for nothing that can be proved: index not below size, old above new, or a
    /// size above 2^63 − 1.
    #[error("index or size out of range")]
    Range,
    /// The inclusion proof has another number of hashes than this index and size need.
    #[error("the inclusion proof has the wrong length")]
    InclusionLength,
    /// The inclusion proof leads to another root.
    #[error("the inclusion proof leads to another root")]
    InclusionRoot,
    /// The consistency proof has another number of hashes than these sizes need.
    #[error("the consistency proof has the wrong length")]
    ConsistencyLength,
    /// The consistency proof leads to another old or new root.
    #[error("the two tree heads are not consistent")]
    ConsistencyRoot,
}

impl MerkleError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Range => ErrorCode::TreeRange,
            Self::InclusionLength | Self::InclusionRoot => ErrorCode::Inclusion,
            Self::ConsistencyLength | Self::ConsistencyRoot => ErrorCode::Consistency,
        }
    }
}

/// Returns the root that an inclusion proof leads to; `proof` has the leaf's sibling first.
pub fn root_from_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash]) -> Result<Hash, MerkleError> {
    if index >= size || size > SIZE_MAX {
        return Err(MerkleError::Range);
    }
    if proof.len() > PROOF_HASHES_MAX {
        return Err(MerkleError::InclusionLength);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut root = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(MerkleError::InclusionLength);
        }
        if node & 1 == 1 || node == last {
            root = node_hash(sibling, &root);
            (node, last) = climb(node, last);
        } else {
            root = node_hash(&root, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 { Ok(root) } else { Err(MerkleError::InclusionLength) }
}

/// Checks that the leaf with this hash is at `index` in the tree of `size` leaves under `root`.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> Result<(), MerkleError> {
    if root_from_inclusion(index, size, leaf, proof)? == *root { Ok(()) } else { Err(MerkleError::InclusionRoot) }
}

/// Checks that the tree of `old` leaves is the beginning of the tree of `new` leaves.
///
/// From size 0 and between equal sizes the proof is empty; the empty tree's root is [`EMPTY`].
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), MerkleError> {
    if old > new || new > SIZE_MAX {
        return Err(MerkleError::Range);
    }
    if old == 0 || old == new {
        if !proof.is_empty() {
            return Err(MerkleError::ConsistencyLength);
        }
        let empty_ok = old > 0 || *old_root == EMPTY;
        return if empty_ok && (old < new || old_root == new_root) {
            Ok(())
        } else {
            Err(MerkleError::ConsistencyRoot)
        };
    }
    if proof.len() > PROOF_HASHES_MAX {
        return Err(MerkleError::ConsistencyLength);
    }
    let (start, rest) = match proof.split_first() {
        None => return Err(MerkleError::ConsistencyLength),
        // The old tree is one complete subtree of the new one: its root is where both walks start.
        Some(_) if old.is_power_of_two() => (*old_root, proof),
        Some((first, rest)) => (*first, rest),
    };
    let shift = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut old_walk, mut new_walk) = (start, start);
    for hash in rest {
        if last == 0 {
            return Err(MerkleError::ConsistencyLength);
        }
        if node & 1 == 1 || node == last {
            old_walk = node_hash(hash, &old_walk);
            new_walk = node_hash(hash, &new_walk);
            (node, last) = climb(node, last);
        } else {
            new_walk = node_hash(&new_walk, hash);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(MerkleError::ConsistencyLength);
    }
    if old_walk == *old_root && new_walk == *new_root { Ok(()) } else { Err(MerkleError::ConsistencyRoot) }
}

/// Skips the levels on which the last node has no sibling: until the node is odd or 0.
fn climb(node: u64, last: u64) -> (u64, u64) {
    if node == 0 { (0, last) } else { (node >> node.trailing_zeros(), last >> node.trailing_zeros()) }
}
