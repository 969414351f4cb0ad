//! Digests, keys and signatures.
//!
//! Only [`key`] and [`suite`] know how long a key is and which algorithm a suite byte names.

pub mod hash;
pub mod key;
#[cfg(feature = "keyfile")]
pub mod keyfile;
pub mod suite;
