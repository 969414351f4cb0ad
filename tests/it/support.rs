//! What several test modules share: paths, a village's log with a node, the demonstration as a process.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sanwu_schema::api::chains::Chains;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::json::Bytes;
use sanwu_schema::record::dsse::{Envelope, Signature, pae};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::Statement;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::tile::{Tile, TileKind, parse_bundle};
use sanwu_tests::client::{Answer, Client};
use sanwu_tests::process::{Node, Programs, run};
use sanwu_tests::village::Village;
use tempfile::TempDir;

/// The real programs, as Cargo built them for this run.
pub fn programs() -> Programs {
    Programs { node: env!("CARGO_BIN_EXE_it-node").into(), sanwu: env!("CARGO_BIN_EXE_it-sanwu").into() }
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository").to_path_buf()
}

/// What installs everything that is missing.
const HINT: &str = "run `sh .ci/setup` first";

/// A real Chromium. A machine without it is not a machine on which the tests pass.
pub fn browser() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::var_os("SANWU_CHROMIUM").map(PathBuf::from);
    let found = named
        .or_else(|| std::env::split_paths(&path).map(|dir| dir.join("chromium-headless-shell")).find(|p| p.is_file()));
    found.unwrap_or_else(|| panic!("chromium-headless-shell is missing: {HINT}"))
}

/// The Python of the browser tests and of the independent verifier.
pub fn python() -> PathBuf {
    let python = repository().join(".venv/bin/python");
    assert!(python.is_file(), "{} is missing: {HINT}", python.display());
    python
}

/// Copies a folder with everything in it to a place that is not there yet.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).expect("directory");
    for entry in fs::read_dir(from).expect("directory") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copy");
        }
    }
}

/// Compares with the committed `snapshots/NAME.snap`; `INSTA_UPDATE=always cargo test …` writes it again.
#[track_caller]
pub fn snapshot(name: &str, now: &str) {
    insta::with_settings!({
        snapshot_path => "snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, now) });
}

/// A node with the sample village's chain open, in a directory of its own.
pub struct Site {
    pub node: Node,
    /// Who signs.
    pub village: Village,
    pub client: Client,
    /// Holds the data; removed in the end.
    pub dir: TempDir,
}

impl Site {
    /// A new log, published as fast as the settings allow.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let village = Village::new();
        let data = dir.path().join("log");
        village.init(&programs().node, &data);
        publish_quickly(&data);
        let node = Node::serve(&programs().node, &data);
        let client = node.client();
        village.open(&data, &client);
        Self { node, village, client, dir }
    }

    /// Publishes that many notices, in packages.
    pub fn notices(&self, count: usize) {
        let texts: Vec<usize> = (0..count).collect();
        for part in texts.chunks(64) {
            let templates: Vec<_> = part.iter().map(|n| self.village.notice(&format!("第{n}条通知"))).collect();
            self.village.publish(&self.client, self.village.draft(&self.client, &templates));
        }
    }

    /// The trust file as the node gives it.
    pub fn trust(&self) -> Vec<u8> {
        self.client.get("/api/v1/trust").body
    }

    /// A receipt bundle, once a checkpoint that covers the entry is published.
    pub fn bundle(&self, index: u64) -> Vec<u8> {
        published(&self.client, index + 1);
        let answer = self.client.get(&format!("/api/v1/entries/{index}/bundle"));
        assert_eq!(answer.status, 200);
        answer.body
    }
}

/// Sets the shortest publish interval in a data directory's settings.
pub fn publish_quickly(data: &Path) {
    let path = data.join("config.toml");
    let settings = fs::read_to_string(&path).expect("config.toml");
    let quick = settings.replace("publish_interval_ms = 1000", "publish_interval_ms = 20");
    assert_ne!(settings, quick, "the settings' template has changed");
    fs::write(path, quick).expect("config.toml");
}

/// The number of entries that are committed: one more than the largest index of a chain's head.
pub fn committed(client: &Client) -> u64 {
    chains(client).chains.iter().map(|row| row.head.index + 1).max().unwrap_or_default()
}

/// All chains with their heads.
pub fn chains(client: &Client) -> Chains {
    let answer = client.get("/api/v1/chains?count=200");
    assert_eq!(answer.status, 200);
    answer.document()
}

/// The published checkpoint, once it covers that many entries.
pub fn published(client: &Client, size: u64) -> Checkpoint {
    let started = Instant::now();
    loop {
        let answer = client.get("/checkpoint");
        if answer.status == 200 {
            let text = String::from_utf8(answer.body).expect("UTF-8");
            let (text, _) = text.split_once("\n\n").expect("a note");
            let checkpoint = Checkpoint::parse(&format!("{text}\n")).expect("checkpoint");
            if checkpoint.size >= size {
                return checkpoint;
            }
        }
        assert!(started.elapsed() < Duration::from_secs(60), "no checkpoint of {size} entries was published");
        sleep(Duration::from_millis(10));
    }
}

/// The first `size` entries, read from the entry bundles as any monitor does.
pub fn entries(client: &Client, size: u64) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for index in 0..size.div_ceil(256) {
        let tile = Tile::at_size(TileKind::Entries, index, size).expect("a bundle");
        let answer = client.get(&format!("/{tile}"));
        assert_eq!(answer.status, 200, "{tile}");
        found.extend(parse_bundle(&answer.body, tile.width()).expect("bundle").into_iter().map(<[u8]>::to_vec));
    }
    found
}

/// Signs any statement with the keys of its signers.
pub fn sealed(village: &Village, extra: &[&SecretKey], statement: &Statement) -> Vec<u8> {
    let payload = sanwu_schema::json::to_canonical(statement);
    let keys: Vec<&SecretKey> = statement
        .signers
        .iter()
        .map(|signer| {
            let known = village.people.iter().map(|p| &p.2).chain(extra.iter().copied());
            known.into_iter().find(|k| k.public().key_id() == signer.keyid).expect("a key of the tests")
        })
        .collect();
    sealed_payload(&payload, &keys)
}

/// Signs any bytes with these keys, in this order.
pub fn sealed_payload(payload: &[u8], keys: &[&SecretKey]) -> Vec<u8> {
    let sign = |key: &&SecretKey| Signature { keyid: key.public().key_id(), sig: Bytes(key.sign(&pae(payload))) };
    Envelope { payload: payload.to_vec(), signatures: keys.iter().map(sign).collect() }.to_bytes()
}

/// The digest of the body that an envelope names.
pub fn body_of(envelope: &[u8]) -> Hash {
    Entry::parse(envelope).expect("entry").statement.body.expect("body").digest
}

/// Asserts a problem document.
pub fn assert_problem(answer: &Answer, status: u16, code: &str) {
    let shown = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!((answer.status, answer.header("content-type")), (status, Some("application/problem+json")), "{shown}");
    let problem = answer.problem();
    assert_eq!((problem.code.as_str(), problem.status), (code, status), "{shown}");
    for text in [&problem.r#type, &problem.title, &problem.title_en, &problem.hint, &problem.hint_en] {
        assert!(!text.is_empty(), "{shown}");
    }
}

/// Runs `sanwu`, and gives the exit code with stdout and stderr.
pub fn sanwu(dir: &Path, args: &[&str]) -> Ran {
    ran(run(&programs().sanwu, args, dir))
}

/// Runs `sanwu-node`.
pub fn sanwu_node(dir: &Path, args: &[&str]) -> Ran {
    ran(run(&programs().node, args, dir))
}

/// How a program ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("ended by a signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The demonstration as a process; killed when dropped.
pub struct Demo {
    child: Child,
    pub url: String,
    /// Where it keeps keys, trust file and log.
    pub dir: PathBuf,
}

impl Demo {
    /// Starts it on a free port and waits for the address.
    pub fn start(dir: &Path) -> Self {
        let mut child = Command::new(programs().node)
            .args(["demo", "--quiet", "--listen", "127.0.0.1:0", "--data"])
            .arg(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("demo");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("its address");
        assert!(line.starts_with("http://"), "the demonstration did not start: {line}");
        Self { child, url: line.trim().to_string(), dir: dir.to_path_buf() }
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Its trust file.
    pub fn trust(&self) -> PathBuf {
        self.dir.join("trust.json")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
