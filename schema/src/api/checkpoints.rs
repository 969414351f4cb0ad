//! The published checkpoints that a node retains.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Published checkpoints, smallest first. A replica reads the same document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checkpoints {
    /// The checkpoints.
    pub checkpoints: Vec<CheckpointDoc>,
    /// `from` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// One published checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckpointDoc {
    /// The tree size.
    pub size: u64,
    /// When this node published it, by its own clock: milliseconds since 1970.
    pub published_ms: u64,
    /// The signed note with its cosignatures.
    pub note: String,
}
