//! tlog-tiles as a client from outside meets them: every tile at every size that was published, recomputed from the
//! leaves; headers, HEAD, gzip, CORS; what is no tile.

use std::io::{Read, Write};
use std::net::TcpStream;

use sanwu_schema::tlog::tile::{Tile, TileKind};
use sanwu_tests::client::Answer;
use sanwu_tests::village::ORIGIN;

use crate::go;
use crate::open_log::{OpenLog, tiles};
use crate::support::{Site, assert_problem, published, sanwu_node};

/// Sizes around which tiles come and go: nothing, one, full tiles and their neighbours, the first tile of level 2.
const SIZES: [usize; 18] =
    [0, 1, 2, 3, 127, 255, 256, 257, 511, 512, 513, 1_024, 1_300, 4_096, 65_280, 65_535, 65_536, 65_537];

const OCTETS: Option<&str> = Some("application/octet-stream");
const IMMUTABLE: Option<&str> = Some("public, max-age=604800, immutable");

/// The path under the origin's own prefix.
fn under_origin(path: &str) -> String {
    let (_, prefix) = ORIGIN.split_once('/').expect("an origin with a path");
    format!("/{prefix}{path}")
}

/// A tile's answer: right bytes, right headers.
fn assert_tile(log: &OpenLog, tile: &Tile) {
    let answer = log.client.get(&format!("/{tile}"));
    assert_eq!(answer.status, 200, "{tile}");
    assert!(answer.body == log.expected(tile), "{tile} has other bytes");
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), (OCTETS, IMMUTABLE), "{tile}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{tile}");
}

fn assert_nothing(log: &OpenLog, path: &str) {
    for path in [path.to_owned(), under_origin(path)] {
        let answer = log.client.get(&path);
        assert_problem(&answer, 404, "E-NOT-FOUND");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
    }
}

#[test]
fn every_tile_of_every_published_size_is_served_for_ever() {
    let mut log = OpenLog::new();
    let mut seen: Vec<Tile> = Vec::new();
    let (mut served, mut absent) = (0, 0);
    for size in SIZES {
        log.grow(size);
        let now = tiles(size as u64);
        // Full tiles of the small sizes were looked at then.
        for tile in now.iter().filter(|tile| !seen.contains(tile)) {
            assert_tile(&log, tile);
            served += 1;
        }
        // What begins at the edge is not there: no empty tile, none that is wider, none beyond.
        for kind in [TileKind::Entries, TileKind::Hashes(0), TileKind::Hashes(1), TileKind::Hashes(2)] {
            let last = now.iter().filter(|tile| tile.kind() == kind).max_by_key(|tile| tile.index());
            let (index, width) = last.map_or((0, 0), |tile| (tile.index(), tile.width()));
            let next = if width == 256 || width == 0 { None } else { Tile::new(kind, index, width + 1) };
            let beyond = Tile::new(kind, index + u64::from(width > 0), 1);
            let full = if width == 256 { None } else { Tile::new(kind, index, 256) };
            for tile in [next, beyond, full].into_iter().flatten() {
                assert_nothing(&log, &format!("/{tile}"));
                absent += 1;
            }
        }
        seen.extend(now);
    }
    seen.sort_unstable();
    seen.dedup();
    let partial: Vec<&Tile> = seen.iter().filter(|tile| tile.is_partial()).collect();
    for tile in &partial {
        assert_tile(&log, tile);
        assert_tile(&log, &Tile::new(tile.kind(), tile.index(), 1).expect("a tile"));
    }
    // The last size has a partial tile on three levels, and a full one on two.
    let widths = |kind| {
        let mut widths: Vec<u16> = tiles(65_537).iter().filter(|t| t.kind() == kind).map(Tile::width).collect();
        widths.dedup();
        widths
    };
    assert_eq!(widths(TileKind::Hashes(0)), [256, 1]);
    assert_eq!(widths(TileKind::Hashes(1)), [256]);
    assert_eq!(widths(TileKind::Hashes(2)), [1]);
    let seen = go::reads(&log, "");
    assert_eq!((&seen["levels"], &seen["tiles"]), (&3.into(), &259.into()), "{seen}");
    assert!(served > 500 && absent > 100 && partial.len() > 20, "{served} {absent} {}", partial.len());
}

#[test]
fn what_is_no_tile_is_not_there() {
    let mut log = OpenLog::new();
    log.grow(300);
    for path in [
        "/tile",
        "/tile/",
        "/tile/0",
        "/tile/0/",
        "/tile/entries",
        "/tile/entries/",
        "/tile/0/0",
        "/tile/0/00",
        "/tile/0/0000",
        "/tile/0/x000",
        "/tile/0/x000/000",
        "/tile/0/000/",
        "/tile/0/000.p",
        "/tile/0/000.p/",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/000.p/257",
        "/tile/0/000.p/01",
        "/tile/0/000.p/+1",
        "/tile/0/000.p/-1",
        "/tile/0/000.p/1/",
        "/tile/0/000.p/1.p/1",
        "/tile/00/000",
        "/tile/+0/000",
        "/tile/-1/000",
        "/tile/64/000",
        "/tile/64/000.p/1",
        "/tile/256/000",
        "/tile/63/000",
        "/tile/8/000",
        "/tile/8/000.p/1",
        "/tile/2/000.p/1",
        "/tile/2/000",
        "/tile/1/000",
        "/tile/1/000.p/2",
        "/tile/0/001",
        "/tile/0/001.p/45",
        "/tile/0/002.p/1",
        "/tile/entries/001",
        "/tile/entries/001.p/45",
        "/tile/entries/002.p/1",
        "/tile/8/0/000",
        "/tile/data/000",
        "/tile/8/data/000",
        "/tile/0/x999/x999/x999/x999/x999/x999/999",
        "/tile/0/x018/x446/x744/x073/x709/x551/615",
        "/tile/0/x018/x446/x744/x073/x709/x551/616",
        "/tile/entries/x018/x446/x744/x073/x709/x551/615.p/1",
        "/tile/0/%30%30%30",
        "/tile/%65ntries/000",
        "/tile/0/000%2ep/1",
        "/tile/0/000.p%2f1",
        "/tile/0/000%00",
        "/tile/0/%ff",
        "/tile/0/000.P/1",
        "/tile/0/X000",
        "/tile//0/000",
        "/tile/0//000",
    ] {
        assert_nothing(&log, path);
    }
    // A query is no part of the name.
    assert_eq!(log.client.get("/tile/0/000?x=1").body, log.client.get("/tile/0/000").body);
}

/// One read, as it is and as its headers have to be.
fn ask(log: &OpenLog, method: &str, path: &str, accept: Option<&str>) -> Answer {
    let headers: Vec<(&str, &str)> = accept.map(|accept| ("accept-encoding", accept)).into_iter().collect();
    log.client.send(method, path, &headers)
}

/// The head of an answer as it comes, in small letters, and how many bytes follow it.
fn on_the_wire(log: &OpenLog, path: &str, accept: &str) -> (String, usize) {
    let host = log.node.url.strip_prefix("http://").expect("http");
    let mut stream = TcpStream::connect(host).expect("the node");
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: {accept}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer.len() - end)
}

#[test]
fn headers_compression_and_head() {
    let mut log = OpenLog::new();
    log.grow(700);
    let text = Some("text/plain; charset=utf-8");
    // path, content type, cache, whether it is offered as gzip: hashes and signatures are random
    let table = [
        ("/checkpoint", text, Some("no-cache"), false),
        ("/tile/0/000", OCTETS, IMMUTABLE, false),
        ("/tile/0/001.p/255", OCTETS, IMMUTABLE, false),
        ("/tile/0/002.p/188", OCTETS, IMMUTABLE, false),
        ("/tile/1/000.p/2", OCTETS, IMMUTABLE, false),
        ("/tile/entries/000", OCTETS, IMMUTABLE, true),
        ("/tile/entries/002.p/188", OCTETS, IMMUTABLE, true),
    ];
    for (path, kind, cache, zips) in table {
        for path in [path.to_owned(), under_origin(path)] {
            let plain = ask(&log, "GET", &path, Some("identity"));
            assert_eq!(plain.status, 200, "{path}");
            assert_eq!(plain.header("content-encoding"), None, "{path}");
            let length = plain.body.len().to_string();
            assert_eq!(plain.header("content-length"), Some(length.as_str()), "{path}");
            let zipped = ask(&log, "GET", &path, Some("gzip, identity"));
            // The client has undone it, and says no more of it: the bytes are the same.
            assert_eq!(zipped.body, plain.body, "{path}");
            let (wire, bytes) = on_the_wire(&log, &path, "gzip, identity");
            assert_eq!(wire.contains("\r\ncontent-encoding: gzip\r\n"), zips, "{path}: {wire}");
            assert_eq!(wire.contains("\r\ncontent-length: "), !zips, "{path}: {wire}");
            assert_eq!(bytes < plain.body.len(), zips, "{path}: {bytes}");
            // A cache has to keep the two apart, and need not where there is one only.
            assert_eq!(plain.header("vary"), zips.then_some("accept-encoding"), "{path}");
            assert_eq!(wire.contains("\r\nvary: accept-encoding\r\n"), zips, "{path}: {wire}");
            let head = ask(&log, "HEAD", &path, Some("identity"));
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            assert_eq!(head.header("content-length"), Some(length.as_str()), "{path}");
            for answer in [&plain, &zipped, &head] {
                assert_eq!((answer.header("content-type"), answer.header("cache-control")), (kind, cache), "{path}");
                assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
                assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            }
        }
    }
    let missing = ask(&log, "HEAD", "/tile/0/009", Some("identity"));
    assert_eq!((missing.status, missing.body.len()), (404, 0));
}

#[test]
fn a_script_from_anywhere_may_read_and_sees_every_error() {
    let mut log = OpenLog::new();
    log.grow(1);
    let mut statuses = Vec::new();
    for (method, path) in [
        ("GET", "/checkpoint"),
        ("GET", "/tile/0/000.p/1"),
        ("GET", "/tile/0/000"),
        ("GET", "/tile/nothing"),
        ("GET", "/api/v1/vkey"),
        ("GET", "/api/v1/entries/0"),
        ("GET", "/api/v1/entries/9"),
        ("GET", "/api/v1/entries/x"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v1/checkpoints"),
        ("GET", "/api/v1/chains"),
        ("DELETE", "/checkpoint"),
        ("DELETE", "/tile/0/000"),
        ("POST", "/api/v1/vkey"),
    ] {
        let answer = log.client.send(method, path, &[("origin", "null")]);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{method} {path}: {}", answer.status);
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 404, 404, 200, 200, 404, 400, 404, 200, 200, 405, 405, 405]);
    let asked = [("origin", "https://elsewhere.example"), ("access-control-request-method", "GET")];
    let preflight = log.client.send("OPTIONS", "/checkpoint", &asked);
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("GET,HEAD"));
}

/// The rule of admission is fixed with the store: changing it in log.toml opens nothing.
#[test]
fn a_log_is_served_only_as_it_was_made() {
    let mut log = OpenLog::new();
    log.grow(10);
    let signed = Site::new();
    signed.notices(3);
    published(&signed.client, 4);
    let (open, statements) = (log.data(), signed.dir.path().join("log"));
    assert_eq!((log.node.stop(), signed.node.stop()), (Some(0), Some(0)));
    for (data, made, other) in [(&open, "open", "statements"), (&statements, "statements", "open")] {
        let path = data.join("log.toml");
        let fixed = std::fs::read_to_string(&path).expect("log.toml");
        assert!(fixed.contains(&format!("admission = \"{made}\"")), "{fixed}");
        std::fs::write(&path, fixed.replace(&format!("\"{made}\""), &format!("\"{other}\""))).expect("log.toml");
        for command in ["serve", "fsck"] {
            let listen: &[&str] = if command == "serve" { &["--listen", "127.0.0.1:0"] } else { &[] };
            let data = data.display().to_string();
            let args = [&["--json", command, "--data", &data][..], listen].concat();
            let refused = sanwu_node(signed.dir.path(), &args).exits(11);
            let json = refused.json();
            assert_eq!(json["error"]["code"], "E-ADMISSION", "{json}");
            let place = json["error"]["place"].as_str().unwrap_or_default();
            assert!(place.contains(&format!("\"{made}\"")) && place.contains(&format!("\"{other}\"")), "{place}");
        }
        std::fs::write(&path, fixed).expect("log.toml");
        let copy = data.with_extension("copy").display().to_string();
        let data = data.display().to_string();
        sanwu_node(signed.dir.path(), &["fsck", "--data", &data]).exits(0);
        // A copy remembers it, too.
        sanwu_node(signed.dir.path(), &["backup", "--data", &data, "--to", &copy]).exits(0);
        sanwu_node(signed.dir.path(), &["fsck", "--data", &copy]).exits(0);
        sanwu_node(signed.dir.path(), &["reindex", "--data", &data]).exits(0);
        sanwu_node(signed.dir.path(), &["fsck", "--data", &data]).exits(0);
    }
}
