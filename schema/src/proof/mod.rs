//! The proof bundle, how one is put together from a log, and the receipt that holds several.

mod assemble;
pub mod bundle;
pub mod receipt;

pub use assemble::{ProofSource, ProofTarget, assemble};
