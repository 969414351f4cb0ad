//! What a machine has seen of a log binds every later server under the log's name: another key, another history, a
//! rollback are refused; and no honest server is.

use std::fs;
use std::path::{Path, PathBuf};

use sanwu_tests::paper::PaperLog;
use sanwu_tests::process::Node;
use sanwu_tests::village::ORIGIN;
use sanwu_tests::webserver::WebServer;
use serde_json::Value;
use tempfile::TempDir;

use crate::compare::{Forked, said};
use crate::support::{Ran, Site, committed, copy_folder, entries, programs, published, sanwu};

fn state(dir: &Path) -> PathBuf {
    dir.join(".local/state/sanwu")
}

/// The one record of the machine in this folder.
pub fn memory_file(dir: &Path) -> PathBuf {
    let all = fs::read_dir(state(dir)).expect("memory").map(|file| file.expect("entry").path());
    let mut records = all.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let record = records.next().expect("a record");
    assert_eq!(records.next(), None, "one log, one record");
    record
}

fn json_file(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("file")).expect("JSON")
}

fn remembered(dir: &Path) -> Value {
    json_file(&memory_file(dir))
}

/// A machine that has seen nothing, with the trust file of a log.
fn machine(trust: &[u8]) -> TempDir {
    let dir = tempfile::tempdir().expect("dir");
    fs::write(dir.path().join("trust.json"), trust).expect("trust");
    dir
}

fn show(machine: &TempDir, url: &str, more: &[&str]) -> Ran {
    sanwu(machine.path(), &[&["show", "0", "--server", url, "--json"], more].concat())
}

const TRUST: [&str; 2] = ["--trust", "trust.json"];

/// A server that has copied a log and continues it under a key of its own.
fn impostor(site: &Site, dir: &Path) -> WebServer {
    let size = published(&site.client, 4).size;
    let mut leaves = entries(&site.client, size);
    let api = dir.join("api/v1");
    fs::create_dir_all(api.join("entries")).expect("folder");
    fs::write(api.join("entries/0"), &leaves[0]).expect("entry");
    leaves.push(b"nobody has signed this".to_vec());
    let log = PaperLog::new(ORIGIN, "impostor");
    log.write(dir, &leaves);
    let mut trust: Value = serde_json::from_slice(&site.trust()).expect("trust");
    let honest = trust["log_vkeys"].as_array().expect("keys").clone();
    // As a second key, so that also the notes of before open.
    trust["log_vkeys"] = std::iter::once(Value::from(log.vkey())).chain(honest).collect();
    fs::write(api.join("trust"), trust.to_string()).expect("trust");
    WebServer::serve(dir)
}

#[test]
fn nobody_takes_the_place_of_a_log_that_was_seen() {
    let site = Site::new();
    let copied = tempfile::tempdir().expect("dir");
    let other = impostor(&site, copied.path());
    let url = &site.client.url;

    // Seen with a trust file, and later by commands without one.
    let clerk = machine(&site.trust());
    show(&clerk, url, &TRUST).exits(0);
    let before = remembered(clerk.path());
    assert_eq!(before["keys"]["trusted"], true);
    let refused = show(&clerk, &other.url, &[]).exits(3).json();
    assert_eq!(refused["error"]["code"], "E-NOTE-UNSIGNED");
    assert!(refused["error"]["remedy"].as_str().expect("remedy").contains("sanwu trust --since"), "{refused}");
    assert_eq!(remembered(clerk.path()), before);
    show(&clerk, url, &[]).exits(0);
    show(&clerk, url, &TRUST).exits(0);
    assert_eq!(remembered(clerk.path()), before);

    // A record of before keys were kept: those count that have signed its checkpoint, whatever the server calls its own.
    let mut old = before.clone();
    old.as_object_mut().expect("object").remove("keys");
    fs::write(memory_file(clerk.path()), old.to_string()).expect("memory");
    assert_eq!(show(&clerk, &other.url, &[]).exits(3).json()["error"]["code"], "E-NOTE-UNSIGNED");
    show(&clerk, url, &[]).exits(0);
    show(&clerk, url, &TRUST).exits(0);
    assert_eq!(remembered(clerk.path()), before);

    // Who saw the impostor first has only his word for it, which gives way to the trust file.
    let resident = machine(&site.trust());
    // (It has no contents.)
    show(&resident, &other.url, &[]).exits(6);
    assert_eq!(remembered(resident.path())["keys"]["trusted"], false);
    let told = show(&resident, url, &TRUST).exits(0).stderr;
    assert!(told.contains("不算数"), "{told}");
    assert_eq!(remembered(resident.path()), before);
    assert_eq!(show(&resident, &other.url, &[]).exits(3).json()["error"]["code"], "E-NOTE-UNSIGNED");
}

#[test]
fn the_proof_of_another_entry_is_no_answer() {
    let site = Site::new();
    published(&site.client, committed(&site.client));
    let web = tempfile::tempdir().expect("dir");
    let entries = web.path().join("api/v1/entries");
    let get = |path: &str| site.client.get(path).body;
    fs::write(web.path().join("checkpoint"), get("/checkpoint")).expect("checkpoint");
    let verify = |url: &str, more: &[&str]| {
        let machine = machine(&site.trust());
        sanwu(machine.path(), &[&["verify", "1", "--server", url, "--json"], more].concat())
    };
    for index in ["0", "1"] {
        fs::create_dir_all(entries.join("1")).expect("folder");
        fs::write(entries.join("1/bundle"), get(&format!("/api/v1/entries/{index}/bundle"))).expect("bundle");
        let server = WebServer::serve(web.path());
        if index == "1" {
            verify(&server.url, &TRUST).exits(0);
            continue;
        }
        for more in [&TRUST[..], &[]] {
            let error = verify(&server.url, more).exits(3).json()["error"].clone();
            assert!(error["code"] == "E-INCLUSION" && error["cause"].to_string().contains("第 0 条"), "{error}");
        }
    }
}

#[test]
fn nothing_is_proved_to_a_signer_by_a_server_that_nobody_vouches_for() {
    let forked = Forked::new(0);
    forked.to_sign(&forked.draft(&forked.first.client(), "丙稿"), "party-sec");
    let server = ["--server", &forked.first.url];
    assert_eq!(forked.sign(&server).exits(0).json()["seen"], "first_seen");
    // From now on it can be compared with what was seen.
    forked.to_sign(&forked.draft(&forked.first.client(), "丁稿"), "party-sec");
    assert_eq!(forked.sign(&server).exits(0).json()["seen"], "proved");
}

#[test]
fn a_contradiction_is_kept_as_evidence_and_told_in_four_lines() {
    let forked = Forked::new(0);
    forked.visit(&forked.first).exits(0);
    let seen = forked.first.client().get("/checkpoint").body;
    let shown = forked.second.client().get("/checkpoint").body;
    let look = ["show", "0", "--server", &forked.second.url, "--trust", "trust.json"];
    let told = forked.sanwu(&look).exits(3).stderr;
    assert!(!told.contains('—') && told.lines().count() == 5 && told.contains("怎么办"), "{told}");
    let kept: Vec<PathBuf> = fs::read_dir(state(forked.dir.path()).join("evidence"))
        .expect("evidence")
        .map(|file| file.expect("entry").path())
        .collect();
    assert_eq!(kept.len(), 1);
    assert!(told.contains(kept[0].to_str().expect("UTF-8")), "{told}");
    let evidence = json_file(&kept[0]);
    assert_eq!(evidence["seen"].as_str().expect("note").as_bytes(), seen);
    assert_eq!(evidence["shown"].as_str().expect("note").as_bytes(), shown);
    // The same again is the same file, as it was.
    fs::write(&kept[0], "kept").expect("write");
    forked.sanwu(&look).exits(3);
    assert_eq!(fs::read(&kept[0]).expect("evidence"), b"kept");
    assert_eq!(fs::read_dir(state(forked.dir.path()).join("evidence")).expect("evidence").count(), 1);
}

#[test]
fn a_receipt_of_another_history_is_found_out_on_the_first_visit() {
    let forked = Forked::new(0);
    let (first, second) = (forked.first.client(), forked.second.client());
    let size = published(&first, 1).size;
    let index = size - 1;
    let bundle = second.get(&format!("/api/v1/entries/{index}/bundle")).body;
    let trust = fs::read(forked.path("trust.json")).expect("trust");
    let verify = |what: &str, server: &str, more: &[&str]| {
        let away = machine(&trust);
        fs::write(away.path().join("bundle.json"), &bundle).expect("bundle");
        let args = [&["verify", what, "--json", "--trust", "trust.json"], more].concat();
        let args = if server.is_empty() { args } else { [&args[..], &["--server", server]].concat() };
        sanwu(away.path(), &args)
    };
    verify("bundle.json", &forked.second.url, &[]).exits(0);
    verify("bundle.json", &forked.second.url, &["--deep"]).exits(0);
    said(&verify("bundle.json", &forked.first.url, &[]).exits(3).json());
    said(&verify("bundle.json", &forked.first.url, &["--deep"]).exits(3).json());

    // A server that publishes the one history and hands out proofs from the other.
    forked.sanwu(&["mirror", &forked.first.url, "web", "--trust", "trust.json"]).exits(0);
    let folder = forked.path(&format!("web/api/v1/entries/{index}"));
    fs::create_dir_all(&folder).expect("folder");
    fs::write(folder.join("bundle"), &bundle).expect("bundle");
    let web = WebServer::serve(&forked.path("web"));
    said(&verify(&format!("{}/r/{index}", web.url), "", &[]).exits(3).json());
    let own = first.get(&format!("/api/v1/entries/{index}/bundle")).body;
    fs::write(folder.join("bundle"), own).expect("bundle");
    verify(&format!("{}/r/{index}", web.url), "", &[]).exits(0);

    // A mirror makes no proofs; a server that has signed an entry and does not show it is another matter.
    fs::remove_dir_all(&folder).expect("remove");
    let url = format!("{}/r/{index}", web.url);
    assert_eq!(verify(&url, "", &[]).exits(5).json()["error"]["code"], "E-NO-RECORD");
    fs::remove_dir_all(forked.path("web/tile/entries")).expect("remove");
    assert!(said(&verify(&url, "", &[]).exits(3).json()).contains("却说没有"));
    assert_eq!(verify(&format!("{}/r/{size}", web.url), "", &[]).exits(5).json()["error"]["code"], "E-NO-RECORD");
}

/// A log that was rolled back to a copy of its data.
struct RolledBack {
    site: Site,
    before: PathBuf,
}

impl RolledBack {
    fn new() -> Self {
        let site = Site::new();
        let Site { node, village, dir, .. } = site;
        assert_eq!(node.stop(), Some(0));
        let (data, before) = (dir.path().join("log"), dir.path().join("before"));
        copy_folder(&data, &before);
        let node = Node::serve(&programs().node, &data);
        let client = node.client();
        fs::write(dir.path().join("trust.json"), client.get("/api/v1/trust").body).expect("trust");
        Self { site: Site { node, village, client, dir }, before }
    }

    fn at(&self) -> &Path {
        self.site.dir.path()
    }

    fn notice(&self, text: &str) -> u64 {
        let Site { village, client, .. } = &self.site;
        let index = village.publish(client, village.draft(client, &[village.notice(text)]));
        published(client, index + 1);
        index
    }
}

#[test]
fn a_record_that_is_gone_with_a_rolled_back_log_is_no_missing_number() {
    let log = RolledBack::new();
    let index = log.notice("甲");
    let verify =
        |url: &str| sanwu(log.at(), &["verify", &format!("{url}/r/{index}"), "--trust", "trust.json", "--json"]);
    verify(&log.site.client.url).exits(0);
    let earlier = Node::serve(&programs().node, &log.before);
    let sentence = said(&verify(&earlier.url).exits(3).json());
    assert!(sentence.contains("变短了"), "{sentence}");
}

#[test]
fn a_clerk_remembers_her_own_publication() {
    let log = RolledBack::new();
    let Site { village, client, .. } = &log.site;
    let mut draft = village.draft(client, &[village.notice("甲")]);
    village.sign(&mut draft);
    fs::write(log.at().join("x.draft.json"), draft.to_bytes()).expect("draft");
    let publish = ["publish", "x.draft.json", "--server", &client.url, "--trust", "trust.json", "--yes", "--json"];
    let index = sanwu(log.at(), &publish).exits(0).json()["entries"][0]["index"].as_u64().expect("index");
    assert_eq!(remembered(log.at())["size"].as_u64(), Some(index + 1));
    let earlier = Node::serve(&programs().node, &log.before);
    let show = ["show", "0", "--server", &earlier.url, "--trust", "trust.json", "--json"];
    let sentence = said(&sanwu(log.at(), &show).exits(3).json());
    assert!(sentence.contains("变短了"), "{sentence}");
}

#[test]
fn an_auditors_commands_remember_and_are_held_to_it() {
    let log = RolledBack::new();
    let url = log.site.client.url.clone();
    let run = |args: &[&str]| sanwu(log.at(), &[args, &["--trust", "trust.json", "--json"]].concat());
    run(&["mirror", &url, "usb"]).exits(0);
    log.notice("甲");
    let replayed = run(&["audit", "replay", &url]).exits(0).json();
    assert_eq!(remembered(log.at())["size"], replayed["size"]);
    log.notice("乙");
    let compared = run(&["audit", "compare", &url, "usb"]).exits(0).json();
    assert_eq!(remembered(log.at())["size"], compared["sources"][0]["size"]);
    let told: Vec<&str> =
        compared["sources"].as_array().expect("sources").iter().filter_map(|s| s["remembered"].as_str()).collect();
    assert_eq!(told, ["continues", "older"]);
    // The same copy on a web site: older than the log, by itself, too, and no worse for it.
    let site = WebServer::serves_home_page(&log.at().join("usb"));
    for sources in [vec![url.as_str(), &site.url], vec![&site.url, "usb"]] {
        let compared = run(&[&["audit", "compare"], &sources[..]].concat()).exits(0).json();
        let told: Vec<&str> =
            compared["sources"].as_array().expect("sources").iter().filter_map(|s| s["remembered"].as_str()).collect();
        assert!(told.contains(&"older") && !told.contains(&"contradicts"), "{compared}");
    }
    let report = run(&["audit", "replay", &site.url]).exits(0).json();
    assert!(report["not_checked"].as_array().expect("list").contains(&"client.consistency".into()), "{report}");

    // Who shows less than the log has shown is caught by each of them; a copy of before is none the worse for its age.
    let earlier = Node::serve(&programs().node, &log.before);
    let report = run(&["audit", "replay", &earlier.url]).exits(3).json();
    assert_eq!(report["findings"][0]["code"], "E-CONSISTENCY", "{report}");
    let compared = run(&["audit", "compare", &earlier.url, "usb"]).exits(3).json();
    assert_eq!((compared["sources"][0]["remembered"].as_str()), Some("contradicts"), "{compared}");
    assert_eq!((compared["sources"][1]["remembered"].as_str()), Some("older"), "{compared}");
    for args in [&["chains", &earlier.url][..], &["trust", &earlier.url, "--out", "new.json"]] {
        let sentence = said(&sanwu(log.at(), &[args, &["--json"]].concat()).exits(3).json());
        assert!(sentence.contains("变短了"), "{args:?}: {sentence}");
        assert!(!log.at().join("new.json").exists());
    }
    let renew = ["trust", &earlier.url, "--since", "trust.json", "--out", "new.json", "--json"];
    assert_eq!(sanwu(log.at(), &renew).exits(3).json()["error"]["code"], "E-CONSISTENCY");
    let report = run(&["audit", "replay", "usb"]).exits(0).json();
    let not_checked = report["not_checked"].as_array().expect("list");
    assert!(not_checked.contains(&"client.consistency".into()), "{report}");
}

/// Who audits in a place where nothing can be kept still gets the report.
#[test]
fn a_machine_that_cannot_remember_can_audit() {
    let log = RolledBack::new();
    let url = log.site.client.url.clone();
    fs::create_dir_all(log.at().join(".local/state")).expect("folder");
    fs::write(log.at().join(".local/state/sanwu"), "a file where the folder would be").expect("file");
    let run = |args: &[&str]| sanwu(log.at(), &[args, &["--trust", "trust.json", "--json"]].concat());
    let report = run(&["audit", "replay", &url]).exits(0).json();
    assert!(report["not_checked"].as_array().expect("list").contains(&"client.consistency".into()), "{report}");
    let compared = run(&["audit", "compare", &url, &url]).exits(0).json();
    assert_eq!(compared["pairs"][0]["relation"], "same");
}

/// The fifth check of the first record.
fn consistency(document: &Value) -> (String, Option<String>) {
    let checks = document["records"][0]["verdict"]["checks"].as_array().expect("checks");
    let check = checks.iter().find(|c| c["code"] == "client.consistency").expect("check");
    (check["state"].as_str().expect("state").to_string(), check["error"].as_str().map(ToString::to_string))
}

#[test]
fn offline_what_was_not_compared_is_no_first_visit() {
    let forked = Forked::new(1);
    let (first, second) = (forked.first.client(), forked.second.client());
    let verify =
        |what: &str| sanwu(forked.dir.path(), &["verify", what, "--trust", "trust.json", "--offline", "--json"]);
    let bundle = |name: &str, bytes: Vec<u8>| fs::write(forked.path(name), bytes).expect("bundle");
    bundle("old.json", first.get("/api/v1/entries/3/bundle").body);
    forked.notice(&forked.first, "又一条");
    forked.visit(&forked.first).exits(0);
    let size = remembered(forked.dir.path())["size"].as_u64().expect("size");
    let document = verify("old.json").exits(0).json();
    assert_eq!(consistency(&document), ("not_compared".into(), None));
    let told = forked.sanwu(&["verify", "old.json", "--trust", "trust.json", "--offline"]).exits(0).stdout;
    assert!(told.contains("没有和您上次看到的比") && !told.contains("第一次"), "{told}");
    // With the server at hand it is compared.
    let online = ["verify", "old.json", "--trust", "trust.json", "--server", &forked.first.url, "--json"];
    assert_eq!(consistency(&forked.sanwu(&online).exits(0).json()), ("ok".into(), None));

    // A bundle that proves its growth from what was seen is compared offline, and remembered.
    forked.notice(&forked.first, "再一条");
    forked.notice(&forked.second, "再一条");
    let since =
        |client: &sanwu_tests::client::Client| client.get(&format!("/api/v1/entries/3/bundle?since={size}")).body;
    bundle("other.json", since(&second));
    assert_eq!(consistency(&verify("other.json").exits(3).json()), ("mismatch".into(), Some("E-CONSISTENCY".into())));
    assert_eq!(remembered(forked.dir.path())["size"].as_u64(), Some(size));
    bundle("grown.json", since(&first));
    assert_eq!(consistency(&verify("grown.json").exits(0).json()), ("ok".into(), None));
    assert_eq!(remembered(forked.dir.path())["size"].as_u64(), Some(size + 1));
}

#[test]
fn a_proof_file_is_held_against_what_was_seen() {
    let forked = Forked::new(0);
    let prove = |node: &Node| {
        fs::write(forked.path("x.tlog-proof"), node.client().get("/api/v1/entries/3/proof").body).expect("proof");
        fs::write(forked.path("x.entry"), node.client().get("/api/v1/entries/3").body).expect("entry");
    };
    let verify = ["verify", "x.tlog-proof", "--entry", "x.entry", "--trust", "trust.json", "--json"];
    let offline = [&verify[..], &["--offline"]].concat();
    forked.visit(&forked.first).exits(0);
    prove(&forked.second);
    said(&forked.sanwu(&offline).exits(3).json());
    said(&forked.sanwu(&[&verify[..], &["--server", &forked.first.url]].concat()).exits(3).json());
    prove(&forked.first);
    let document = forked.sanwu(&offline).exits(0).json();
    // What it cannot tell is no verdict.
    assert_eq!((document["schema"].as_str(), document.get("verdict")), (Some("sanwu-tlog-proof-1"), None));
    assert_eq!(document["test"], true);
    assert_eq!(document["not_checked"], serde_json::json!(["content.sig", "approval.quorum"]));
    assert_eq!(document["checks"][2]["state"], "ok");
}
