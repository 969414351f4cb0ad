//! The Merkle tree of RFC 6962 over SHA-256: hashes, the growing edge, proofs.
//!
//! Checking is in [`verify_inclusion`] and [`verify_consistency`]; making proofs is in [`build`],
//! over any [`HashReader`]. All functions are total: hostile sizes and proofs give an error.

pub mod build;
mod tree;
mod verify;

pub use build::{HashReader, Node};
pub use tree::{EdgeError, Tree, root_of_leaves};
pub use verify::{MerkleError, root_from_inclusion, verify_consistency, verify_inclusion};

use crate::crypto::hash::Hash;

/// The largest tree size that any function here accepts: 2^63 − 1.
pub const SIZE_MAX: u64 = i64::MAX as u64;

/// The longest proof that is read or made; a tree of 2^62 leaves needs no more.
pub const PROOF_HASHES_MAX: usize = 63;

/// The root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// Returns the hash of a leaf: SHA-256(0x00 ‖ leaf).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Hash::digest_parts(&[&[0], leaf])
}

/// Returns the hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::digest_parts(&[&[1], &left.0, &right.0])
}
