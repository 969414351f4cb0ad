//! Signed notes, C2SP signed-note: a text and the signatures under it.
//!
//! ```text
//! This is an example message.
//!
//! — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
//! ```
//!
//! Behaves as the Go implementation does, with one difference: base64 is read in its canonical
//! spelling only, so that reading and writing a note never changes it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use thiserror::Error;

use crate::crypto::hash::{b64_decode, b64_encode, hex_encode};
use crate::crypto::key::VerifyError;
use crate::error_code::ErrorCode;
use crate::tlog::vkey::{ED25519, SignerKey, Vkey, valid_name};

/// The longest note: 100 lines of post-quantum signatures (5 kB each) and a text of some lines.
pub const NOTE_BYTES_MAX: usize = 1_000_000;
/// The most signature lines, as in Go.
pub const SIGNATURES_MAX: usize = 100;

const DASH: &str = "\u{2014} ";

/// Why a note is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Not of the form text, empty line, signature lines.
    #[error("malformed note")]
    Malformed,
    /// More than 1 MB or more than 100 signature lines.
    #[error("the note is too large")]
    TooLarge,
    /// The list of known keys has two with this name and id, and the note is signed by it.
    #[error("ambiguous key {0}")]
    Ambiguous(String),
    /// A known key's signature does not verify: the whole note is refused.
    #[error("invalid signature for key {0}")]
    BadSignature(String),
    /// No known key has signed.
    #[error("no signature by a known key")]
    Unsigned,
    /// The known keys that have signed are all of a kind that cannot be checked here.
    #[error("the signatures by known keys are of a type that cannot be checked")]
    Unsupported,
}

impl NoteError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed => ErrorCode::Note,
            Self::TooLarge => ErrorCode::Length,
            Self::Ambiguous(_) => ErrorCode::NoteAmbiguous,
            Self::BadSignature(_) => ErrorCode::NoteSignature,
            Self::Unsigned => ErrorCode::NoteUnsigned,
            Self::Unsupported => ErrorCode::Suite,
        }
    }
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    name: String,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

impl Signature {
    /// Returns a signature made by the key, without its key id.
    pub fn by(vkey: &Vkey, bytes: Vec<u8>) -> Self {
        Self { name: vkey.name().to_string(), key_id: vkey.key_id(), bytes }
    }

    /// Returns the signer's key name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the signer's key id.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// Returns the signature without the key id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns whether name and key id are this key's.
    pub fn is_by(&self, vkey: &Vkey) -> bool {
        self.key_id == vkey.key_id() && self.name == vkey.name()
    }

    /// Reads one line, without its newline: `— name base64`.
    pub fn parse_line(line: &str) -> Result<Self, NoteError> {
        let (name, base64) =
            line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Malformed)?;
        let bytes = b64_decode(base64).ok_or(NoteError::Malformed)?;
        match bytes.split_first_chunk::<4>() {
            Some((key_id, bytes)) if !bytes.is_empty() && valid_name(name) => {
                Ok(Self { name: name.to_string(), key_id: *key_id, bytes: bytes.to_vec() })
            }
            _ => Err(NoteError::Malformed),
        }
    }

    /// Appends the line, with its newline.
    pub fn write_line(&self, out: &mut String) {
        let mut bytes = Vec::with_capacity(4 + self.bytes.len());
        bytes.extend_from_slice(&self.key_id);
        bytes.extend_from_slice(&self.bytes);
        for part in [DASH, &self.name, " ", &b64_encode(&bytes), "\n"] {
            out.push_str(part);
        }
    }
}

/// A well-formed note; nothing is said yet about its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// Returns a note still without signatures.
    ///
    /// The text ends in a newline and has no other control character below U+0020.
    pub fn new(text: String) -> Result<Self, NoteError> {
        if !text.ends_with('\n') || !well_formed(&text) {
            return Err(NoteError::Malformed);
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note: splits at the last empty line, reads each signature line.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLarge);
        }
        let note = core::str::from_utf8(bytes).map_err(|_| NoteError::Malformed)?;
        if !well_formed(note) {
            return Err(NoteError::Malformed);
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        if lines.split('\n').count() > SIGNATURES_MAX {
            return Err(NoteError::TooLarge);
        }
        let signatures = lines.split('\n').map(Signature::parse_line).collect::<Result<_, _>>()?;
        let mut text = text.to_string();
        text.push('\n');
        Ok(Self { text, signatures })
    }

    /// Returns the text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the signature lines in their order, repeated ones too.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature at the end; one by the same name and key id is replaced.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.retain(|old| old.name != signature.name || old.key_id != signature.key_id);
        self.signatures.push(signature);
    }

    /// Keeps only the signatures that fit.
    pub fn retain(&mut self, fits: impl FnMut(&Signature) -> bool) {
        self.signatures.retain(fits);
    }

    /// Signs the text with a type 0x01 key.
    ///
    /// A cosigner's key signs by [`cosignature::sign`](super::cosignature::sign), which names the time.
    pub fn sign(&mut self, signer: &SignerKey) -> Result<(), NoteError> {
        if signer.vkey().algorithm() != ED25519 {
            return Err(NoteError::Unsupported);
        }
        let bytes = signer.sign_bytes(self.text.as_bytes()).ok_or(NoteError::Unsupported)?;
        self.add(Signature::by(signer.vkey(), bytes));
        Ok(())
    }

    /// Returns the note as it is sent: text, empty line, signature lines.
    pub fn to_text(&self) -> String {
        let mut out = self.text.clone();
        out.push('\n');
        self.signatures.iter().for_each(|signature| signature.write_line(&mut out));
        out
    }

    /// Checks every signature whose name and id are those of a known key.
    ///
    /// One that fails refuses the note; one by another key is ignored. Of several by one key only the first counts.
    pub fn open(self, known: &[Vkey]) -> Result<OpenNote, NoteError> {
        let (mut verified, mut unverified) = (Vec::<Verified>::new(), Vec::<Signature>::new());
        let mut unsupported = false;
        for signature in self.signatures {
            let mut keys = known.iter().enumerate().filter(|(_, key)| signature.is_by(key));
            match (keys.next(), keys.next()) {
                (Some(_), Some(_)) => return Err(NoteError::Ambiguous(label(&signature))),
                (Some((index, _)), None) if verified.iter().any(|one| one.key == index) => {}
                (Some((index, key)), None) => match key.verify(&self.text, &signature.bytes) {
                    Ok(time) => verified.push(Verified { key: index, time, signature }),
                    Err(VerifyError::BadSignature) => {
                        return Err(NoteError::BadSignature(label(&signature)));
                    }
                    Err(VerifyError::UnsupportedSuite) => {
                        unsupported = true;
                        push_once(&mut unverified, signature);
                    }
                },
                (None, _) => push_once(&mut unverified, signature),
            }
        }
        match (verified.is_empty(), unsupported) {
            (true, true) => Err(NoteError::Unsupported),
            (true, false) => Err(NoteError::Unsigned),
            (false, _) => Ok(OpenNote { text: self.text, verified, unverified }),
        }
    }
}

/// A signature by a known key that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Position of the key in the list of known keys.
    pub key: usize,
    /// The time of a cosignature, in seconds since 1970.
    pub time: Option<u64>,
    /// The signature line.
    pub signature: Signature,
}

/// A note that at least one known key has signed, and none wrongly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenNote {
    /// The text, with its last newline.
    pub text: String,
    /// The signatures that verify, one per key, in the note's order.
    pub verified: Vec<Verified>,
    /// The signatures by unknown keys, and by known keys of a type that cannot be checked here.
    pub unverified: Vec<Signature>,
}

/// Reads a note and checks it against the known keys.
pub fn open(bytes: &[u8], known: &[Vkey]) -> Result<OpenNote, NoteError> {
    Note::parse(bytes)?.open(known)
}

fn well_formed(text: &str) -> bool {
    text.bytes().all(|byte| byte >= b' ' || byte == b'\n')
}

fn push_once(list: &mut Vec<Signature>, signature: Signature) {
    if !list.contains(&signature) {
        list.push(signature);
    }
}

fn label(signature: &Signature) -> String {
    alloc::format!("{}+{}", signature.name, hex_encode(&signature.key_id))
}
