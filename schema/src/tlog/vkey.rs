//! Key texts, as C2SP signed-note and its Go implementation write them:
//!
//! ```text
//! example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
//! PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz
//! ```
//!
//! Name, key id in hex, base64 of type byte ‖ key (in a signer key: type byte ‖ seed). The type bytes
//! belong to notes: 0x01 is Ed25519 here and as a suite, but the suite 0x02 has no note type.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::crypto::hash::{Hash, b64_decode, b64_encode, hex_decode, hex_encode};
use crate::crypto::key::{KeyError, PublicKey, SecretKey, Suite, VerifyError};
#[cfg(feature = "mldsa")]
use crate::crypto::suite::mldsa::{MlDsaPublicKey, MlDsaSecretKey};
use crate::error_code::ErrorCode;
use crate::tlog::cosignature;

/// Note signature type 0x01: Ed25519 over the note's text.
pub const ED25519: u8 = 0x01;
/// Note signature type 0x04: Ed25519 cosignature/v1, with a time.
pub const ED25519_COSIGNATURE: u8 = 0x04;
/// Note signature type 0x06: ML-DSA-44 cosignature, of a log over its own checkpoint too. Checked where the crate is
/// built with the feature `mldsa`, otherwise read only.
pub const MLDSA44_COSIGNATURE: u8 = 0x06;

#[cfg(not(feature = "mldsa"))]
const MLDSA44_KEY_BYTES: usize = 1312;
const SIGNER_PREFIX: &str = "PRIVATE+KEY+";

/// Why a key text is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VkeyError {
    /// Not name, 8 hex digits and base64, joined by `+`.
    #[error("not a verifier or signer key text")]
    Malformed,
    /// The name is empty or has white space or a `+` in it.
    #[error("not a valid key name")]
    Name,
    /// The key id is not the one of this name, type and key.
    #[error("the key id does not fit the name and key")]
    KeyId,
    /// A signature type that is not read here.
    #[error("signature type {0:#04x} is not supported")]
    UnsupportedType(u8),
    /// The key itself is not acceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl VkeyError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed | Self::Name => ErrorCode::Vkey,
            Self::KeyId => ErrorCode::VkeyId,
            Self::UnsupportedType(_) => ErrorCode::Suite,
            Self::Key(error) => error.code(),
        }
    }
}

/// Returns whether a key name is allowed in notes: not empty, no Unicode white space, no `+`, and (as no
/// note may hold them) no control character below U+0020.
pub fn valid_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c < ' ' || c.is_whitespace())
}

/// A verifier key: who signs notes, and how that is checked.
#[derive(Clone)]
pub struct Vkey {
    name: String,
    key_id: [u8; 4],
    algorithm: u8,
    key: Vec<u8>,
    decoded: Decoded,
}

// Nearly every key is of the larger kind, so a box would save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Clone)]
enum Decoded {
    Ed25519(PublicKey),
    #[cfg(feature = "mldsa")]
    MlDsa44(MlDsaPublicKey),
    #[cfg(not(feature = "mldsa"))]
    Unsupported,
}

impl PartialEq for Vkey {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.name == other.name && self.key == other.key
    }
}

impl Eq for Vkey {}

impl Vkey {
    /// Returns a verifier key of type 0x01, 0x04 or 0x06 over raw key bytes.
    pub fn new(name: &str, algorithm: u8, key: &[u8]) -> Result<Self, VkeyError> {
        if !valid_name(name) {
            return Err(VkeyError::Name);
        }
        let decoded = match algorithm {
            ED25519 | ED25519_COSIGNATURE => {
                let mut bytes = Vec::with_capacity(1 + key.len());
                bytes.push(Suite::Ed25519.byte());
                bytes.extend_from_slice(key);
                Decoded::Ed25519(PublicKey::from_bytes(&bytes)?)
            }
            MLDSA44_COSIGNATURE => mldsa44(key)?,
            other => return Err(VkeyError::UnsupportedType(other)),
        };
        let key_id = note_key_id(name, algorithm, key);
        Ok(Self { name: name.to_string(), key_id, algorithm, key: key.to_vec(), decoded })
    }

    /// Returns the type 0x01 text of an entry key, under its holder's label, or of a log key, under the origin.
    pub fn from_public_key(name: &str, key: &PublicKey) -> Result<Self, VkeyError> {
        match key.suite() {
            Suite::Ed25519 => Self::new(name, ED25519, key.raw()),
            other => Err(VkeyError::UnsupportedType(other.byte())),
        }
    }

    /// Reads `name+hex+base64`.
    pub fn parse(text: &str) -> Result<Self, VkeyError> {
        let (name, key_id, bytes) = split(text)?;
        let (algorithm, key) = bytes.split_first().ok_or(VkeyError::Malformed)?;
        if note_key_id(name, *algorithm, key) != key_id && is_known(*algorithm) {
            return Err(VkeyError::KeyId);
        }
        Self::new(name, *algorithm, key)
    }

    /// Returns the name that is written in signature lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the four bytes that precede each signature.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// Returns the note signature type.
    pub fn algorithm(&self) -> u8 {
        self.algorithm
    }

    /// Returns the raw key, without the type byte.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// Returns the key for checking Ed25519 signatures (types 0x01 and 0x04).
    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.decoded {
            Decoded::Ed25519(key) => Some(key),
            #[cfg(feature = "mldsa")]
            Decoded::MlDsa44(_) => None,
            #[cfg(not(feature = "mldsa"))]
            Decoded::Unsupported => None,
        }
    }

    /// Returns whether this program can check signatures by the key.
    pub fn is_supported(&self) -> bool {
        self.algorithm != MLDSA44_COSIGNATURE || cfg!(feature = "mldsa")
    }

    /// Checks a note signature (without its key id) over a note's text.
    ///
    /// A cosignature gives its time; one of type 0x06 that names no time (0) says nothing about when, and gives none.
    pub fn verify(&self, text: &str, signature: &[u8]) -> Result<Option<u64>, VerifyError> {
        match &self.decoded {
            Decoded::Ed25519(key) if self.algorithm == ED25519_COSIGNATURE => {
                cosignature::verify(key, text, signature).map(Some)
            }
            Decoded::Ed25519(key) => key.verify(text.as_bytes(), signature).map(|()| None),
            #[cfg(feature = "mldsa")]
            Decoded::MlDsa44(key) => cosignature::verify_mldsa(key, &self.name, text, signature),
            #[cfg(not(feature = "mldsa"))]
            Decoded::Unsupported => Err(VerifyError::UnsupportedSuite),
        }
    }
}

#[cfg(feature = "mldsa")]
fn mldsa44(key: &[u8]) -> Result<Decoded, VkeyError> {
    Ok(Decoded::MlDsa44(MlDsaPublicKey::from_bytes(key)?))
}

#[cfg(not(feature = "mldsa"))]
fn mldsa44(key: &[u8]) -> Result<Decoded, VkeyError> {
    if key.len() == MLDSA44_KEY_BYTES { Ok(Decoded::Unsupported) } else { Err(VkeyError::Key(KeyError::Length)) }
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&join(&self.name, self.key_id, self.algorithm, &self.key))
    }
}

impl fmt::Debug for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vkey({self})")
    }
}

/// A named secret key that signs notes: a log's (types 0x01 and 0x06) or a witness's (0x04 and 0x06).
#[derive(Clone, Debug)]
pub struct SignerKey {
    vkey: Vkey,
    secret: Secret,
}

#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
enum Secret {
    Ed25519(SecretKey),
    #[cfg(feature = "mldsa")]
    MlDsa44(MlDsaSecretKey),
}

impl SignerKey {
    /// Returns a signer of type 0x01 or 0x04.
    pub fn new(name: &str, algorithm: u8, secret: SecretKey) -> Result<Self, VkeyError> {
        if !matches!(algorithm, ED25519 | ED25519_COSIGNATURE) {
            return Err(VkeyError::UnsupportedType(algorithm));
        }
        Ok(Self { vkey: Vkey::new(name, algorithm, secret.public().raw())?, secret: Secret::Ed25519(secret) })
    }

    /// Returns a signer of type 0x01, 0x04 or (with the feature `mldsa`) 0x06 from its 32-byte seed.
    pub fn from_seed(name: &str, algorithm: u8, seed: [u8; 32]) -> Result<Self, VkeyError> {
        #[cfg(feature = "mldsa")]
        if algorithm == MLDSA44_COSIGNATURE {
            let secret = MlDsaSecretKey::from_seed(seed);
            let vkey = Vkey::new(name, algorithm, &secret.public().to_bytes())?;
            return Ok(Self { vkey, secret: Secret::MlDsa44(secret) });
        }
        Self::new(name, algorithm, SecretKey::from_seed(seed))
    }

    /// Reads `PRIVATE+KEY+name+hex+base64(type ‖ seed)`; the key id is the public key's.
    pub fn parse(text: &str) -> Result<Self, VkeyError> {
        let (name, key_id, bytes) = split(text.strip_prefix(SIGNER_PREFIX).ok_or(VkeyError::Malformed)?)?;
        let (algorithm, seed) = bytes.split_first().ok_or(VkeyError::Malformed)?;
        let post_quantum = cfg!(feature = "mldsa") && *algorithm == MLDSA44_COSIGNATURE;
        if !post_quantum && !matches!(*algorithm, ED25519 | ED25519_COSIGNATURE) {
            return Err(VkeyError::UnsupportedType(*algorithm));
        }
        let seed = seed.try_into().map_err(|_| VkeyError::Malformed)?;
        let signer = Self::from_seed(name, *algorithm, seed)?;
        if signer.vkey.key_id == key_id { Ok(signer) } else { Err(VkeyError::KeyId) }
    }

    /// Returns the text that [`parse`](Self::parse) reads. It is the secret: write it to a protected file only.
    pub fn to_text(&self) -> String {
        let seed = match &self.secret {
            Secret::Ed25519(secret) => secret.seed(),
            #[cfg(feature = "mldsa")]
            Secret::MlDsa44(secret) => secret.seed(),
        };
        format!("{SIGNER_PREFIX}{}", join(&self.vkey.name, self.vkey.key_id, self.vkey.algorithm, &seed))
    }

    /// Returns the public half.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// Returns the bare signature over a message; how the message of a note type is made up is for
    /// [`Note::sign`](crate::tlog::note::Note::sign) and [`cosignature::sign`] to say.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.secret {
            Secret::Ed25519(secret) => Some(secret.sign(message)),
            #[cfg(feature = "mldsa")]
            Secret::MlDsa44(secret) => secret.sign(message),
        }
    }
}

fn is_known(algorithm: u8) -> bool {
    matches!(algorithm, ED25519 | ED25519_COSIGNATURE | MLDSA44_COSIGNATURE)
}

/// SHA-256(name ‖ 0x0A ‖ type ‖ key), first four bytes.
fn note_key_id(name: &str, algorithm: u8, key: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = Hash::digest_parts(&[name.as_bytes(), b"\n", &[algorithm], key]).0;
    [a, b, c, d]
}

fn join(name: &str, key_id: [u8; 4], algorithm: u8, key: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(1 + key.len());
    bytes.push(algorithm);
    bytes.extend_from_slice(key);
    format!("{name}+{}+{}", hex_encode(&key_id), b64_encode(&bytes))
}

fn split(text: &str) -> Result<(&str, [u8; 4], Vec<u8>), VkeyError> {
    // Base64 has `+` in its alphabet, so only the first two separate.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(hex), Some(base64)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(VkeyError::Malformed);
    };
    if !valid_name(name) {
        return Err(VkeyError::Name);
    }
    let key_id = hex_decode(hex).and_then(|id| id.try_into().ok()).ok_or(VkeyError::Malformed)?;
    Ok((name, key_id, b64_decode(base64).ok_or(VkeyError::Malformed)?))
}
