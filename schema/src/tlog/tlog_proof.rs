//! Self-contained inclusion proofs, C2SP tlog-proof (`.tlog-proof` files).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! index 1
//! <base64 hash>                 0 to 63 lines, the leaf's sibling first
//!
//! <the signed checkpoint, as it is>
//! ```
//!
//! A line `extra …` before the index is ignored: it is not authenticated, and never written here.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use super::merkle::{MerkleError, verify_inclusion};
use super::note::{NOTE_BYTES_MAX, Note, NoteError};
use super::policy::{Policy, PolicyError, PolicyReport};
use super::{decimal, proof_lines, push_proof};
use crate::crypto::hash::{Hash, b64_decode};
use crate::error_code::ErrorCode;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// The longest proof file: a note of the longest kind, the proof, and a long `extra` line.
pub const TLOG_PROOF_BYTES_MAX: usize = 2 * NOTE_BYTES_MAX;

/// Why a proof file is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlogProofError {
    /// Not of the form of a proof file.
    #[error("malformed tlog-proof")]
    Malformed,
    /// More than 2 MB.
    #[error("the proof file is too large")]
    TooLarge,
    /// The note in it is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint is refused, or not cosigned by enough witnesses.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The inclusion proof does not verify.
    #[error(transparent)]
    Merkle(#[from] MerkleError),
}

impl TlogProofError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed => ErrorCode::TlogProof,
            Self::TooLarge => ErrorCode::Length,
            Self::Note(error) => error.code(),
            Self::Policy(error) => error.code(),
            Self::Merkle(error) => error.code(),
        }
    }
}

/// An index, the hashes from the leaf to the root, and the signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// The leaf's index.
    pub index: u64,
    /// The inclusion proof, the leaf's sibling first.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl TlogProof {
    /// Reads a proof file.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > TLOG_PROOF_BYTES_MAX {
            return Err(TlogProofError::TooLarge);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| TlogProofError::Malformed)?;
        let (head, note) = text.split_once("\n\n").ok_or(TlogProofError::Malformed)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(TlogProofError::Malformed);
        }
        if let Some(extra) = lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            b64_decode(extra).ok_or(TlogProofError::Malformed)?;
            lines.next();
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal);
        let index = index.ok_or(TlogProofError::Malformed)?;
        let proof = proof_lines(lines).ok_or(TlogProofError::Malformed)?;
        Ok(Self { index, proof, checkpoint: Note::parse(note.as_bytes())? })
    }

    /// Returns the proof file.
    pub fn to_text(&self) -> String {
        let mut out = format!("{HEADER}\nindex {}\n", self.index);
        push_proof(&mut out, &self.proof, &self.checkpoint);
        out
    }

    /// Checks that the leaf with this hash is in a log of the policy.
    ///
    /// The order is: origin and log signature, cosignatures, then the inclusion proof. Whether the cosignatures are
    /// enough is in the report.
    pub fn inspect(&self, leaf: &Hash, policy: &Policy) -> Result<PolicyReport, TlogProofError> {
        let report = policy.check(self.checkpoint.to_text().as_bytes())?;
        verify_inclusion(self.index, report.checkpoint.size, leaf, &self.proof, &report.checkpoint.root)?;
        Ok(report)
    }

    /// Checks as [`inspect`](Self::inspect) does, and refuses the proof unless the quorum is reached.
    pub fn verify(&self, leaf: &Hash, policy: &Policy) -> Result<PolicyReport, TlogProofError> {
        Ok(self.inspect(leaf, policy)?.require_quorum()?)
    }
}
