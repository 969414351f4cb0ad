//! Ed25519 (suite 0x01): 32-byte keys, 64-byte signatures.
//!
//! It is accepted by one predicate everywhere, cofactorless and strict: the key is
//! canonical and not of small order (checked once, when the key is read); a signature R ‖ S is good
//! if S < L, R is not of small order, and `encode([S]B − [k]A)` equals R's bytes, with
//! k = SHA-512(R ‖ A ‖ message) mod L. A key with a small-order *component* (mixed order) is read;
//! the predicate stays the same for it. For such a key [−k]A and [L − k]A differ: negate the point.

use alloc::vec::Vec;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::crypto::key::KeyError;

/// A public key, decoded once.
#[derive(Clone)]
pub(in crate::crypto) struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Decodes a key and refuses what the library's decoder accepts: second spellings and points of small order.
    pub(in crate::crypto) fn from_bytes(raw: &[u8]) -> Result<Self, KeyError> {
        let bytes: &[u8; 32] = raw.try_into().map_err(|_| KeyError::Length)?;
        if !y_is_canonical(bytes) {
            return Err(KeyError::NotCanonical);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotOnCurve)?;
        // This also covers "x = −0", the only other second spelling: those points have y = ±1.
        if key.is_weak() {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self(key))
    }

    /// Returns the 32 bytes of the key.
    pub(in crate::crypto) fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Returns whether this is a signature over the message, by the one predicate.
    pub(in crate::crypto) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|one| self.0.verify_strict(message, &one).is_ok())
    }
}

/// Whether the little-endian y coordinate (without the sign bit) is below p = 2^255 − 19.
fn y_is_canonical(bytes: &[u8; 32]) -> bool {
    match bytes {
        [low, middle @ .., high] => *low < 0xed || high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff),
    }
}

/// A secret key: the 32-byte seed of RFC 8032. Wiped from memory when dropped.
#[derive(Clone)]
pub(in crate::crypto) struct SecretKey(SigningKey);

impl SecretKey {
    /// Returns the key of a seed.
    pub(in crate::crypto) fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// Returns the seed.
    pub(in crate::crypto) fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Signs; the same message always gives the same 64 bytes.
    pub(in crate::crypto) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }

    /// Returns the public half.
    pub(in crate::crypto) fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}
