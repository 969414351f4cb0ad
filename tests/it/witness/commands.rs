//! `sanwu-node witness …`, and a node that is a witness, too.

use std::fs;

use sanwu_schema::tlog::note::{Note, open};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::tlog::witness::AddCheckpoint;
use sanwu_tests::process::Node;
use sanwu_tests::witness::{TestLog, Witness, ask, cosigned, init, log_list, set_list};

use super::{Bench, OFTEN, list, seen};
use crate::support::{Site, programs, sanwu_node};

#[test]
fn init_makes_keys_once_and_an_empty_list() {
    let dir = tempfile::tempdir().expect("dir");
    let made = sanwu_node(dir.path(), &["witness", "init", "--data", "w", "--name", "county.example/w1", "--json"]);
    let made = made.exits(0).json();
    let keys: Vec<Vkey> = made["vkeys"]
        .as_array()
        .expect("keys")
        .iter()
        .map(|k| Vkey::parse(k.as_str().expect("key")).expect("key"))
        .collect();
    let kinds: Vec<(&str, u8)> = keys.iter().map(|key| (key.name(), key.algorithm())).collect();
    assert_eq!(kinds, [("county.example/w1", 0x04), ("county.example/w1", 0x06)]);
    for key in ["witness.key", "witness-mldsa.key"] {
        use std::os::unix::fs::PermissionsExt;
        let about = fs::metadata(dir.path().join("w").join(key)).expect("key");
        assert_eq!(about.permissions().mode() & 0o777, 0o600, "{key}");
    }
    let status = sanwu_node(dir.path(), &["witness", "status", "--data", "w", "--json"]).exits(0).json();
    assert_eq!((status["logs"].as_array().map(Vec::len), &status["vkeys"]), (Some(0), &made["vkeys"]));
    let again = sanwu_node(dir.path(), &["witness", "init", "--data", "w", "--name", "county.example/w1"]).exits(8);
    assert!(again.stderr.contains("E-FILE-EXISTS"), "{}", again.stderr);
    for name in ["", "two words", "a+b", &"x".repeat(256)] {
        sanwu_node(dir.path(), &["witness", "init", "--data", "v", "--name", name]).exits(9);
        assert!(!dir.path().join("v").exists(), "{name:?}");
    }
    let missing = sanwu_node(dir.path(), &["witness", "serve", "--data", "nowhere"]).exits(5);
    assert!(missing.stderr.contains("E-FILE-MISSING"), "{}", missing.stderr);
}

#[test]
fn one_process_works_on_a_directory_and_a_bad_list_is_told() {
    let log = TestLog::new("log.example", 3);
    let bench = Bench::following(&[&log]);
    let data = bench.witness.data.to_str().expect("path").to_string();
    let second = sanwu_node(bench.dir.path(), &["witness", "serve", "--data", &data]).exits(11);
    assert!(second.stderr.contains("E-DATA-BUSY"), "{}", second.stderr);
    let Bench { witness, keys: _, dir } = bench;
    assert_eq!(witness.stop(), Some(0));
    set_list(&dir.path().join("w"), "logs/v0\nvkey nonsense\n");
    let refused = sanwu_node(dir.path(), &["witness", "serve", "--data", &data]).exits(9);
    assert!(refused.stderr.contains("E-LOG-LIST") && refused.stderr.contains("logs.txt:2:"), "{}", refused.stderr);
}

#[test]
fn a_changed_list_counts_at_once() {
    let (one, two) = (TestLog::new("one.example", 3), TestLog::new("two.example", 3));
    let bench = Bench::following(&[&one]);
    let client = bench.witness.client();
    let status = |log: &TestLog| ask(&client, "", log.request(0, 3).to_text().as_bytes()).status;
    assert_eq!((status(&one), status(&two)), (200, 404));
    list(&bench.witness.data, &[&two], OFTEN);
    assert_eq!((status(&one), status(&two)), (404, 200));
    set_list(&bench.witness.data, "logs/v0\nqpd 1\n");
    assert_eq!((status(&one), status(&two)), (404, 409));
    assert!(seen(&client.get("/")).2.contains("logs.txt:2:"));
    list(&bench.witness.data, &[&one, &two], OFTEN);
    assert_eq!((status(&one), status(&two)), (409, 409));
    let page = seen(&client.get("/")).2;
    assert!(!page.contains("logs.txt:2:"));
    for said in ["见证人 <code>witness.example/w1</code>", "one.example", "two.example", &bench.keys[0].to_string()]
    {
        assert!(page.contains(said), "{said} is not in {page}");
    }
}

#[test]
fn a_node_with_a_witness_folder_is_a_witness() {
    let site = Site::new();
    site.notices(3);
    let log = TestLog::new("log.example", 9);
    let data = site.node.data.clone();
    assert_eq!(ask(&site.client, "/witness", log.request(0, 9).to_text().as_bytes()).status, 404);
    assert_eq!(site.node.stop(), Some(0));
    let keys = init(&programs().node, &data.join("witness"), "node.example/witness");
    let node = Node::serve(&programs().node, &data);
    let client = node.client();
    let listed = seen(&client.get("/api/v1/vkey")).2;
    let own: Vec<Vkey> = listed.lines().map(|vkey| Vkey::parse(vkey).expect("vkey")).collect();
    let others = log.vkeys();
    let logs = [(own[0].name(), &own[..]), (log.origin.as_str(), &others[..])];
    set_list(&data.join("witness"), &log_list(logs, OFTEN));
    cosigned(&ask(&client, "/witness", log.request(0, 9).to_text().as_bytes()), &log.text(9), &keys);
    // A real node's checkpoint, its own as it happens.
    let checkpoint = Note::parse(&client.get("/checkpoint").body).expect("note");
    let text = checkpoint.text().to_string();
    let request = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint };
    cosigned(&ask(&client, "/witness", request.to_text().as_bytes()), &text, &keys);
    let served = client.get(&format!("/witness/{}/checkpoint", log.hash()));
    assert_eq!(served.status, 200);
    let known = [log.vkeys(), keys.clone()].concat();
    assert_eq!(open(&served.body, &known).expect("note").verified.len(), 3);
    for page in ["/witness", "/witness/"] {
        let page = seen(&client.get(page));
        assert!(page.0 == 200 && page.2.contains(&format!("href=\"/witness/{}/checkpoint\"", log.hash())), "{page:?}");
    }
    // It cannot also be served alone while the node has it.
    let folder = data.join("witness");
    let second = sanwu_node(site.dir.path(), &["witness", "serve", "--data", folder.to_str().expect("path")]);
    assert!(second.exits(11).stderr.contains("E-DATA-BUSY"));
    assert_eq!(node.stop(), Some(0));
    let alone = Witness::serve(&programs().node, &folder);
    assert_eq!(alone.client().get(&format!("/{}/checkpoint", log.hash())).status, 200);
}
