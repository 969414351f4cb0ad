//! The clerk's path with the real programs, files and passphrases: from an empty folder to a corrected month.

use std::fs;
use std::path::{Path, PathBuf};

use sanwu_schema::tlog::vkey::Vkey;
use sanwu_tests::process::Node;
use sanwu_tests::village::{ORIGIN, UNIT, secret};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Ran, programs, publish_quickly, published, sanwu, sanwu_node};

/// January of a small village.
const VOUCHERS: &str = "\
凭证号,日期,摘要,科目,明细,借方,贷方,收付,公开科目,对方单位,决议,合同,招标,项目,资产,更正,附件
记-2026-01-001,2026-01-05,收村级组织运转经费,102,,\"60,000.00\",,收,村级组织运转经费财政补助,示例县财政局,,,,,,,收据
记-2026-01-001,,,503,,,\"60,000.00\",,,,,,,,,,
记-2026-01-002,2026-01-16,购办公用品,513,,486.30,,付,管理费用-办公费,,,,,,,,发票
记-2026-01-002,,,101,,,486.30,,,,,,,,,,
记-2026-01-003,2026-01-20,提取备用金,101,,\"3,000.00\",,转,,,,,,,,,
记-2026-01-003,,,102,,,\"3,000.00\",,,,,,,,,,
";

/// The three who sign a month, and their key files.
const SIGNERS: [&str; 3] = ["会计", "主任", "监委"];

/// An office with nothing but the programs, a folder, and a running node.
struct Office {
    dir: TempDir,
    node: Node,
    trust: String,
}

impl Office {
    /// Keys, log, chain: all by command.
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let at = dir.path();
        fs::write(at.join("口令.txt"), "correct horse battery staple\n").expect("passphrase");
        for name in ["根", "镇", "书记", "会计", "主任", "监委"] {
            let file = format!("{name}.pem");
            let made =
                sanwu(at, &["key", "new", "--out", &file, "--name", name, "--passphrase-file", "口令.txt", "--json"])
                    .exits(0);
            assert_eq!(made.json()["ok"], true);
            let key = fs::read_to_string(at.join(&file)).expect("key file");
            assert!(key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{key}");
        }
        let root = fs::read_to_string(at.join("根.pem.pub")).expect("public key");
        let init = [
            "init",
            "--data",
            "log",
            "--origin",
            ORIGIN,
            "--root",
            root.trim(),
            "--threshold",
            "1",
            "--purpose",
            "test",
        ];
        sanwu_node(at, &init).exits(0);
        publish_quickly(&at.join("log"));
        let node = Node::serve(&programs().node, &at.join("log"));
        let mut office = Self { dir, node, trust: String::new() };
        office.sign("log/genesis.draft", "根");
        office.publish(&["log/genesis.draft"]).exits(0);
        office.run(&["trust", &office.node.url, "--out", "信任.json"]).exits(0);
        office.trust = "信任.json".into();

        office.draft(
            &["key", "grant", "--chain", "root", "--key", "镇.pem.pub", "--role", "authority", "--scope", "379999"],
            "登记.draft.json",
            &["--name", "镇经管站", "--office", "清河镇经管站"],
        );
        office.sign("登记.draft.json", "根");
        office.sign("登记.draft.json", "镇");
        office.publish(&["登记.draft.json"]).exits(0);

        let example = office.run(&["draft", "example", "chain"]).exits(0).stdout;
        fs::write(office.path("村.json"), example).expect("example");
        office.draft(&["draft", "chain", "--from", "村.json", "--chain", UNIT], "开账.draft.json", &[]);
        office.sign("开账.draft.json", "镇");
        office.publish(&["开账.draft.json"]).exits(0);
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Ran {
        sanwu(self.dir.path(), args)
    }

    /// A command that drafts, with server, trust file and `--out`.
    #[track_caller]
    fn draft(&self, command: &[&str], out: &str, rest: &[&str]) -> Value {
        let mut args = command.to_vec();
        args.extend(["--server", &self.node.url, "--out", out, "--json"]);
        if !self.trust.is_empty() {
            args.extend(["--trust", &self.trust]);
        }
        args.extend(rest);
        self.run(&args).exits(0).json()
    }

    #[track_caller]
    fn sign(&self, draft: &str, who: &str) {
        let key = format!("{who}.pem");
        let args = ["sign", draft, "--key", &key, "--passphrase-file", "口令.txt", "--yes", "--json"];
        assert_eq!(self.run(&args).exits(0).json()["ok"], true);
    }

    fn publish(&self, drafts: &[&str]) -> Ran {
        let mut args = vec!["publish"];
        args.extend(drafts);
        args.extend(["--server", &self.node.url, "--yes", "--json"]);
        if !self.trust.is_empty() {
            args.extend(["--trust", &self.trust]);
        }
        self.run(&args)
    }

    /// January drafted and signed by each on a copy of their own.
    fn january(&self) -> Vec<String> {
        fs::write(self.path("一月.csv"), VOUCHERS).expect("vouchers");
        let month = ["draft", "month", "2026-01", "--vouchers", "一月.csv", "--chain", UNIT];
        let drafted = self.draft(&month, "一月.draft.json", &[]);
        assert_eq!(drafted["statements"].as_array().map(Vec::len), Some(4));
        assert_eq!(drafted["vouchers"].as_u64(), Some(3));
        let totals = &drafted["totals"];
        assert_eq!((totals["receipts_fen"].as_i64(), totals["payments_fen"].as_i64()), (Some(6_000_000), Some(48_630)));
        assert_eq!(drafted["missing"].as_array().map(Vec::len), Some(SIGNERS.len()), "{drafted}");
        let copies: Vec<String> = SIGNERS.iter().map(|who| format!("一月.{who}.json")).collect();
        for (who, copy) in SIGNERS.iter().zip(&copies) {
            fs::copy(self.path("一月.draft.json"), self.path(copy)).expect("copy");
            self.sign(copy, who);
        }
        copies
    }

    fn notice(&self, out: &str, text: &str) {
        let body = json!({ "title": "村规民约修订", "text": [text] });
        fs::write(self.path("公开.json"), body.to_string()).expect("notice");
        self.draft(&["draft", "notice", "--from", "公开.json", "--code", "V03", "--chain", UNIT], out, &[]);
    }
}

fn indices(published: &Value) -> Vec<u64> {
    published["entries"].as_array().expect("entries").iter().map(|e| e["index"].as_u64().expect("index")).collect()
}

#[test]
fn the_clerks_path() {
    let office = Office::new();
    let copies = office.january();
    let copies: Vec<&str> = copies.iter().map(String::as_str).collect();

    // One signature is not enough; nothing is handed in.
    let alone = office.publish(&copies[..1]);
    assert_ne!(alone.code, 0);
    assert_eq!(alone.json()["error"]["code"], "E-SIGNATURE-MISSING");
    let dry =
        [&["publish"], copies.as_slice(), &["--server", &office.node.url, "--dry-run", "--yes", "--json"]].concat();
    office.run(&dry).exits(0);

    let first = office.publish(&copies).exits(0).json();
    assert_eq!(first["new"], true);
    let places = indices(&first);
    assert_eq!(places, [3, 4, 5, 6]);
    // The same command again is safe.
    let again = office.publish(&copies).exits(0).json();
    assert_eq!((again["new"].as_bool(), indices(&again)), (Some(false), places));

    // Carried away, the receipt is checked without the node.
    let receipt = first["receipt"].as_str().expect("receipt").to_string();
    let away = tempfile::tempdir().expect("dir");
    fs::copy(office.path(&receipt), away.path().join("receipt.json")).expect("receipt");
    fs::copy(office.path("信任.json"), away.path().join("trust.json")).expect("trust");
    let verified =
        sanwu(away.path(), &["verify", "receipt.json", "--trust", "trust.json", "--offline", "--json"]).exits(0).json();
    assert_eq!((verified["verdict"].as_str(), verified["records"].as_array().map(Vec::len)), (Some("ok"), Some(4)));
    assert_eq!(verified["records"][0]["verdict"]["test"], true);
    let shown = sanwu(away.path(), &["verify", "receipt.json", "--trust", "trust.json", "--offline"]).exits(0);
    assert!(shown.stdout.contains("核对通过") && shown.stdout.contains("演示数据"), "{}", shown.stdout);
}

#[test]
fn a_correction_keeps_the_old_text_and_says_so() {
    let office = Office::new();
    let copies = office.january();
    let published_january = office.publish(&copies.iter().map(String::as_str).collect::<Vec<_>>()).exits(0).json();
    let book = indices(&published_january)[0].to_string();

    let body = body_of(&office, &book);
    let mut right: Value = serde_json::from_slice(&body).expect("JSON");
    right.as_object_mut().expect("object").remove("salt");
    right["vouchers"][1]["summary"] = "购办公用品(打印纸)".into();
    fs::write(office.path("更正.json"), right.to_string()).expect("correction");
    let command = ["correct", &book, "--reason", "摘要写得不全。", "--from", "更正.json", "--chain", UNIT];
    office.draft(&command, "更正.draft.json", &[]);
    for who in SIGNERS {
        office.sign("更正.draft.json", who);
    }
    let corrected = office.publish(&["更正.draft.json"]).exits(0).json();
    published(&office.node.client(), indices(&corrected)[0] + 1);

    let verify = ["verify", &book, "--server", &office.node.url, "--trust", "信任.json", "--json"];
    let old = office.run(&verify).exits(0).json();
    assert_eq!(old["verdict"], "ok_superseded");
    assert_eq!(old["records"][0]["verdict"]["corrected_by"].as_u64(), Some(indices(&corrected)[0]));
    assert_eq!(body_of(&office, &book), body, "what was published stays");
    // A correction that changes nothing is none.
    let nothing =
        [&command[..], &["--server", &office.node.url, "--trust", "信任.json", "--out", "x.json", "--json"]].concat();
    assert_eq!(office.run(&nothing).exits(9).json()["error"]["code"], "E-CHANGES");
}

fn body_of(office: &Office, index: &str) -> Vec<u8> {
    let client = office.node.client();
    let entry = client.get(&format!("/api/v1/entries/{index}")).body;
    client.get(&format!("/api/v1/blobs/{}", crate::support::body_of(&entry).to_hex())).body
}

#[test]
fn of_two_drafts_that_race_the_second_is_moved_and_the_signers_named() {
    let office = Office::new();
    office.notice("甲.draft.json", "甲稿。");
    office.notice("乙.draft.json", "乙稿。");
    for draft in ["甲.draft.json", "乙.draft.json"] {
        for who in ["主任", "监委"] {
            office.sign(draft, who);
        }
    }
    let first = office.publish(&["甲.draft.json"]).exits(0).json();
    let second = office.publish(&["乙.draft.json"]).exits(8);
    let error = &second.json()["error"];
    assert_eq!(error["code"], "E-DRAFT-MOVED");
    for who in ["主任", "监委会主任"] {
        assert!(second.stdout.contains(who), "{who} has to sign again: {}", second.stdout);
    }
    // It has its new place, and without new signatures it goes nowhere.
    assert_eq!(office.publish(&["乙.draft.json"]).json()["error"]["code"], "E-SIGNATURE-MISSING");
    for who in ["主任", "监委"] {
        office.sign("乙.draft.json", who);
    }
    let moved = office.publish(&["乙.draft.json"]).exits(0).json();
    assert_eq!(indices(&moved)[0], indices(&first)[0] + 1);
}

#[test]
fn what_was_seen_is_remembered_and_checked() {
    let office = Office::new();
    office.notice("甲.draft.json", "甲稿。");
    for who in ["主任", "监委"] {
        office.sign("甲.draft.json", who);
    }
    let index = indices(&office.publish(&["甲.draft.json"]).exits(0).json())[0];
    published(&office.node.client(), index + 1);
    let verify = ["verify", &index.to_string(), "--server", &office.node.url, "--trust", "信任.json", "--json"];
    let state = |document: &Value| -> String {
        let checks = document["records"][0]["verdict"]["checks"].as_array().expect("checks").clone();
        let check = checks.iter().find(|c| c["code"] == "client.consistency").expect("check");
        check["state"].as_str().expect("state").to_string()
    };
    office.run(&verify).exits(0);
    // The log grows; what this machine has seen is proved to be its beginning.
    office.notice("乙.draft.json", "乙稿。");
    for who in ["主任", "监委"] {
        office.sign("乙.draft.json", who);
    }
    let later = indices(&office.publish(&["乙.draft.json"]).exits(0).json())[0];
    published(&office.node.client(), later + 1);
    assert_eq!(state(&office.run(&verify).exits(0).json()), "ok");
    let deep = [&verify[..], &["--deep"]].concat();
    office.run(&deep).exits(0);
}

#[test]
fn before_a_log_is_opened_the_commands_say_what_is_to_be_done() {
    let dir = tempfile::tempdir().expect("dir");
    let at = dir.path();
    let root = Vkey::from_public_key("根", &secret("root").public()).expect("vkey").to_string();
    let init = ["init", "--data", "log", "--origin", ORIGIN, "--root", &root, "--json", "--threshold"];
    // More signatures than keys are a mistake in the command: nobody is to be asked to sign.
    let refused = sanwu_node(at, &[&init[..], &["2"]].concat()).exits(9).json();
    assert_eq!(refused["error"]["code"], "E-USAGE", "{refused}");
    assert!(!at.join("log/genesis.draft").exists());
    let unmade = sanwu_node(at, &["serve", "--data", "log", "--json"]).exits(9).json();
    assert!(unmade["error"]["remedy"].as_str().is_some_and(|text| text.contains("sanwu-node init")), "{unmade}");
    sanwu_node(at, &[&init[..], &["1"]].concat()).exits(0);
    let node = Node::serve(&programs().node, &at.join("log"));
    let commands: [&[&str]; 3] =
        [&["trust", &node.url, "--out", "trust.json"], &["mirror", &node.url, "copy"], &["chain", &node.url, "root"]];
    for args in commands {
        let said = sanwu(at, &[args, &["--json"]].concat()).exits(5).json();
        assert!(said["error"]["remedy"].as_str().is_some_and(|text| text.contains("genesis.draft")), "{said}");
    }
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let dir = tempfile::tempdir().expect("dir");
    fs::write(dir.path().join("口令.txt"), "correct horse battery staple\n").expect("passphrase");
    let new = ["key", "new", "--out", "会计.pem", "--name", "会计", "--passphrase-file", "口令.txt", "--json"];
    sanwu(dir.path(), &new).exits(0);
    let key = fs::read(dir.path().join("会计.pem")).expect("key");
    assert_eq!(sanwu(dir.path(), &new).exits(8).json()["error"]["code"], "E-FILE-EXISTS");
    assert_eq!(fs::read(dir.path().join("会计.pem")).expect("key"), key);
    assert_private(&dir.path().join("会计.pem"));
    // Another passphrase does not open it, and says that it is the passphrase.
    fs::write(dir.path().join("别的.txt"), "another passphrase altogether\n").expect("passphrase");
    let office = Office::new();
    office.notice("甲.draft.json", "甲稿。");
    fs::copy(dir.path().join("别的.txt"), office.path("别的.txt")).expect("copy");
    let sign = ["sign", "甲.draft.json", "--key", "主任.pem", "--passphrase-file", "别的.txt", "--yes", "--json"];
    assert_eq!(office.run(&sign).exits(4).json()["error"]["code"], "E-PASSPHRASE");
    // A key that is not asked for does not sign.
    let sign = ["sign", "甲.draft.json", "--key", "会计.pem", "--passphrase-file", "口令.txt", "--yes", "--json"];
    assert_eq!(office.run(&sign).exits(4).json()["error"]["code"], "E-NOT-SIGNER");
}

fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o077, 0, "a key file is readable by its owner only");
}
