//! The DSSE envelope: the leaf's bytes.
//!
//! ```json
//! {"payloadType":"application/vnd.sanwu.statement.v1+json","payload":"…","signatures":[{"keyid":"…","sig":"…"}]}
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::crypto::key::KeyId;
use crate::error_code::ErrorCode;
use crate::json::{Bytes, JsonError, from_canonical, record, to_canonical};
use crate::record::statement::StatementId;

/// The payload type of version 1; anything else is "cannot tell", not "wrong".
pub const PAYLOAD_TYPE: &str = "application/vnd.sanwu.statement.v1+json";
/// Largest entry: C2SP tlog-tiles gives an entry a 16-bit length.
pub const ENTRY_BYTES_MAX: usize = 65_535;

record! {
    /// One signature over the pre-authentication encoding.
    pub struct Signature {
        keyid: KeyId,
        /// Bare: without suite byte or length.
        sig: Bytes,
    }
}

record! {
    struct Wire {
        payload_type as "payloadType": String, payload: Bytes, signatures: Vec<Signature>,
    }
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The statement's bytes.
    pub payload: Vec<u8>,
    /// The signatures, in the order of the statement's signers.
    pub signatures: Vec<Signature>,
}

impl Envelope {
    /// Parses the entry's exact bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(JsonError::new(ErrorCode::Length, "entry"));
        }
        let wire: Wire = from_canonical(bytes)?;
        if wire.payload_type != PAYLOAD_TYPE {
            return Err(JsonError::new(ErrorCode::PayloadType, "payloadType"));
        }
        Ok(Self { payload: wire.payload.0, signatures: wire.signatures })
    }

    /// Returns the entry's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_canonical(&Wire {
            payload_type: String::from(PAYLOAD_TYPE),
            payload: Bytes(self.payload.clone()),
            signatures: self.signatures.clone(),
        })
    }
}

/// Returns DSSE's pre-authentication encoding of a version 1 payload: the bytes that are signed.
pub fn pae(payload: &[u8]) -> Vec<u8> {
    let mut out = alloc::format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// Returns the id of the statement with these bytes.
pub fn statement_id(payload: &[u8]) -> StatementId {
    StatementId(Hash::digest(&pae(payload)))
}
