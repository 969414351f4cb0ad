//! Checkpoints of the log that is followed.

use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::note::Note;

/// A checkpoint that the log has signed.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    /// The note, with all lines that were checked.
    pub(super) note: Vec<u8>,
}

impl Signed {
    /// Returns a checkpoint out of the store, whose signature was checked before it came there.
    pub(super) fn stored(note: Vec<u8>) -> Option<Self> {
        let checkpoint = Checkpoint::parse(Note::parse(&note).ok()?.text()).ok()?;
        Some(Self { checkpoint, note })
    }
}
