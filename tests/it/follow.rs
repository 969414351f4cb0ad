//! A read replica as a process: it shows what the log shows, goes on after every interruption, and does
//! not follow a log that contradicts itself.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::verify_consistency;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_tests::client::Client;
use sanwu_tests::process::Node;
use sanwu_tests::village::{ORIGIN, UNIT, Village};

use crate::support::{Demo, Site, assert_problem, entries, programs, publish_quickly, published, sanwu, sanwu_node};

/// A replica that asks often; its settings are there before it is.
fn replica(data: &Path, upstream: &str, more: &[&str]) -> Node {
    if !data.exists() {
        fs::create_dir_all(data).expect("dir");
        fs::write(data.join("config.toml"), "publish_interval_ms = 20\n").expect("config.toml");
    }
    Node::follow(&programs().node, data, upstream, more)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Waits for something to become so.
#[track_caller]
fn until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(60), "never: {what}");
        sleep(Duration::from_millis(10));
    }
}

fn page(client: &Client, path: &str) -> String {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{path}");
    String::from_utf8(answer.body).expect("UTF-8")
}

fn trust_file(site: &Site) -> PathBuf {
    let path = site.dir.path().join("trust.json");
    fs::write(&path, site.trust()).expect("trust.json");
    path
}

/// All that both serve is the same.
fn assert_same(log: &Client, replica: &Client, size: u64) {
    published(log, size);
    published(replica, size);
    assert_eq!(entries(log, size), entries(replica, size));
    for path in
        ["/tile/0/000.p/3", "/api/v1/entries/4", "/api/v1/entries/4/proof?size=5", "/api/v1/vkey", "/openapi.json"]
    {
        let (ours, theirs) = (replica.get(path), log.get(path));
        assert_eq!((ours.status, &ours.body), (theirs.status, &theirs.body), "{path}");
    }
    let trust = |client: &Client| {
        let mut trust = client.get("/api/v1/trust").json();
        trust.as_object_mut().expect("trust").remove("issued_at");
        trust
    };
    assert_eq!(trust(log), trust(replica));
    let list = |client: &Client| client.get("/api/v1/checkpoints?count=200").json();
    until("the same checkpoints are retained", || list(log) == list(replica));
    for index in 0..size {
        let path = format!("/api/v1/entries/{index}/bundle");
        assert_eq!(log.get(&path).body, replica.get(&path).body, "{path}");
    }
}

#[test]
fn a_replica_serves_all_reads_and_takes_nothing() {
    let site = Site::new();
    site.village.publish(&site.client, site.village.draft(&site.client, &site.village.month(site.village.january())));
    site.notices(3);
    let size = 11;
    published(&site.client, size);
    let trust = trust_file(&site);
    let data = site.dir.path().join("replica");
    let replica = replica(&data, &site.node.url, &["--trust", text(&trust)]);
    let client = replica.client();
    assert_same(&site.client, &client, size);
    until("it is ready", || client.get("/readyz").status == 200);

    // Pages, and everything the clerk's and auditor's program reads.
    assert!(page(&client, &format!("/v/{UNIT}")).contains("柳溪村"));
    for path in ["/", "/r/4", "/verify", "/help", "/livez", "/version"] {
        page(&client, path);
    }
    let about = page(&client, "/transparency");
    assert!(about.contains("这是一份副本") && about.contains(&site.node.url), "{about}");
    assert!(!page(&site.client, "/transparency").contains("这是一份副本"));
    for index in [4, 7, 10] {
        let url = format!("{}/r/{index}", replica.url);
        sanwu(site.dir.path(), &["verify", &url, "--deep", "--trust", text(&trust)]).exits(0);
    }
    let replay = sanwu(site.dir.path(), &["audit", "replay", &replica.url, "--json", "--trust", text(&trust)]).exits(0);
    assert_eq!(replay.json()["entries"], size);

    // Whatever is sent: the writing log is elsewhere.
    let draft = site.village.draft(&client, &[site.village.notice("新通知")]);
    let refused = client.publish(&site.village.package(draft));
    assert_problem(&refused, 403, "E-FOLLOWER");
    assert_eq!(refused.json()["detail"], site.node.url);
    for (kind, body) in [("multipart/form-data; boundary=x", &b"--x--\r\n"[..]), ("text/plain", b"x")] {
        assert_problem(&client.post("/api/v1/entries", kind, body), 403, "E-FOLLOWER");
    }

    // What comes later, after a kill of either side and a restart of the log at its address.
    site.notices(2);
    assert_same(&site.client, &client, size + 2);
    replica.kill();
    site.notices(70);
    let replica = self::replica(&data, &site.node.url, &[]);
    let client = replica.client();
    assert_same(&site.client, &client, size + 72);
    let Site { node, village, client: _, dir } = site;
    let (url, log) = (node.url.clone(), node.data.clone());
    node.kill();
    until("it says that the log is away", || page(&client, "/transparency").contains("连不上"));
    assert_eq!(client.get("/readyz").status, 200);
    let node = Node::serve_at(&programs().node, &log, &url);
    village.publish(&node.client(), village.draft(&node.client(), &[village.notice("重启以后")]));
    assert_same(&node.client(), &client, size + 73);
    until("nothing is wrong any more", || !page(&client, "/transparency").contains("连不上"));
    assert_eq!(replica.stop(), Some(0));
    assert_eq!(node.stop(), Some(0));
    let fsck = sanwu_node(dir.path(), &["fsck", "--json", "--data", text(&data)]).exits(0).json();
    assert_eq!(fsck["report"]["entries"], size + 73);
}

#[test]
fn the_demonstration_with_its_files_is_followed() {
    let dir = tempfile::tempdir().expect("dir");
    let demo = Demo::start(&dir.path().join("demo"));
    let (size, trust) = (published(&demo.client(), 1).size, demo.trust());
    let replica = replica(&dir.path().join("replica"), &demo.url, &["--trust", text(&trust)]);
    published(&replica.client(), size);
    let args = ["mirror", &replica.url, "copy", "--json", "--trust", text(&trust)];
    let copy = sanwu(dir.path(), &args).exits(0).json();
    assert_eq!((copy["size"].as_u64(), copy["missing"].as_array().map(Vec::len)), (Some(size), Some(0)));
    // Bodies, and files beside them.
    assert!(copy["blobs"].as_u64() > Some(size), "{copy}");
    sanwu(dir.path(), &["audit", "replay", "copy", "--trust", text(&trust)]).exits(0);
}

#[test]
fn a_writing_log_and_a_replica_never_share_a_directory() {
    let site = Site::new();
    let dir = site.dir.path();
    let data = dir.join("replica");
    let replica = replica(&data, &site.node.url, &[]);
    published(&replica.client(), 1);
    let (data, log, url) = (text(&data), text(&site.node.data), site.node.url.as_str());
    let json = |args: &[&str], exit: i32| sanwu_node(dir, &[args, &["--json"]].concat()).exits(exit).json();
    // Still in use.
    assert_eq!(json(&["serve", "--data", data, "--follow", url], 11)["error"]["code"], "E-DATA-BUSY");
    assert_eq!(replica.stop(), Some(0));
    for args in [
        &["serve", "--data", data][..],
        &["serve", "--data", log, "--follow", url],
        &["backup", "--data", data, "--to", "copy"],
        &["reindex", "--data", data],
    ] {
        assert_eq!(json(args, 8)["error"]["code"], "E-DATA-ROLE", "{args:?}");
    }
    // Somebody else's folder, no folder of a log at all, and no such server.
    let other = dir.join("other");
    fs::create_dir(&other).expect("dir");
    fs::write(other.join("letter.txt"), "…").expect("file");
    assert_eq!(json(&["serve", "--data", text(&other), "--follow", url], 8)["error"]["code"], "E-FILE-EXISTS");
    assert_eq!(json(&["serve", "--data", "x", "--follow", "localhost"], 9)["error"]["code"], "E-USAGE");
    let gone = format!("{url}9");
    assert_ne!(sanwu_node(dir, &["serve", "--data", "x", "--follow", &gone]).code, 0);
}

#[test]
fn the_first_word_is_kept_until_a_trust_file_confirms_it() {
    let site = Site::new();
    let dir = site.dir.path();
    let data = dir.join("replica");
    let first = replica(&data, &site.node.url, &[]);
    published(&first.client(), 4);
    assert_eq!(first.stop(), Some(0));
    let pins = || fs::read_to_string(data.join("replica.toml")).expect("replica.toml");
    assert!(pins().contains("first-use"), "{}", pins());
    // A trust file of a log of the same name with another beginning.
    let other = Site::new();
    let wrong = trust_file(&other);
    let args = ["serve", "--data", text(&data), "--follow", &site.node.url, "--trust", text(&wrong), "--json"];
    assert_eq!(sanwu_node(dir, &args).exits(9).json()["error"]["code"], "E-OTHER-LOG");
    let trust = trust_file(&site);
    let second = replica(&data, &site.node.url, &["--trust", text(&trust)]);
    assert!(pins().contains("trust-file"), "{}", pins());
    // Pinned from the start, another log is refused, no matter what its server says.
    let strict = replica(&dir.join("strict"), &other.node.url, &["--trust", text(&trust)]);
    until("it says so", || strict.client().get("/readyz").status == 503);
    assert_eq!(strict.client().get("/checkpoint").status, 404);
    assert_eq!(second.stop(), Some(0));
}

/// Copies a data directory of a node that is not running.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("dir");
    for entry in fs::read_dir(from).expect("dir") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copy");
        }
    }
}

#[test]
fn a_log_with_two_histories_is_not_followed_any_more() {
    let Site { node, village, client: _, dir } = Site::new();
    let (url, log, twin) = (node.url.clone(), node.data.clone(), dir.path().join("twin"));
    assert_eq!(node.stop(), Some(0));
    copy_folder(&log, &twin);
    let publish = |node: &Node, texts: &[&str]| {
        let client = node.client();
        for text in texts {
            village.publish(&client, village.draft(&client, &[village.notice(text)]));
        }
        published(&client, 4 + texts.len() as u64)
    };
    let node = Node::serve_at(&programs().node, &log, &url);
    let honest = publish(&node, &["一", "二"]);
    let trust = dir.path().join("trust.json");
    fs::write(&trust, node.client().get("/api/v1/trust").body).expect("trust.json");
    let data = dir.path().join("replica");
    let replica = replica(&data, &url, &["--trust", text(&trust)]);
    let client = replica.client();
    assert_eq!(published(&client, honest.size), honest);
    node.kill();

    // The same name, the same key, another history, and longer.
    let node = Node::serve_at(&programs().node, &twin, &url);
    let forked = publish(&node, &["甲", "乙", "丙"]);
    // Before the twin has published its own, it is only behind.
    let why = || String::from_utf8(client.get("/readyz").body).expect("UTF-8");
    until("it sees two histories", || why().contains("两本对不上的账"));
    let assert_refused = |replica: &Node| {
        let client = replica.client();
        let why = String::from_utf8(client.get("/readyz").body).expect("UTF-8");
        assert!(why.contains("两本对不上的账") && why.contains("two trees"), "{why}");
        assert!(page(&client, "/transparency").contains("两本对不上的账"));
        // What was verified is served on, and verifies.
        assert_eq!(published(&client, honest.size), honest);
        let url = format!("{}/r/{}", replica.url, honest.size - 1);
        sanwu(dir.path(), &["verify", &url, "--trust", text(&trust)]).exits(0);
    };
    assert_refused(&replica);

    // The evidence is complete: two notes under one key that contradict each other.
    let files: Vec<_> = fs::read_dir(data.join("evidence")).expect("evidence").flatten().map(|f| f.path()).collect();
    assert_eq!(files.len(), 1);
    let evidence = fs::read_to_string(&files[0]).expect("file");
    assert!(evidence.starts_with("证据") && evidence.contains("hand it to") && evidence.contains(ORIGIN), "{evidence}");
    let parts: Vec<&str> = evidence.split("===== ").collect();
    let part = |number: usize| parts[number].split_once(" =====\n").expect("a part").1;
    let keys: Vec<Vkey> = part(1).lines().map(|line| Vkey::parse(line).expect("vkey")).collect();
    let open = |number: usize| {
        let origin = Origin::parse(ORIGIN).expect("origin");
        Checkpoint::open(part(number).as_bytes(), &origin, &keys, &[]).expect("signed").0
    };
    // The twin is caught at the first of its checkpoints that the replica sees.
    let (smaller, larger) = (open(2), open(3));
    assert!(smaller == honest || larger == honest, "{evidence}");
    assert!(smaller.size <= larger.size && larger.size <= forked.size, "{evidence}");
    if smaller.size == larger.size {
        assert_ne!(smaller.root, larger.root);
    } else {
        let hashes: Vec<Hash> = part(4).lines().map(|line| Hash::from_base64(line).expect("hash")).collect();
        let (root, proof) = hashes.split_first().expect("root");
        verify_consistency(smaller.size, larger.size, root, &larger.root, proof).expect("consistent");
        assert_ne!(*root, smaller.root);
    }

    // Also after a restart, and when the first history is back.
    replica.kill();
    node.kill();
    let node = Node::serve_at(&programs().node, &log, &url);
    let replica = Node::follow(&programs().node, &data, &url, &[]);
    until("it is not ready", || replica.client().get("/readyz").status == 503);
    assert_refused(&replica);
    drop(node);
}

#[test]
fn raw_leaves_are_followed_through_kills() {
    let dir = tempfile::tempdir().expect("dir");
    let log = dir.path().join("log");
    let root = Vkey::from_public_key("root-1", &Village::new().key("root-1").public()).expect("vkey").to_string();
    let init = ["init", "--data", text(&log), "--origin", "raw.test/log", "--root", &root, "--threshold", "1"];
    sanwu_node(dir.path(), &[&init[..], &["--purpose", "test", "--admission", "open"]].concat()).exits(0);
    publish_quickly(&log);
    let node = Node::serve(&programs().node, &log);
    let leaves = 1_100u64;
    std::thread::scope(|scope| {
        for part in 0..10 {
            let client = node.client();
            scope.spawn(move || {
                for number in 0..leaves / 10 {
                    let leaf = format!("leaf {part} {number}");
                    assert_eq!(client.post("/add", "application/octet-stream", leaf.as_bytes()).status, 200);
                }
            });
        }
    });
    let checkpoint = published(&node.client(), leaves);
    let data = dir.path().join("replica");
    for round in 0..10 {
        let replica = replica(&data, &node.url, &["--admission", "open"]);
        sleep(Duration::from_millis(3 * round));
        replica.kill();
    }
    let replica = replica(&data, &node.url, &["--admission", "open"]);
    let client = replica.client();
    assert_eq!(published(&client, leaves), checkpoint);
    assert_eq!(entries(&client, leaves), entries(&node.client(), leaves));
    assert_problem(&client.post("/add", "application/octet-stream", b"leaf"), 403, "E-FOLLOWER");
    assert_eq!(replica.stop(), Some(0));
    // A replica without the option for such leaves asks for a first entry, and there is none.
    let args = ["serve", "--data", "strict", "--follow", &node.url, "--json"];
    assert_eq!(sanwu_node(dir.path(), &args).exits(6).json()["error"]["code"], "E-TRUST-MISSING");
}

/// A web server of files and nothing else, until the test ends.
fn serve_files(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("socket");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            if reader.read_line(&mut line).is_err() {
                continue;
            }
            loop {
                let mut header = String::new();
                if reader.read_line(&mut header).unwrap_or(0) <= 2 {
                    break;
                }
            }
            let path = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
            let (status, body) = match fs::read(folder.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let mut stream = reader.into_inner();
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    url
}

#[test]
fn a_mirror_behind_a_web_server_of_files_is_followed() {
    let site = Site::new();
    site.notices(270);
    let dir = site.dir.path();
    let trust = trust_file(&site);
    let mirror = |size: u64| {
        published(&site.client, size);
        sanwu(dir, &["mirror", &site.node.url, "mirror", "--trust", text(&trust)]).exits(0);
    };
    mirror(274);
    let files = serve_files(dir.join("mirror"));
    let replica = replica(&dir.join("replica"), &files, &["--trust", text(&trust)]);
    let client = replica.client();
    published(&client, 274);
    assert_eq!(entries(&client, 274), entries(&site.client, 274));
    site.notices(5);
    mirror(279);
    published(&client, 279);
    let url = format!("{}/r/278", replica.url);
    sanwu(dir, &["verify", &url, "--trust", text(&trust)]).exits(0);
    // Without a trust file there is nobody to say which log it is.
    let ran = sanwu_node(dir, &["serve", "--data", "nobody", "--follow", &files, "--json"]).exits(6);
    assert_eq!(ran.json()["error"]["code"], "E-TRUST-MISSING");
}
