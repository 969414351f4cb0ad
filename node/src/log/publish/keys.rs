//! The keys that this node holds to sign the log's checkpoints with, and which of them sign when.
//!
//! Which keys are the log's is said in the log: by its first entry, and by every `log_key` entry after it. A tree of
//! n leaves is signed by the keys in force after entry n − 1. The committed head is signed by those of type 0x01, on
//! the writer's path; the published checkpoint by those of type 0x06 as well, once a second at most.

use sanwu_schema::tlog::checkpoint::{Checkpoint, CheckpointError, Origin};
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::{ED25519, MLDSA44_COSIGNATURE, SignerKey, Vkey};
use sanwu_schema::validity::ChainFacts;
use thiserror::Error;

use crate::storage::Position;

/// Why keys cannot sign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeysError {
    /// The keys have different names, or their name is no origin, or none is of type 0x01.
    #[error("the log keys are not those of one log: one name, an origin, and at least one Ed25519 key")]
    NotOneLog,
    /// None of the keys held may sign now.
    #[error(
        "none of the keys held is a log key in force: put the new key into log.key; if it is there, the store is \
             an old copy"
    )]
    NoneInForce,
    /// A signature could not be made.
    #[error("signing: {0}")]
    Signing(String),
}

/// The signing keys of one log.
#[derive(Clone, Debug)]
pub struct HeldKeys {
    origin: Origin,
    signers: Vec<SignerKey>,
}

impl HeldKeys {
    /// Returns the keys in a node's key file.
    pub fn new(signers: Vec<SignerKey>) -> Result<Self, KeysError> {
        let origin = signers.first().and_then(|first| Origin::parse(first.vkey().name()).ok());
        let origin = origin.ok_or(KeysError::NotOneLog)?;
        let fits = |signer: &SignerKey| {
            signer.vkey().name() == origin.as_str()
                && matches!(signer.vkey().algorithm(), ED25519 | MLDSA44_COSIGNATURE)
        };
        if !signers.iter().all(fits) || !signers.iter().any(|signer| signer.vkey().algorithm() == ED25519) {
            return Err(KeysError::NotOneLog);
        }
        Ok(Self { origin, signers })
    }

    /// Returns the log.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the public halves, those in force or not.
    pub fn vkeys(&self) -> Vec<Vkey> {
        self.signers.iter().map(|signer| signer.vkey().clone()).collect()
    }

    /// Returns whether one of the keys held could sign heads under these facts of `root`.
    pub(in crate::log) fn can_sign(&self, root: Option<&ChainFacts>) -> bool {
        self.in_force(root, ED25519).next().is_some()
    }

    /// Returns whether this node could sign as the log says after an entry of `root`: by a key in force, and by every
    /// key that the entry adds.
    ///
    /// A key that nobody signs with would lock out clients that pin it.
    pub(in crate::log) fn can_follow(&self, before: Option<&ChainFacts>, after: &ChainFacts) -> bool {
        let stated = before.and_then(|facts| facts.log_vkeys.as_deref()).unwrap_or_default();
        let mut added = after.log_vkeys.iter().flatten().filter(|vkey| !stated.contains(vkey));
        self.can_sign(Some(after)) && added.all(|added| self.signers.iter().any(|one| one.vkey().to_string() == *added))
    }

    /// Returns the committed head at a position: signed by every type 0x01 key in force under the facts of `root`
    /// there.
    pub(in crate::log) fn sign_head(&self, position: Position, root: Option<&ChainFacts>) -> Result<Note, KeysError> {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: position.size, root: position.root };
        let mut note = Note::new(checkpoint.to_text()).map_err(|error| KeysError::Signing(error.to_string()))?;
        for signer in self.in_force(root, ED25519) {
            note.sign(signer).map_err(|error| KeysError::Signing(error.to_string()))?;
        }
        if note.signatures().is_empty() { Err(KeysError::NoneInForce) } else { Ok(note) }
    }

    /// Adds the second signature to a committed head that is about to be published. `time` in seconds since 1970.
    pub(in crate::log) fn sign_published(
        &self,
        note: &mut Note,
        root: Option<&ChainFacts>,
        time: u64,
    ) -> Result<(), KeysError> {
        for signer in self.in_force(root, MLDSA44_COSIGNATURE) {
            let signature = cosignature::sign(signer, note.text(), time.max(1));
            note.add(signature.map_err(|error| KeysError::Signing(error.to_string()))?);
        }
        Ok(())
    }

    /// The keys held of a type that the log states; before its first entry, all that are held.
    fn in_force<'a>(&'a self, root: Option<&'a ChainFacts>, algorithm: u8) -> impl Iterator<Item = &'a SignerKey> {
        let stated = root.and_then(|facts| facts.log_vkeys.as_ref());
        self.signers.iter().filter(move |signer| {
            let vkey = signer.vkey();
            vkey.algorithm() == algorithm && stated.is_none_or(|stated| stated.contains(&vkey.to_string()))
        })
    }
}

/// Returns the keys by which notes of the log may be signed: those that the log states, in force or retired.
pub(in crate::log) fn stated(root: &ChainFacts) -> Vec<Vkey> {
    LogSigners::new(Some(root), &[]).vkeys
}

/// What a note that is shown as this log's is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum NoteStatus {
    /// Signed by a key that may sign a tree of this size.
    Signed(Position),
    /// Signed by a retired key only, over a tree larger than any that was there while it was in force.
    Misused,
    /// Not signed by any of the keys.
    Strange,
}

/// Every key that may have signed for this log, and up to which size.
pub(in crate::log) struct LogSigners {
    vkeys: Vec<Vkey>,
    /// Of each key the largest tree that it may have signed; `None` if there is no end.
    size_max: Vec<Option<u64>>,
}

impl LogSigners {
    /// Those that the log states, in force or retired, and those that this node holds or, of a replica, pins: a store
    /// that was put back from before a change, or is not copied that far, does not state the newer ones.
    pub(in crate::log) fn new(root: Option<&ChainFacts>, held: &[Vkey]) -> Self {
        let mut signers = Self { vkeys: Vec::new(), size_max: Vec::new() };
        let now = root.and_then(|facts| facts.log_vkeys.as_ref()).into_iter().flatten();
        let once = root.and_then(|facts| facts.log_retired.as_ref()).into_iter().flatten();
        let once = once.map(|retired| (&retired.vkey, Some(retired.size)));
        for (text, size_max) in now.map(|text| (text, None)).chain(once) {
            if let Ok(vkey) = Vkey::parse(text) {
                signers.push(vkey, size_max);
            }
        }
        held.iter().for_each(|vkey| signers.push(vkey.clone(), None));
        signers
    }

    fn push(&mut self, vkey: Vkey, size_max: Option<u64>) {
        if !self.vkeys.contains(&vkey) {
            self.vkeys.push(vkey);
            self.size_max.push(size_max);
        }
    }

    /// Returns the keys.
    pub(in crate::log) fn vkeys(&self) -> &[Vkey] {
        &self.vkeys
    }

    /// Opens a checkpoint that one of the keys has signed while it might.
    pub(in crate::log) fn checkpoint(&self, note: &[u8], origin: &Origin) -> Result<Checkpoint, CheckpointError> {
        let may_sign = |checkpoint: &Checkpoint, at: usize| match self.size_max.get(at) {
            Some(Some(size_max)) => checkpoint.size <= *size_max,
            _ => true,
        };
        Checkpoint::open_by(note, origin, &self.vkeys, &[], may_sign).map(|(checkpoint, _)| checkpoint)
    }

    /// Returns what a note is that is presented as this log's: signed by its keys, or why not.
    pub(in crate::log) fn open(&self, note: &[u8], origin: &Origin) -> NoteStatus {
        match self.checkpoint(note, origin) {
            Ok(checkpoint) => NoteStatus::Signed(Position { size: checkpoint.size, root: checkpoint.root }),
            Err(_) if Checkpoint::open(note, origin, &self.vkeys, &[]).is_ok() => NoteStatus::Misused,
            Err(_) => NoteStatus::Strange,
        }
    }
}

/// Returns the size that a note names for this log; its signatures are not looked at.
pub(in crate::log) fn claimed_size(note: &[u8], origin: &Origin) -> Option<u64> {
    let checkpoint = Checkpoint::parse(Note::parse(note).ok()?.text()).ok()?;
    (checkpoint.origin == *origin).then_some(checkpoint.size)
}
