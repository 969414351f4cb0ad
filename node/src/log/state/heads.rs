//! The three heads of a log: committed, published, witnessed.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use crate::storage::{Position, Published};

/// A durable head, its signature, free to leave the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Size and root.
    pub position: Position,
    /// The signed note; of a replica empty while nothing signs exactly this position.
    pub note: Vec<u8>,
}

/// The newest head of each kind. Everybody reads; each is replaced by one thread.
pub(in crate::log) struct Heads {
    /// Replaced by the sequencer, after commit and guard; of a replica by the follower, after commit.
    committed: RwLock<Arc<Committed>>,
    /// Replaced by the publisher, after the store has retained it; of a replica by the follower.
    published: RwLock<Option<Arc<Published>>>,
    /// The newest published checkpoint that has the quorum. Replaced as `published` is.
    witnessed: watch::Sender<Option<Arc<Published>>>,
}

impl Heads {
    pub(in crate::log) fn new(committed: Committed, published: Option<Published>) -> Self {
        Self {
            committed: RwLock::new(Arc::new(committed)),
            published: RwLock::new(published.map(Arc::new)),
            witnessed: watch::Sender::new(None),
        }
    }

    pub(in crate::log) fn committed(&self) -> Arc<Committed> {
        Arc::clone(&self.committed.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the committed head. The chains that the commit changed have to be known to the read state before.
    pub(in crate::log) fn set_committed(&self, committed: Committed) {
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(committed);
    }

    pub(in crate::log) fn published(&self) -> Option<Arc<Published>> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the published checkpoint. The store has to have retained it before.
    pub(in crate::log) fn set_published(&self, published: Published) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(published));
    }

    pub(in crate::log) fn witnessed(&self) -> Option<Arc<Published>> {
        self.witnessed.borrow().clone()
    }

    /// Replaces the published checkpoint that has the quorum, never by a smaller one.
    pub(in crate::log) fn set_witnessed(&self, published: &Published) {
        self.witnessed.send_if_modified(|now| {
            let newer = now.as_ref().is_none_or(|now| now.size <= published.size);
            if newer {
                *now = Some(Arc::new(published.clone()));
            }
            newer
        });
    }

    /// Returns when a published checkpoint that has the quorum covers the index.
    pub(in crate::log) async fn until_witnessed(&self, index: u64) {
        let covers = |now: &Option<Arc<Published>>| now.as_ref().is_some_and(|now| index < now.size);
        // The sender lives as long as `self`.
        _ = self.witnessed.subscribe().wait_for(covers).await;
    }
}
