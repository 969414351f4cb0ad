//! The contract of the reads: exact bytes, headers, problems, and the C2SP tiles.

use sanwu_schema::api::Exact;
use sanwu_schema::api::chains::{ChainEntries, Chains};
use sanwu_schema::api::checkpoints::Checkpoints;
use sanwu_schema::api::version::VersionDoc;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::draft::ChainInfo;
use sanwu_schema::json::from_canonical;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::check_code;
use sanwu_schema::record::dsse::statement_id;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::{leaf_hash, root_of_leaves, verify_consistency};
use sanwu_schema::tlog::tile::{Tile, TileKind, push_entry};
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::Trust;
use sanwu_schema::verify::{CheckCode, CheckState, Input, Remembered, State, verify};
use sanwu_tests::client::{Answer, Client};
use sanwu_tests::process::Node;
use sanwu_tests::village::{ORIGIN, UNIT, Village, info};

use crate::support::{Site, assert_problem, body_of, committed, entries, programs, published, snapshot};

/// Entries in the log whose tiles are compared: two full tiles and a partial one.
const TILED: u64 = 613;

/// Asserts status, content type and caching.
fn assert_ok(answer: &Answer, kind: &str, cache: &str) {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type"), Some(kind));
    assert_eq!(answer.header("cache-control"), Some(cache));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

const IMMUTABLE: &str = "public, max-age=604800, immutable";

fn vkey(client: &Client) -> Vkey {
    let text = String::from_utf8(client.get("/api/v1/vkey").body).expect("UTF-8");
    Vkey::parse(text.lines().next().expect("the Ed25519 key")).expect("vkey")
}

#[test]
fn what_a_client_pins() {
    let site = Site::new();
    let answer = site.client.get("/api/v1/vkey");
    assert_ok(&answer, "text/plain; charset=utf-8", "no-cache");
    assert_eq!(vkey(&site.client).name(), ORIGIN);

    let answer = site.client.get("/api/v1/trust");
    assert_ok(&answer, "application/json", "no-cache");
    let trust = Trust::parse(&answer.body).expect("trust file");
    assert_eq!((trust.file.origin.as_str(), trust.file.threshold), (ORIGIN, 2));
    assert_eq!((trust.file.purpose.as_str(), trust.file.root_keys.len()), ("test", 3));
    let listed = String::from_utf8(site.client.get("/api/v1/vkey").body).expect("UTF-8");
    assert_eq!(trust.file.log_vkeys, listed.lines().collect::<Vec<_>>());
    assert_eq!((trust.log_vkeys.len(), &trust.log_vkeys[0]), (2, &vkey(&site.client)));
    let first = Entry::parse(&site.client.get("/api/v1/entries/0").body).expect("entry");
    assert_eq!(trust.file.genesis, first.id);
    assert_eq!(trust.file.policy.last().map(String::as_str), Some("quorum none"));
}

#[test]
fn an_entry_its_proof_and_its_bundle() {
    let site = Site::new();
    let package = site.village.package(site.village.draft(&site.client, &site.village.month(site.village.january())));
    let receipt = site.client.publish(&package).receipt();
    let trust = site.trust();
    let policy = Trust::parse(&trust).expect("trust").policy;
    assert_eq!((receipt.format.as_str(), receipt.origin.as_str()), ("sanwu-receipt-v1", ORIGIN));
    for (n, (envelope, body)) in package.iter().enumerate() {
        let placed = &receipt.entries[n];
        let index = placed.index;
        let entry = Entry::parse(envelope).expect("entry");
        assert_eq!((&placed.id, &placed.check_code), (&entry.id.to_string(), &check_code::of(&entry.id)));
        published(&site.client, index + 1);

        let answer = site.client.get(&format!("/api/v1/entries/{index}"));
        assert_ok(&answer, "application/json", IMMUTABLE);
        assert_eq!(answer.body, *envelope);

        let answer = site.client.get(&format!("/api/v1/entries/{index}/proof"));
        assert_ok(&answer, "text/plain; charset=utf-8", "no-cache");
        let proof = TlogProof::parse(&answer.body).expect("tlog-proof");
        assert_eq!(proof.index, index);
        proof.verify(&leaf_hash(envelope), &policy).expect("proved");
        assert!(proof.verify(&leaf_hash(body), &policy).is_err());

        let answer = site.client.get(&format!("/api/v1/entries/{index}/bundle"));
        assert_ok(&answer, "application/json", "no-cache");
        let received = placed.bundle.as_ref().expect("bundle").canonical().expect("canonical");
        for bundle in [answer.body.clone(), received] {
            let verdict =
                verify(&Input { bundle: &bundle, trust: Some(&trust), ..Input::default() }).expect("verdict").verdict;
            assert_eq!((verdict.state, verdict.test, verdict.index), (State::Ok, true, index), "{verdict:?}");
            assert_eq!(verdict.id, Some(entry.id));
            assert!(!verdict.signers.is_empty() && verdict.signers.iter().all(|s| s.name.is_some()));
            let untrusted =
                verify(&Input { bundle: &bundle, trust: None, ..Input::default() }).expect("verdict").verdict;
            assert_eq!(untrusted.state, State::Cannot, "without a trust file it is never ok");
        }
        let bundle: Bundle = from_canonical(&answer.body).expect("canonical");
        assert_eq!((&bundle.entry.0, bundle.body.map(|b| b.0).as_ref()), (envelope, Some(body)));

        let answer = site.client.get(&format!("/api/v1/blobs/{}", body_of(envelope).to_hex()));
        assert_ok(&answer, "application/octet-stream", IMMUTABLE);
        assert_eq!(answer.body, *body);
        assert_eq!(answer.header("content-disposition"), Some("attachment"));
        assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; sandbox"));
        assert_eq!(site.client.get(&format!("/api/v1/blobs/{}", body_of(envelope))).body, *body);
    }
    let minimal = site.client.try_publish(&package, true).expect("POST");
    assert_eq!(minimal.status, 200);
    let placed = &minimal.receipt().entries[3];
    let proof = TlogProof::parse(placed.proof.as_ref().expect("proof").as_bytes()).expect("tlog-proof");
    proof.verify(&leaf_hash(&package[3].0), &policy).expect("proved");
    assert_eq!(placed.bundle, None);
}

#[test]
fn consistency_from_what_a_client_remembers() {
    let site = Site::new();
    let trust = site.trust();
    let mut remembered = Vec::new();
    for _ in 0..4 {
        site.notices(3);
        let size = committed(&site.client);
        let seen = published(&site.client, size);
        remembered.push(Remembered { size: seen.size, root: seen.root, genesis: None, chains: None });
    }
    site.notices(1);
    let size = committed(&site.client);
    let now = published(&site.client, size);
    for old in &remembered {
        let answer = site.client.get(&format!("/api/v1/entries/5/bundle?since={}", old.size));
        let input = Input { bundle: &answer.body, trust: Some(&trust), remembered: Some(old), ..Input::default() };
        let check = |input: &Input<'_>| {
            let verdict = verify(input).expect("verdict").verdict;
            let check = verdict.checks.iter().find(|c| c.code == CheckCode::ClientConsistency).expect("check").clone();
            (verdict.state, check.state)
        };
        assert_eq!(check(&input), (State::Ok, CheckState::Ok));
        let fork = Remembered { root: Hash::digest(b"a fork"), ..old.clone() };
        assert_eq!(check(&Input { remembered: Some(&fork), ..input }), (State::Mismatch, CheckState::Mismatch));
        let bundle = Bundle::parse(&answer.body).expect("bundle");
        let since = bundle.since.expect("since");
        verify_consistency(old.size, now.size, &old.root, &now.root, &since.proof).expect("consistent");
    }
}

#[test]
fn chains_and_their_entries_page_by_page() {
    let site = Site::new();
    site.notices(9);
    let list = |path: &str| {
        let Chains { chains, next } = site.client.get(path).document();
        (chains.into_iter().map(|row| row.chain).collect::<Vec<_>>(), next)
    };
    assert_eq!(list("/api/v1/chains").0, [UNIT, "root"]);
    assert_eq!(list("/api/v1/chains?count=1"), (vec![UNIT.into()], Some(UNIT.into())));
    assert_eq!(list(&format!("/api/v1/chains?count=1&after={UNIT}")), (vec!["root".into()], None));

    let answer = site.client.get(&format!("/api/v1/chains/{UNIT}"));
    assert_ok(&answer, "application/json", "no-cache");
    let info: ChainInfo = from_canonical(&answer.body).expect("canonical");
    let head = info.head.expect("head");
    assert_eq!((head.seq, head.index + 1), (9, committed(&site.client)));

    let (mut from, mut found, mut prev) = (Some(0), Vec::new(), None);
    while let Some(start) = from {
        let page: ChainEntries =
            site.client.get(&format!("/api/v1/chains/{UNIT}/entries?from={start}&count=4")).document();
        assert!((1..=4).contains(&page.entries.len()));
        for row in page.entries {
            let bytes = site.client.get(&format!("/api/v1/entries/{}", row.index)).body;
            let entry = Entry::parse(&bytes).expect("entry");
            assert_eq!((row.seq, row.id), (entry.statement.seq, entry.id.to_string()));
            assert_eq!(row.statement, Exact::from_bytes(&entry.envelope.payload).expect("JSON"));
            assert_eq!(entry.statement.prev, prev, "a chain's links");
            prev = Some(statement_id(&entry.envelope.payload));
            found.push(entry.statement.seq);
        }
        from = page.next;
    }
    assert_eq!(found, (0..=9).collect::<Vec<u64>>());
    let beyond: ChainEntries = site.client.get(&format!("/api/v1/chains/{UNIT}/entries?from=10")).document();
    assert!(beyond.entries.is_empty());
}

#[test]
fn published_checkpoints_are_kept() {
    let site = Site::new();
    for _ in 0..3 {
        site.notices(2);
        let size = committed(&site.client);
        published(&site.client, size);
    }
    let (origin, key) = (Origin::parse(ORIGIN).expect("origin"), vkey(&site.client));
    let newest = published(&site.client, 1);
    let leaves: Vec<Hash> = entries(&site.client, newest.size).iter().map(|e| leaf_hash(e)).collect();
    let (mut from, mut sizes) = (Some(0), Vec::new());
    while let Some(start) = from {
        let page: Checkpoints = site.client.get(&format!("/api/v1/checkpoints?from={start}&count=2")).document();
        for row in page.checkpoints {
            let (checkpoint, _) =
                Checkpoint::open(row.note.as_bytes(), &origin, std::slice::from_ref(&key), &[]).expect("signed");
            assert_eq!(row.size, checkpoint.size);
            assert!(row.published_ms > 0);
            assert_eq!(checkpoint.root, root_of_leaves(leaves[..checkpoint.size as usize].iter().copied()));
            sizes.push(checkpoint.size);
        }
        from = page.next;
    }
    assert!(sizes.len() >= 3 && sizes.is_sorted() && sizes.last() == Some(&newest.size), "{sizes:?}");
    let answer = site.client.get("/checkpoint");
    assert_ok(&answer, "text/plain; charset=utf-8", "no-cache");
    Checkpoint::open(&answer.body, &origin, &[key], &[]).expect("signed");
}

#[test]
fn every_tile_is_what_the_leaves_give() {
    let site = Site::new();
    site.notices((TILED - committed(&site.client)) as usize);
    assert_eq!(committed(&site.client), TILED);
    assert_eq!(published(&site.client, TILED).size, TILED);
    let entries: Vec<Vec<u8>> = (0..TILED).map(|i| site.client.get(&format!("/api/v1/entries/{i}")).body).collect();
    let leaves: Vec<Hash> = entries.iter().map(|e| leaf_hash(e)).collect();
    let path = ORIGIN.split_once('/').expect("a path").1;
    let mut compared = 0;
    let mut compare = |tile: Tile, expected: &[u8], everywhere: bool| {
        compared += 1;
        for prefix in [String::new(), format!("/{path}")].iter().take(if everywhere { 2 } else { 1 }) {
            let answer = site.client.get(&format!("{prefix}/{tile}"));
            assert_ok(&answer, "application/octet-stream", IMMUTABLE);
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert!(answer.body == expected, "{prefix}/{tile}");
        }
    };
    // Level 0 and entries in every width; level 1 over the full tiles below.
    for index in 0..TILED.div_ceil(256) {
        let start = (index * 256) as usize;
        let widest = (TILED - index * 256).min(256) as u16;
        let (mut hashes, mut bundle) = (Vec::new(), Vec::new());
        for width in 1..=widest {
            let at = start + usize::from(width) - 1;
            hashes.extend(leaves[at].0);
            push_entry(&mut bundle, &entries[at]).expect("entry");
            let sampled = width % 16 == 0 || width == 1 || width == widest;
            if sampled || index == 2 {
                compare(Tile::new(TileKind::Hashes(0), index, width).expect("tile"), &hashes, sampled);
            }
            if sampled {
                compare(Tile::new(TileKind::Entries, index, width).expect("tile"), &bundle, true);
            }
        }
    }
    let mut above = Vec::new();
    for (at, full) in leaves.chunks_exact(256).enumerate() {
        above.extend(root_of_leaves(full.iter().copied()).0);
        compare(Tile::new(TileKind::Hashes(1), 0, at as u16 + 1).expect("tile"), &above, true);
    }
    assert!(compared > 150);

    for impossible in [
        "0/003",
        "0/002",
        "0/002.p/102",
        "0/002.p/0",
        "0/002.p/256",
        "0/000.p/00",
        "0/2.p/1",
        "0/0002.p/1",
        "0/x000/002.p/1",
        "0/x001/000",
        "1/000",
        "1/000.p/3",
        "1/001.p/1",
        "2/000.p/1",
        "2/000",
        "63/000.p/1",
        "64/000.p/1",
        "-1/000",
        "00/000",
        "entries/003.p/1",
        "entries/002.p/102",
        "entries/002",
        "entries/000.p/1/",
        "entries",
        "data/000",
        "0/000.p",
        "0/",
        "0/000.p/-1",
        "0/x999/x999/x999/x999/x999/x999/999",
    ] {
        for prefix in ["", &format!("/{path}")] {
            let answer = site.client.get(&format!("{prefix}/tile/{impossible}"));
            assert_eq!(answer.status, 404, "{prefix}/tile/{impossible}");
            assert!(answer.header("cache-control").is_none_or(|c| c == "no-store"), "a 404 now may be a tile later");
        }
    }
    let answer = site.client.get(&format!("/{path}/checkpoint"));
    assert_eq!(answer.body, site.client.get("/checkpoint").body);
}

#[test]
fn health_and_version() {
    let site = Site::new();
    for path in ["/livez", "/readyz"] {
        assert_eq!((site.client.get(path).status, site.client.get(path).body), (200, b"ok\n".to_vec()));
    }
    let version = VersionDoc { name: "sanwu-node".into(), version: env!("CARGO_PKG_VERSION").into(), api: 1 };
    assert_eq!(site.client.get("/version").document::<VersionDoc>(), version);
}

#[test]
fn errors_are_problems_with_a_code() {
    let site = Site::new();
    let absent = Hash::digest(b"absent").to_hex();
    for (path, status, code) in [
        ("/api/v1/entries/999", 404, "E-NOT-FOUND"),
        ("/api/v1/entries/999/proof", 404, "E-NOT-FOUND"),
        ("/api/v1/entries/999/bundle", 404, "E-NOT-FOUND"),
        ("/api/v1/entries/0/proof?size=999", 404, "E-NOT-FOUND"),
        (&format!("/api/v1/blobs/{absent}"), 404, "E-NOT-FOUND"),
        ("/api/v1/chains/379999100299", 404, "E-CHAIN-MISSING"),
        ("/api/v1/chains/379999100299/entries", 404, "E-CHAIN-MISSING"),
        ("/api/v1/nothing", 404, "E-NOT-FOUND"),
        ("/api/v2/entries/0", 404, "E-NOT-FOUND"),
        ("/tile/0/999", 404, "E-NOT-FOUND"),
        ("/api/v1/entries/01", 400, "E-PARAMETER"),
        ("/api/v1/entries/-1", 400, "E-PARAMETER"),
        ("/api/v1/entries/one", 400, "E-PARAMETER"),
        ("/api/v1/entries/18446744073709551616", 400, "E-PARAMETER"),
        ("/api/v1/entries/0/bundle?since=x", 400, "E-PARAMETER"),
        ("/api/v1/blobs/abc", 400, "E-PARAMETER"),
        (&format!("/api/v1/blobs/{}", absent.to_uppercase()), 400, "E-PARAMETER"),
        ("/api/v1/chains/UPPER", 400, "E-PARAMETER"),
        ("/api/v1/chains?count=x", 400, "E-PARAMETER"),
        ("/api/v1/checkpoints?from=-1", 400, "E-PARAMETER"),
    ] {
        let answer = site.client.get(path);
        assert_eq!(answer.code(), code, "{path}");
        assert_problem(&answer, status, code);
    }
    for (method, path) in [
        ("DELETE", "/api/v1/entries/0"),
        ("PUT", "/api/v1/trust"),
        ("GET", "/api/v1/entries"),
        ("DELETE", "/checkpoint"),
        ("PATCH", "/livez"),
    ] {
        assert_problem(&site.client.send(method, path, &[]), 405, "E-METHOD");
    }
    for (kind, body, status, code) in [
        ("application/json", "{}", 400, "E-MULTIPART"),
        ("multipart/form-data", "x", 400, "E-MULTIPART"),
        ("multipart/form-data; boundary=XX", "--XX\r\ncontent-dispos", 400, "E-MULTIPART"),
        ("multipart/form-data; boundary=XX", "--XX--\r\n", 422, "E-JSON-MISSING"),
    ] {
        assert_problem(&site.client.post("/api/v1/entries", kind, body.as_bytes()), status, code);
    }
}

#[test]
fn head_and_cors() {
    let site = Site::new();
    published(&site.client, 1);
    let path = ORIGIN.split_once('/').expect("a path").1;
    for path in [
        "/checkpoint",
        "/tile/0/000.p/2",
        "/tile/entries/000.p/2",
        &format!("/{path}/checkpoint"),
        &format!("/{path}/tile/0/000.p/2"),
        "/api/v1/vkey",
        "/api/v1/trust",
        "/api/v1/entries/0",
        "/api/v1/entries/0/proof",
        "/api/v1/chains",
    ] {
        let get = site.client.send("GET", path, &[("origin", "https://example.org")]);
        let head = site.client.send("HEAD", path, &[("accept-encoding", "identity")]);
        assert_eq!((get.status, head.status), (200, 200), "{path}");
        assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(get.header("access-control-allow-origin"), Some("*"), "{path}");
    }
    // Nobody else's page posts in a reader's name.
    let asked = [("origin", "https://example.org"), ("access-control-request-method", "POST")];
    let preflight = site.client.send("OPTIONS", "/api/v1/entries", &asked);
    let allowed = preflight.header("access-control-allow-methods").unwrap_or_default();
    assert!(!allowed.contains("POST"), "{allowed}");
}

#[test]
fn nothing_is_there_before_the_first_entry() {
    let dir = tempfile::tempdir().expect("dir");
    let village = Village::new();
    village.init(&programs().node, &dir.path().join("log"));
    let node = Node::serve(&programs().node, &dir.path().join("log"));
    let client = node.client();
    for path in ["/api/v1/entries/0", "/api/v1/trust", "/tile/0/000.p/1", "/tile/entries/000.p/1", "/tile/0/000"] {
        assert_problem(&client.get(path), 404, "E-NOT-FOUND");
    }
    assert!(info(&client, &ChainId::root()).head.is_none());
    assert_eq!(client.get("/livez").status, 200);
}

#[test]
fn the_openapi_document_is_the_committed_one() {
    let site = Site::new();
    let answer = site.client.get("/openapi.json");
    assert_ok(&answer, "application/json", "no-cache");
    assert_eq!(answer.json()["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
    let text = String::from_utf8(answer.body).expect("UTF-8");
    snapshot("openapi", &format!("{}\n", text.trim_end()));
}
