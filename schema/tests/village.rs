//! What the rules do, on the sample village: derivation, admission, drafting, and that nothing tampered passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod behaviour;
mod support;
