//! What a page needs of the server.

use std::sync::Arc;

use super::site::Site;
use crate::log::Reader;
use crate::views::Views;
use crate::witness::WitnessState;

/// The state of the pages' router; cheap to clone.
#[derive(Clone)]
pub struct Web {
    pub reader: Reader,
    pub views: Arc<Views>,
    pub site: Arc<Site>,
    /// The witness that this node is for other logs, if it is one.
    pub witness: Option<Arc<WitnessState>>,
}
