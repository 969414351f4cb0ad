//! Three nodes that witness each other, and a dishonest log with two histories: every way in which it is caught, and
//! what an honest log does when a witness is away. All of them processes of their own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::witness::AddCheckpoint;
use sanwu_tests::client::Client;
use sanwu_tests::process::{Node, free_port, run};
use sanwu_tests::village::Village;
use serde_json::Value;

use crate::support::{browser, copy_folder, programs, python, repository};

const ORIGINS: [&str; 3] = ["a.test/log", "b.test/log", "c.test/log"];
const NAMES: [&str; 3] = ["a.test/witness", "b.test/witness", "c.test/witness"];

/// A node with a witness in it.
struct Member {
    data: PathBuf,
    port: u16,
    origin: &'static str,
    log_vkeys: Vec<String>,
    witness_vkeys: Vec<String>,
    node: Option<Node>,
}

impl Member {
    fn make(dir: &Path, at: usize) -> Self {
        let data = dir.join(format!("node-{at}"));
        Village::new().init_as(&programs().node, &data, ORIGINS[at]);
        let listed = sanwu_node(&["key", "list", "--data", path(&data)]);
        let witness = data.join("witness");
        let witness_vkeys = sanwu_node(&["witness", "init", "--data", path(&witness), "--name", NAMES[at]]);
        Self { data, port: free_port(), origin: ORIGINS[at], log_vkeys: listed, witness_vkeys, node: None }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Follows these logs.
    fn follow(&self, logs: &[(&str, &[String])]) {
        let mut list = String::from("logs/v0\n");
        for (_, vkeys) in logs {
            vkeys.iter().for_each(|vkey| list += &format!("vkey {vkey}\nqpd 10000000\ncontact test\n"));
        }
        fs::write(self.data.join("witness/logs.txt"), list).expect("list");
    }

    fn serve(&mut self) {
        let node = Node::try_serve_at(&programs().node, &self.data, self.port);
        self.node = Some(node.unwrap_or_else(|why| panic!("{}: {why}", self.origin)));
    }

    fn stop(&mut self) {
        assert_eq!(self.node.take().expect("running").stop(), Some(0));
    }

    fn client(&self) -> Client {
        Client::new(&self.url())
    }

    /// The log's published checkpoint.
    fn checkpoint(&self) -> Vec<u8> {
        let answer = self.client().get("/checkpoint");
        assert_eq!(answer.status, 200);
        answer.body
    }

    /// What a resident pins.
    fn trust(&self, dir: &Path, name: &str) -> PathBuf {
        let file = dir.join(name);
        fs::write(&file, self.client().get("/api/v1/trust").body).expect("trust");
        file
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn sanwu_node(args: &[&str]) -> Vec<String> {
    let output = run(&programs().node, args, Path::new("."));
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(ToOwned::to_owned).collect()
}

/// Witness lines and the quorum for a log that asks these.
fn settings(data: &Path, publish: &str, wait_ms: u64, witnesses: &[&Member], quorum: &str) {
    let mut policy = String::new();
    let mut config = format!(
        "publish_interval_ms = 20\n[witnesses]\npolicy = \"witnesses.policy\"\npublish = \"{publish}\"\nwait_ms = {wait_ms}\n"
    );
    for (at, witness) in witnesses.iter().enumerate() {
        let url = format!("{}/witness", witness.url());
        policy += &format!("witness w{at} {} {url}\n", witness.witness_vkeys[0]);
        config += &format!("[[witnesses.operator]]\nwitness = \"w{at}\"\nname = \"{}的见证\"\n", witness.origin);
    }
    let names: Vec<String> = (0..witnesses.len()).map(|at| format!("w{at}")).collect();
    policy += &format!("group outside {quorum} {}\nquorum outside\n", names.join(" "));
    fs::write(data.join("witnesses.policy"), policy).expect("policy");
    fs::write(data.join("config.toml"), config).expect("config");
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        sleep(Duration::from_millis(20));
    }
}

fn size(note: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(note);
    text.lines().nth(1).and_then(|line| line.parse().ok()).expect("size")
}

fn cosigned_by(note: &[u8], name: &str) -> bool {
    Note::parse(note).expect("note").signatures().iter().any(|line| line.name() == name)
}

/// Publishes a notice, and whether the answer says that the witnesses have seen it.
fn publish(village: &Village, client: &Client, text: &str) -> (u64, bool) {
    let package = village.package(village.draft(client, &[village.notice(text)]));
    let parts = package.iter().flat_map(|(e, b)| [("envelope", e.as_slice()), ("body", b.as_slice())]);
    let answer = client.post(
        "/api/v1/entries?wait=witnessed",
        &format!("multipart/form-data; boundary={}", sanwu_tests::client::BOUNDARY),
        &sanwu_tests::client::multipart(parts),
    );
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let document = answer.json();
    (document["entries"][0]["index"].as_u64().expect("index"), document["witnessed"].as_bool().expect("witnessed"))
}

#[test]
fn nodes_that_witness_each_other() {
    let dir = tempfile::tempdir().expect("dir");
    let mut members: Vec<Member> = (0..3).map(|at| Member::make(dir.path(), at)).collect();
    for at in 0..3 {
        let others: Vec<&Member> =
            members.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, m)| m).collect();
        let logs: Vec<(&str, &[String])> = others.iter().map(|m| (m.origin, m.log_vkeys.as_slice())).collect();
        members[at].follow(&logs);
        settings(&members[at].data, "wait", 1_500, &others, "all");
    }
    members.iter_mut().for_each(Member::serve);
    let village = Village::new();
    for member in &members {
        village.open(&member.data, &member.client());
    }

    // All there: the answer waits for both, and the bundle in it verifies with its quorum.
    let a = members[0].client();
    let (index, witnessed) = publish(&village, &a, "见证都在");
    assert!(witnessed);
    let trust = members[0].trust(dir.path(), "a.trust.json");
    let verified = run(
        &programs().sanwu,
        &["verify", &format!("{}/r/{index}", members[0].url()), "--trust", path(&trust), "--json"],
        dir.path(),
    );
    let document: Value = serde_json::from_slice(&verified.stdout).expect("document");
    assert_eq!((verified.status.code(), document["verdict"].as_str()), (Some(0), Some("ok")), "{document}");
    let witnesses = document["records"][0]["verdict"]["witnesses"].as_array().expect("witnesses").clone();
    assert_eq!(witnesses.len(), 2);
    assert!(witnesses.iter().all(|one| one["time"].is_u64()), "{witnesses:?}");
    assert_eq!(witnesses[0]["operator"], "b.test/log的见证");
    for name in [NAMES[1], NAMES[2]] {
        assert!(cosigned_by(&members[0].checkpoint(), name), "{name}");
    }
    let page = String::from_utf8(a.get("/transparency").body).expect("page");
    assert!(page.contains("b.test/log的见证") && page.contains("看着"), "{page}");

    // One away: under `wait` publication goes on, without it; when it is back, it catches up.
    members[2].stop();
    let (index, witnessed) = publish(&village, &a, "缺一个见证");
    assert!(!witnessed);
    until("published without the witness", || size(&members[0].checkpoint()) > index);
    until("the page says who is silent", || {
        let page = String::from_utf8(a.get("/transparency").body).expect("page");
        page.contains("暂时没有签") && page.contains("最近一次签")
    });
    let verified = run(
        &programs().sanwu,
        &["verify", &format!("{}/r/{index}", members[0].url()), "--trust", path(&trust)],
        dir.path(),
    );
    let told = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(verified.status.code(), Some(6), "{told}");
    assert!(told.contains("c.test/log的见证"), "{told}");
    members[2].serve();
    until("the witness has caught up", || cosigned_by(&members[0].checkpoint(), NAMES[2]));

    // Under `closed` publication stops without it, and goes on when it is back.
    members[0].stop();
    let backup = dir.path().join("backup");
    copy_folder(&members[0].data, &backup);
    let others = [&members[1], &members[2]];
    settings(&members[0].data, "closed", 1_500, &others, "all");
    members[0].serve();
    members[2].stop();
    let before = size(&members[0].checkpoint());
    let (index, witnessed) = publish(&village, &members[0].client(), "没有见证就不公布");
    assert!(!witnessed && index >= before);
    assert_eq!(size(&members[0].checkpoint()), before);
    members[2].serve();
    until("published with the witness", || size(&members[0].checkpoint()) > index);
    assert!(cosigned_by(&members[0].checkpoint(), NAMES[2]));

    // The old backup on a new machine, where no guard tells that more was signed: the witnesses do.
    members[0].stop();
    fs::remove_file(backup.join("last-signed")).expect("guard");
    let restored = Node::try_serve_at(&programs().node, &backup, members[0].port).expect("restored");
    let ready = restored.client().get("/readyz");
    let why = String::from_utf8_lossy(&ready.body).into_owned();
    assert!(ready.status == 503 && why.contains("Restore the newest backup"), "{why}");
    let page = String::from_utf8(restored.client().get("/transparency").body).expect("page");
    assert!(page.contains("现在只能看") && page.contains("Restore the newest backup"), "{page}");
    let package = village.package(village.draft(&restored.client(), &[village.notice("另一种历史")]));
    let refused = restored.client().publish(&package);
    assert_eq!((refused.status, refused.code().as_str()), (503, "E-READ-ONLY"));
}

/// A browser that comes back: a visit, and the same address again after something has changed behind it.
struct Visitor {
    child: std::process::Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Visitor {
    fn start(url: &str) -> Self {
        let mut child = Command::new(python())
            .arg(repository().join("tests/browser/returning.py"))
            .arg("--chromium")
            .arg(browser())
            .arg(url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("returning.py");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, out }
    }

    /// Opens the page, and what its verdict says.
    fn visit(&mut self) -> Value {
        writeln!(self.child.stdin.as_mut().expect("piped"), "visit").expect("write");
        let mut line = String::new();
        self.out.read_line(&mut line).expect("read");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn a_log_with_two_histories_is_caught() {
    let dir = tempfile::tempdir().expect("dir");
    let mut honest = Member::make(dir.path(), 0);
    let mut dishonest = Member::make(dir.path(), 1);
    honest.follow(&[(dishonest.origin, &dishonest.log_vkeys)]);
    settings(&dishonest.data, "wait", 1_500, &[&honest], "all");
    fs::write(honest.data.join("config.toml"), "publish_interval_ms = 20\n").expect("config");
    honest.serve();
    dishonest.serve();
    let village = Village::new();
    village.open(&dishonest.data, &dishonest.client());
    dishonest.stop();
    // The second history begins as a copy, guard and all, and asks no witness.
    let copy = dir.path().join("second");
    copy_folder(&dishonest.data, &copy);
    fs::write(copy.join("config.toml"), "publish_interval_ms = 20\n").expect("config");
    dishonest.serve();

    let first = dishonest.client();
    let (index, witnessed) = publish(&village, &first, "第一种历史");
    assert!(witnessed);
    let mut visitor = Visitor::start(&format!("{}/r/{index}", dishonest.url()));
    let seen = visitor.visit();
    assert_eq!(seen["state"], "ok", "{seen}");
    let trust = dishonest.trust(dir.path(), "dishonest.trust.json");
    // A clerk has drafted the opening of another village, having seen this history.
    let other = Village::named("379999100202");
    let drafted = other.package(other.opening_draft(&first));
    let mirror = dir.path().join("mirror");
    let args = ["mirror", &dishonest.url(), path(&mirror), "--trust", path(&trust), "--quiet"];
    assert!(run(&programs().sanwu, &args, dir.path()).status.success());
    dishonest.stop();

    // The same address, the same key, another history of at least the same length.
    let second = Node::try_serve_at(&programs().node, &copy, dishonest.port).expect("second");
    let client = second.client();
    // As long as it only went back, the notice is not there; a visitor who has seen it is told that the log is shorter.
    let seen = visitor.visit();
    assert_eq!(seen["state"], "mismatch", "{seen}");
    assert!(seen["sentence"].as_str().is_some_and(|told| told.starts_with("这本账比您上次看到的短: ")), "{seen}");
    for text in ["第二种历史", "又一条"] {
        let package = village.package(village.draft(&client, &[village.notice(text)]));
        assert_eq!(client.publish(&package).status, 201);
        until("published", || size(&client.get("/checkpoint").body) as usize > index as usize);
    }

    // 1. By what the clerk's draft has seen: the entry cannot be used in the other history.
    let refused = client.publish(&drafted);
    assert_eq!((refused.status, refused.code().as_str()), (422, "E-SEEN"));

    // 2. By a returning browser.
    let seen = visitor.visit();
    assert_eq!(seen["state"], "mismatch", "{seen}");
    assert_eq!(seen["sentence"], "这本账和您上次看到的不是同一本。", "{seen}");
    assert!(seen["step"].as_str().expect("step").contains("和您上次看到的不是同一本"), "{seen}");

    // 3. By the same person's program, which remembers, and by a comparison with a copy kept elsewhere.
    let url = second.url.clone();
    let args = ["verify", &format!("{url}/r/{index}"), "--trust", path(&trust)];
    assert_eq!(run(&programs().sanwu, &args, dir.path()).status.code(), Some(3));
    let evidence = dir.path().join("evidence.json");
    let args =
        ["audit", "compare", path(&mirror), &url, "--trust", path(&trust), "--json", "--evidence", path(&evidence)];
    let compared = run(&programs().sanwu, &args, dir.path());
    assert_eq!(compared.status.code(), Some(3), "{}", String::from_utf8_lossy(&compared.stdout));
    let document: Value = serde_json::from_slice(&compared.stdout).expect("document");
    let pair = &document["pairs"][0];
    assert_eq!((pair["relation"].as_str(), pair["index"].as_u64()), (Some("fork"), Some(index)), "{document}");
    assert!(evidence.is_file());

    // 4. By the witness. It does not cosign what does not continue its record …
    let note = Note::parse(&client.get("/checkpoint").body).expect("note");
    let witness = honest.client();
    let ask = |old: u64, checkpoint: &Note| {
        let request = AddCheckpoint { old, proof: Vec::new(), checkpoint: checkpoint.clone() };
        witness.post("/witness/add-checkpoint", "text/plain", request.to_text().as_bytes())
    };
    assert_eq!(ask(index + 1, &note).status, 422);
    // … and shown another root of the size it recorded, it has a proof, keeps it, and cosigns no more.
    let retained = client.get(&format!("/api/v1/checkpoints?from={}&count=1", index + 1)).json();
    let same_size = Note::parse(retained["checkpoints"][0]["note"].as_str().expect("note").as_bytes()).expect("note");
    assert_eq!(size(same_size.text().as_bytes()), index + 1);
    assert_eq!(ask(index + 1, &same_size).status, 422);
    let page = String::from_utf8(witness.get("/transparency").body).expect("page");
    assert!(page.contains(dishonest.origin) && page.contains("/witness/evidence/"), "{page}");
    let name = page.split("/witness/evidence/").nth(1).and_then(|rest| rest.split('"').next()).expect("link");
    let file = String::from_utf8(witness.get(&format!("/witness/evidence/{name}")).body).expect("evidence");
    assert!(file.contains(same_size.text()), "{file}");
    drop(second);
    dishonest.serve();
    let (_, witnessed) = publish(&village, &dishonest.client(), "见证人不再签");
    assert!(!witnessed);
}
