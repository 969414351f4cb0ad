//! What a node says of itself.

use alloc::string::String;
#[cfg(feature = "openapi")]
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The interface that [`VersionDoc::api`] names.
pub const API: u64 = 1;

/// The answer of `GET /version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionDoc {
    /// Always `sanwu-node`.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// The number in the paths below `/api/v`.
    pub api: u64,
}
