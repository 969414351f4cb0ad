//! Publishing: signing, asking witnesses.

pub(in crate::log) mod cosign;
pub(in crate::log) mod keys;
pub(in crate::log) mod publisher;
