//! What clerk, resident and auditor are told about the witnesses of a log: who saw it, who is missing, who runs them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use sanwu_tests::process::Node;
use sanwu_tests::village::Village;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, Site, programs, published, sanwu, sanwu_node};

/// A witness as a process of its own; killed when dropped.
struct Witness {
    child: Child,
    url: String,
    vkey: String,
}

impl Witness {
    /// A new witness that follows one log.
    fn start(dir: &Path, log_vkeys: &[String]) -> Self {
        let made =
            sanwu_node(dir, &["witness", "init", "--data", "w1", "--name", "w1.test/witness", "--json"]).exits(0);
        let made = made.json();
        let list: String = log_vkeys.iter().map(|vkey| format!("vkey {vkey}\nqpd 10000000\ncontact test\n")).collect();
        let path = dir.join(made["logs"].as_str().expect("list"));
        fs::write(path, format!("logs/v0\n{list}")).expect("list");
        let mut child = Command::new(programs().node)
            .args(["witness", "serve", "--quiet", "--listen", "127.0.0.1:0", "--data"])
            .arg(dir.join("w1"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("witness");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("its address");
        assert!(line.starts_with("http://"), "{line}");
        let vkey = made["vkeys"][0].as_str().expect("vkey").to_string();
        Self { child, url: line.trim().to_string(), vkey }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A village's log with two witnesses of which one answers, and one is enough.
struct Witnessed {
    node: Node,
    village: Village,
    dir: TempDir,
    _witness: Witness,
}

impl Witnessed {
    fn new() -> Self {
        let Site { node, village, client, dir } = Site::new();
        let trust: Value = client.get("/api/v1/trust").json();
        let vkeys = trust["log_vkeys"].as_array().expect("keys").iter().map(|k| k.as_str().expect("text").to_string());
        let vkeys: Vec<String> = vkeys.collect();
        assert_eq!(node.stop(), Some(0));
        let witness = Witness::start(dir.path(), &vkeys);
        let absent = sanwu_tests::paper::PaperLog::witness_vkey("w2.test/witness");
        let log: String = vkeys.iter().map(|vkey| format!("log {vkey}\n")).collect();
        let policy = format!(
            "{log}witness w1 {} {}\nwitness w2 {absent} http://127.0.0.1:9\ngroup one any w1 w2\nquorum one\n",
            witness.vkey, witness.url
        );
        let data = dir.path().join("log");
        fs::write(data.join("witnesses.policy"), policy).expect("policy");
        let settings = fs::read_to_string(data.join("config.toml")).expect("config.toml");
        let witnesses = "[witnesses]\npolicy = \"witnesses.policy\"\npublish = \"open\"\nmax_age_days = 30\n\
             [[witnesses.operator]]\nwitness = \"w1\"\nname = \"示例县农经站\"\n[site]";
        fs::write(data.join("config.toml"), settings.replace("[site]", witnesses)).expect("config.toml");
        let node = Node::serve(&programs().node, &data);
        let witnessed = Self { node, village, dir, _witness: witness };
        witnessed.run(&["trust", &witnessed.node.url, "--out", "trust.json"]).exits(0);
        // Somebody who trusts the log only when both have seen it.
        let mut strict: Value =
            serde_json::from_slice(&fs::read(witnessed.dir.path().join("trust.json")).expect("file"))
                .expect("trust file");
        for line in strict["policy"].as_array_mut().expect("policy") {
            *line = line.as_str().expect("line").replace("group one any", "group one all").into();
        }
        fs::write(witnessed.dir.path().join("strict.json"), strict.to_string()).expect("trust file");
        witnessed
    }

    fn run(&self, args: &[&str]) -> Ran {
        sanwu(self.dir.path(), args)
    }

    /// A signed draft of a notice.
    fn draft(&self, name: &str) {
        let mut draft = self.village.draft(&self.node.client(), &[self.village.notice(name)]);
        self.village.sign(&mut draft);
        fs::write(self.dir.path().join(format!("{name}.draft.json")), draft.to_bytes()).expect("draft");
    }

    fn publish(&self, name: &str, trust: &str, more: &[&str]) -> Ran {
        self.draft(name);
        let draft = format!("{name}.draft.json");
        let publish = ["publish", &draft, "--server", &self.node.url, "--trust", trust, "--wait-witness", "--yes"];
        self.run(&[&publish, more].concat())
    }
}

#[test]
fn everyone_is_told_who_saw_it_and_who_is_missing() {
    let log = Witnessed::new();
    let waited = log.publish("甲", "trust.json", &["--json"]).exits(0).json();
    assert_eq!(waited["witnessed"], true, "{waited}");
    assert_eq!(waited["witnesses"][0]["operator"], "示例县农经站");
    assert!(waited["witnesses"][0]["time"].as_u64() > Some(1_700_000_000));
    assert_eq!((waited["witnesses"][1]["name"].as_str(), waited["witnesses"][1]["time"].as_u64()), (Some("w2"), None));
    let told = log.publish("乙", "trust.json", &[]).exits(0).stdout;
    for line in ["  见证够了", "  见证  示例县农经站 (w1)  20", "  还差  w2", "  期限  见证要在最近 30 天以内"]
    {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    // It is published all the same when the trust file asks for more.
    let told = log.publish("丙", "strict.json", &[]).exits(6).stdout;
    assert!(told.contains("✔ 已公布") && told.contains("已公布, 但外面的见证还不够"), "{told}");

    for (trust, exit, verdict) in [("trust.json", 0, "ok"), ("strict.json", 6, "partial")] {
        let verify = ["verify", "乙.receipt.json", "--trust", trust, "--offline"];
        let told = log.run(&verify).exits(exit).stdout;
        assert!(told.contains("  见证  示例县农经站 (w1)  20") && told.contains("  还差  w2"), "{told}");
        let document = log.run(&[&verify[..], &["--json"]].concat()).exits(exit).json();
        assert_eq!(document["verdict"], verdict);
        assert_eq!(document["records"][0]["verdict"]["max_age_days"].as_u64(), Some(30));
    }

    published(&log.node.client(), 7);
    log.run(&["mirror", &log.node.url, "mirror", "--trust", "trust.json"]).exits(0);
    for (trust, exit) in [("trust.json", 0), ("strict.json", 6)] {
        let report = log.run(&["audit", "replay", "mirror", "--trust", trust, "--json"]).exits(exit).json();
        assert_eq!(report["witnesses"]["signed"], serde_json::json!(["w1"]), "{report}");
        assert_eq!(report["witnesses"]["missing"], serde_json::json!(["w2"]));
        let codes: Vec<&str> =
            report["findings"].as_array().expect("findings").iter().filter_map(|f| f["code"].as_str()).collect();
        assert_eq!(codes, if exit == 0 { vec![] } else { vec!["E-WITNESS-QUORUM"] });
    }
}

#[test]
fn what_outsiders_say_is_asked_of_proof_files_deep_walks_and_replays() {
    let log = Witnessed::new();
    let done = log.publish("甲", "trust.json", &["--json"]).exits(0).json();
    assert_eq!(done["witnesses_checked"], true);
    let index = done["entries"][0]["index"].as_u64().expect("index");
    let client = log.node.client();
    published(&client, index + 1);
    let at = log.dir.path();
    fs::write(at.join("x.tlog-proof"), client.get(&format!("/api/v1/entries/{index}/proof")).body).expect("proof");
    fs::write(at.join("x.entry"), client.get(&format!("/api/v1/entries/{index}")).body).expect("entry");
    // A trust file by which the cosignatures are stale as soon as a second has passed.
    let mut hasty: Value = serde_json::from_slice(&fs::read(at.join("trust.json")).expect("file")).expect("trust file");
    hasty["max_age_days"] = 0.into();
    fs::write(at.join("hasty.json"), hasty.to_string()).expect("trust file");
    std::thread::sleep(std::time::Duration::from_millis(2_100));

    let url = format!("{}/r/{index}", log.node.url);
    for (trust, exit, code) in
        [("trust.json", 0, None), ("strict.json", 6, Some("E-WITNESS-QUORUM")), ("hasty.json", 6, Some("E-STALE"))]
    {
        let proof = ["verify", "x.tlog-proof", "--entry", "x.entry", "--trust", trust, "--offline", "--json"];
        let document = log.run(&proof).exits(exit).json();
        assert_eq!((document["ok"].as_bool(), document["checks"][1]["error"].as_str()), (Some(exit == 0), code));
        let report = log.run(&["audit", "replay", &log.node.url, "--trust", trust, "--json"]).exits(exit).json();
        assert_eq!(report["findings"][0]["code"].as_str(), code, "{report}");
        let deep = log.run(&["verify", &url, "--deep", "--trust", trust, "--json"]).exits(exit).json();
        assert_eq!(deep["verdict"], if exit == 0 { "ok" } else { "partial" }, "{deep}");
    }
    // While outsiders are missing nothing is remembered of a file, and nothing is said to be.
    let away = tempfile::tempdir().expect("dir");
    for file in ["strict.json", "甲.receipt.json"] {
        fs::copy(at.join(file), away.path().join(file)).expect("copy");
    }
    let verify = ["verify", "甲.receipt.json", "--trust", "strict.json", "--offline"];
    for _ in 0..2 {
        let shown = sanwu(away.path(), &verify).exits(6).stdout;
        assert!(shown.contains("您第一次看这本账") && !shown.contains("这次记住了"), "{shown}");
    }
    // Without a trust file nobody has checked who had to see it.
    log.draft("乙");
    let publish = ["publish", "乙.draft.json", "--server", &log.node.url, "--wait-witness", "--yes"];
    let told = log.run(&publish).exits(0).stdout;
    assert!(told.contains("没有信任文件, 没有核对") && !told.contains("  见证够了\n"), "{told}");
}
