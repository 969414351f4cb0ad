//! Documents that are put together from the log: proof bundles, the trust file, what a drafter needs.

pub(super) mod bundle;
pub(super) mod chain_info;
pub(super) mod trust;
