//! A submission and its receipt.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Exact;
use crate::proof::bundle::Bundle;

/// Names the format of [`ReceiptDoc`].
pub use crate::proof::receipt::FORMAT as RECEIPT_FORMAT;

/// The parts of a submission.
///
/// Never built: the parts go out and come in as bytes, one by one.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(description = "The parts of a submission."))]
pub struct SubmissionForm {
    /// One part per entry, in package order: the DSSE envelope's exact bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, format = Binary))]
    pub envelope: Vec<Vec<u8>>,
    /// The exact bytes of each body.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, format = Binary))]
    pub body: Vec<Vec<u8>>,
    /// The exact bytes of each attachment.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, format = Binary))]
    pub attachment: Vec<Vec<u8>>,
}

/// The answer to a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptDoc {
    /// Always `sanwu-receipt-v1`.
    #[cfg_attr(feature = "openapi", schema(example = "sanwu-receipt-v1"))]
    pub format: String,
    /// The log.
    pub origin: String,
    /// One per envelope, in their order.
    pub entries: Vec<ReceiptEntry>,
    /// With `?wait=witnessed`: whether the witness quorum covers all of them by now. What is missing then comes by
    /// itself; nothing has to be sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnessed: Option<bool>,
}

/// The place of one statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptEntry {
    /// Its index in the log.
    pub index: u64,
    /// Its statement id.
    #[cfg_attr(feature = "openapi", schema(example = "sha256:…"))]
    pub id: String,
    /// False if it was in the log before.
    pub new: bool,
    /// The check code that is printed on paper.
    pub check_code: String,
    /// The proof bundle; absent with `Prefer: return=minimal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub bundle: Option<Exact<Bundle>>,
    /// The tlog-proof to the committed head; only with `Prefer: return=minimal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}
