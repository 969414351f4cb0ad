//! A log made with `init --admission open`, filled with raw leaves by as many clients as a load generator has.

use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::{Tree, leaf_hash};
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, bundles_of_growth, push_entry, tiles_of_growth};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_tests::client::Client;
use sanwu_tests::process::Node;
use sanwu_tests::village::{ORIGIN, secret};
use tempfile::TempDir;

use crate::support::{programs, publish_quickly, published, sanwu_node};

/// Clients that append at the same time.
const CLIENTS: usize = 48;

/// The log, its node, and the leaves that were appended.
pub struct OpenLog {
    pub node: Node,
    pub client: Client,
    /// Every leaf, by index.
    pub leaves: Vec<Vec<u8>>,
    levels: Vec<Vec<Hash>>,
    tree: Tree,
    /// Removed when dropped.
    pub dir: TempDir,
}

impl OpenLog {
    /// Makes an empty log and starts its node.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let data = dir.path().join("log");
        let root = Vkey::from_public_key("root", &secret("root").public()).expect("vkey").to_string();
        let path = data.display().to_string();
        let init = ["init", "--data", &path, "--origin", ORIGIN, "--root", &root, "--threshold", "1"];
        sanwu_node(dir.path(), &[&init[..], &["--purpose", "test", "--admission", "open"]].concat()).exits(0);
        publish_quickly(&data);
        let node = Node::serve(&programs().node, &data);
        let client = node.client();
        Self { node, client, leaves: Vec::new(), levels: Vec::new(), tree: Tree::new(), dir }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Appends leaves until the log has `size` of them, and waits until they are published.
    ///
    /// A leaf is its number and 0 to 200 bytes. Each answer must be an index that no other leaf was given.
    pub fn grow(&mut self, size: usize) {
        let from = self.leaves.len();
        let (url, next) = (&self.node.url, Mutex::new(from));
        let placed = Mutex::new(vec![None; size - from]);
        thread::scope(|scope| {
            for _ in 0..CLIENTS.min(size - from) {
                scope.spawn(|| {
                    let client = Client::new(url);
                    loop {
                        let number = {
                            let mut next = next.lock().expect("next");
                            *next += 1;
                            *next - 1
                        };
                        if number >= size {
                            return;
                        }
                        let leaf = leaf(number);
                        let answer = client.post("/add", "application/octet-stream", &leaf);
                        let text = String::from_utf8(answer.body).expect("UTF-8");
                        assert_eq!((answer.status, text.as_str()), (200, text.trim()), "{text}");
                        let index: usize = text.parse().expect("a decimal index");
                        assert_eq!(index.to_string(), text, "without leading zeros");
                        let before = placed.lock().expect("placed")[index - from].replace(leaf);
                        assert!(before.is_none(), "index {index} twice");
                    }
                });
            }
        });
        for leaf in placed.into_inner().expect("placed") {
            let leaf = leaf.expect("every index once");
            let levels = &mut self.levels;
            self.tree.append_with(leaf_hash(&leaf), |node, hash| {
                if node.level % 8 == 0 {
                    let level = usize::from(node.level / 8);
                    levels.resize_with(levels.len().max(level + 1), Vec::new);
                    levels[level].push(hash);
                }
            });
            self.leaves.push(leaf);
        }
        let checkpoint = self.checkpoint();
        assert_eq!((checkpoint.size, checkpoint.root), (size as u64, self.tree.root()));
    }

    /// Waits for the published checkpoint over all leaves.
    pub fn checkpoint(&self) -> Checkpoint {
        published(&self.client, self.leaves.len() as u64)
    }

    /// Returns the bytes of a tile, made from the leaves.
    pub fn expected(&self, tile: &Tile) -> Vec<u8> {
        let first = tile.index() as usize * usize::from(TILE_WIDTH);
        let range = first..first + usize::from(tile.width());
        match tile.kind() {
            TileKind::Hashes(level) => self.levels[usize::from(level)][range].iter().flat_map(|hash| hash.0).collect(),
            TileKind::Entries => {
                let mut bundle = Vec::new();
                self.leaves[range].iter().for_each(|leaf| push_entry(&mut bundle, leaf).expect("entry"));
                bundle
            }
        }
    }
}

/// Lists every tile and bundle of a log of this size.
pub fn tiles(size: u64) -> Vec<Tile> {
    [tiles_of_growth(0, size), bundles_of_growth(0, size)].concat()
}

/// Makes the leaf of a number; no other number has the same.
fn leaf(number: usize) -> Vec<u8> {
    let mut leaf = format!("leaf {number} ").into_bytes();
    leaf.resize(leaf.len() + number * 31 % 201, b'a' + (number % 26) as u8);
    leaf
}
