//! An upstream made of lists in memory, which can be told to misbehave.

use std::collections::BTreeMap;
use std::sync::Mutex;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::{leaf_hash, root_of_leaves};
use sanwu_schema::tlog::tile::{Tile, TileKind, push_entry};
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};

use crate::log::Reader;
use crate::log::replica::{FetchError, Upstream};
use crate::log::tests::village::{ORIGIN, log_key};
use crate::storage::Published;

/// What upstream does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Does not answer at all.
    Down,
    /// Answers that many requests for entry bundles, and then none at all.
    DownAfterBundles(usize),
    /// One byte of this entry is another one.
    Entry(u64),
    /// Every bundle ends one byte early.
    ShortBundles,
    /// Every hash tile's last hash is another one.
    Tiles,
    /// Gives another content than asked for.
    OtherBlobs,
    /// Has no contents.
    NoBlobs,
    /// Has no partial tiles or bundles, only full ones.
    NoPartials,
}

/// What is said and asked.
#[derive(Default)]
struct State {
    entries: Vec<Vec<u8>>,
    blobs: BTreeMap<Hash, Vec<u8>>,
    checkpoint: Vec<u8>,
    retained: Option<BTreeMap<u64, Published>>,
    fault: Option<Fault>,
    bundles: Vec<u64>,
}

#[derive(Default)]
pub(super) struct Fake {
    state: Mutex<State>,
}

/// Returns a checkpoint over leaves, signed by any key.
pub(super) fn note(entries: &[Vec<u8>], key: &SignerKey) -> Vec<u8> {
    let root = root_of_leaves(entries.iter().map(|entry| leaf_hash(entry)));
    let origin = Origin::parse(key.vkey().name()).unwrap();
    let checkpoint = Checkpoint { origin, size: entries.len() as u64, root };
    checkpoint.sign(key).unwrap().to_text().into_bytes()
}

pub(super) fn other_key(name: &str) -> SignerKey {
    SignerKey::new(name, ED25519, SecretKey::from_seed([9; 32])).unwrap()
}

/// Leaves without statements.
pub(super) fn leaves(count: usize, salt: &str) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("{salt} {number}").into_bytes()).collect()
}

impl Fake {
    /// Returns a log of raw leaves, signed by the log key of the tests.
    pub(super) fn raw(entries: Vec<Vec<u8>>) -> Self {
        let fake = Self::default();
        fake.write(entries);
        fake
    }

    /// Returns what a log shows.
    pub(super) fn of(reader: &Reader) -> Self {
        let fake = Self::default();
        fake.copy(reader);
        fake
    }

    /// Takes over what a log shows now.
    pub(super) fn copy(&self, reader: &Reader) {
        let mut state = self.state.lock().unwrap();
        let published = reader.published().unwrap();
        state.entries = (0..published.size).map(|index| reader.entry_bytes(index).unwrap().unwrap()).collect();
        state.checkpoint = published.note.clone();
        let entries: Vec<Entry> = state.entries.iter().filter_map(|bytes| Entry::parse(bytes).ok()).collect();
        for entry in entries {
            let mut named = vec![entry.statement.body.as_ref().unwrap().digest];
            let body = reader.body(&entry.statement).unwrap().unwrap();
            let body = sanwu_schema::kinds::Body::parse(entry.statement.kind, &body).unwrap();
            named.extend(body.attachments().iter().map(|attachment| attachment.digest));
            for digest in named {
                state.blobs.insert(digest, reader.blob(&digest).unwrap().unwrap());
            }
        }
        let all = reader.published_from(0, 1_000).unwrap();
        state.retained = Some(all.into_iter().map(|one| (one.size, one)).collect());
    }

    /// Another list of leaves, signed.
    pub(super) fn write(&self, entries: Vec<Vec<u8>>) {
        let mut state = self.state.lock().unwrap();
        state.checkpoint = note(&entries, &log_key());
        state.entries = entries;
    }

    /// Another list of leaves, and nothing said about it yet.
    pub(super) fn write_entries(&self, entries: Vec<Vec<u8>>) {
        self.state.lock().unwrap().entries = entries;
    }

    /// More entries with their contents, under this checkpoint.
    pub(super) fn add(&self, entries: Vec<Vec<u8>>, blobs: Vec<Vec<u8>>, checkpoint: Vec<u8>) {
        let mut state = self.state.lock().unwrap();
        state.entries = entries;
        state.checkpoint = checkpoint;
        state.blobs.extend(blobs.into_iter().map(|bytes| (Hash::digest(&bytes), bytes)));
    }

    pub(super) fn show(&self, checkpoint: Vec<u8>) {
        self.state.lock().unwrap().checkpoint = checkpoint;
    }

    /// Lists a checkpoint among the retained ones.
    pub(super) fn retain(&self, size: u64, published_ms: u64, note: Vec<u8>) {
        let mut state = self.state.lock().unwrap();
        state.retained.get_or_insert_default().insert(size, Published { size, published_ms, note });
    }

    pub(super) fn fault(&self, fault: Option<Fault>) {
        self.state.lock().unwrap().fault = fault;
    }

    pub(super) fn entries(&self) -> Vec<Vec<u8>> {
        self.state.lock().unwrap().entries.clone()
    }

    /// Returns the bundles asked for since the last time.
    pub(super) fn bundles_asked(&self) -> Vec<u64> {
        let mut asked = std::mem::take(&mut self.state.lock().unwrap().bundles);
        asked.sort_unstable();
        asked
    }
}

impl State {
    fn up(&self) -> Result<(), FetchError> {
        let down = match self.fault {
            Some(Fault::Down) => true,
            Some(Fault::DownAfterBundles(count)) => self.bundles.len() > count,
            _ => false,
        };
        if down { Err(FetchError::Unreachable("fake".into())) } else { Ok(()) }
    }

    fn hash(&self, level: u8, index: u64) -> Hash {
        let width = 1usize << (8 * u32::from(level));
        let first = index as usize * width;
        root_of_leaves(self.entries[first..first + width].iter().map(|entry| leaf_hash(entry)))
    }
}

impl Upstream for Fake {
    fn address(&self) -> &str {
        "http://upstream.example"
    }

    fn checkpoint(&self) -> Result<Vec<u8>, FetchError> {
        let state = self.state.lock().unwrap();
        state.up()?;
        Ok(state.checkpoint.clone())
    }

    fn tile(&self, tile: Tile) -> Result<Vec<u8>, FetchError> {
        let mut state = self.state.lock().unwrap();
        if tile.kind() == TileKind::Entries {
            state.bundles.push(tile.index());
        }
        state.up()?;
        let there = Tile::at_size(tile.kind(), tile.index(), state.entries.len() as u64);
        let gone = state.fault == Some(Fault::NoPartials) && tile.is_partial();
        if gone || there.is_none_or(|there| there.width() < tile.width()) {
            return Err(FetchError::Missing(tile.path()));
        }
        let first = tile.index() * 256;
        let mut bytes = Vec::new();
        for index in first..first + u64::from(tile.width()) {
            match tile.kind() {
                TileKind::Hashes(level) => bytes.extend(state.hash(level, index).0),
                TileKind::Entries => {
                    let mut entry = state.entries[index as usize].clone();
                    if state.fault == Some(Fault::Entry(index)) {
                        *entry.last_mut().unwrap() ^= 1;
                    }
                    push_entry(&mut bytes, &entry).unwrap();
                }
            }
        }
        match (state.fault, tile.kind()) {
            (Some(Fault::ShortBundles), TileKind::Entries) => _ = bytes.pop(),
            (Some(Fault::Tiles), TileKind::Hashes(_)) => *bytes.last_mut().unwrap() ^= 1,
            _ => {}
        }
        Ok(bytes)
    }

    fn blob(&self, digest: &Hash) -> Result<Vec<u8>, FetchError> {
        let state = self.state.lock().unwrap();
        state.up()?;
        match state.fault {
            Some(Fault::OtherBlobs) => Ok(b"{}".to_vec()),
            Some(Fault::NoBlobs) => Err(FetchError::Missing(digest.to_text())),
            _ => state.blobs.get(digest).cloned().ok_or(FetchError::Missing(digest.to_text())),
        }
    }

    fn checkpoints(&self, from: u64) -> Result<Option<Vec<Published>>, FetchError> {
        let state = self.state.lock().unwrap();
        state.up()?;
        let page =
            |retained: &BTreeMap<u64, Published>| retained.range(from..).take(3).map(|(_, one)| one.clone()).collect();
        Ok(state.retained.as_ref().map(page))
    }
}

/// Returns the name of the log that every test follows.
pub(super) fn origin() -> Origin {
    Origin::parse(ORIGIN).unwrap()
}
