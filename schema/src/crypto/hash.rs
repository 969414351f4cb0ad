//! SHA-256 values and the two text encodings: lower-case hex and canonical base64.
//!
//! A digest inside a JSON document is written `sha256:<64 lower-case hex>`; inside C2SP texts
//! (checkpoints, proofs) a hash is standard base64 with padding. Both decoders accept exactly one
//! spelling per value, so that parsing and writing again gives the same bytes.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

/// The prefix of a digest in a JSON document.
const TEXT_PREFIX: &str = "sha256:";

/// A SHA-256 value: a digest of bytes, or a node of a Merkle tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Returns the SHA-256 of `bytes`.
    pub fn digest(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the SHA-256 of the parts, one after the other.
    pub fn digest_parts(parts: &[&[u8]]) -> Self {
        let mut state = Sha256::new();
        for part in parts {
            state.update(part);
        }
        Self(state.finalize().into())
    }

    /// Returns the hash with exactly these 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads exactly 64 lower-case hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 {
            return None;
        }
        Self::from_slice(&hex_decode(text)?)
    }

    /// Returns 64 lower-case hex digits.
    pub fn to_hex(&self) -> String {
        hex_encode(&self.0)
    }

    /// Reads `sha256:<64 lower-case hex digits>`.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::from_hex(text.strip_prefix(TEXT_PREFIX)?)
    }

    /// Returns `sha256:<64 lower-case hex digits>`.
    pub fn to_text(&self) -> String {
        let mut text = String::from(TEXT_PREFIX);
        text.push_str(&self.to_hex());
        text
    }

    /// Reads the 44 characters of canonical base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        if text.len() != 44 {
            return None;
        }
        Self::from_slice(&b64_decode(text)?)
    }

    /// Returns the 44 characters of canonical base64.
    pub fn to_base64(&self) -> String {
        b64_encode(&self.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.12}…", self.to_hex())
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Returns lower-case hex, two digits per byte.
pub fn hex_encode(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// Reads an even number of lower-case hex digits; anything else is `None`.
pub fn hex_decode(text: &str) -> Option<Vec<u8>> {
    base16ct::lower::decode_vec(text).ok()
}

/// Returns standard base64 with padding (RFC 4648, section 4).
pub fn b64_encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Reads standard base64 with padding, only in its one canonical spelling: no white space, unused
/// bits zero.
pub fn b64_decode(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64::decode_vec(text).ok()?;
    // The decoder refuses other spellings by itself; the comparison keeps that a property of this
    // function and not of a dependency's version.
    let mut again = vec![0u8; text.len()];
    (Base64::encode(&bytes, &mut again).ok()? == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_per_value() {
        assert_eq!(b64_decode("AA=="), Some(vec![0]));
        for bad in ["AB==", "AA=", "AA", "AA==\n", "A A=", "AAA", "AAB=", "-_8=", "====", "AA==AA=="] {
            assert_eq!(b64_decode(bad), None, "{bad:?}");
        }
        assert_eq!(b64_decode(""), Some(vec![]));
        assert_eq!(hex_decode("00ff"), Some(vec![0, 255]));
        for bad in ["0", "0F", "0g", " 00", "é"] {
            assert_eq!(hex_decode(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn texts_round_trip() {
        let hash = Hash::digest(b"");
        assert_eq!(hash.to_base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(Hash::from_base64(&hash.to_base64()), Some(hash));
        assert_eq!(Hash::from_text(&hash.to_text()), Some(hash));
        assert_eq!(alloc::format!("{hash}"), hash.to_text());
        assert_eq!(Hash::from_text(&hash.to_hex()), None);
        assert_eq!(Hash::from_hex(&hash.to_hex().to_uppercase()), None);
    }
}
