//! The signature algorithms, one file each.

pub mod ed25519;
#[cfg(feature = "mldsa")]
pub mod mldsa;
