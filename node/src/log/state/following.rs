//! How far behind its upstream a replica is.

use std::sync::{Mutex, PoisonError};

use super::trouble::FollowTrouble;

/// The state of following; for the pages and for the readiness check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowStatus {
    /// Where the writing log is.
    pub upstream: String,
    /// When this node last saw that it has all that upstream has published, milliseconds since 1970.
    pub level_ms: Option<u64>,
    /// Why it does not follow now.
    pub trouble: Option<FollowTrouble>,
}

/// A replica's state beside the log's. Changed by the follower only.
pub(in crate::log) struct Following {
    status: Mutex<FollowStatus>,
}

impl Following {
    pub(in crate::log) fn new(upstream: &str) -> Self {
        let status = FollowStatus { upstream: upstream.to_owned(), level_ms: None, trouble: None };
        Self { status: Mutex::new(status) }
    }

    pub(in crate::log) fn get(&self) -> FollowStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(in crate::log) fn change(&self, change: impl FnOnce(&mut FollowStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
