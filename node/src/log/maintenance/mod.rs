//! Opening, checking and rebuilding.

pub(in crate::log) mod fsck;
pub(in crate::log) mod rebuild;
pub(in crate::log) mod recover;
