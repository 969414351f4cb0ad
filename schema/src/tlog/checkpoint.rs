//! Checkpoints, C2SP tlog-checkpoint: the text a log signs about its tree.
//!
//! ```text
//! sanwu.example.gov.cn/379999100
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! ```
//!
//! Three lines and no more: extension lines are neither written nor accepted.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use thiserror::Error;

use super::merkle::{EMPTY, SIZE_MAX};
use super::note::{Note, NoteError, OpenNote};
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;
use crate::tlog::vkey::{SignerKey, Vkey};

/// The longest origin, in bytes.
pub const ORIGIN_BYTES_MAX: usize = 255;

/// The name of a log: 1–255 bytes of `[a-z0-9./:-]`, path segments separated by single slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin.
    ///
    /// No scheme, no slash at either end, no segment that is empty, `.` or `..`: the log is served under the origin's
    /// own path.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'/' | b':' | b'-');
        let valid = text.len() <= ORIGIN_BYTES_MAX
            && text.bytes().all(allowed)
            && text.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        if valid { Ok(Self(text.to_string())) } else { Err(CheckpointError::Origin) }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// Not a valid origin.
    #[error("not a valid log origin")]
    Origin,
    /// Not exactly origin, size and root, one line each.
    #[error("malformed checkpoint")]
    Malformed,
    /// Size 0 with a root that is not the empty tree's.
    #[error("a root that the empty tree does not have")]
    EmptyRoot,
    /// The checkpoint names another log.
    #[error("the checkpoint is of the log {0}")]
    OtherLog(Origin),
    /// The note around it is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl CheckpointError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Origin => ErrorCode::LogOrigin,
            Self::Malformed | Self::EmptyRoot => ErrorCode::Checkpoint,
            Self::OtherLog(_) => ErrorCode::CheckpointOrigin,
            Self::Note(error) => error.code(),
        }
    }
}

/// The three lines of any log's checkpoint. Others name their logs as they like: the origin is any line that is
/// not empty, and a root of the empty tree is not asked for here, as a witness answers that fault apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which log, in whatever form.
    pub origin: String,
    /// The number of leaves, at most 2^63 − 1.
    pub size: u64,
    /// The tree's root.
    pub root: Hash,
}

impl Head {
    /// Reads the note text of a checkpoint, with its last newline.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let origin = |line: &str| if line.is_empty() { Err(CheckpointError::Origin) } else { Ok(line.to_string()) };
        let (origin, size, root) = parse_lines(text, origin)?;
        Ok(Self { origin, size, root })
    }

    /// Returns whether the root may belong to the size: a tree without leaves has one root only.
    pub fn root_fits(&self) -> bool {
        root_fits(self.size, &self.root)
    }
}

fn root_fits(size: u64, root: &Hash) -> bool {
    size > 0 || *root == EMPTY
}

/// Exactly three lines: the origin as `origin` reads it, then size and root.
fn parse_lines<O>(
    text: &str,
    origin: impl FnOnce(&str) -> Result<O, CheckpointError>,
) -> Result<(O, u64, Hash), CheckpointError> {
    let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Malformed)?.split('\n');
    let (Some(first), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next()) else {
        return Err(CheckpointError::Malformed);
    };
    let origin = origin(first)?;
    let size = super::decimal(size).filter(|size| *size <= SIZE_MAX).ok_or(CheckpointError::Malformed)?;
    let root = Hash::from_base64(root).ok_or(CheckpointError::Malformed)?;
    Ok((origin, size, root))
}

/// A log's statement about its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// The number of leaves.
    pub size: u64,
    /// The tree's root.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the note text of a checkpoint, with its last newline.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let (origin, size, root) = parse_lines(text, Origin::parse)?;
        if !root_fits(size, &root) {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(Self { origin, size, root })
    }

    /// Returns the note text, with its last newline.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())
    }

    /// Returns the note with the log's signature. The signer's name has to be the origin.
    pub fn sign(&self, signer: &SignerKey) -> Result<Note, CheckpointError> {
        if signer.vkey().name() != self.origin.as_str() {
            return Err(CheckpointError::OtherLog(self.origin.clone()));
        }
        let mut note = Note::new(self.to_text())?;
        note.sign(signer)?;
        Ok(note)
    }

    /// Opens a signed checkpoint of the log `origin`, of which `keys` are the log keys, and refuses it unless one of
    /// them has signed.
    ///
    /// `others` are further keys to check, such as witnesses'; their positions in the opened note come after those of
    /// `keys`.
    pub fn open(
        bytes: &[u8],
        origin: &Origin,
        keys: &[Vkey],
        others: &[Vkey],
    ) -> Result<(Self, OpenNote), CheckpointError> {
        Self::open_by(bytes, origin, keys, others, |_, _| true)
    }

    /// As [`open`](Self::open), where not every log key may have signed every tree: `may_sign` is asked with the
    /// position of a key in `keys`.
    pub fn open_by(
        bytes: &[u8],
        origin: &Origin,
        keys: &[Vkey],
        others: &[Vkey],
        may_sign: impl Fn(&Self, usize) -> bool,
    ) -> Result<(Self, OpenNote), CheckpointError> {
        let note = super::note::open(bytes, &[keys, others].concat())?;
        let checkpoint = Self::parse(&note.text)?;
        if checkpoint.origin != *origin {
            return Err(CheckpointError::OtherLog(checkpoint.origin));
        }
        checkpoint.need_log_signature(&note, keys, |at| may_sign(&checkpoint, at))?;
        Ok((checkpoint, note))
    }

    /// Checks that one of the log keys has signed under the origin as name.
    ///
    /// The log keys are the first of the keys that the note was opened with.
    ///
    /// Where the only such line is of a type that cannot be checked here, nothing is decided.
    pub(super) fn need_log_signature(
        &self,
        note: &OpenNote,
        keys: &[Vkey],
        may_sign: impl Fn(usize) -> bool,
    ) -> Result<(), NoteError> {
        let mut own = keys.iter().enumerate().filter(|(at, key)| key.name() == self.origin.as_str() && may_sign(*at));
        let mut passed_over = false;
        let signed = own.any(|(at, key)| {
            passed_over |= !key.is_supported() && note.unverified.iter().any(|line| line.is_by(key));
            note.verified.iter().any(|one| one.key == at)
        });
        match (signed, passed_over) {
            (true, _) => Ok(()),
            (false, true) => Err(NoteError::Unsupported),
            (false, false) => Err(NoteError::Unsigned),
        }
    }
}
