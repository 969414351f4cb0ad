//! What was acknowledged is there: after `kill -9`, twenty times, and after a clean end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sanwu_schema::record::dsse::statement_id;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::{leaf_hash, root_of_leaves};
use sanwu_tests::client::Client;
use sanwu_tests::process::Node;

use crate::support::{Site, committed, entries, programs, published, sanwu_node};

/// The number that the issue asks for.
const KILLS: u64 = 20;

/// The publishing process and the files between us.
struct Publisher {
    child: Child,
    url: PathBuf,
    acknowledged: PathBuf,
    stop: PathBuf,
}

impl Publisher {
    fn start(dir: &Path, url: &str) -> Self {
        let (at, acknowledged, stop) = (dir.join("url"), dir.join("acknowledged"), dir.join("stop"));
        fs::write(&at, url).expect("url");
        fs::write(&acknowledged, "").expect("file");
        let child = Command::new(env!("CARGO_BIN_EXE_it-publisher"))
            .args([&at, &acknowledged, &stop])
            .spawn()
            .expect("it-publisher");
        Self { child, url: at, acknowledged, stop }
    }

    /// Tells it where the node is now; whole or not at all.
    fn redirect(&self, url: &str) {
        let new = self.url.with_extension("new");
        fs::write(&new, url).expect("url");
        fs::rename(new, &self.url).expect("url");
    }

    /// What it has synced so far. A last line that is only half written is not an acknowledgement yet.
    fn acknowledged(&self) -> Vec<(u64, String)> {
        let text = fs::read_to_string(&self.acknowledged).expect("acknowledged");
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let line = |line: &str| {
            let (index, id) = line.split_once(' ').expect("index and id");
            (index.parse().expect("index"), id.to_string())
        };
        whole.lines().map(line).collect()
    }

    /// Waits until that many more were acknowledged.
    fn more(&mut self, count: usize) {
        let (before, started) = (self.acknowledged().len(), Instant::now());
        while self.acknowledged().len() < before + count {
            assert!(self.child.try_wait().expect("wait").is_none(), "the publisher has ended");
            assert!(started.elapsed() < Duration::from_secs(60), "nothing is acknowledged any more");
            sleep(Duration::from_millis(1));
        }
    }

    fn finish(&mut self) {
        fs::write(&self.stop, "").expect("stop");
        assert!(self.child.wait().expect("wait").success(), "the publisher has failed");
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything acknowledged is at its index, and one tree gives the root of every checkpoint seen.
fn check(client: &Client, acknowledged: &[(u64, String)], seen: &mut Vec<Checkpoint>) {
    let last = acknowledged.iter().map(|a| a.0).max().unwrap_or_default();
    seen.push(published(client, last + 1));
    let size = committed(client);
    let entries = entries(client, size);
    for (index, id) in acknowledged {
        let entry = entries.get(*index as usize).unwrap_or_else(|| panic!("entry {index} of {size} is lost"));
        let entry = Entry::parse(entry).expect("entry");
        assert_eq!(statement_id(&entry.envelope.payload).to_string(), *id, "entry {index} is another one");
    }
    let leaves: Vec<_> = entries.iter().map(|e| leaf_hash(e)).collect();
    for checkpoint in seen.iter() {
        let size = checkpoint.size as usize;
        assert!(size <= leaves.len(), "the log has shrunk from {size} to {}", leaves.len());
        let root = root_of_leaves(leaves[..size].iter().copied());
        assert_eq!(root, checkpoint.root, "a checkpoint of {size} entries is of another log");
    }
}

#[test]
fn every_acknowledged_entry_survives_kill_9() {
    let Site { node, dir, village: _, client: _ } = Site::new();
    let data = node.data.clone();
    let mut publisher = Publisher::start(dir.path(), &node.url);
    let (mut node, mut seen) = (node, Vec::new());
    for round in 0..KILLS {
        // Sometimes in the middle of a stream, sometimes right after the start.
        if round % 5 == 4 {
            sleep(Duration::from_millis(round));
        } else {
            publisher.more(3 + round as usize % 4);
            sleep(Duration::from_micros(700 * round));
        }
        node.kill();
        let acknowledged = publisher.acknowledged();
        node = Node::serve(&programs().node, &data);
        check(&node.client(), &acknowledged, &mut seen);
        publisher.redirect(&node.url);
    }
    publisher.more(3);
    publisher.finish();
    let acknowledged = publisher.acknowledged();
    assert!(acknowledged.len() as u64 >= 3 * KILLS, "only {} acknowledged", acknowledged.len());
    check(&node.client(), &acknowledged, &mut seen);
    assert_eq!(node.stop(), Some(0));

    let fsck = sanwu_node(dir.path(), &["fsck", "--json", "--data", data.to_str().expect("path")]).exits(0);
    assert_eq!(fsck.json()["ok"], true);
    assert!(fsck.json()["report"]["entries"].as_u64() > Some(acknowledged.len() as u64));
}

#[test]
fn a_clean_end_loses_nothing() {
    let Site { node, dir, village: _, client: _ } = Site::new();
    let data = node.data.clone();
    let mut publisher = Publisher::start(dir.path(), &node.url);
    publisher.more(20);
    // The signal meets a node that is at work.
    assert_eq!(node.stop(), Some(0));
    let acknowledged = publisher.acknowledged();
    let node = Node::serve(&programs().node, &data);
    let mut seen = Vec::new();
    check(&node.client(), &acknowledged, &mut seen);
    publisher.redirect(&node.url);
    publisher.more(1);
    publisher.finish();
    check(&node.client(), &publisher.acknowledged(), &mut seen);
    assert_eq!(node.stop(), Some(0));
}

#[test]
fn it_can_be_ended_from_its_first_moment() {
    let Site { node, dir, village: _, client: _ } = Site::new();
    let data = node.data.clone();
    assert_eq!(node.stop(), Some(0));
    for _ in 0..20 {
        assert_eq!(Node::serve(&programs().node, &data).stop(), Some(0));
    }
    sanwu_node(dir.path(), &["fsck", "--data", data.to_str().expect("path")]).exits(0);
}
