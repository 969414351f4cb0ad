//! One look at upstream: its checkpoint against what is here, then everything up to it.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, CheckpointError};
use sanwu_schema::tlog::merkle::build;
use sanwu_schema::tlog::merkle::verify_consistency;
use sanwu_schema::tlog::note::NoteError;
use sanwu_schema::validity::ChainState;

use super::evidence::Evidence;
use super::follower::{Follower, Stop};
use super::signed::Signed;
use super::source::{RemoteHashes, unprovable};
use crate::log::state::{FollowTrouble, ReadError};

impl Follower {
    /// Brings the replica level with upstream.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        self.may_go_on()?;
        let note = self.upstream.checkpoint().map_err(FollowTrouble::from)?;
        let newest = match self.signed(note.clone()) {
            Ok(newest) => newest,
            Err(FollowTrouble::Unsigned(code @ ErrorCode::NoteUnsigned)) => {
                // Away while the log changed its keys: a retained checkpoint that the old keys still
                // signed leads to the entry that names the new ones.
                let bridge = self.newest_signed_in_between()?.ok_or(FollowTrouble::Unsigned(code))?;
                self.reach(&bridge)?;
                self.signed(note)?
            }
            Err(trouble) => return Err(trouble.into()),
        };
        self.reach(&newest)
    }

    /// Returns a checkpoint that a key of this log has signed.
    pub(super) fn signed(&self, note: Vec<u8>) -> Result<Signed, FollowTrouble> {
        let root = self.root()?;
        match self.pins.open(&note, root.as_ref().map(|state| &*state.facts)) {
            Ok((checkpoint, note)) => Ok(Signed { checkpoint, note }),
            Err(CheckpointError::Note(NoteError::Malformed | NoteError::TooLarge)) => {
                Err(FollowTrouble::Unsigned(ErrorCode::Checkpoint))
            }
            Err(error) => Err(FollowTrouble::Unsigned(error.code())),
        }
    }

    /// Copies everything up to a signed checkpoint and publishes it.
    fn reach(&mut self, to: &Signed) -> Result<(), Stop> {
        let (size, here) = (to.checkpoint.size, self.tree.size());
        if size <= here {
            if self.state.root_at(self.heads.committed().position, size)? != Some(to.checkpoint.root) {
                return Err(self.fork_inside(to)?.into());
            }
            let published = self.heads.published().map_or(0, |published| published.size);
            if size < published {
                return Err(FollowTrouble::Behind { upstream: size, here: published }.into());
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

    /// Returns the root that the tree of a checkpoint had at an earlier size: by upstream's tiles, which are
    /// proved to be those of the signed tree.
    pub(super) fn root_in(&self, size: u64, of: &Signed, hashes: &RemoteHashes) -> Result<Hash, FollowTrouble> {
        let Checkpoint { size: new, root: new_root, .. } = &of.checkpoint;
        let root = build::root_at(size, hashes).map_err(unprovable)?;
        let proof = build::consistency_proof(size, *new, hashes).map_err(unprovable)?;
        verify_consistency(size, *new, &root, new_root, &proof)
            .map_err(|_| FollowTrouble::Data(format!("tile, {size}–{new}")))?;
        Ok(root)
    }

    /// Upstream's larger tree does not continue the one here: keeps both checkpoints.
    fn fork_beyond(&self, to: &Signed, hashes: &RemoteHashes) -> Result<FollowTrouble, Stop> {
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
        Err(FollowTrouble::Data("checkpoint".into()).into())
    }

    /// Keeps both checkpoints: upstream's smaller or equal tree is not the beginning of the one here.
    pub(super) fn fork_inside(&self, other: &Signed) -> Result<FollowTrouble, Stop> {
        let size = other.checkpoint.size;
        let mut mine = self.own_signed()?;
        mine.retain(|mine| mine.checkpoint.size >= size);
        for mine in &mine {
            let newer = mine.checkpoint.size;
            if newer > self.tree.size() {
                continue;
            }
            let root = self
                .state
                .root_at(self.heads.committed().position, size)?
                .ok_or(FollowTrouble::Store("root".into()))?;
            let proof = build::consistency_proof(size, newer, &self.state.hashes()).map_err(ReadError::from)?;
            return self.keep(&Evidence::shown(other, mine, root, proof));
        }
        match mine.first() {
            Some(mine) => self.keep(&Evidence::bare(other, mine)),
            None => Err(FollowTrouble::Store("checkpoint".into()).into()),
        }
    }

    /// What the log has signed of the tree here: what is published, and what the head is on its way to. Both
    /// were checked when they were taken.
    fn own_signed(&self) -> Result<Vec<Signed>, Stop> {
        let published = self.heads.published().map(|published| published.note.clone());
        let head = self.state.store.head()?.map(|head| head.note);
        Ok(published.into_iter().chain(head).filter_map(Signed::stored).collect())
    }

    fn keep(&self, evidence: &Evidence<'_>) -> Result<FollowTrouble, Stop> {
        let (data, origin) = (&self.options.data, &self.pins.origin);
        let root = self.root()?;
        let keys = self.pins.signers(root.as_ref().map(|state| &*state.facts));
        let file = evidence.keep(data, self.upstream.address(), origin, keys.vkeys());
        let file = file.map_err(|error| FollowTrouble::Store(format!("evidence: {error}")))?;
        Ok(FollowTrouble::Fork { file })
    }

    /// Returns the log's own chain, as far as it is copied.
    pub(super) fn root(&self) -> Result<Option<ChainState>, FollowTrouble> {
        self.state.chain(&ChainId::root()).map_err(|error| FollowTrouble::Store(error.to_string()))
    }
}
