//! The proof bundle, which is also the receipt.

pub mod bundle;
