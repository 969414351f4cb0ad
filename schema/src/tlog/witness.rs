//! Requests to a witness, C2SP tlog-witness: a log asks for a cosignature over its newest checkpoint.
//!
//! ```text
//! old 20852014
//! <base64 hash>                 0 to 63 lines: the consistency proof from the old size
//!
//! <the signed checkpoint, as it is>
//! ```
//!
//! The answer is one or more signature lines, or a status that says why not. What is decided here is
//! pure: a witness brings the keys it trusts and what it recorded, and keeps its record atomic and durable
//! by itself. The order of the checks is the specification's; `FORMAT.md` has the table.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use super::checkpoint::{CheckpointError, Head};
use super::merkle::{EMPTY, MerkleError, verify_consistency};
use super::note::{NOTE_BYTES_MAX, Note, NoteError, OpenNote, SIGNATURES_MAX, Signature};
use super::{decimal, proof_lines, push_proof};
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;
use crate::tlog::vkey::Vkey;

/// The longest request, as other witnesses have it: 63 proof lines are 2.8 kB, an ML-DSA-44 signature line
/// 3.3 kB, so that a log's own signatures by four such keys fit. Send only the log's own.
pub const REQUEST_BYTES_MAX: usize = 16 << 10;

/// The media type of the answer 409.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// Why bytes are not a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// More than 16 KiB.
    #[error("the request is too large")]
    TooLarge,
    /// Not an old size, at most 63 hashes, an empty line and a note.
    #[error("malformed add-checkpoint request")]
    Malformed,
    /// The note in it is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl RequestError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::TooLarge => ErrorCode::Length,
            Self::Malformed => ErrorCode::WitnessRequest,
            Self::Note(error) => error.code(),
        }
    }
}

/// A request: a signed checkpoint, and the proof that it continues the tree of `old` leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness to have recorded.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// Reads a request's body.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > REQUEST_BYTES_MAX {
            return Err(RequestError::TooLarge);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| RequestError::Malformed)?;
        let (head, note) = text.split_once("\n\n").ok_or(RequestError::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal);
        let old = old.ok_or(RequestError::Malformed)?;
        let proof = proof_lines(lines).ok_or(RequestError::Malformed)?;
        Ok(Self { old, proof, checkpoint: Note::parse(note.as_bytes())? })
    }

    /// Returns the request's body.
    pub fn to_text(&self) -> String {
        let mut out = format!("old {}\n", self.old);
        push_proof(&mut out, &self.proof, &self.checkpoint);
        out
    }
}

/// What a witness cosigned last of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The number of leaves.
    pub size: u64,
    /// The tree's root.
    pub root: Hash,
}

impl Recorded {
    /// Of a log that it never cosigned.
    pub const NOTHING: Self = Self { size: 0, root: EMPTY };
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The bytes are no request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The note's text is not a checkpoint of three lines.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// The witness does not follow a log of this origin.
    #[error("this witness does not follow the log")]
    UnknownLog,
    /// No trusted key of the log has signed, or one has with a signature that does not verify.
    #[error(transparent)]
    Signature(NoteError),
    /// The old size is above the checkpoint's.
    #[error("the old size is above the checkpoint's")]
    OldAbove,
    /// The old size is not the recorded one.
    #[error("the recorded size is {recorded}")]
    Conflict {
        /// What the witness recorded.
        recorded: u64,
    },
    /// Size 0 with a root that is not the empty tree's.
    #[error("a root that the empty tree does not have")]
    EmptyRoot,
    /// The proof does not lead from the recorded tree to the new one.
    #[error(transparent)]
    Proof(MerkleError),
    /// The recorded size with another root: the log has signed two trees.
    #[error("the log has signed another tree of the same size")]
    Fork,
}

impl Refusal {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Request(error) => error.code(),
            Self::Checkpoint(error) => error.code(),
            Self::EmptyRoot => ErrorCode::Checkpoint,
            Self::UnknownLog => ErrorCode::LogUnknown,
            Self::Signature(error) => error.code(),
            Self::OldAbove => ErrorCode::TreeRange,
            Self::Conflict { .. } => ErrorCode::WitnessSize,
            Self::Proof(error) => error.code(),
            Self::Fork => ErrorCode::LogFork,
        }
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Request(RequestError::TooLarge) => 413,
            Self::Request(_) | Self::Checkpoint(_) | Self::OldAbove => 400,
            Self::Signature(_) => 403,
            Self::UnknownLog => 404,
            Self::Conflict { .. } => 409,
            Self::EmptyRoot | Self::Proof(_) | Self::Fork => 422,
        }
    }
}

/// A request whose checkpoint a trusted key of the log has signed. That alone may prove a fork, whatever the
/// rest of the request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The checkpoint.
    pub head: Head,
    /// The note with the verified signatures apart from the others.
    pub note: OpenNote,
    old: u64,
    proof: Vec<Hash>,
}

impl Submission {
    /// Reads a request and checks the log's signatures: by the keys that `keys_of` gives for the origin, none
    /// of another key.
    pub fn open<K: AsRef<[Vkey]>>(bytes: &[u8], keys_of: impl FnOnce(&str) -> Option<K>) -> Result<Self, Refusal> {
        let AddCheckpoint { old, proof, checkpoint } = AddCheckpoint::parse(bytes)?;
        let head = Head::parse(checkpoint.text()).map_err(Refusal::Checkpoint)?;
        let keys = keys_of(&head.origin).ok_or(Refusal::UnknownLog)?;
        let note = checkpoint.open(keys.as_ref()).map_err(Refusal::Signature)?;
        Ok(Self { head, note, old, proof })
    }

    /// Checks that it continues what the witness recorded, and so may be cosigned.
    ///
    /// The record must not change between this and the new record.
    pub fn check(&self, recorded: &Recorded) -> Result<(), Refusal> {
        let Head { size, root, .. } = &self.head;
        if self.old > *size {
            return Err(Refusal::OldAbove);
        }
        if self.old != recorded.size {
            return Err(Refusal::Conflict { recorded: recorded.size });
        }
        if !self.head.root_fits() {
            return Err(Refusal::EmptyRoot);
        }
        match verify_consistency(self.old, *size, &recorded.root, root, &self.proof) {
            Err(MerkleError::ConsistencyRoot) if self.old == *size => Err(Refusal::Fork),
            checked => checked.map_err(Refusal::Proof),
        }
    }
}

/// Decides about a request's body, in the specification's order. On `Ok` the caller may cosign.
pub fn judge<K: AsRef<[Vkey]>>(
    bytes: &[u8],
    keys_of: impl FnOnce(&str) -> Option<K>,
    recorded: &Recorded,
) -> Result<Submission, Refusal> {
    let submission = Submission::open(bytes, keys_of)?;
    submission.check(recorded)?;
    Ok(submission)
}

/// Returns the body of the answer 200: signature lines.
pub fn write_cosignatures(signatures: &[Signature]) -> String {
    let mut out = String::new();
    signatures.iter().for_each(|signature| signature.write_line(&mut out));
    out
}

/// Reads the body of the answer 200: one to 100 signature lines.
///
/// Whose they are, and whether they verify, is still to be checked.
pub fn parse_cosignatures(bytes: &[u8]) -> Result<Vec<Signature>, NoteError> {
    if bytes.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLarge);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| NoteError::Malformed)?;
    let lines = text.strip_suffix('\n').ok_or(NoteError::Malformed)?;
    if lines.split('\n').count() > SIGNATURES_MAX {
        return Err(NoteError::TooLarge);
    }
    lines.split('\n').map(Signature::parse_line).collect()
}

/// Returns the body of the answer 409.
pub fn write_size(size: u64) -> String {
    format!("{size}\n")
}

/// Reads the body of the answer 409: the size that the witness recorded.
pub fn parse_size(bytes: &[u8]) -> Option<u64> {
    core::str::from_utf8(bytes).ok()?.strip_suffix('\n').and_then(decimal)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use super::*;

    #[test]
    fn the_caps_hold() {
        let long = vec![b'x'; REQUEST_BYTES_MAX + 1];
        let error = AddCheckpoint::parse(&long).unwrap_err();
        assert_eq!((error.code(), Refusal::from(error).status()), (ErrorCode::Length, 413));
        assert_eq!(AddCheckpoint::parse(&long[1..]).unwrap_err().code(), ErrorCode::WitnessRequest);
    }

    #[test]
    fn answers_read_back() {
        let line = "\u{2014} w.example AAAAAAE=\n";
        let two = format!("{line}{line}");
        let signatures = parse_cosignatures(two.as_bytes()).unwrap();
        assert_eq!((signatures.len(), write_cosignatures(&signatures)), (2, two));
        for bad in ["", "\n", line.trim_end(), &format!("{line}\n"), &format!("\n{line}"), "E-NOTE\n"] {
            assert_eq!(parse_cosignatures(bad.as_bytes()), Err(NoteError::Malformed), "{bad:?}");
        }
        assert_eq!(parse_cosignatures(line.repeat(101).as_bytes()), Err(NoteError::TooLarge));
        assert_eq!(parse_size(write_size(7).as_bytes()), Some(7));
        for bad in ["", "7", "07\n", "7\n\n", "-7\n", "7\r\n"] {
            assert_eq!(parse_size(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
