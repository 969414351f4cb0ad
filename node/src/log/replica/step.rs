//! One look at upstream: its checkpoint against what is here, then everything up to it.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, CheckpointError};
use sanwu_schema::tlog::merkle::build::{self, BuildError};
use sanwu_schema::tlog::merkle::verify_consistency;
use sanwu_schema::tlog::note::{Note, NoteError};
use sanwu_schema::validity::ChainState;

use super::evidence::Evidence;
use super::source::RemoteHashes;
use super::{Follower, Stop, Trouble};
use crate::log::ReadError;
use crate::log::state::tree::TileHashes;

/// A checkpoint that the log has signed.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    /// The note, with all lines that were checked.
    pub(super) note: Vec<u8>,
}

impl Signed {
    /// A checkpoint out of the store, whose signature was checked before it came there.
    pub(super) fn stored(note: Vec<u8>) -> Option<Self> {
        let checkpoint = Checkpoint::parse(Note::parse(&note).ok()?.text()).ok()?;
        Some(Self { checkpoint, note })
    }
}

/// A proof that could not be made from upstream's tiles.
pub(super) fn unprovable(error: BuildError<Trouble>) -> Trouble {
    match error {
        BuildError::Read(trouble) => trouble,
        BuildError::Range | BuildError::Short => Trouble::Data("tile".into()),
    }
}

impl Follower {
    /// Brings the replica level with upstream.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        self.may_go_on()?;
        let note = self.upstream.checkpoint().map_err(Trouble::from)?;
        let newest = match self.signed(note.clone()) {
            Ok(newest) => newest,
            Err(Trouble::Unsigned(code @ ErrorCode::NoteUnsigned)) => {
                // Away while the log changed its keys: a retained checkpoint that the old keys still
                // signed leads to the entry that names the new ones.
                let bridge = self.newest_signed_in_between()?.ok_or(Trouble::Unsigned(code))?;
                self.reach(&bridge)?;
                self.signed(note)?
            }
            Err(trouble) => return Err(trouble.into()),
        };
        self.reach(&newest)
    }

    /// A checkpoint that a key of this log has signed.
    pub(super) fn signed(&self, note: Vec<u8>) -> Result<Signed, Trouble> {
        let root = self.root()?;
        match self.pins.open(&note, root.as_ref().map(|state| &*state.facts)) {
            Ok((checkpoint, note)) => Ok(Signed { checkpoint, note }),
            Err(CheckpointError::Note(NoteError::Malformed | NoteError::TooLarge)) => {
                Err(Trouble::Unsigned(ErrorCode::Checkpoint))
            }
            Err(error) => Err(Trouble::Unsigned(error.code())),
        }
    }

    /// Copies everything up to a signed checkpoint and publishes it.
    fn reach(&mut self, to: &Signed) -> Result<(), Stop> {
        let (size, here) = (to.checkpoint.size, self.tree.size());
        if size <= here {
            if self.shared.root_at(size)? != Some(to.checkpoint.root) {
                return Err(self.fork_inside(to)?.into());
            }
            let published = self.shared.published().map_or(0, |published| published.size);
            if size < published {
                return Err(Trouble::Behind { upstream: size, here: published }.into());
            }
        } else {
            let hashes = RemoteHashes::new(Arc::clone(&self.upstream), size);
            if here > 0 && self.root_in(here, to, &hashes)? != self.tree.root() {
                return Err(self.fork_beyond(to, &hashes)?.into());
            }
            self.copy(to, &hashes)?;
        }
        self.copy_retained()?;
        self.publish(to)
    }

    /// The root that the tree of a checkpoint had at an earlier size: by upstream's tiles, which are
    /// proved to be those of the signed tree.
    pub(super) fn root_in(&self, size: u64, of: &Signed, hashes: &RemoteHashes) -> Result<Hash, Trouble> {
        let Checkpoint { size: new, root: new_root, .. } = &of.checkpoint;
        let root = build::root_at(size, hashes).map_err(unprovable)?;
        let proof = build::consistency_proof(size, *new, hashes).map_err(unprovable)?;
        verify_consistency(size, *new, &root, new_root, &proof)
            .map_err(|_| Trouble::Data(format!("tile, {size}–{new}")))?;
        Ok(root)
    }

    /// Upstream's larger tree does not continue the one here: keeps both checkpoints.
    fn fork_beyond(&self, to: &Signed, hashes: &RemoteHashes) -> Result<Trouble, Stop> {
        let new = to.checkpoint.size;
        for mine in self.own_signed()? {
            let older = mine.checkpoint.size;
            if older > new {
                // Signed here for a part under way; the smaller one is upstream's.
                return self.keep(&Evidence::bare(to, &mine));
            }
            if older == 0 {
                continue;
            }
            let root = self.root_in(older, to, hashes)?;
            if root != mine.checkpoint.root {
                let proof = build::consistency_proof(older, new, hashes).map_err(unprovable)?;
                return self.keep(&Evidence::shown(&mine, to, root, proof));
            }
        }
        Err(Trouble::Data("checkpoint".into()).into())
    }

    /// Upstream's smaller or equal tree is not the beginning of the one here: keeps both checkpoints.
    pub(super) fn fork_inside(&self, other: &Signed) -> Result<Trouble, Stop> {
        let size = other.checkpoint.size;
        let mut mine = self.own_signed()?;
        mine.retain(|mine| mine.checkpoint.size >= size);
        for mine in &mine {
            let newer = mine.checkpoint.size;
            if newer > self.tree.size() {
                continue;
            }
            let root = self.shared.root_at(size)?.ok_or(Trouble::Store("root".into()))?;
            let hashes = TileHashes::new(&self.shared);
            let proof = build::consistency_proof(size, newer, &hashes).map_err(ReadError::from)?;
            return self.keep(&Evidence::shown(other, mine, root, proof));
        }
        match mine.first() {
            Some(mine) => self.keep(&Evidence::bare(other, mine)),
            None => Err(Trouble::Store("checkpoint".into()).into()),
        }
    }

    /// What the log has signed of the tree here: what is published, and what the head is on its way to. Both
    /// were checked when they were taken.
    fn own_signed(&self) -> Result<Vec<Signed>, Stop> {
        let published = self.shared.published().map(|published| published.note.clone());
        let head = self.shared.store.head()?.map(|head| head.note);
        Ok(published.into_iter().chain(head).filter_map(Signed::stored).collect())
    }

    fn keep(&self, evidence: &Evidence<'_>) -> Result<Trouble, Stop> {
        let (data, origin) = (&self.options.data, &self.pins.origin);
        let root = self.root()?;
        let keys = self.pins.signers(root.as_ref().map(|state| &*state.facts));
        let file = evidence.keep(data, self.upstream.address(), origin, keys.vkeys());
        let file = file.map_err(|error| Trouble::Store(format!("evidence: {error}")))?;
        Ok(Trouble::Fork { file })
    }

    /// The log's own chain, as far as it is copied.
    pub(super) fn root(&self) -> Result<Option<ChainState>, Trouble> {
        self.shared.chain(&ChainId::root()).map_err(|error| Trouble::Store(error.to_string()))
    }
}
