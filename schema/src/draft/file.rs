//! The draft file: canonical JSON that people can read, carried from one PC to the next until all have signed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::crypto::key::{KeyId, PublicKey, SecretKey};
use crate::error_code::ErrorCode;
use crate::json::{Bytes, from_json, record, to_canonical};
use crate::record::dsse::{Envelope, Signature, pae, statement_id};
use crate::record::entry::Invalid;
use crate::record::statement::{ChainId, Role, Statement, StatementId};
use crate::tlog::checkpoint::Origin;

/// Names the format.
pub const FORMAT: &str = "sanwu-draft-v1";

record! {
    /// A file to be sent along.
    pub struct AttachedFile {
        /// Of what will be stored.
        digest: Hash,
        /// Relative to the draft file.
        path: String,
    }
}

record! {
    /// One statement, its body and the signatures so far.
    pub struct DraftEntry {
        /// Canonical JSON.
        statement: String,
        /// Canonical JSON.
        body: String,
        /// Those so far, in any order.
        signatures: Vec<Signature>,
        attachments [opt]: Vec<AttachedFile>,
    }
}

record! {
    /// A draft file.
    pub struct Draft {
        format: String,
        origin: Origin,
        chain: ChainId,
        title: String,
        /// In chain order.
        entries: Vec<DraftEntry>,
    }
}

/// A signature that is still missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Whose.
    pub keyid: KeyId,
    /// In which roles.
    pub roles: Vec<Role>,
    /// For how many of the draft's statements.
    pub statements: usize,
}

/// The bytes of an envelope and of its body.
pub type Publication = (Vec<u8>, Vec<u8>);

impl DraftEntry {
    /// Returns the statement.
    pub fn parse(&self) -> Result<Statement, Invalid> {
        Ok(Statement::parse(self.statement.as_bytes())?)
    }

    /// Returns its id.
    pub fn id(&self) -> StatementId {
        statement_id(self.statement.as_bytes())
    }
}

impl Draft {
    /// Parses a draft file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Invalid> {
        let draft: Self = from_json(bytes)?;
        if draft.format != FORMAT {
            return Err(Invalid::new(ErrorCode::JsonValue, "format"));
        }
        if draft.entries.is_empty() {
            return Err(Invalid::new(ErrorCode::JsonMissing, "entries"));
        }
        for (i, entry) in draft.entries.iter().enumerate() {
            let statement = entry.parse().map_err(|e| Invalid::new(e.code, format!("entries[{i}].{}", e.place)))?;
            if statement.chain != draft.chain || statement.origin != draft.origin {
                return Err(Invalid::new(ErrorCode::ChainKind, format!("entries[{i}]")));
            }
        }
        Ok(draft)
    }

    /// Returns the file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_canonical(self)
    }

    /// Adds a key's signature to every statement that lists it; says to how many. Signing again changes nothing.
    pub fn sign(&mut self, secret: &SecretKey) -> Result<usize, Invalid> {
        let keyid = secret.public().key_id();
        let mut signed = 0;
        for entry in &mut self.entries {
            if entry.parse()?.signers.iter().any(|s| s.keyid == keyid) {
                let sig = Bytes(secret.sign(&pae(entry.statement.as_bytes())));
                entry.signatures.retain(|s| s.keyid != keyid);
                entry.signatures.push(Signature { keyid, sig });
                signed += 1;
            }
        }
        if signed == 0 { Err(Invalid::new(ErrorCode::KeyUnknown, keyid.to_hex())) } else { Ok(signed) }
    }

    /// Returns who still has to sign.
    pub fn missing(&self) -> Result<Vec<Missing>, Invalid> {
        let mut missing: Vec<Missing> = Vec::new();
        for entry in &self.entries {
            for signer in entry.parse()?.signers {
                if entry.signatures.iter().any(|s| s.keyid == signer.keyid) {
                    continue;
                }
                match missing.iter_mut().find(|m| m.keyid == signer.keyid) {
                    Some(known) => known.statements += 1,
                    None => missing.push(Missing { keyid: signer.keyid, roles: signer.roles, statements: 1 }),
                }
            }
        }
        Ok(missing)
    }

    /// Takes over the signatures of a copy of the same draft that was signed elsewhere.
    pub fn merge(&mut self, other: &Draft) -> Result<(), Invalid> {
        let same = self.entries.len() == other.entries.len()
            && self.entries.iter().zip(&other.entries).all(|(a, b)| a.statement == b.statement && a.body == b.body);
        if !same {
            return Err(Invalid::new(ErrorCode::DraftsDiffer, &other.title));
        }
        for (mine, theirs) in self.entries.iter_mut().zip(&other.entries) {
            for signature in &theirs.signatures {
                if !mine.signatures.iter().any(|s| s.keyid == signature.keyid) {
                    mine.signatures.push(signature.clone());
                }
            }
        }
        Ok(())
    }

    /// Returns the envelopes and bodies to be published; every listed signer has signed. `key` finds a key's bytes.
    pub fn package(&self, key: impl Fn(&KeyId) -> Option<PublicKey>) -> Result<Vec<Publication>, Invalid> {
        let mut package = Vec::new();
        for entry in &self.entries {
            let statement = entry.parse()?;
            let mut signatures = Vec::new();
            for signer in &statement.signers {
                let found = entry.signatures.iter().find(|s| s.keyid == signer.keyid);
                let signature = found.ok_or_else(|| {
                    let roles: Vec<&str> = signer.roles.iter().map(|r| r.zh()).collect();
                    Invalid::new(ErrorCode::SignatureMissing, roles.join("、"))
                })?;
                signatures.push(signature.clone());
            }
            let envelope = Envelope { payload: entry.statement.clone().into_bytes(), signatures }.to_bytes();
            crate::record::entry::Entry::parse(&envelope)?.verify_signatures(&key)?;
            package.push((envelope, entry.body.clone().into_bytes()));
        }
        Ok(package)
    }
}
