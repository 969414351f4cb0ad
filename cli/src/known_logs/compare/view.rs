//! One place's view of a log: its checkpoint, who signed it, its tree.

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::PinnedLog;
use sanwu_schema::verify::{Continues, Remembered};

use crate::error::Error;
use crate::log_source::source::Source;
use crate::log_source::tree::{SignedTree, TreeError};

/// Where the log's keys come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysFrom {
    Trust,
    /// The sources themselves: an impostor names its own key.
    Sources,
    /// Nowhere: no signature was checked.
    Nobody,
}

/// What the log's checkpoints have to be signed with.
pub struct CheckpointKeys {
    /// Where they come from.
    pub from: KeysFrom,
    pinned: Vec<PinnedLog>,
}

impl CheckpointKeys {
    /// Returns the keys of a trust file, or else those that the sources themselves name.
    pub fn of<'a>(trust: Option<PinnedLog>, sources: impl Iterator<Item = &'a dyn Source>) -> Self {
        if let Some(pinned) = trust {
            return Self { from: KeysFrom::Trust, pinned: vec![pinned] };
        }
        // A source without a readable trust file names no key.
        let pinned: Vec<PinnedLog> = sources.filter_map(|s| s.own_trust().ok().flatten()).collect();
        Self { from: if pinned.is_empty() { KeysFrom::Nobody } else { KeysFrom::Sources }, pinned }
    }

    /// The origin that a trust file pins.
    fn origin(&self) -> Option<&Origin> {
        self.pinned.first().filter(|_| self.from == KeysFrom::Trust).map(|p| &p.file.origin)
    }

    /// The keys that have signed a checkpoint; an error if there should be one and is none.
    fn signed_by(&self, note: &[u8], checkpoint: &Checkpoint) -> Result<Vec<Vkey>, Error> {
        if self.from == KeysFrom::Nobody {
            return Ok(Vec::new());
        }
        let mut refused = Error::new(ErrorCode::NoteUnsigned);
        let mut signed: Vec<Vkey> = Vec::new();
        for pinned in self.pinned.iter().filter(|p| p.file.origin == checkpoint.origin) {
            if let Err(e) = pinned.open(note) {
                refused = Error::new(e.code()).at(e.to_string());
                continue;
            }
            for vkey in pinned.log_vkeys.iter().chain(pinned.retired.iter().map(|(vkey, _)| vkey)) {
                let alone = std::slice::from_ref(vkey);
                if !signed.contains(vkey) && Checkpoint::open(note, &checkpoint.origin, alone, &[]).is_ok() {
                    signed.push(vkey.clone());
                }
            }
        }
        if signed.is_empty() { Err(refused) } else { Ok(signed) }
    }
}

/// One place's view of the log.
pub struct View<'a> {
    pub source: &'a dyn Source,
    /// What it has signed.
    pub checkpoint: Checkpoint,
    /// The signed note, as it is.
    pub note: String,
    /// The log keys that have signed it; none when no key is known.
    pub signed_by: Vec<Vkey>,
    /// Its tree, checked by the checkpoint.
    pub tree: SignedTree<'a>,
}

impl<'a> View<'a> {
    /// Checks who signed a source's checkpoint, and its newest tiles by the signed root.
    pub fn open(source: &'a dyn Source, bytes: &[u8], keys: &CheckpointKeys) -> Result<Self, Error> {
        let place = || source.name();
        let note = Note::parse(bytes).map_err(|e| Error::new(e.code()).at(place()))?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(|e| Error::new(e.code()).at(place()))?;
        if keys.origin().is_some_and(|origin| *origin != checkpoint.origin) {
            return Err(other_log(&checkpoint, source));
        }
        let signed_by = keys.signed_by(bytes, &checkpoint).map_err(|e| e.within(&place()))?;
        let tree = SignedTree::open(source, &checkpoint).map_err(|e| e.at(&place()))?;
        Ok(Self { source, checkpoint, note: note.to_text(), signed_by, tree })
    }

    /// Compares it with what this machine has seen of the log.
    pub fn continues(&self, seen: &Remembered) -> Result<Continues, Error> {
        let size = self.checkpoint.size;
        let root_then = match seen.size <= size {
            true => Some(self.tree.root_at(seen.size).map_err(|e| self.trouble(e))?),
            false => None,
        };
        // Whether it is a copy is asked for what is shorter only: it may take a request.
        Ok(seen.continued_by(size, root_then, root_then.is_none() && self.source.is_copy()))
    }

    /// Returns the error of a tree that gives no hash.
    pub fn trouble(&self, error: TreeError) -> Error {
        error.at(&self.source.name())
    }
}

/// Returns the error of a source that holds another log.
pub fn other_log(checkpoint: &Checkpoint, source: &dyn Source) -> Error {
    Error::new(ErrorCode::OtherLog).at(format!("{}  {}", source.name(), checkpoint.origin))
}
