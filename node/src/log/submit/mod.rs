//! Submitting: admission and the one writer.

pub(in crate::log) mod admit;
pub(in crate::log) mod overlay;
pub(in crate::log) mod sequencer;
