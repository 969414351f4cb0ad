//! Witnessing: asking others for cosignatures.

pub mod client;
