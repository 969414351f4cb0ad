//! ML-DSA-44 (FIPS 204), pure variant with an empty context: the second signature of a log, and a witness's.
//!
//! Only notes carry it (type 0x06). Entries do not, and the verifier on a phone is built without it: there such a
//! line is ignored, as one by a key that is not known.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use ml_dsa::{MlDsa44, Signature, SigningKey, VerifyingKey};

use crate::crypto::key::KeyError;

/// The length of a public key.
pub const PUBLIC_BYTES: usize = 1312;
/// The length of a signature.
pub const SIGNATURE_BYTES: usize = 2420;

/// A public key with its matrix expanded, so that many signatures by one key pay for that once.
#[derive(Clone)]
pub struct MlDsaPublicKey(Arc<VerifyingKey<MlDsa44>>);

impl MlDsaPublicKey {
    /// Reads the 1312 bytes of FIPS 204 `pkEncode`; every such string is a key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Length)?;
        Ok(Self(Arc::new(VerifyingKey::decode(&bytes))))
    }

    /// Returns the bytes that [`from_bytes`](Self::from_bytes) reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.encode().to_vec()
    }

    /// Returns whether this is a signature over the message, with an empty context.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::<MlDsa44>::try_from(signature).is_ok_and(|one| self.0.verify_with_context(message, &[], &one))
    }
}

/// A secret key: the 32-byte seed ξ of FIPS 204. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct MlDsaSecretKey(Arc<SigningKey<MlDsa44>>);

impl MlDsaSecretKey {
    /// Returns the key of a seed. The caller brings the randomness.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Arc::new(SigningKey::from_seed(&seed.into())))
    }

    /// Returns the seed, for writing it to a key file. The caller wipes it.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_seed().into()
    }

    /// Returns the public half.
    pub fn public(&self) -> MlDsaPublicKey {
        MlDsaPublicKey(Arc::new(self.0.expanded_key().verifying_key()))
    }

    /// Signs, deterministic variant: the same message always gives the same bytes.
    ///
    /// `None` only if 2^16 rejections in a row happen, which they do not.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.0.expanded_key().sign_deterministic(message, &[]).ok().map(|signature| signature.encode().to_vec())
    }
}

impl fmt::Debug for MlDsaSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MlDsaSecretKey")
    }
}
