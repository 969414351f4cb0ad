//! Chains and their entries, page by page.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Exact;
use crate::record::statement::Statement;
use crate::validity::ChainHead;

/// A page of chains, in byte order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chains {
    /// The chains.
    pub chains: Vec<ChainRow>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainRow {
    /// Its id.
    pub chain: String,
    /// Its last statement.
    pub head: HeadDoc,
}

/// A chain's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadDoc {
    /// Place of the last statement.
    pub seq: u64,
    /// Its id, `sha256:…`.
    pub id: String,
    /// Its index in the log.
    pub index: u64,
    /// The size in its `seen`.
    pub seen: u64,
}

impl From<ChainHead> for HeadDoc {
    fn from(head: ChainHead) -> Self {
        Self { seq: head.seq, id: head.id.to_string(), index: head.index, seen: head.seen }
    }
}

/// A page of a chain's entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainEntries {
    /// The chain.
    pub chain: String,
    /// The entries, by place.
    pub entries: Vec<EntryRow>,
    /// `from` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// One entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryRow {
    /// Its index in the log.
    pub index: u64,
    /// Its place in the chain.
    pub seq: u64,
    /// Its statement id, `sha256:…`.
    pub id: String,
    /// The check code that is printed on paper.
    pub check_code: String,
    /// The statement as it was signed.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub statement: Exact<Statement>,
    /// The statement that corrected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
}
