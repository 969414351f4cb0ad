//! The reading side of the log: everything that pages, API and tiles show.
//!
//! A [`Reader`] is cheap to clone and usable from any thread; its calls read the store and may block for
//! a disk read, so an async handler calls them on the blocking pool. It cannot write: there is no way
//! from here to the sequencer.

use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::record::check_code;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, Statement, StatementId};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::{HashReader, Node, build};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::validity::{ChainFacts, ChainHead, ChainState, Located, Slot};

use super::error::ReadError;
use super::following::{FollowStatus, Following};
use super::heads::{Committed, Heads};
use super::read::{ReadState, record};
use super::status::{Status, StatusCell};
use super::tree::{CachedHashes, TileHashes};
use super::witnesses::{WitnessFacts, WitnessStatus};
use crate::storage::{AppendPolicy, Published, ROWS_PER_READ_MAX};

/// The longest line of corrections that is followed; a longer one is a defect or an attack.
const CORRECTIONS_MAX: usize = 10_000;

/// Statements that share the 100 bits of a check code; more than one is an attack.
const CHECK_CODE_HITS_MAX: usize = 8;

/// An entry and its position.
#[derive(Clone, Debug)]
pub struct LoggedEntry {
    /// Its index in the log.
    pub index: u64,
    /// The parsed entry; `entry.bytes` is the leaf.
    pub entry: Entry,
}

/// What took the place of a statement that was corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// The statement that corrects it directly.
    pub by: StatementId,
    /// The end of the line of corrections.
    pub effective: StatementId,
}

/// A read-only handle on the log.
#[derive(Clone)]
pub struct Reader {
    state: Arc<ReadState>,
    heads: Arc<Heads>,
    status: Arc<StatusCell>,
    /// Of a replica.
    following: Option<Arc<Following>>,
}

impl Reader {
    pub(in crate::log) fn new(
        state: Arc<ReadState>,
        heads: Arc<Heads>,
        status: Arc<StatusCell>,
        following: Option<Arc<Following>>,
    ) -> Self {
        Self { state, heads, status, following }
    }

    /// Returns the state of following, if this node only copies the log.
    pub fn replica(&self) -> Option<FollowStatus> {
        self.following.as_ref().map(|following| following.get())
    }

    /// Returns the log's origin.
    pub fn origin(&self) -> &Origin {
        &self.state.origin
    }

    /// Returns the log's verifier keys in force, as its entries state them; before the first entry, those of the keys
    /// held.
    pub fn vkeys(&self) -> Result<Vec<String>, ReadError> {
        let stated = self.state.chain(&ChainId::root())?.and_then(|root| root.facts.log_vkeys.clone());
        Ok(stated.unwrap_or_else(|| self.state.held.iter().map(ToString::to_string).collect()))
    }

    /// Returns whether the log takes submissions.
    pub fn status(&self) -> Status {
        self.status.get()
    }

    /// Returns what is known of each witness of the policy.
    pub fn witnesses(&self) -> Vec<WitnessStatus> {
        self.state.witnesses.rows().clone()
    }

    /// Returns the policy that says which cosignatures are enough; `quorum none` in a log without witnesses.
    pub fn witness_policy(&self) -> &Policy {
        self.state.witnesses.policy()
    }

    pub(in crate::log) fn witness_facts(&self) -> &WitnessFacts {
        &self.state.witnesses
    }

    /// Returns the lines of that policy.
    pub fn witness_lines(&self) -> &[String] {
        &self.state.witnesses.stated.lines
    }

    /// Returns the earliest time at which an outsider is known to have seen the entry, in seconds since 1970, and who
    /// runs that witness: the first cosigned checkpoint that covers it.
    ///
    /// Of what is retained, the next [`ROWS_PER_READ_MAX`] checkpoints are looked at.
    pub fn first_seen_outside(&self, index: u64) -> Result<Option<(u64, String)>, ReadError> {
        let facts = &self.state.witnesses;
        if facts.policy().witnesses().is_empty() {
            return Ok(None);
        }
        let covering = index.checked_add(1).ok_or(ReadError::Range)?;
        for one in self.state.store.published_from(covering, ROWS_PER_READ_MAX)? {
            let note = Note::parse(&one.note).map_err(|_| ReadError::Record("signed note"))?;
            let seen = note.signatures().iter().filter_map(|line| {
                let witness = facts.policy().witnesses().iter().find(|witness| line.is_by(&witness.vkey))?;
                let time = witness.vkey.verify(note.text(), line.bytes()).ok()??;
                let operator = facts.stated.operators.iter().find(|operator| operator.witness == witness.name);
                Some((time, operator.map_or_else(|| witness.name.clone(), |operator| operator.name.clone())))
            });
            if let Some(first) = seen.min() {
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    /// Returns the newest published checkpoint that has the witness quorum.
    pub fn witnessed(&self) -> Option<Arc<Published>> {
        self.heads.witnessed()
    }

    /// Returns when a published checkpoint with the quorum covers the index.
    ///
    /// Never without a policy that asks for witnesses.
    pub async fn until_witnessed(&self, index: u64) {
        self.heads.until_witnessed(index).await;
    }

    /// Returns the committed head: what appends are answered with.
    pub fn committed(&self) -> Arc<Committed> {
        self.heads.committed()
    }

    /// Returns the newest published checkpoint: what `/checkpoint` shows. Every page proves against it.
    pub fn published(&self) -> Option<Arc<Published>> {
        self.heads.published()
    }

    /// Returns the retained checkpoints of at least `size`, smallest first.
    pub fn published_from(&self, size: u64, count: usize) -> Result<Vec<Published>, ReadError> {
        Ok(self.state.store.published_from(size, count)?)
    }

    /// Returns the first published checkpoint that covers the entry: its time of publication by the node's own clock.
    ///
    /// `None` while it is committed only.
    pub fn first_published(&self, index: u64) -> Result<Option<Published>, ReadError> {
        let covering = index.checked_add(1).ok_or(ReadError::Range)?;
        Ok(self.state.store.published_from(covering, 1)?.into_iter().next())
    }

    /// Returns the entry at `index`, if it is committed and no raw leaf.
    pub fn entry(&self, index: u64) -> Result<Option<LoggedEntry>, ReadError> {
        let Some(bytes) = self.entry_bytes(index)? else { return Ok(None) };
        match Entry::parse(&bytes) {
            Ok(entry) => Ok(Some(LoggedEntry { index, entry })),
            Err(_) if self.state.store.append_policy() == AppendPolicy::Open => Ok(None),
            Err(invalid) => Err(invalid.into()),
        }
    }

    /// Returns the bytes of the leaf at `index`, if it is committed.
    pub fn entry_bytes(&self, index: u64) -> Result<Option<Vec<u8>>, ReadError> {
        if index >= self.committed().position.size {
            return Ok(None);
        }
        Ok(self.state.store.entry(index)?)
    }

    /// Returns the leaves from `first` on, at most `count` and at most 256.
    pub fn entries_bytes(&self, first: u64, count: usize) -> Result<Vec<Vec<u8>>, ReadError> {
        Ok(self.state.store.entries(first, count)?)
    }

    /// Returns where a statement is in the log.
    pub fn locate(&self, id: &StatementId) -> Result<Option<Located>, ReadError> {
        self.state.locate(id)
    }

    /// Returns the entry of a statement.
    pub fn find(&self, id: &StatementId) -> Result<Option<LoggedEntry>, ReadError> {
        match self.locate(id)? {
            Some(located) => self.entry(located.index),
            None => Ok(None),
        }
    }

    /// Returns the bytes of a statement's body.
    pub fn body(&self, statement: &Statement) -> Result<Option<Vec<u8>>, ReadError> {
        match &statement.body {
            Some(body) => self.blob(&body.digest),
            None => Ok(None),
        }
    }

    /// Bytes by their SHA-256: bodies, rows, attachments.
    pub fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.state.store.blob(digest)?)
    }

    /// Returns whether bytes with this SHA-256 are stored.
    pub fn has_blob(&self, digest: &Hash) -> Result<bool, ReadError> {
        Ok(self.state.store.has_blob(digest)?)
    }

    /// Chains after `after` in byte order of their ids, with their heads; at most `count` and at most 1,000.
    pub fn chains(&self, after: Option<&ChainId>, count: usize) -> Result<Vec<(ChainId, ChainHead)>, ReadError> {
        self.state
            .store
            .chains(after.map(ChainId::as_str), count)?
            .into_iter()
            .map(|(chain, head)| {
                let id = ChainId::parse(&chain).ok_or(ReadError::Record("chain id"))?;
                Ok((id, record(&head, "chain head")?))
            })
            .collect()
    }

    /// Returns a chain's head and the facts (ring, unit, organisations, catalogue) now in force.
    pub fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, ReadError> {
        self.state.chain(chain)
    }

    /// Returns the facts in force after the chain's entry `seq`.
    pub fn facts_after(&self, chain: &ChainId, seq: u64) -> Result<Option<Arc<ChainFacts>>, ReadError> {
        self.state.facts_after(chain, seq)
    }

    /// Returns a chain's entries from `first_seq` on, in order; at most `count` and at most 1,000.
    pub fn chain_entries(&self, chain: &ChainId, first_seq: u64, count: usize) -> Result<Vec<LoggedEntry>, ReadError> {
        let indexes = self.state.store.chain_entries(chain.as_str(), first_seq, count.min(ROWS_PER_READ_MAX))?;
        let entries = indexes.into_iter().map(|index| self.entry(index)?.ok_or(ReadError::Record("chain entry")));
        entries.collect()
    }

    /// Returns what took a statement's place; `None` if it is in force.
    pub fn superseded(&self, id: &StatementId) -> Result<Option<Superseded>, ReadError> {
        let mut line = Vec::new();
        let mut at = *id;
        while let Some(by) = self.state.corrected_by(&at)? {
            if line.len() >= CORRECTIONS_MAX {
                return Err(ReadError::Record("line of corrections"));
            }
            line.push(by);
            at = by;
        }
        Ok(line.first().map(|by| Superseded { by: *by, effective: at }))
    }

    /// Returns all statements of the line of corrections that this one belongs to, the first one first.
    pub fn corrections(&self, entry: &Entry) -> Result<Vec<StatementId>, ReadError> {
        let mut first = entry.clone();
        let mut steps = 0;
        while let Some(corrected) = first.statement.corrects() {
            steps += 1;
            first = self
                .find(&corrected)?
                .filter(|_| steps <= CORRECTIONS_MAX)
                .ok_or(ReadError::Record("correction"))?
                .entry;
        }
        let mut line = vec![first.id];
        let mut at = first.id;
        while let Some(by) = self.state.corrected_by(&at)?.filter(|_| line.len() <= CORRECTIONS_MAX) {
            line.push(by);
            at = by;
        }
        Ok(line)
    }

    /// Returns the root at any size up to the committed one.
    pub fn root_at(&self, size: u64) -> Result<Option<Hash>, ReadError> {
        self.state.root_at(self.committed().position, size)
    }

    /// Returns the inclusion proof of the entry at `index` in the tree of `size` leaves.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        self.in_range(size)?;
        Ok(build::inclusion_proof(index, size, &self.hashes())?)
    }

    /// Returns the consistency proof between two sizes.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        self.in_range(new)?;
        Ok(build::consistency_proof(old, new, &self.hashes())?)
    }

    /// Returns the hash of a complete subtree.
    pub fn node(&self, node: Node) -> Result<Hash, ReadError> {
        self.hashes().hash(node.level, node.index)
    }

    /// Returns the hashes of a tile, at most 256.
    pub fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, ReadError> {
        Ok(self.state.store.tile(level, index)?)
    }

    /// Returns the tlog-proof of an entry, to the given signed checkpoint of `size`.
    pub fn tlog_proof(&self, index: u64, size: u64, note: &[u8]) -> Result<TlogProof, ReadError> {
        let proof = self.inclusion_proof(index, size)?;
        let checkpoint = Note::parse(note).map_err(|_| ReadError::Record("signed note"))?;
        Ok(TlogProof { index, proof, checkpoint })
    }

    /// Returns the same if every hash is in memory, as for what was just committed.
    ///
    /// Never reads the store, so an async handler may call it.
    pub fn tlog_proof_from_memory(&self, index: u64, size: u64, note: &[u8]) -> Option<TlogProof> {
        let proof = build::inclusion_proof(index, size, &CachedHashes(self.state.tiles())).ok()?;
        Some(TlogProof { index, proof, checkpoint: Note::parse(note).ok()? })
    }

    /// Returns size and signed note of a checkpoint that covers the entry.
    ///
    /// It is the retained one of exactly `size`, or without `size` the newest that witnesses have cosigned, or the
    /// published one, or the committed head while the entry is not published yet.
    ///
    /// One below `since`, which a client remembers, is of no use to it: ignored as long as there is a larger one,
    /// since a receipt shows heads before they are published. `None` if there is no such entry or checkpoint.
    pub fn checkpoint_covering(
        &self,
        index: u64,
        size: Option<u64>,
        since: Option<u64>,
    ) -> Result<Option<(u64, Vec<u8>)>, ReadError> {
        if let Some(size) = size {
            let retained = self.state.store.published_from(size, 1)?.into_iter().next();
            return Ok(retained.filter(|one| one.size == size && index < size).map(|one| (one.size, one.note)));
        }
        let fits = |size: u64| index < size && since.is_none_or(|since| since <= size);
        let published = self.published();
        let best =
            self.witnessed().filter(|one| fits(one.size)).or_else(|| published.clone().filter(|one| fits(one.size)));
        if let Some(best) = best {
            return Ok(Some((best.size, best.note.clone())));
        }
        // A replica on its way to a larger checkpoint has no note of exactly this size.
        let committed = self.committed();
        let head = (!committed.note.is_empty()).then(|| (committed.position.size, committed.note.clone()));
        let published = published.map(|one| (one.size, one.note.clone()));
        let covers = |one: &(u64, Vec<u8>)| index < one.0;
        let fitting = head.clone().filter(|head| fits(head.0));
        Ok(fitting.or_else(|| published.filter(covers)).or_else(|| head.filter(covers)))
    }

    /// Returns the statement that corrects this one.
    pub fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, ReadError> {
        self.state.corrected_by(id)
    }

    /// Returns the effective statement in a slot (chain, item or kind, period).
    pub fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, ReadError> {
        self.state.slot(slot)
    }

    /// Statements whose check code has these twenty characters (see `schema::check_code::parse`); one in
    /// practice.
    pub fn by_check_code(&self, plain: &str) -> Result<Vec<StatementId>, ReadError> {
        let Some(from) = check_code::smallest_id(plain) else { return Ok(Vec::new()) };
        let found = self.state.store.statements_from(&from.0, CHECK_CODE_HITS_MAX)?;
        Ok(found.into_iter().map(StatementId).filter(|id| check_code::matches(id, plain)).collect())
    }

    fn hashes(&self) -> TileHashes<'_> {
        self.state.hashes()
    }

    fn in_range(&self, size: u64) -> Result<(), ReadError> {
        if size <= self.committed().position.size { Ok(()) } else { Err(ReadError::Range) }
    }
}
