//! Equivocation is detected: by comparing what a log shows, by a client that comes back, by a signer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sanwu_schema::crypto::hash::{Hash, b64_decode};
use sanwu_schema::crypto::keyfile;
use sanwu_schema::draft::Draft;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::{leaf_hash, verify_inclusion};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_tests::client::Client;
use sanwu_tests::paper::{PaperLog, leaves};
use sanwu_tests::process::Node;
use sanwu_tests::village::{ORIGIN, UNIT, Village, info};
use sanwu_tests::webserver::WebServer;
use serde_json::Value;
use tempfile::TempDir;

use crate::remembered::memory_file;
use crate::support::{Ran, Site, copy_folder, programs, published, sanwu};

/// Three levels of tiles, with a partial tile on each.
const MANY: usize = 70_000;
/// A place behind the first full tile of level 1.
const PARTS_AT: usize = 66_048;

/// What is wrong on one line, as text.
pub fn said(document: &Value) -> String {
    let error = &document["error"];
    assert_eq!(error["code"], "E-CONSISTENCY", "{document}");
    error["cause"].as_str().expect("cause").to_string()
}

fn compare(dir: &Path, args: &[&str]) -> Ran {
    sanwu(dir, &[&["audit", "compare", "--json"], args].concat())
}

/// Two histories of one paper log in folders `a` and `b`, of different sizes, and its trust file.
fn two_histories(dir: &Path) -> PaperLog {
    let log = PaperLog::new(ORIGIN, "paper");
    let mut history = leaves(MANY);
    log.write(&dir.join("a"), &history);
    history[PARTS_AT] = b"another leaf".to_vec();
    history.truncate(MANY - 100);
    log.write(&dir.join("b"), &history);
    fs::write(dir.join("trust.json"), log.trust()).expect("trust");
    log
}

#[test]
fn two_histories_are_found_by_one_path_of_tiles_and_proved_by_one_file() {
    let dir = tempfile::tempdir().expect("dir");
    let at = dir.path();
    let log = two_histories(at);
    let (a, b) = (WebServer::serve(&at.join("a")), WebServer::serve(&at.join("b")));
    let args = [&a.url, &b.url, "--trust", "trust.json", "--evidence", "evidence.json"];
    let found = compare(at, &args).exits(3).json();
    assert_eq!((found["schema"].as_str(), found["keys_from"].as_str()), (Some("sanwu-compare-1"), Some("trust")));
    let pair = &found["pairs"][0];
    assert_eq!((pair["relation"].as_str(), pair["index"].as_u64()), (Some("fork"), Some(PARTS_AT as u64)));
    for server in [&a, &b] {
        let tiles: BTreeSet<String> = server.paths().into_iter().filter(|p| p.starts_with("/tile/")).collect();
        // The right edge of three levels, the way down to the leaf, its bundle, and the edge of the smaller tree.
        assert!(tiles.len() <= 8, "{tiles:?}");
        assert_eq!(tiles.iter().filter(|p| p.starts_with("/tile/entries/")).count(), 1, "{tiles:?}");
    }

    let evidence: Value = serde_json::from_slice(&fs::read(at.join("evidence.json")).expect("evidence")).expect("JSON");
    assert_eq!(evidence["log_vkeys"], serde_json::json!([log.vkey()]));
    proves_a_split(&evidence, PARTS_AT as u64);
    the_program_agrees(at, &evidence, PARTS_AT as u64);
    assert_eq!(compare(at, &args).exits(8).json()["error"]["code"], "E-FILE-EXISTS");
    let shown = sanwu(at, &["audit", "compare", "a", "b", "--trust", "trust.json"]).exits(3).stdout;
    assert!(shown.contains(&format!("甲 和 乙 是两种历史: 从第 {PARTS_AT} 条起不一样")), "{shown}");
    for side in evidence["sides"].as_array().expect("sides") {
        for line in side["checkpoint"].as_str().expect("note").lines() {
            assert!(shown.contains(line), "{line} is not in {shown}");
        }
    }
}

/// What anyone can check with the file alone.
fn proves_a_split(evidence: &Value, index: u64) {
    assert_eq!((evidence["schema"].as_str(), evidence["index"].as_u64()), (Some("sanwu-split-1"), Some(index)));
    let origin = Origin::parse(evidence["origin"].as_str().expect("origin")).expect("origin");
    let vkey = Vkey::parse(evidence["log_vkeys"][0].as_str().expect("key")).expect("key");
    let text = |value: &Value| value.as_str().expect("text").to_string();
    let mut seen = BTreeSet::new();
    for side in evidence["sides"].as_array().expect("sides") {
        let note = text(&side["checkpoint"]);
        let (checkpoint, _) =
            Checkpoint::open(note.as_bytes(), &origin, std::slice::from_ref(&vkey), &[]).expect("signed by the log");
        let leaf = Hash::from_base64(&text(&side["leaf"])).expect("hash");
        let proof = side["inclusion"].as_array().expect("proof").iter().map(|h| Hash::from_base64(&text(h)));
        let proof: Vec<Hash> = proof.collect::<Option<_>>().expect("hashes");
        verify_inclusion(index, checkpoint.size, &leaf, &proof, &checkpoint.root).expect("the proof holds");
        assert_eq!(leaf_hash(&b64_decode(&text(&side["entry"])).expect("base64")), leaf);
        seen.insert(leaf);
    }
    assert_eq!(seen.len(), 2, "two different entries at one place");
}

/// `sanwu audit evidence` accepts the file as it is, and no other.
fn the_program_agrees(at: &Path, evidence: &Value, index: u64) {
    let check = |evidence: &Value, trust: &[&str]| {
        fs::write(at.join("handed-over.json"), evidence.to_string()).expect("file");
        sanwu(at, &[&["audit", "evidence", "handed-over.json", "--json"], trust].concat())
    };
    let trust = ["--trust", "trust.json"];
    assert_eq!(check(evidence, &trust).exits(0).json()["index"].as_u64(), Some(index));
    // By the keys that the file itself names anyone can make one.
    let unpinned = check(evidence, &[]).exits(6).json();
    assert_eq!(
        (unpinned["trusted"].as_bool(), unpinned["error"]["code"].as_str()),
        (Some(false), Some("E-TRUST-MISSING"))
    );
    let shown = sanwu(at, &["audit", "evidence", "handed-over.json", "--quiet"]).exits(6).stdout;
    assert!(shown.starts_with("? 没法下结论") && !shown.contains('✔'), "{shown}");
    let changed = |change: &dyn Fn(&mut Value), exit: i32, code: &str| {
        let mut other = evidence.clone();
        change(&mut other);
        assert_eq!(check(&other, &trust).exits(exit).json()["error"]["code"], code);
    };
    changed(&|e| e["sides"][1] = e["sides"][0].clone(), 3, "E-INCLUSION");
    changed(&|e| e["index"] = (index + 1).into(), 3, "E-INCLUSION");
    changed(&|e| e["sides"][0]["entry"] = "AAAA".into(), 3, "E-INCLUSION");
    changed(&|e| e["sides"][0]["leaf"] = e["sides"][1]["leaf"].clone(), 3, "E-INCLUSION");
    changed(&|e| e["origin"] = "sanwu.test/other".into(), 9, "E-OTHER-LOG");
    changed(&|e| drop(e["sides"].as_array_mut().expect("sides").pop()), 9, "E-JSON-MISSING");
    let note = evidence["sides"][0]["checkpoint"].as_str().expect("note").replace(&format!("\n{MANY}\n"), "\n70001\n");
    changed(&|e| e["sides"][0]["checkpoint"] = note.clone().into(), 3, "E-NOTE-SIGNATURE");
}

#[test]
fn same_prefix_other_log_and_nobody_there() {
    let dir = tempfile::tempdir().expect("dir");
    let at = dir.path();
    let log = PaperLog::new(ORIGIN, "paper");
    let all = leaves(700);
    log.write(&at.join("long"), &all);
    log.write(&at.join("usb"), &all);
    log.write(&at.join("short"), &all[..300]);
    log.write(&at.join("empty"), &[]);
    fs::write(at.join("trust.json"), log.trust()).expect("trust");
    let found = compare(at, &["long", "usb", "short", "empty", "--trust", "trust.json"]).exits(0).json();
    let told: Vec<(u64, u64, String, u64, u64)> = found["pairs"].as_array().expect("pairs").iter().map(pair).collect();
    let expected = [
        (0, 1, "same", 0, 0),
        (0, 2, "prefix", 2, 400),
        (1, 2, "prefix", 2, 400),
        (0, 3, "prefix", 3, 700),
        (1, 3, "prefix", 3, 700),
        (2, 3, "prefix", 3, 300),
    ];
    assert_eq!(told, expected.map(|(a, b, relation, shorter, by)| (a, b, relation.to_string(), shorter, by)));
    // Nobody has named a key: said, and nothing is made of it.
    let unsigned = compare(at, &["long", "short"]).exits(0).json();
    assert_eq!(unsigned["keys_from"], "none");
    assert!(sanwu(at, &["audit", "compare", "long", "short"]).exits(0).stdout.contains("没有核对"));

    PaperLog::new("sanwu.test/other", "paper").write(&at.join("other"), &all);
    assert_eq!(compare(at, &["long", "other"]).exits(9).json()["error"]["code"], "E-OTHER-LOG");
    assert_eq!(
        compare(at, &["long", "other", "--trust", "trust.json"]).exits(9).json()["error"]["code"],
        "E-OTHER-LOG"
    );
    // Somebody else's key under the same name.
    PaperLog::new(ORIGIN, "impostor").write(&at.join("impostor"), &all);
    let refused = compare(at, &["long", "impostor", "--trust", "trust.json"]).exits(3).json();
    assert_eq!(refused["sources"][1]["error"]["code"], "E-NOTE-UNSIGNED");
    let nobody = "http://127.0.0.1:9";
    assert_eq!(compare(at, &["long", nobody]).exits(7).json()["error"]["code"], "E-NETWORK");
    // The others are compared all the same.
    let rest = compare(at, &["long", nobody, "usb", "--trust", "trust.json"]).exits(7).json();
    assert_eq!(
        (rest["pairs"][0]["relation"].as_str(), rest["sources"][1]["state"].as_str()),
        (Some("same"), Some("failed"))
    );
    assert_eq!(compare(at, &["long", "./nowhere"]).exits(5).json()["error"]["code"], "E-FILE-MISSING");
}

fn pair(pair: &Value) -> (u64, u64, String, u64, u64) {
    let number = |name: &str| pair[name].as_u64().unwrap_or_default();
    (number("a"), number("b"), pair["relation"].as_str().expect("relation").into(), number("shorter"), number("by"))
}

#[test]
fn what_a_source_shows_is_held_against_its_own_signature() {
    let dir = tempfile::tempdir().expect("dir");
    let at = dir.path();
    two_histories(at);
    let leaf_tile = format!("tile/0/{:03}", PARTS_AT / 256);
    let bundle = format!("tile/entries/{:03}", PARTS_AT / 256);
    for (path, code, exit) in [(&leaf_tile, "E-INCLUSION", 3), (&bundle, "E-INCLUSION", 3)] {
        let whole = fs::read(at.join("b").join(path)).expect("tile");
        let mut wrong = whole.clone();
        wrong[2] ^= 1;
        fs::write(at.join("b").join(path), &wrong).expect("write");
        let found = compare(at, &["a", "b", "--trust", "trust.json"]).exits(exit).json();
        let error = &found["pairs"][0]["error"];
        assert_eq!(error["code"], code, "{found}");
        assert!(error["place"].as_str().expect("place").contains(&format!("b/{path}")), "{found}");
        fs::write(at.join("b").join(path), &whole).expect("write");
    }
    // A tile that is not there proves nothing; a bundle that is not there changes nothing.
    fs::remove_file(at.join("b").join(&bundle)).expect("remove");
    let found = compare(at, &["a", "b", "--trust", "trust.json"]).exits(3).json();
    assert_eq!(
        (found["pairs"][0]["relation"].as_str(), found["pairs"][0]["sides"][1]["entry"].as_str()),
        (Some("fork"), None)
    );
    fs::remove_file(at.join("b").join(&leaf_tile)).expect("remove");
    let found = compare(at, &["a", "b", "--trust", "trust.json"]).exits(6).json();
    assert_eq!(found["pairs"][0]["error"]["code"], "E-BLOB-MISSING");
    // The newest tiles are looked at before anything is compared.
    let mut note = fs::read_to_string(at.join("a/checkpoint")).expect("note");
    let edge = at.join("a").join(format!("tile/0/{:03}.p/{}", MANY / 256, MANY % 256));
    let mut tile = fs::read(&edge).expect("tile");
    tile[0] ^= 1;
    fs::write(&edge, tile).expect("write");
    let found = compare(at, &["a", "b", "--trust", "trust.json"]).exits(3).json();
    assert_eq!(found["sources"][0]["error"]["code"], "E-INCLUSION");
    note.truncate(note.len() / 2);
    fs::write(at.join("a/checkpoint"), note).expect("write");
    compare(at, &["a", "b", "--trust", "trust.json"]).exits(9);
}

/// A real log whose operator runs it twice, from one data directory copied: two histories, each with a node of its own.
pub struct Forked {
    /// Who signs.
    pub village: Village,
    pub first: Node,
    pub second: Node,
    /// Holds both; also the machine of the visitor.
    pub dir: TempDir,
}

impl Forked {
    /// Both have the same entries, and then one that differs; `extra` more on the second.
    pub fn new(extra: usize) -> Self {
        let site = Site::new();
        site.notices(3);
        let Site { node, village, dir, .. } = site;
        assert_eq!(node.stop(), Some(0));
        let (data, copy) = (dir.path().join("log"), dir.path().join("copy"));
        copy_folder(&data, &copy);
        let first = Node::serve(&programs().node, &data);
        let second = Node::serve(&programs().node, &copy);
        let forked = Self { village, first, second, dir };
        forked.notice(&forked.first, "甲的通知");
        forked.notice(&forked.second, "乙的通知");
        (0..extra).for_each(|n| forked.notice(&forked.second, &format!("再一条 {n}")));
        let trust = forked.first.client().get("/api/v1/trust").body;
        fs::write(forked.path("trust.json"), trust).expect("trust");
        forked
    }

    /// Publishes one more.
    pub fn notice(&self, node: &Node, text: &str) {
        let client = node.client();
        let index = self.village.publish(&client, self.draft(&client, text));
        published(&client, index + 1);
    }

    /// A draft of a notice.
    pub fn draft(&self, client: &Client, text: &str) -> Draft {
        self.village.draft(client, &[self.village.notice(text)])
    }

    /// A file on the machine of this folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// `sanwu` on the machine of this folder, which remembers.
    pub fn sanwu(&self, args: &[&str]) -> Ran {
        sanwu(self.dir.path(), args)
    }

    /// Looks at the log behind a node, with the trust file.
    pub fn visit(&self, node: &Node) -> Ran {
        self.sanwu(&["show", "0", "--server", &node.url, "--trust", "trust.json", "--json"])
    }

    /// Writes a draft and the key file of a person who is to sign it.
    pub fn to_sign(&self, draft: &Draft, who: &str) {
        fs::write(self.path("x.draft.json"), draft.to_bytes()).expect("draft");
        fs::write(self.path("pass.txt"), "correct horse battery staple\n").expect("passphrase");
        let pem = keyfile::encrypt(self.village.key(who), "correct horse battery staple", [1; 16], [2; 16]);
        fs::write(self.path("key.pem"), pem.expect("key file")).expect("key file");
    }

    /// Signs with that key.
    pub fn sign(&self, more: &[&str]) -> Ran {
        let sign = ["sign", "x.draft.json", "--key", "key.pem", "--passphrase-file", "pass.txt", "--json", "--yes"];
        self.sanwu(&[&sign, more].concat())
    }
}

#[test]
fn two_histories_of_a_real_log_name_the_notices_that_differ() {
    let forked = Forked::new(1);
    let args = [&forked.first.url, &forked.second.url, "--trust", "trust.json", "--evidence", "evidence.json"];
    let found = compare(forked.dir.path(), &args).exits(3).json();
    let pair = &found["pairs"][0];
    let index = pair["index"].as_u64().expect("index");
    assert_eq!(index, info(&forked.first.client(), &forked.village.chain).head.expect("head").index);
    for (side, node) in pair["sides"].as_array().expect("sides").iter().zip([&forked.first, &forked.second]) {
        let entry = Entry::parse(&node.client().get(&format!("/api/v1/entries/{index}")).body).expect("entry");
        let about = &side["about"];
        assert_eq!(about["id"], entry.id.to_string());
        assert_eq!((about["chain"].as_str(), about["title"].as_str()), (Some(UNIT), Some("党组织换届选举")));
        assert_eq!(about["signers"][0]["roles"], serde_json::json!(["party_sec"]));
    }
    let evidence: Value = serde_json::from_slice(&fs::read(forked.path("evidence.json")).expect("file")).expect("JSON");
    proves_a_split(&evidence, index);

    // A copy on a stick and the honest node agree; without a trust file their own word is told to be no more.
    forked.sanwu(&["mirror", &forked.first.url, "usb", "--trust", "trust.json"]).exits(0);
    let same = compare(forked.dir.path(), &[&forked.first.url, "usb"]).exits(0).json();
    assert_eq!((same["pairs"][0]["relation"].as_str(), same["keys_from"].as_str()), (Some("same"), Some("sources")));
    let third = compare(forked.dir.path(), &["usb", &forked.first.url, &forked.second.url]).exits(3).json();
    let relations: Vec<&str> =
        third["pairs"].as_array().expect("pairs").iter().filter_map(|p| p["relation"].as_str()).collect();
    assert_eq!(relations, ["same", "fork", "fork"]);
}

#[test]
fn whoever_comes_back_sees_that_it_is_another_log() {
    let forked = Forked::new(1);
    forked.visit(&forked.first).exits(0);
    let sentence = said(&forked.visit(&forked.second).exits(3).json());
    assert!(sentence.contains("不是同一本") && !sentence.contains('\n'), "{sentence}");
    let index = info(&forked.first.client(), &forked.village.chain).head.expect("head").index.to_string();
    let verify = ["verify", &index, "--server", &forked.second.url, "--trust", "trust.json", "--json"];
    said(&forked.sanwu(&verify).exits(3).json());
    // The other way round the newer history was seen first; the first node is shorter and other.
    let away = tempfile::tempdir().expect("dir");
    fs::copy(forked.path("trust.json"), away.path().join("trust.json")).expect("trust");
    let visit =
        |node: &Node| sanwu(away.path(), &["show", "0", "--server", &node.url, "--trust", "trust.json", "--json"]);
    visit(&forked.second).exits(0);
    let shorter = said(&visit(&forked.first).exits(3).json());
    assert!(shorter.contains("变短了"), "{shorter}");
    // The memory still is what was seen first.
    visit(&forked.second).exits(0);
}

#[test]
fn another_first_entry_is_another_log_and_another_beginning_another_chain() {
    let (site, other) = (Site::new(), Site::new());
    let at = site.dir.path();
    let visit = |site: &Site| sanwu(at, &["chain", &site.client.url, UNIT, "--json"]);
    visit(&site).exits(0);
    let sentence = said(&visit(&other).exits(3).json());
    assert!(sentence.contains("另一本账"), "{sentence}");
    said(&sanwu(at, &["trust", &other.client.url, "--out", "other.json", "--json"]).exits(3).json());
    fs::write(at.join("trust.json"), other.trust()).expect("trust");
    let trusted = ["chain", &other.client.url, UNIT, "--trust", "trust.json", "--json"];
    said(&sanwu(at, &trusted).exits(3).json());

    // The machine has seen the chain begin otherwise.
    let memory = memory_file(at);
    let mut document: Value = serde_json::from_slice(&fs::read(&memory).expect("memory")).expect("JSON");
    assert_eq!(document["schema"], "sanwu-remembered-2");
    let first = document["chains"][UNIT].as_str().expect("the chain's first statement").to_string();
    document["chains"][UNIT] = first.replace(&first[20..24], "0000").into();
    fs::write(&memory, document.to_string()).expect("memory");
    let sentence = said(&visit(&site).exits(3).json());
    assert!(sentence.contains("换了开头"), "{sentence}");
    // A verdict says so in its fifth line.
    fs::write(at.join("trust.json"), site.trust()).expect("trust");
    let index = info(&site.client, &site.village.chain).head.expect("head").index;
    fs::write(at.join("bundle.json"), site.bundle(index)).expect("bundle");
    let verdict = sanwu(at, &["verify", "bundle.json", "--trust", "trust.json", "--offline", "--json"]).exits(3).json();
    let checks = verdict["records"][0]["verdict"]["checks"].as_array().expect("checks").clone();
    let consistency = checks.iter().find(|c| c["code"] == "client.consistency").expect("check");
    assert_eq!(
        (consistency["state"].as_str(), consistency["error"].as_str()),
        (Some("mismatch"), Some("E-CONSISTENCY"))
    );
}

#[test]
fn nobody_signs_into_another_history() {
    let forked = Forked::new(0);
    let second = forked.second.client();
    // Drafted over the second history, to be signed by someone who has seen the first, of the same size.
    forked.to_sign(&forked.draft(&second, "丙稿"), "party-sec");
    let unseen = tempfile::tempdir().expect("dir");
    for file in ["x.draft.json", "key.pem", "pass.txt"] {
        fs::copy(forked.path(file), unseen.path().join(file)).expect("copy");
    }
    forked.visit(&forked.first).exits(0);
    let unsigned = fs::read(forked.path("x.draft.json")).expect("draft");
    let sentence = said(&forked.sign(&[]).exits(3).json());
    assert!(sentence.contains("不是同一本"), "{sentence}");
    assert_eq!(fs::read(forked.path("x.draft.json")).expect("draft"), unsigned, "nothing was signed");
    // Who has never seen the log has nothing to compare with.
    let sign = ["sign", "x.draft.json", "--key", "key.pem", "--passphrase-file", "pass.txt", "--json", "--yes"];
    assert_eq!(sanwu(unseen.path(), &sign).exits(0).json()["seen"], "first_seen");

    // Another size cannot be compared offline, which is said; the server proves it, or shows that it is not so.
    forked.notice(&forked.second, "又一条");
    forked.to_sign(&forked.draft(&second, "丁稿"), "party-sec");
    let server = ["--server", &forked.first.url, "--trust", "trust.json"];
    said(&forked.sign(&server).exits(3).json());
    let offline = forked.sign(&[]).exits(0);
    assert_eq!(offline.json()["seen"], "not_compared");
    assert!(offline.stderr.contains("没法比较"), "{}", offline.stderr);
    let first = forked.first.client();
    let older = forked.draft(&first, "戊稿");
    forked.notice(&forked.first, "又一条");
    forked.visit(&forked.first).exits(0);
    forked.to_sign(&older, "party-sec");
    assert_eq!(forked.sign(&server).exits(0).json()["seen"], "proved");
    forked.to_sign(&forked.draft(&first, "己稿"), "party-sec");
    assert_eq!(forked.sign(&[]).exits(0).json()["seen"], "same");
    // The first history has more than the draft over the second saw by now, and another past.
    forked.to_sign(&forked.draft(&second, "庚稿"), "party-sec");
    said(&forked.sign(&server).exits(3).json());
}

#[test]
fn a_chain_is_not_opened_a_second_time() {
    let site = Site::new();
    let at = site.dir.path();
    sanwu(at, &["chain", &site.client.url, UNIT]).exits(0);
    let again = site.village.opening_draft(&site.client);
    fs::write(at.join("x.draft.json"), again.to_bytes()).expect("draft");
    fs::write(at.join("pass.txt"), "correct horse battery staple\n").expect("passphrase");
    let who = again.missing().expect("missing")[0].keyid;
    let person = site.village.people.iter().find(|p| p.2.public().key_id() == who).expect("person");
    let pem = keyfile::encrypt(&person.2, "correct horse battery staple", [1; 16], [2; 16]).expect("key file");
    fs::write(at.join("key.pem"), pem).expect("key file");
    let sign = ["sign", "x.draft.json", "--key", "key.pem", "--passphrase-file", "pass.txt", "--json", "--yes"];
    let sentence = said(&sanwu(at, &sign).exits(3).json());
    assert!(sentence.contains("换了开头"), "{sentence}");
}
