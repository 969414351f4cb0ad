//! Copying entries: checked as in any replay, proved to be what the log signed, committed part by part.

use std::collections::HashMap;
use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::replay::{self, Leaf, LeafRule, Refused};
use sanwu_schema::tlog::merkle::{Tree, build, leaf_hash, verify_consistency};

use super::follower::{Follower, Stop};
use super::signed::Signed;
use super::source::{REQUESTS_MAX, RemoteHashes, bundles, entries_of, in_parallel, unprovable};
use crate::log::state::{Committed, FollowTrouble, ReadError, extend};
use crate::log::submit::{CommittedPast, Pending, PendingParts, settle};
use crate::storage::{AppendPolicy, Blob, Head, Position};

/// Entries whose contents are fetched together: 32 bodies of the largest size are 38 MB.
const RUN_ENTRIES: usize = 32;

/// Contents beside the entries of one part, from which on it is committed; one entry may go beyond by
/// itself.
const PART_BYTES_MAX: usize = 64 << 20;

/// Attachments fetched ahead for one run; what is larger is fetched entry by entry.
const AHEAD_BYTES_MAX: u64 = 32 << 20;

/// What is accepted and not yet committed.
#[derive(Default)]
struct Part {
    pending: PendingParts,
    /// Bytes of the contents in it.
    bytes: usize,
}

/// Contents of one run by their digests, each checked.
type Contents = HashMap<Hash, Arc<[u8]>>;

impl Follower {
    /// Copies all entries up to a signed checkpoint. What is committed stays if this ends early.
    pub(super) fn copy(&mut self, to: &Signed, hashes: &RemoteHashes) -> Result<(), Stop> {
        let size = to.checkpoint.size;
        while self.tree.size() < size {
            let tiles = bundles(self.tree.size(), size, REQUESTS_MAX);
            let upstream = Arc::clone(&self.upstream);
            for (tile, entries) in tiles.iter().zip(in_parallel(&tiles, |tile| entries_of(&*upstream, *tile))) {
                let entries = entries.map_err(FollowTrouble::from)?;
                let known = self.tree.size().saturating_sub(tile.index() * u64::from(tile.full().width()));
                let new = entries.get(usize::try_from(known).unwrap_or(usize::MAX)..).unwrap_or_default();
                let mut part = Part::default();
                for run in new.chunks(RUN_ENTRIES) {
                    self.may_go_on()?;
                    part = self.take(run, part, to, hashes)?;
                }
                self.commit(part, to, hashes)?;
            }
        }
        Ok(())
    }

    /// Takes a run of entries into the part; commits what the part held before it grows too large.
    fn take(&mut self, run: &[Vec<u8>], mut part: Part, to: &Signed, hashes: &RemoteHashes) -> Result<Part, Stop> {
        let rule = if self.options.append_policy == AppendPolicy::Open { LeafRule::Any } else { LeafRule::Entries };
        let leaves: Vec<Result<Leaf, Invalid>> = run.iter().map(|bytes| replay::read(bytes, rule)).collect();
        let mut contents = Contents::new();
        let bodies: Vec<Hash> =
            entries_in(&leaves).filter_map(|entry| Some(entry.statement.body.as_ref()?.digest)).collect();
        self.fetch(&bodies, &mut contents)?;
        let ahead = self.attachments_ahead(&leaves, &contents);
        self.fetch(&ahead, &mut contents)?;
        for (bytes, leaf) in run.iter().zip(leaves) {
            let index = self.tree.size() + part.pending.len();
            let leaf = leaf.map_err(|invalid| self.blame(&part, bytes, index, invalid, to, hashes))?;
            let mut named = Vec::new();
            if let Leaf::Entry(parsed) = &leaf {
                named = self::named(parsed.entry(), &contents, |digest| Ok(self.state.store.blob(digest)?))?;
                self.fetch(&named, &mut contents)?;
                let new: usize = named.iter().filter_map(|digest| contents.get(digest)).map(|bytes| bytes.len()).sum();
                if part.pending.len() > 0 && part.bytes + new > PART_BYTES_MAX {
                    self.commit(std::mem::take(&mut part), to, hashes)?;
                }
            }
            match self.take_leaf(bytes, leaf, &mut part) {
                Ok(()) => {}
                Err(Refused::History(error)) => return Err(error.into()),
                Err(Refused::Invalid(invalid)) => return Err(self.blame(&part, bytes, index, invalid, to, hashes)),
            }
            for digest in named {
                if let Some(bytes) = contents.remove(&digest) {
                    part.bytes += bytes.len();
                    part.pending.add_blob(Blob { digest, bytes });
                }
            }
        }
        Ok(part)
    }

    /// Takes a leaf into the part, checked as when it was first placed. On an error the part is as before.
    fn take_leaf(&self, bytes: &[u8], leaf: Leaf, part: &mut Part) -> Result<(), Refused<ReadError>> {
        let past = CommittedPast::new(&self.state, self.heads.committed().position);
        let is_first = self.tree.size() + part.pending.len() == 0;
        let mut pending = Pending::resume(&past, std::mem::take(&mut part.pending));
        let stepped = pending.step(bytes, leaf);
        part.pending = pending.into_parts();
        let (Some(entry), Some(genesis)) = (stepped?, &self.pins.genesis) else { return Ok(()) };
        if is_first && *genesis != entry.id {
            *part = Part::default();
            return Err(Refused::Invalid(Invalid::new(ErrorCode::OtherLog, entry.id)));
        }
        Ok(())
    }

    /// Fetches what is neither here nor in the store, and checks the digests.
    fn fetch(&self, wanted: &[Hash], contents: &mut Contents) -> Result<(), Stop> {
        let mut missing = Vec::new();
        for digest in wanted {
            if !contents.contains_key(digest) && !missing.contains(digest) && !self.state.store.has_blob(digest)? {
                missing.push(*digest);
            }
        }
        let upstream = &*self.upstream;
        let fetched = in_parallel(&missing, |digest| upstream.blob(digest));
        for (digest, bytes) in missing.into_iter().zip(fetched) {
            let bytes = bytes.map_err(FollowTrouble::from)?;
            if Hash::digest(&bytes) != digest {
                return Err(FollowTrouble::Data(digest.to_text()).into());
            }
            contents.insert(digest, bytes.into());
        }
        Ok(())
    }

    /// The attachments that a run's bodies name, as many as may be fetched ahead.
    fn attachments_ahead(&self, run: &[Result<Leaf, Invalid>], contents: &Contents) -> Vec<Hash> {
        let mut ahead = Vec::new();
        let mut bytes = 0u64;
        for entry in entries_in(run) {
            let body = entry.statement.body.as_ref().and_then(|body| contents.get(&body.digest));
            let body = body.and_then(|bytes| Body::parse(entry.statement.kind, bytes).ok());
            for attachment in body.iter().flat_map(Body::attachments) {
                bytes = bytes.saturating_add(attachment.size);
                if bytes > AHEAD_BYTES_MAX {
                    return ahead;
                }
                ahead.push(attachment.digest);
            }
        }
        ahead
    }

    /// An entry that is not valid at its position. The log is to blame if it has signed it there, else the source of
    /// the bytes.
    fn blame(
        &self,
        part: &Part,
        bytes: &[u8],
        index: u64,
        invalid: Invalid,
        to: &Signed,
        hashes: &RemoteHashes,
    ) -> Stop {
        let mut tree = self.tree.clone();
        part.pending.leaves().iter().copied().chain([leaf_hash(bytes)]).for_each(|leaf| _ = tree.append(leaf));
        match prove(&tree, to, hashes) {
            Err(trouble) => trouble.into(),
            Ok(()) if invalid.code == ErrorCode::OtherLog => FollowTrouble::OtherLog.into(),
            Ok(()) => FollowTrouble::Invalid { index, invalid }.into(),
        }
    }

    /// Makes a part durable: proved to be the beginning of what the log signed, then one commit.
    fn commit(&mut self, part: Part, to: &Signed, hashes: &RemoteHashes) -> Result<(), Stop> {
        if part.pending.len() == 0 {
            return Ok(());
        }
        let mut tree = self.tree.clone();
        let complete = extend(&mut tree, part.pending.leaves());
        prove(&tree, to, hashes)?;
        let (mut batch, changed) = part.pending.into_rows();
        batch.journal.tree = complete;
        let position = Position { size: tree.size(), root: tree.root() };
        let head = Head { position, note: to.note.clone() };
        settle(&*self.state.store, self.at, &batch, &head).map_err(Stop::Fatal)?;
        self.at = Some(position);
        self.tree = tree;
        // On the way nothing signs exactly this position.
        let note = if position.size == to.checkpoint.size { head.note } else { Vec::new() };
        self.state.advance(changed);
        self.heads.set_committed(Committed { position, note });
        Ok(())
    }
}

/// The entries among leaves that could be read.
fn entries_in(leaves: &[Result<Leaf, Invalid>]) -> impl Iterator<Item = &Entry> {
    leaves.iter().filter_map(|leaf| match leaf {
        Ok(Leaf::Entry(parsed)) => Some(parsed.entry()),
        _ => None,
    })
}

/// The contents that an entry names: its body, and what the body names.
fn named(
    entry: &Entry,
    contents: &Contents,
    stored: impl FnOnce(&Hash) -> Result<Option<Vec<u8>>, Stop>,
) -> Result<Vec<Hash>, Stop> {
    let Some(reference) = &entry.statement.body else { return Ok(Vec::new()) };
    let mut named = vec![reference.digest];
    let body = match contents.get(&reference.digest) {
        Some(bytes) => Body::parse(entry.statement.kind, bytes).ok(),
        None => stored(&reference.digest)?.and_then(|bytes| Body::parse(entry.statement.kind, &bytes).ok()),
    };
    named.extend(body.iter().flat_map(Body::attachments).map(|attachment| attachment.digest));
    Ok(named)
}

/// The tree is the beginning of what the checkpoint signs, by upstream's own tiles.
fn prove(tree: &Tree, to: &Signed, hashes: &RemoteHashes) -> Result<(), FollowTrouble> {
    let Signed { checkpoint, .. } = to;
    let (size, new) = (tree.size(), checkpoint.size);
    let proof = build::consistency_proof(size, new, hashes).map_err(unprovable)?;
    verify_consistency(size, new, &tree.root(), &checkpoint.root, &proof)
        .map_err(|_| FollowTrouble::Data(format!("tile/entries, –{size}")))
}
