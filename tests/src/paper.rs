//! Logs that exist on paper only: a folder laid out like C2SP tlog-tiles, made from any leaves and a key of the tests.
//! Who holds the key can write any history, also two of them.

use std::fs;
use std::path::Path;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::date::IssuedAt;
use sanwu_schema::json::to_canonical;
use sanwu_schema::kinds::Purpose;
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::{leaf_hash, node_hash, root_of_leaves};
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, push_entry};
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, SignerKey};
use sanwu_schema::verify::trust::{FORMAT, Trust};

/// A log's name and key.
pub struct PaperLog {
    origin: Origin,
    signer: SignerKey,
}

impl PaperLog {
    /// A log with this name; its key is the digest of `key`.
    pub fn new(origin: &str, key: &str) -> Self {
        let signer = SignerKey::from_seed(origin, ED25519, Hash::digest(key.as_bytes()).0).expect("signer");
        Self { origin: Origin::parse(origin).expect("origin"), signer }
    }

    /// The key of a witness that is nowhere.
    pub fn witness_vkey(name: &str) -> String {
        let seed = Hash::digest(name.as_bytes()).0;
        SignerKey::from_seed(name, ED25519_COSIGNATURE, seed).expect("signer").vkey().to_string()
    }

    /// Its verifier key.
    pub fn vkey(&self) -> String {
        self.signer.vkey().to_string()
    }

    /// Writes a history into a folder: tiles, bundles, signed checkpoint.
    pub fn write(&self, dir: &Path, leaves: &[Vec<u8>]) -> Checkpoint {
        let mut row: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let size = leaves.len() as u64;
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root: root_of_leaves(row.iter().copied()) };
        for (n, part) in (0u64..).zip(leaves.chunks(usize::from(TILE_WIDTH))) {
            let mut bundle = Vec::new();
            part.iter().for_each(|leaf| push_entry(&mut bundle, leaf).expect("leaf"));
            put(dir, &Tile::at_size(TileKind::Entries, n, size).expect("bundle").path(), &bundle);
        }
        for level in 0.. {
            if row.is_empty() {
                break;
            }
            for (n, part) in (0u64..).zip(row.chunks(usize::from(TILE_WIDTH))) {
                let bytes: Vec<u8> = part.iter().flat_map(|hash| hash.0).collect();
                put(dir, &Tile::at_size(TileKind::Hashes(level), n, size).expect("tile").path(), &bytes);
            }
            row = row.chunks_exact(usize::from(TILE_WIDTH)).map(|t| root_of_leaves(t.iter().copied())).collect();
        }
        put(dir, "checkpoint", self.note(&checkpoint).as_bytes());
        checkpoint
    }

    /// Writes what is needed to believe in a tree of 2^`height` leaves, all of them alike, without any of them: the
    /// topmost tile and a signed checkpoint.
    pub fn write_top(&self, dir: &Path, height: u8) -> Checkpoint {
        let level = (height - 1) / 8;
        let above = |hash: Hash| node_hash(&hash, &hash);
        let element = (0..level * 8).fold(leaf_hash(b""), |hash, _| above(hash));
        let root = (level * 8..height).fold(element, |hash, _| above(hash));
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: 1 << height, root };
        let tile = Tile::at_size(TileKind::Hashes(level), 0, checkpoint.size).expect("tile");
        put(dir, &tile.path(), &element.0.repeat(usize::from(tile.width())));
        put(dir, "checkpoint", self.note(&checkpoint).as_bytes());
        checkpoint
    }

    /// The signed checkpoint.
    pub fn note(&self, checkpoint: &Checkpoint) -> String {
        checkpoint.sign(&self.signer).expect("sign").to_text()
    }

    /// A trust file for it.
    pub fn trust(&self) -> Vec<u8> {
        to_canonical(&Trust {
            format: FORMAT.into(),
            origin: self.origin.clone(),
            purpose: Purpose::Test,
            genesis: StatementId(Hash::digest(b"paper")),
            root_keys: Vec::new(),
            threshold: 1,
            log_vkeys: vec![self.vkey()],
            retired: None,
            policy: vec!["quorum none".into()],
            operators: None,
            max_age_days: None,
            issued_at: IssuedAt::parse("2026-02-01T09:00:00+08:00").expect("time"),
        })
    }
}

/// That many leaves, all different.
pub fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|n| format!("leaf {n}").into_bytes()).collect()
}

fn put(dir: &Path, path: &str, bytes: &[u8]) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    fs::write(path, bytes).expect("write");
}
