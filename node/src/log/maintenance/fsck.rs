//! Re-deriving everything from the entries and comparing it with what is stored.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::json::to_canonical;
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::replay::{self, Growing, Leaf, LeafRule, ParsedLeaf, Past, Refused};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::{EMPTY, Tree, leaf_hash};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::validity::{ChainHead, ChainState, Effect, History, Located, Slot};
use serde::Serialize;

use super::recover::opened;
use crate::log::publish::{HeldKeys, Witnessing, stated};
use crate::log::replica::Pins;
use crate::log::state::{CHAINS_CACHED_MAX, ReadError, ReadState, extend, slot_text};
use crate::storage::{
    self, DAMAGES_MAX, ENTRIES_PER_READ_MAX, Family, FamilyCheck, Position, ROWS_PER_READ_MAX, Store, TILE_WIDTH,
    TreeHash,
};

/// Names the format of a [`FsckReport`].
const FORMAT: &str = "sanwu-fsck-v1";

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FsckFinding {
    /// The family of the record concerned.
    pub family: &'static str,
    /// What is wrong, and where.
    pub detail: String,
}

/// What a check of a store found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FsckReport {
    /// Always `sanwu-fsck-v1`.
    pub format: &'static str,
    /// The size that was signed.
    pub size: u64,
    /// Entries read and checked.
    pub entries: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Chains.
    pub chains: u64,
    /// Bodies and attachments that are there.
    pub blobs: u64,
    /// Published checkpoints checked.
    pub checkpoints: u64,
    /// What is wrong; empty if nothing is. At most some hundred, the rest is counted.
    pub findings: Vec<FsckFinding>,
    /// Findings that are not listed.
    pub more_findings: u64,
}

impl FsckReport {
    /// Adds that the store does not open in the ordinary way.
    pub fn refused(&mut self, error: &storage::Error) {
        let family = match error {
            storage::Error::Damaged { family, .. } => family.as_str(),
            _ => "store",
        };
        self.format = FORMAT;
        self.findings.insert(0, FsckFinding { family, detail: error.to_string() });
    }

    /// Compares the head with the last-signed guard: a store that lacks what was signed last is a finding.
    pub fn compare_guard(&mut self, note: &[u8], keys: &HeldKeys) {
        match opened(note, keys.origin(), &keys.vkeys()) {
            Some(last) if last.size > self.size => {
                let detail = format!("the store ends at size {}, but size {} was signed", self.size, last.size);
                self.add(Family::Meta, detail);
            }
            Some(_) => {}
            None => self.add(Family::Meta, "the last-signed guard is not signed by the log's keys"),
        }
    }

    fn add(&mut self, family: Family, detail: impl Into<String>) {
        // What follows from one damage may be very much: it must not crowd out the family that is damaged.
        let first_of_family = self.findings.iter().all(|known| known.family != family.as_str());
        if self.findings.len() < 2 * DAMAGES_MAX || first_of_family {
            self.findings.push(FsckFinding { family: family.as_str(), detail: detail.into() });
        } else {
            self.more_findings += 1;
        }
    }

    fn unless(&mut self, holds: bool, family: Family, detail: impl FnOnce() -> String) {
        if !holds {
            self.add(family, detail());
        }
    }

    fn read<T>(&mut self, family: Family, read: Result<T, impl std::fmt::Display>) -> Option<T> {
        read.map_err(|error| self.add(family, error.to_string())).ok()
    }
}

/// Checks a store against itself and the log's keys. Never fails: what cannot be read is a finding.
pub fn fsck(store: Arc<dyn Store>, keys: &HeldKeys, raw_leaves: bool) -> FsckReport {
    check(store, keys.origin(), &keys.vkeys(), raw_leaves, Whose::Written)
}

/// Checks a replica's store against itself and what it pins.
pub fn fsck_replica(store: Arc<dyn Store>, pins: &Pins, raw_leaves: bool) -> FsckReport {
    check(store, &pins.origin, &pins.log_vkeys, raw_leaves, Whose::Copied)
}

/// What a store's head has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Signed here, at every position.
    Written,
    /// Signed by the log for this position, or for a larger one that the copy is on its way to.
    Copied,
}

fn check(store: Arc<dyn Store>, origin: &Origin, held: &[Vkey], raw_leaves: bool, whose: Whose) -> FsckReport {
    let mut report = FsckReport { format: FORMAT, ..FsckReport::default() };
    let counts: Vec<FamilyCheck> = match store.check_records() {
        Ok(checks) => checks,
        Err(error) => {
            report.add(Family::Meta, error.to_string());
            Vec::new()
        }
    };
    for check in &counts {
        check.damages.iter().for_each(|damage| report.add(check.family, damage));
    }
    let Some(head) = report.read(Family::Meta, store.head()) else { return report };
    let Some(head) = head else {
        if whose == Whose::Copied {
            // Nothing was copied yet.
            return report;
        }
        report.add(Family::Meta, "the store has no head");
        return report;
    };
    report.size = head.position.size;
    let state = ReadState::new(store, origin.clone(), held.to_vec(), Arc::new(Witnessing::none().facts()));
    let mut replay = Replay::new(&state, head.position, raw_leaves);
    replay.run(head.position.size, &mut report);
    report.unless(replay.tree.root() == head.position.root, Family::Meta, || {
        format!("the entries do not give the signed root at size {}", head.position.size)
    });
    replay.compare_counts(&counts, &mut report);
    // The keys that the log states, as the entries give them; before its first entry, the keys that are held.
    let root = report.read(Family::Facts, replay.chain(&ChainId::root())).flatten();
    let mut known = root.map_or_else(|| held.to_vec(), |root| stated(&root.facts));
    if whose == Whose::Copied {
        // A pinned key may be named by an entry that is still to come.
        let unstated: Vec<Vkey> = held.iter().filter(|vkey| !known.contains(vkey)).cloned().collect();
        known.extend(unstated);
    }
    let signed = opened(&head.note, &state.origin, &known);
    let on_the_way = whose == Whose::Copied && signed.is_some_and(|signed| signed.size > head.position.size);
    if signed != Some(head.position) && !on_the_way {
        report.add(Family::Meta, "the head is not signed by the log's keys, or signs another position");
    }
    check_published(&state, &known, head.position, &mut report);
    report
}

/// Every retained checkpoint is signed by the log and has the root that the entries give.
fn check_published(state: &ReadState, known: &[Vkey], head: Position, report: &mut FsckReport) {
    let mut from = 0;
    loop {
        let read = state.store.published_from(from, ROWS_PER_READ_MAX);
        let Some(page) = report.read(Family::Checkpoint, read) else { return };
        let Some(last) = page.last() else { return };
        from = last.size.saturating_add(1);
        for one in &page {
            report.checkpoints += 1;
            let position = opened(&one.note, &state.origin, known);
            let Some(position) = position.filter(|position| position.size == one.size) else {
                report.add(Family::Checkpoint, format!("size {}: not signed by the log's keys", one.size));
                continue;
            };
            let root = if one.size <= head.size { state.root_at(head, one.size) } else { Ok(None) };
            if let Some(root) = report.read(Family::Tile, root) {
                report.unless(root == Some(position.root), Family::Checkpoint, || {
                    format!("size {}: another root than the entries give", one.size)
                });
            }
        }
    }
}

/// The replay from index 0 on, and what it has derived so far.
struct Replay<'a> {
    state: &'a ReadState,
    /// The position that was signed.
    head: Position,
    rule: LeafRule,
    tree: Tree,
    /// Hashes of the tile that is growing, per level.
    tiles: BTreeMap<u8, Vec<Hash>>,
    /// Tiles that the last leaf made complete, by level and index.
    full: Vec<(u8, u64, Vec<Hash>)>,
    heads: HashMap<ChainId, ChainHead>,
    /// States of chains met lately; the facts are large, so that not all are kept.
    states: RefCell<HashMap<ChainId, ChainState>>,
    slots: HashMap<String, StatementId>,
    granted: HashSet<(ChainId, KeyId)>,
    blobs: HashSet<Hash>,
    /// Records that each family should have.
    want: BTreeMap<Family, u64>,
}

impl<'a> Replay<'a> {
    fn new(state: &'a ReadState, head: Position, raw_leaves: bool) -> Self {
        Self {
            state,
            head,
            rule: if raw_leaves { LeafRule::Any } else { LeafRule::Entries },
            tree: Tree::new(),
            tiles: BTreeMap::new(),
            full: Vec::new(),
            heads: HashMap::new(),
            states: RefCell::default(),
            slots: HashMap::new(),
            granted: HashSet::new(),
            blobs: HashSet::new(),
            want: BTreeMap::new(),
        }
    }

    fn run(&mut self, size: u64, report: &mut FsckReport) {
        while self.tree.size() < size {
            let first = self.tree.size();
            let read = self.state.store.entries(first, ENTRIES_PER_READ_MAX);
            // A bundle with a damaged entry is read one by one, so that the others are still checked.
            let entries: Vec<Option<Vec<u8>>> = match read {
                Ok(entries) if !entries.is_empty() => entries.into_iter().map(Some).collect(),
                _ => {
                    let end = size.min(first + ENTRIES_PER_READ_MAX as u64);
                    (first..end).map(|index| self.state.store.entry(index).ok().flatten()).collect()
                }
            };
            for (bytes, index) in entries.iter().zip(first..size) {
                match bytes {
                    Some(bytes) => self.entry(index, bytes, report),
                    None => {
                        report.add(Family::Entry, format!("entry {index} is missing or damaged"));
                        // The tree cannot be rebuilt beyond a hole; the stored hash is taken instead.
                        let hash = self.stored_leaf(index);
                        self.append(hash);
                    }
                }
                self.compare_full_tiles(report);
            }
        }
        for (level, hashes) in std::mem::take(&mut self.tiles) {
            if !hashes.is_empty() {
                let index = self.tile_index(level);
                self.compare_tile(level, index, &hashes, Family::Edge, report);
                *self.want.entry(Family::Edge).or_default() += hashes.len() as u64;
            }
        }
        report.chains = self.heads.len() as u64;
        for (chain, head) in &self.heads {
            let stored = report.read(Family::Chain, self.state.store.chain_head(chain.as_str()));
            report.unless(stored.is_none_or(|stored| stored == Some(to_canonical(head))), Family::Chain, || {
                format!("chain {}: another head than its entries give", chain.as_str())
            });
        }
        for (slot, id) in &self.slots {
            let stored = report.read(Family::Slot, self.state.store.slot(slot));
            report.unless(stored.is_none_or(|stored| stored == Some(id.0)), Family::Slot, || {
                format!("slot {slot}: another statement than the entries give")
            });
        }
        for (chain, keyid) in &self.granted {
            let stored = report.read(Family::Grant, self.state.was_granted(chain, keyid));
            report.unless(stored.is_none_or(|stored| stored), Family::Grant, || {
                format!("chain {} key {keyid}: missing", chain.as_str())
            });
        }
    }

    fn stored_leaf(&self, index: u64) -> Hash {
        let tile = self.state.store.tile(0, index / TILE_WIDTH).unwrap_or_default();
        tile.get((index % TILE_WIDTH) as usize).copied().unwrap_or(EMPTY)
    }

    fn entry(&mut self, index: u64, bytes: &[u8], report: &mut FsckReport) {
        report.entries += 1;
        *self.want.entry(Family::Entry).or_default() += 1;
        let (hash, placed) = match replay::read(bytes, self.rule) {
            Ok(Leaf::Raw(hash)) => (hash, false),
            Ok(Leaf::Entry(parsed)) => (parsed.hash(), self.place(index, *parsed, report)),
            Err(invalid) => {
                report.add(Family::Entry, format!("entry {index}: {invalid}"));
                (leaf_hash(bytes), false)
            }
        };
        if !placed {
            // Valid or not, every leaf is part of the tree.
            self.append(hash);
        }
    }

    /// Places an entry and compares what it changes with what is stored; false if it is not valid or cannot be checked.
    fn place(&mut self, index: u64, parsed: ParsedLeaf, report: &mut FsckReport) -> bool {
        let verified = match parsed.verify_at(self) {
            Ok(verified) => verified,
            Err(refused) => return not_placed(index, refused, report),
        };
        let entry = verified.entry();
        report.signatures += entry.envelope.signatures.len() as u64;
        let effect = match replay::place(&verified, self) {
            Ok(effect) => effect,
            Err(refused) => return not_placed(index, refused, report),
        };
        self.compare(index, entry, &effect, report);
        self.named_blobs(index, entry, report);
        true
    }

    fn remember(&self, chain: ChainId, state: ChainState) {
        let mut states = self.states.borrow_mut();
        if states.len() >= CHAINS_CACHED_MAX {
            states.clear();
        }
        states.insert(chain, state);
    }

    /// Compares what the entry changes with what is stored.
    fn compare(&mut self, index: u64, entry: &Entry, effect: &Effect, report: &mut FsckReport) {
        let (store, statement) = (&self.state.store, &entry.statement);
        let chain = statement.chain.as_str();
        let stored = report.read(Family::Statement, store.located(&entry.id.0));
        report.unless(stored.is_none_or(|s| s == Some(to_canonical(&effect.located))), Family::Statement, || {
            format!("statement {} (entry {index}): another record than the entry gives", entry.id)
        });
        let stored = report.read(Family::ChainEntry, store.chain_entries(chain, statement.seq, 1));
        report.unless(stored.is_none_or(|s| s == [index]), Family::ChainEntry, || {
            format!("chain {chain} seq {}: not entry {index}", statement.seq)
        });
        if effect.facts_changed {
            *self.want.entry(Family::Facts).or_default() += 1;
            let stored = report.read(Family::Facts, store.chain_facts(chain, statement.seq));
            report.unless(stored.is_none_or(|s| s == Some(to_canonical(&*effect.state.facts))), Family::Facts, || {
                format!("chain {chain} seq {}: other facts than the entries give", statement.seq)
            });
        }
        if let Some(corrected) = effect.corrects {
            *self.want.entry(Family::Corrected).or_default() += 1;
            let stored = report.read(Family::Corrected, store.corrected_by(&corrected.0));
            report.unless(stored.is_none_or(|s| s == Some(entry.id.0)), Family::Corrected, || {
                format!("statement {corrected}: not corrected by {}", entry.id)
            });
        }
        for family in [Family::Statement, Family::ChainEntry] {
            *self.want.entry(family).or_default() += 1;
        }
    }

    /// Body and attachments are there; that they are intact was read with the records.
    fn named_blobs(&mut self, index: u64, entry: &Entry, report: &mut FsckReport) {
        let Some(reference) = &entry.statement.body else { return };
        let Some(bytes) = report.read(Family::Blob, self.state.store.blob(&reference.digest)) else { return };
        let Some(bytes) = bytes else {
            return report.add(Family::Blob, format!("body of entry {index} is missing: {}", reference.digest));
        };
        let mut named = vec![(reference.digest, reference.size)];
        match Body::parse(entry.statement.kind, &bytes) {
            Ok(body) => named.extend(body.attachments().iter().map(|one| (one.digest, one.size))),
            Err(error) => report.add(Family::Blob, format!("body of entry {index}: {}", error.code.as_str())),
        }
        for (digest, _) in named {
            if self.blobs.insert(digest) {
                let there = report.read(Family::Blob, self.state.store.has_blob(&digest)).unwrap_or(true);
                report.unless(there, Family::Blob, || format!("entry {index} names {digest}, which is missing"));
                report.blobs += u64::from(there);
            }
        }
    }

    fn compare_full_tiles(&mut self, report: &mut FsckReport) {
        for (level, index, hashes) in std::mem::take(&mut self.full) {
            self.compare_tile(level, index, &hashes, Family::Tile, report);
            *self.want.entry(Family::Tile).or_default() += 1;
        }
    }

    /// The tile that is growing at a level.
    fn tile_index(&self, level: u8) -> u64 {
        (self.tree.size() >> (u32::from(level) * TILE_WIDTH.ilog2())) / TILE_WIDTH
    }

    fn compare_tile(&self, level: u8, index: u64, want: &[Hash], family: Family, report: &mut FsckReport) {
        let Some(stored) = report.read(family, self.state.store.tile(level, index)) else { return };
        report.unless(stored == want, family, || {
            let at = stored.iter().zip(want).take_while(|(stored, want)| stored == want).count();
            format!("tile level {level} index {index}: hash {at} is not what the entries give")
        });
    }

    /// Records that nothing accounts for, or that are missing.
    fn compare_counts(&mut self, counts: &[FamilyCheck], report: &mut FsckReport) {
        self.want.insert(Family::Meta, 2);
        self.want.insert(Family::Chain, self.heads.len() as u64);
        self.want.insert(Family::Slot, self.slots.len() as u64);
        self.want.insert(Family::Grant, self.granted.len() as u64);
        self.want.insert(Family::Blob, self.blobs.len() as u64);
        for check in counts.iter().filter(|check| check.family != Family::Checkpoint) {
            let want = self.want.get(&check.family).copied().unwrap_or(0);
            report.unless(check.records == want, check.family, || {
                format!("{} records, the entries give {want}", check.records)
            });
        }
    }
}

/// The past as it was before the next entry. What was compared already is read from the store.
impl History for Replay<'_> {
    type Error = ReadError;

    fn origin(&self) -> &Origin {
        &self.state.origin
    }

    fn root_at(&self, size: u64) -> Result<Option<Hash>, ReadError> {
        if size == self.tree.size() {
            return Ok(Some(self.tree.root()));
        }
        if size < self.tree.size() { self.state.root_at(self.head, size) } else { Ok(None) }
    }

    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, ReadError> {
        if let Some(state) = self.states.borrow().get(chain) {
            return Ok(Some(state.clone()));
        }
        let Some(head) = self.heads.get(chain) else { return Ok(None) };
        let facts = self.state.facts_after(chain, head.seq)?.ok_or(ReadError::Record("chain facts"))?;
        let state = ChainState::new(head.clone(), facts);
        self.remember(chain.clone(), state.clone());
        Ok(Some(state))
    }

    fn locate(&self, id: &StatementId) -> Result<Option<Located>, ReadError> {
        Ok(self.state.locate(id)?.filter(|located| located.index < self.tree.size()))
    }

    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, ReadError> {
        Ok(self.slots.get(&slot_text(slot)).copied())
    }

    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, ReadError> {
        Ok(self.granted.contains(&(chain.clone(), *keyid)))
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, ReadError> {
        let Some(by) = self.state.corrected_by(id)? else { return Ok(None) };
        // A correction at a later index was not there yet.
        Ok(self.locate(&by)?.map(|_| by))
    }
}

impl Past for Replay<'_> {
    fn size(&self) -> u64 {
        self.tree.size()
    }

    fn tree(&self) -> Result<Tree, ReadError> {
        Ok(self.tree.clone())
    }
}

/// Keeps what cannot be read back from the store as it was before a later entry.
impl Growing for Replay<'_> {
    fn apply(&mut self, entry: &Entry, effect: &Effect) {
        let chain = &entry.statement.chain;
        self.slots.extend(effect.slot.iter().map(|slot| (slot_text(slot), entry.id)));
        self.granted.extend(effect.granted.iter().map(|keyid| (chain.clone(), *keyid)));
        self.heads.insert(chain.clone(), effect.state.head.clone());
        self.remember(chain.clone(), effect.state.clone());
    }

    fn append(&mut self, leaf: Hash) {
        for TreeHash { level, index, hash } in extend(&mut self.tree, &[leaf]) {
            let tile = self.tiles.entry(level).or_default();
            tile.push(hash);
            if tile.len() as u64 == TILE_WIDTH {
                self.full.push((level, index / TILE_WIDTH, std::mem::take(tile)));
            }
        }
    }
}

/// Tells why an entry was not placed. Returns that it was not.
fn not_placed(index: u64, refused: Refused<ReadError>, report: &mut FsckReport) -> bool {
    match refused {
        Refused::Invalid(invalid) => report.add(Family::Entry, format!("entry {index}: {invalid}")),
        Refused::History(error) => {
            let family = match &error {
                ReadError::Store(storage::Error::Damaged { family, .. }) => *family,
                _ => Family::Statement,
            };
            report.add(family, format!("entry {index} cannot be checked: {error}"));
        }
    }
    false
}
