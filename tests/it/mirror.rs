//! A mirror is a valid log for any reader of C2SP tiles, holds nothing that was not checked, and survives being killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::{leaf_hash, root_of_leaves};
use sanwu_schema::tlog::tile::{Tile, TileKind};
use sanwu_tests::client::Client;
use sanwu_tests::paper::{PaperLog, leaves};
use sanwu_tests::process;
use sanwu_tests::village::ORIGIN;
use sanwu_tests::webserver::WebServer;
use tempfile::TempDir;

use crate::support::{Ran, Site, entries, programs, published, sanwu};

/// Every file of a mirror but those that are none of a log's.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != ".lock") {
                found.insert(path.strip_prefix(dir).expect("below").to_path_buf(), fs::read(&path).expect("file"));
            }
        }
    }
    found
}

/// A paper log in `log`, its trust file, and the means to mirror it to `mirror`.
struct Paper {
    dir: TempDir,
    log: PaperLog,
}

impl Paper {
    fn new(size: usize) -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let log = PaperLog::new(ORIGIN, "paper");
        log.write(&dir.path().join("log"), &leaves(size));
        fs::write(dir.path().join("trust.json"), log.trust()).expect("trust");
        Self { dir, log }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn mirror(&self, server: &WebServer) -> Ran {
        sanwu(self.dir.path(), &["mirror", &server.url, "mirror", "--trust", "trust.json", "--json"])
    }

    /// The mirror is the log, file by file, with its checkpoint retained.
    fn is_whole(&self, size: u64) {
        let mut log = files(&self.path("log"));
        let checkpoint = log[Path::new("checkpoint")].clone();
        log.insert(format!("checkpoints/{size}").into(), checkpoint);
        let mirror = files(&self.path("mirror"));
        assert_eq!(mirror.keys().collect::<Vec<_>>(), log.keys().collect::<Vec<_>>());
        assert!(mirror == log, "a file of the mirror differs");
    }
}

/// Reads a log by nothing but `checkpoint` and `tile/…`, and checks every hash of it.
fn read_as_tiles(url: &str) -> Checkpoint {
    let client = Client::new(url);
    let checkpoint = published(&client, 0);
    let leaves: Vec<_> = entries(&client, checkpoint.size).iter().map(|entry| leaf_hash(entry)).collect();
    assert_eq!(root_of_leaves(leaves.iter().copied()), checkpoint.root);
    let mut row = leaves;
    for level in 0..8 {
        for (n, part) in (0u64..).zip(row.chunks(256)) {
            let tile = Tile::at_size(TileKind::Hashes(level), n, checkpoint.size).expect("tile");
            let answer = client.get(&format!("/{tile}"));
            assert_eq!(answer.status, 200, "{tile}");
            assert_eq!(tile.hashes(&answer.body).expect("hashes"), part, "{tile}");
        }
        row = row.chunks_exact(256).map(|full| root_of_leaves(full.iter().copied())).collect();
    }
    checkpoint
}

#[test]
fn any_web_server_serves_a_mirror_as_a_log() {
    let site = Site::new();
    site.notices(270);
    let size = published(&site.client, 274).size;
    let at = site.dir.path();
    fs::write(at.join("trust.json"), site.trust()).expect("trust");
    let mirrored =
        sanwu(at, &["mirror", &site.client.url, "mirror", "--trust", "trust.json", "--json"]).exits(0).json();
    assert_eq!((mirrored["size"].as_u64(), mirrored["missing"].as_array().map(Vec::len)), (Some(size), Some(0)));

    let server = WebServer::serve(&at.join("mirror"));
    let checkpoint = read_as_tiles(&server.url);
    assert_eq!((checkpoint.size, checkpoint.origin.as_str()), (size, ORIGIN));
    let retained: Vec<u64> = fs::read_dir(at.join("mirror/checkpoints"))
        .expect("checkpoints")
        .map(|f| f.expect("entry").file_name().to_str().expect("name").parse().expect("a size"))
        .collect();
    assert!(retained.len() > 1 && retained.contains(&size), "{retained:?}");
    for source in ["mirror", &server.url, &site.client.url] {
        let report = sanwu(at, &["audit", "replay", source, "--trust", "trust.json", "--json"]).exits(0).json();
        assert_eq!((report["valid"].as_u64(), report["bodies"].as_u64()), (Some(size), Some(size)), "{source}");
        // A plain web server cannot say which checkpoints it has.
        let known = if source == server.url { 0 } else { retained.len() as u64 };
        assert_eq!(report["checkpoints"].as_u64(), Some(known), "{source}");
    }
    // The mirror of a mirror has all but what only the node could list.
    sanwu(at, &["mirror", &server.url, "second", "--trust", "trust.json"]).exits(0);
    let without = |dir: &str| {
        let mut all = files(&at.join(dir));
        all.retain(|path, _| !path.starts_with("checkpoints"));
        all
    };
    assert!(without("mirror") == without("second"));
    // Grown, it is the beginning of the log; partial tiles stay until the full ones are there.
    site.notices(10);
    published(&site.client, 284);
    sanwu(at, &["mirror", &site.client.url, "mirror", "--trust", "trust.json", "--json"]).exits(0);
    assert!(at.join(format!("mirror/tile/0/001.p/{}", size - 256)).exists());
    read_as_tiles(&server.url);
    site.notices(240);
    let size = published(&site.client, 524).size;
    let grown = sanwu(at, &["mirror", &site.client.url, "mirror", "--trust", "trust.json", "--json"]).exits(0).json();
    assert_eq!((grown["size"].as_u64(), grown["new_entries"].as_u64()), (Some(size), Some(240)));
    assert!(!at.join("mirror/tile/0/001.p").exists() && !at.join("mirror/tile/entries/001.p").exists());
    assert_eq!(read_as_tiles(&server.url).size, size);
}

#[test]
fn an_earlier_checkpoint_that_does_not_fit_is_a_mismatch() {
    let dir = tempfile::tempdir().expect("dir");
    let at = dir.path();
    let site = Site::new();
    site.notices(5);
    let size = published(&site.client, 9).size;
    fs::write(at.join("trust.json"), site.trust()).expect("trust");
    sanwu(at, &["mirror", &site.client.url, "mirror", "--trust", "trust.json"]).exits(0);
    let replay = || sanwu(at, &["audit", "replay", "mirror", "--trust", "trust.json", "--json"]);
    replay().exits(0);
    let own = |name: u64| at.join(format!("mirror/checkpoints/{name}"));
    let note = fs::read_to_string(own(size)).expect("note");
    let found = |exit: i32, code: &str, place: u64| {
        let report = replay().exits(exit).json();
        let findings = report["findings"].as_array().expect("findings");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0]["code"], code);
        assert_eq!(findings[0]["place"], format!("checkpoints/{place}"));
    };
    // Under the name of another size, with a root that nobody signed, signed by somebody else.
    fs::write(own(1), &note).expect("write");
    found(3, "E-CHECKPOINT", 1);
    fs::write(own(1), note.replace(&format!("\n{size}\n"), "\n1\n")).expect("write");
    found(3, "E-NOTE-SIGNATURE", 1);
    let paper = PaperLog::new(ORIGIN, "impostor");
    let forged = paper.write(&at.join("forged"), &leaves(1));
    fs::write(own(1), paper.note(&forged)).expect("write");
    found(3, "E-NOTE-UNSIGNED", 1);
    fs::remove_file(own(1)).expect("remove");
    // The newest checkpoint put aside for an older one.
    let older = fs::read_dir(at.join("mirror/checkpoints")).expect("folder").map(|f| f.expect("entry").file_name());
    let older =
        older.map(|name| name.to_str().expect("name").parse::<u64>().expect("size")).filter(|s| *s < size).max();
    let older = older.expect("an older one");
    let mut older_files: Vec<PathBuf> = Vec::new();
    for (kind, folder) in [(TileKind::Hashes(0), "tile/0"), (TileKind::Entries, "tile/entries")] {
        assert!(Tile::at_size(kind, 0, older).expect("tile").is_partial());
        older_files.push(at.join("mirror").join(folder).join(format!("000.p/{older}")));
    }
    let whole = entries(&site.client, size);
    let mut bundle = Vec::new();
    whole[..older as usize].iter().for_each(|e| sanwu_schema::tlog::tile::push_entry(&mut bundle, e).expect("entry"));
    let hashes: Vec<u8> = whole[..older as usize].iter().flat_map(|e| leaf_hash(e).0).collect();
    fs::write(&older_files[0], hashes).expect("tile");
    fs::write(&older_files[1], bundle).expect("bundle");
    fs::copy(own(older), at.join("mirror/checkpoint")).expect("copy");
    found(6, "E-OLDER", size);
}

#[test]
fn killed_at_any_point_the_next_run_goes_on() {
    let paper = Paper::new(10_000);
    for answers in [1, 2, 5, 12, 20] {
        let server = WebServer::stalls_after(&paper.path("log"), answers);
        let mut child = process::command(programs().sanwu, paper.dir.path())
            .args(["mirror", &server.url, "mirror", "--trust", "trust.json", "--quiet"])
            .stdout(Stdio::null())
            .spawn()
            .expect("mirror");
        server.wait_for(answers + 1);
        child.kill().expect("kill");
        child.wait().expect("wait");
        assert!(!paper.path("mirror/checkpoint").exists(), "nothing is called complete before it is");
    }
    let bundles =
        |paths: Vec<String>| paths.into_iter().filter(|p| p.contains("tile/entries/")).collect::<BTreeSet<String>>();
    let here = files(&paper.path("mirror")).into_keys().map(|p| format!("/{}", p.display())).collect();
    let here = bundles(here);
    assert!(here.len() > 5, "{here:?}");
    let server = WebServer::serve(&paper.path("log"));
    let done = paper.mirror(&server).exits(0).json();
    assert_eq!(done["new_entries"].as_u64(), Some(10_000));
    paper.is_whole(10_000);
    // What the killed runs had brought was not asked for again, and now nothing is.
    assert!(bundles(server.paths()).is_disjoint(&here), "{here:?}");
    let again = WebServer::serve(&paper.path("log"));
    paper.mirror(&again).exits(0);
    assert!(bundles(again.paths()).is_empty());
}

#[test]
fn nothing_wrong_enters_a_mirror_and_damage_heals() {
    let paper = Paper::new(1_000);
    let server = WebServer::serve(&paper.path("log"));
    let bundle = "tile/entries/001";
    let right = fs::read(paper.path("log").join(bundle)).expect("bundle");
    let mut wrong = right.clone();
    wrong[100] ^= 1;
    fs::write(paper.path("log").join(bundle), &wrong).expect("write");
    let refused = paper.mirror(&server).exits(3).json();
    assert_eq!(refused["error"]["code"], "E-INCLUSION");
    assert!(!paper.path("mirror").join(bundle).exists(), "wrong bytes were kept");
    assert!(!paper.path("mirror/checkpoint").exists());
    fs::write(paper.path("log").join(bundle), &right).expect("write");
    paper.mirror(&server).exits(0);
    paper.is_whole(1_000);
    for damaged in [bundle, "tile/0/002", "tile/1/000.p/3", "tile/entries/003.p/232"] {
        let mut bytes = fs::read(paper.path("mirror").join(damaged)).expect("file");
        bytes[50] ^= 1;
        fs::write(paper.path("mirror").join(damaged), bytes).expect("write");
        paper.mirror(&server).exits(0);
        paper.is_whole(1_000);
    }
    // Another history of the same log, a shorter one, and another log leave the mirror as it is.
    let before = files(&paper.path("mirror"));
    let mut other = leaves(1_100);
    other[500] = b"another".to_vec();
    for (name, log, history, code) in [
        ("forked", &paper.log, other, "E-CONSISTENCY"),
        ("rolled-back", &paper.log, leaves(900), "E-CONSISTENCY"),
        ("other", &PaperLog::new("sanwu.test/other", "paper"), leaves(1_100), "E-OTHER-LOG"),
    ] {
        log.write(&paper.path(name), &history);
        fs::write(paper.path("trust.json"), log.trust()).expect("trust");
        let server = WebServer::serve(&paper.path(name));
        // On a machine that has not seen the log, so that the mirror alone knows.
        let away = tempfile::tempdir().expect("dir");
        let (mirror, trust) = (paper.path("mirror"), paper.path("trust.json"));
        let args = ["mirror", &server.url, mirror.to_str().expect("path"), "--trust", trust.to_str().expect("path")];
        let refused = sanwu(away.path(), &[&args[..], &["--json"]].concat());
        assert_eq!(refused.json()["error"]["code"], code, "{name}");
        assert!(files(&mirror) == before, "{name} changed the mirror");
    }
}

#[test]
fn one_mirror_at_a_time() {
    let paper = Paper::new(300);
    let stalled = WebServer::stalls_after(&paper.path("log"), 3);
    let mut first = process::command(programs().sanwu, paper.dir.path())
        .args(["mirror", &stalled.url, "mirror", "--trust", "trust.json", "--quiet"])
        .stdout(Stdio::null())
        .spawn()
        .expect("mirror");
    stalled.wait_for(4);
    let server = WebServer::serve(&paper.path("log"));
    assert_eq!(paper.mirror(&server).exits(11).json()["error"]["code"], "E-DATA-BUSY");
    first.kill().expect("kill");
    first.wait().expect("wait");
    paper.mirror(&server).exits(0);
    paper.is_whole(300);
}
