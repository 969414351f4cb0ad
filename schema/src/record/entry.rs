//! An entry: envelope, statement and id of one leaf; and the check of its signatures.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::crypto::key::{KeyId, PublicKey, VerifyError};
use crate::error_code::ErrorCode;
use crate::json::JsonError;
use crate::record::dsse::{Envelope, pae, statement_id};
use crate::record::statement::{Statement, StatementId};

/// Why something is refused: a stable code and the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {place}", code.as_str())]
pub struct Invalid {
    /// The stable code.
    pub code: ErrorCode,
    /// Where, or which: a member path, a role, a key.
    pub place: String,
}

impl Invalid {
    /// Returns a refusal.
    pub fn new(code: ErrorCode, place: impl ToString) -> Self {
        Self { code, place: place.to_string() }
    }
}

impl From<JsonError> for Invalid {
    fn from(e: JsonError) -> Self {
        Self { code: e.code, place: e.place }
    }
}

/// A parsed leaf. Nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The leaf's bytes.
    pub bytes: Vec<u8>,
    /// The envelope.
    pub envelope: Envelope,
    /// The statement in it.
    pub statement: Statement,
    /// The statement's id.
    pub id: StatementId,
}

/// An entry whose signatures verify, one per listed signer. Whether those keys may sign is a question of position.
#[derive(Clone, Debug)]
pub struct SignedEntry(Entry);

impl SignedEntry {
    /// Returns the entry.
    pub fn entry(&self) -> &Entry {
        &self.0
    }
    /// Returns the entry, by value.
    pub fn into_entry(self) -> Entry {
        self.0
    }
}

impl Entry {
    /// Parses a leaf.
    pub fn parse(bytes: &[u8]) -> Result<Self, Invalid> {
        let envelope = Envelope::parse(bytes)?;
        let statement = Statement::parse(&envelope.payload).map_err(|e| e.within("payload"))?;
        let id = statement_id(&envelope.payload);
        Ok(Self { bytes: bytes.to_vec(), envelope, statement, id })
    }

    /// Returns the leaf hash in the log.
    pub fn leaf_hash(&self) -> Hash {
        crate::tlog::merkle::leaf_hash(&self.bytes)
    }

    /// Returns the key of that id, when this entry's own control states it.
    pub fn own_key(&self, keyid: &KeyId) -> Option<PublicKey> {
        self.statement.grants().iter().find(|g| g.key.key_id() == *keyid).map(|g| g.key.clone())
    }

    /// Checks that there is exactly one valid signature per listed signer, in their order, and none more.
    ///
    /// `key` returns the bytes of a key by its id, from any source; since the id is their digest, the
    /// source needs no trust. Keys in the entry's own control are found without it.
    pub fn verify_signatures(self, key: impl Fn(&KeyId) -> Option<PublicKey>) -> Result<SignedEntry, Invalid> {
        let signers = &self.statement.signers;
        let listed = signers.iter().map(|s| &s.keyid);
        if !listed.eq(self.envelope.signatures.iter().map(|s| &s.keyid)) {
            return Err(Invalid::new(ErrorCode::SignatureSet, "signatures"));
        }
        let message = pae(&self.envelope.payload);
        for (i, signature) in self.envelope.signatures.iter().enumerate() {
            let public = self
                .own_key(&signature.keyid)
                .or_else(|| key(&signature.keyid))
                .ok_or_else(|| Invalid::new(ErrorCode::KeyUnknown, signature.keyid.to_hex()))?;
            public.verify(&message, &signature.sig.0).map_err(|e| match e {
                VerifyError::BadSignature => Invalid::new(ErrorCode::Signature, format!("signatures[{i}].sig")),
                other => Invalid::new(other.code(), format!("signatures[{i}].keyid")),
            })?;
        }
        Ok(SignedEntry(self))
    }
}
