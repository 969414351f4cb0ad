//! The newest signed checkpoint of a log.

use sanwu_schema::record::statement::Seen;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::verify::trust::PinnedLog;

use crate::error::Error;

/// A signed checkpoint of the log, consistent with all that this machine has seen.
#[derive(Clone, Debug)]
pub struct SignedHead {
    pub checkpoint: Checkpoint,
    pub note: String,
}

impl SignedHead {
    /// Opens a signed note with the pinned keys of its log.
    pub fn open(pinned: &PinnedLog, note: &[u8]) -> Result<Self, Error> {
        let opened = pinned.open(note).map_err(|e| Error::new(e.code()).at(e.to_string()))?;
        Ok(Self { checkpoint: opened.checkpoint, note: String::from_utf8_lossy(note).into_owned() })
    }

    /// Returns the checkpoint in the form in which a draft pins it.
    pub fn seen(&self) -> Seen {
        Seen { size: self.checkpoint.size, root: self.checkpoint.root }
    }
}
