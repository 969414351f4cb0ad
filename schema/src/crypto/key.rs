//! Keys and signatures, stated on bytes.
//!
//! A public key is a suite byte followed by the raw key; its id is the SHA-256 of that. Only this
//! module and [`suite`](super::suite) know how long a key is and which algorithm a suite byte names.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use super::suite::ed25519;
use crate::crypto::hash::{Hash, hex_decode, hex_encode};
use crate::error_code::ErrorCode;

/// The longest public key that is read, suite byte included: room for post-quantum keys to come.
pub const KEY_BYTES_MAX: usize = 4096;

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// 0x01: Ed25519, 32-byte keys, 64-byte signatures.
    Ed25519,
    /// 0x02: kept for SM2 with SM3; not implemented, so "cannot be decided".
    Sm2,
    /// Any other: "cannot be decided".
    Unknown(u8),
}

impl Suite {
    /// Returns the suite of a first byte.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            0x01 => Self::Ed25519,
            0x02 => Self::Sm2,
            other => Self::Unknown(other),
        }
    }

    /// Returns the first byte of this suite's keys.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Sm2 => 0x02,
            Self::Unknown(byte) => byte,
        }
    }

    /// Returns whether this program can check signatures of the suite.
    ///
    /// A key that is not supported must not be granted anything.
    pub const fn is_supported(self) -> bool {
        matches!(self, Self::Ed25519)
    }
}

/// Why bytes are not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Empty, too long, or not the length of its suite.
    #[error("the public key has the wrong length")]
    Length,
    /// The coordinate is not below 2^255 − 19: a second spelling of another key.
    #[error("the public key is not in its canonical encoding")]
    NotCanonical,
    /// The bytes are no point of the curve.
    #[error("the public key is not a point of the curve")]
    NotOnCurve,
    /// One of the eight points that make signatures meaningless.
    #[error("the public key is of small order")]
    SmallOrder,
}

impl KeyError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::Key
    }
}

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The signature does not verify: a mismatch.
    #[error("the signature does not verify")]
    BadSignature,
    /// The suite is not implemented: nothing is decided.
    #[error("the signature suite is not supported")]
    UnsupportedSuite,
}

impl VerifyError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BadSignature => ErrorCode::Signature,
            Self::UnsupportedSuite => ErrorCode::Suite,
        }
    }
}

/// The id of a public key: SHA-256(suite ‖ raw key), written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 32]);

impl KeyId {
    /// Reads 64 lower-case hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        hex_decode(text)?.try_into().ok().map(Self)
    }

    /// Returns 64 lower-case hex digits.
    pub fn to_hex(&self) -> String {
        hex_encode(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Hash(self.0), f)
    }
}

/// A public key, checked when it was read and kept decoded, so that many signatures by one key pay
/// for the decoding once.
#[derive(Clone)]
pub struct PublicKey {
    bytes: Vec<u8>,
    id: KeyId,
    decoded: Decoded,
}

#[derive(Clone)]
enum Decoded {
    Ed25519(ed25519::PublicKey),
    Unsupported(Suite),
}

impl PublicKey {
    /// Reads suite byte ‖ raw key.
    ///
    /// A suite that is not supported is read too, so that its signatures are reported as "cannot be decided" and not as
    /// a mismatch.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let (suite, raw) = bytes.split_first().ok_or(KeyError::Length)?;
        let decoded = match Suite::from_byte(*suite) {
            Suite::Ed25519 => Decoded::Ed25519(ed25519::PublicKey::from_bytes(raw)?),
            _ if raw.is_empty() || bytes.len() > KEY_BYTES_MAX => return Err(KeyError::Length),
            other => Decoded::Unsupported(other),
        };
        Ok(Self { id: KeyId(Hash::digest(bytes).0), bytes: bytes.to_vec(), decoded })
    }

    /// Returns suite byte ‖ raw key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the raw key without its suite byte.
    pub fn raw(&self) -> &[u8] {
        self.bytes.get(1..).unwrap_or_default()
    }

    /// Returns the algorithm.
    pub fn suite(&self) -> Suite {
        match self.decoded {
            Decoded::Ed25519(_) => Suite::Ed25519,
            Decoded::Unsupported(suite) => suite,
        }
    }

    /// Returns the key's id.
    pub fn key_id(&self) -> KeyId {
        self.id
    }

    /// Checks a bare signature over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        match &self.decoded {
            Decoded::Unsupported(_) => Err(VerifyError::UnsupportedSuite),
            Decoded::Ed25519(key) => {
                if key.verifies(message, signature) {
                    Ok(())
                } else {
                    Err(VerifyError::BadSignature)
                }
            }
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {:?})", self.suite(), self.id)
    }
}

/// A secret key: the 32-byte seed of RFC 8032. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct SecretKey(ed25519::SecretKey);

impl SecretKey {
    /// Returns the Ed25519 key of a seed. The caller brings the randomness.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ed25519::SecretKey::from_seed(seed))
    }

    /// Returns the seed, for writing it to a key file. The caller wipes it.
    pub fn seed(&self) -> [u8; 32] {
        self.0.seed()
    }

    /// Signs; the same message always gives the same bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message)
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        let key = self.0.public();
        let mut bytes = Vec::with_capacity(33);
        bytes.push(Suite::Ed25519.byte());
        bytes.extend_from_slice(&key.to_bytes());
        PublicKey { id: KeyId(Hash::digest(&bytes).0), bytes, decoded: Decoded::Ed25519(key) }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({:?})", self.public().id)
    }
}
