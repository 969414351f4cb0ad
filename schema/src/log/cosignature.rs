//! Witness cosignatures, C2SP tlog-cosignature type 0x04 (`cosignature/v1`).
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
//! That message, its last newline included, is what the witness signs; the signature in the note is
//! the time as 8 bytes, big endian, followed by the 64 bytes of Ed25519.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use super::note::Signature;
use crate::code::Code;
use crate::key::{ED25519_COSIGNATURE, PublicKey, SignerKey, VerifyError};

/// The latest time a cosignature may name, in seconds since 1970: 2^63 − 1.
pub const TIME_MAX: u64 = i64::MAX as u64;

/// Why no cosignature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CosignatureError {
    /// The key is not of type 0x04.
    #[error("the key is not a cosigner's")]
    KeyType,
    /// The time is 0 or above 2^63 − 1.
    #[error("the time is out of range")]
    Time,
}

impl CosignatureError {
    /// The stable code.
    pub fn code(&self) -> Code {
        Code::Cosignature
    }
}

/// The bytes a cosigner signs: `body` is the whole note text of the checkpoint, with its last newline.
pub fn message(time: u64, body: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{body}")
}

/// Cosigns a checkpoint's note text at `time`, in seconds since 1970.
pub fn sign(signer: &SignerKey, body: &str, time: u64) -> Result<Signature, CosignatureError> {
    if signer.vkey().algorithm() != ED25519_COSIGNATURE {
        return Err(CosignatureError::KeyType);
    }
    if time == 0 || time > TIME_MAX {
        return Err(CosignatureError::Time);
    }
    let mut bytes = Vec::with_capacity(72);
    bytes.extend_from_slice(&time.to_be_bytes());
    bytes.extend_from_slice(&signer.secret().sign(message(time, body).as_bytes()));
    Ok(Signature::by(signer.vkey(), bytes))
}

/// The time a 0x04 signature (without its key id) claims; not yet verified.
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
