//! `reindex` drops the index and derives it again; the journal keeps every byte, and what is interrupted is not served.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use rocksdb::{DB, IteratorMode, Options};
use sanwu_tests::process::Node;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Site, committed, copy_folder, programs, published, sanwu_node};

/// The families of the journal; the others are derived from them.
const JOURNAL: [&str; 6] = ["meta", "entry", "edge", "tile", "blob", "checkpoint"];

/// Entries that take long enough to index that a kill meets the middle.
const NOTICES: usize = 600;

type Records = BTreeMap<(String, Vec<u8>), Vec<u8>>;

/// Every record, of the journal and of the index, as the engine has it.
fn records(data: &Path) -> (Records, Records) {
    let store = data.join("store");
    let families = DB::list_cf(&Options::default(), &store).expect("families");
    let db = DB::open_cf_for_read_only(&Options::default(), &store, &families, false).expect("store");
    let (mut journal, mut index) = (Records::new(), Records::new());
    for family in families {
        let records = if JOURNAL.contains(&family.as_str()) { &mut journal } else { &mut index };
        for record in db.iterator_cf(db.cf_handle(&family).expect("family"), IteratorMode::Start) {
            let (key, value) = record.expect("record");
            records.insert((family.clone(), key.into_vec()), value.into_vec());
        }
    }
    (journal, index)
}

/// A log with entries, blobs, full tiles and checkpoints, closed; and its size.
fn log() -> (TempDir, PathBuf, u64) {
    let site = Site::new();
    site.notices(NOTICES);
    let january = site.village.draft(&site.client, &site.village.month(site.village.january()));
    site.village.publish(&site.client, january);
    let size = committed(&site.client);
    published(&site.client, size);
    let Site { node, dir, .. } = site;
    let data = node.data.clone();
    assert_eq!(node.stop(), Some(0));
    (dir, data, size)
}

fn run(args: &[&str], data: &Path, code: i32) -> Value {
    let data = data.to_str().expect("path");
    sanwu_node(Path::new("/"), &[args, &["--json", "--data", data]].concat()).exits(code).json()
}

#[test]
fn reindex_gives_the_same_index_and_leaves_the_journal() {
    let (_dir, data, size) = log();
    let before = records(&data);
    assert!(before.0.len() > 2 * NOTICES && before.1.len() > 2 * NOTICES);
    let done = run(&["reindex"], &data, 0);
    assert_eq!((&done["ok"], done["size"].as_u64()), (&Value::Bool(true), Some(size)), "{done}");
    let after = records(&data);
    assert!(before.0 == after.0, "the journal has changed");
    assert!(before.1 == after.1, "the index is another one");
    let names: Vec<_> = fs::read_dir(&data).expect("dir").map(|entry| entry.expect("entry").file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with("store.")), "{names:?}");
    assert_eq!(run(&["fsck"], &data, 0)["ok"], true);
}

#[test]
fn a_reindex_that_was_killed_is_told_not_served_and_done_again() {
    let (dir, whole, size) = log();
    let before = records(&whole);
    let copied = |name: &str| {
        let data = dir.path().join(name);
        copy_folder(&whole, &data);
        data
    };
    let data = copied("timed");
    let started = Instant::now();
    run(&["reindex"], &data, 0);
    let takes = started.elapsed();
    let mut killed = Vec::new();
    for number in 1..=9 {
        let data = copied(&format!("killed-{number}"));
        let reindex = ["reindex", "--data", data.to_str().expect("path")];
        let mut child = Command::new(&programs().node).args(reindex).stderr(Stdio::null()).spawn().expect("reindex");
        sleep(takes * number / 10);
        child.kill().expect("kill");
        child.wait().expect("wait");
        let fsck = sanwu_node(Path::new("/"), &["fsck", "--json", "--data", data.to_str().expect("path")]);
        match fsck.code {
            // Before anything was dropped, or after everything was done.
            0 => assert!(records(&data) == before),
            _ => killed.push((data, fsck.json())),
        }
    }
    assert!(!killed.is_empty(), "no kill met the middle of {takes:?}");
    for (data, fsck) in killed {
        let first = &fsck["report"]["findings"][0];
        let detail = first["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("reindex") && detail.contains(&size.to_string()), "{first}");
        let refused = run(&["serve", "--listen", "127.0.0.1:0"], &data, 11);
        assert_eq!(refused["error"]["code"], "E-STORE-INDEX", "{refused}");
        assert!(refused["error"]["place"].as_str().is_some_and(|place| place.contains("reindex")), "{refused}");
        // The truth is there all the same: it can be backed up.
        let copy = data.with_extension("copy");
        run(&["backup", "--to", copy.to_str().expect("path")], &data, 0);
        assert_eq!(run(&["fsck"], &copy, 0)["ok"], true);
        run(&["reindex"], &data, 0);
        assert!(records(&data) == before, "{}", data.display());
        let node = Node::serve(&programs().node, &data);
        assert_eq!(committed(&node.client()), size);
        assert_eq!(node.stop(), Some(0));
    }
}
