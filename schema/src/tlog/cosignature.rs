//! Cosignatures, C2SP tlog-cosignature: type 0x04 (Ed25519, `cosignature/v1`) and type 0x06 (ML-DSA-44,
//! `subtree/v1`).
//!
//! A witness says: at this time, this was the largest consistent tree of this log that I had seen.
//!
//! ```text
//! cosignature/v1
//! time 1679315147
//! example.com/behind-the-sofa
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! ```
//!
//! That message, its last newline included, is what a witness signs with type 0x04; the signature in the note is
//! the time as 8 bytes, big endian, followed by the 64 bytes of Ed25519.
//!
//! Type 0x06 names the cosigner, too, and is also the form of a log's own second signature:
//!
//! ```text
//! "subtree/v1\n\0" ‖ u8 length ‖ cosigner's name ‖ u64 time ‖ u8 length ‖ origin ‖ u64 0 ‖ u64 size ‖ root (32)
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use super::checkpoint::Head;
use super::note::Signature;
use crate::crypto::key::{PublicKey, VerifyError};
#[cfg(feature = "mldsa")]
use crate::crypto::suite::mldsa::{MlDsaPublicKey, SIGNATURE_BYTES};
use crate::error_code::ErrorCode;
use crate::tlog::vkey::{ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, SignerKey};

/// The latest time a cosignature may name, in seconds since 1970: 2^63 − 1.
pub const TIME_MAX: u64 = i64::MAX as u64;

/// Why no cosignature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CosignatureError {
    /// The key is not of type 0x04 or 0x06.
    #[error("the key is not a cosigner's")]
    KeyType,
    /// The time is 0 or above 2^63 − 1.
    #[error("the time is out of range")]
    Time,
    /// Type 0x06: the text is not a checkpoint without extension lines, or name or origin has more than 255 bytes.
    #[error("the text is not a checkpoint that this type of key can sign")]
    Text,
}

impl CosignatureError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::Cosignature
    }
}

/// Returns the bytes a cosigner signs: `body` is the whole note text of the checkpoint, with its last newline.
pub fn message(time: u64, body: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{body}")
}

/// Returns the bytes a type 0x06 cosigner signs about a whole tree; `None` where a name has no place in them.
pub fn subtree_message(cosigner: &str, time: u64, head: &Head) -> Option<Vec<u8>> {
    let mut out = b"subtree/v1\n\0".to_vec();
    out.push(u8::try_from(cosigner.len()).ok().filter(|length| *length > 0)?);
    out.extend_from_slice(cosigner.as_bytes());
    out.extend_from_slice(&time.to_be_bytes());
    out.push(u8::try_from(head.origin.len()).ok().filter(|length| *length > 0)?);
    out.extend_from_slice(head.origin.as_bytes());
    out.extend_from_slice(&0u64.to_be_bytes());
    out.extend_from_slice(&head.size.to_be_bytes());
    out.extend_from_slice(&head.root.0);
    Some(out)
}

/// Cosigns a checkpoint's note text at `time`, in seconds since 1970: a witness's statement, or (type 0x06, under the
/// origin as name) a log's own.
pub fn sign(signer: &SignerKey, body: &str, time: u64) -> Result<Signature, CosignatureError> {
    if time == 0 || time > TIME_MAX {
        return Err(CosignatureError::Time);
    }
    let name = signer.vkey().name();
    let message = match signer.vkey().algorithm() {
        ED25519_COSIGNATURE => message(time, body).into_bytes(),
        MLDSA44_COSIGNATURE => {
            let head = Head::parse(body).map_err(|_| CosignatureError::Text)?;
            subtree_message(name, time, &head).ok_or(CosignatureError::Text)?
        }
        _ => return Err(CosignatureError::KeyType),
    };
    let signature = signer.sign_bytes(&message).ok_or(CosignatureError::KeyType)?;
    let mut bytes = Vec::with_capacity(8 + signature.len());
    bytes.extend_from_slice(&time.to_be_bytes());
    bytes.extend_from_slice(&signature);
    Ok(Signature::by(signer.vkey(), bytes))
}

/// Returns the time a 0x04 signature (without its key id) claims; not yet verified.
pub fn time(signature: &[u8]) -> Option<u64> {
    let (time, _) = signature.split_first_chunk::<8>().filter(|(_, rest)| rest.len() == 64)?;
    let time = u64::from_be_bytes(*time);
    (1..=TIME_MAX).contains(&time).then_some(time)
}

/// Checks a 0x04 signature (without its key id) over a checkpoint's note text and gives its time.
pub fn verify(key: &PublicKey, body: &str, signature: &[u8]) -> Result<u64, VerifyError> {
    let time = time(signature).ok_or(VerifyError::BadSignature)?;
    key.verify(message(time, body).as_bytes(), signature.get(8..).unwrap_or_default())?;
    Ok(time)
}

/// Checks a 0x06 signature (without its key id) by the cosigner of this name over a checkpoint's note text, and gives
/// its time; none if it names none (0).
#[cfg(feature = "mldsa")]
pub fn verify_mldsa(
    key: &MlDsaPublicKey,
    cosigner: &str,
    body: &str,
    signature: &[u8],
) -> Result<Option<u64>, VerifyError> {
    let (time, signature) = signature.split_first_chunk::<8>().ok_or(VerifyError::BadSignature)?;
    let time = u64::from_be_bytes(*time);
    let head = Head::parse(body).map_err(|_| VerifyError::BadSignature)?;
    let message = subtree_message(cosigner, time, &head).ok_or(VerifyError::BadSignature)?;
    if time > TIME_MAX || signature.len() != SIGNATURE_BYTES || !key.verifies(&message, signature) {
        return Err(VerifyError::BadSignature);
    }
    Ok((time > 0).then_some(time))
}
