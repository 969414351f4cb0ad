//! Witnesses as processes, and logs to be witnessed that exist in memory only.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::merkle::build::consistency_proof;
use sanwu_schema::tlog::merkle::{self, HashReader, Node, Tree, leaf_hash};
use sanwu_schema::tlog::note::{Note, Signature};
use sanwu_schema::tlog::vkey::{ED25519, MLDSA44_COSIGNATURE, SignerKey, Vkey};
use sanwu_schema::tlog::witness::{AddCheckpoint, parse_cosignatures};

use crate::client::{Answer, Client};

/// Makes a witness's directory and gives its verifier keys: Ed25519, then ML-DSA-44.
pub fn init(node: &Path, data: &Path, name: &str) -> Vec<Vkey> {
    let output = Command::new(node)
        .args(["witness", "init", "--quiet", "--name", name, "--data"])
        .arg(data)
        .output()
        .expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| Vkey::parse(line).expect("vkey")).collect()
}

/// A list of logs, in the witness network's format: each log with its origin and keys.
pub fn log_list<'a>(logs: impl IntoIterator<Item = (&'a str, &'a [Vkey])>, per_day: u64) -> String {
    let block = |(origin, keys): (&str, &[Vkey])| -> String {
        let lines = keys.iter().map(|key| {
            let origin = if origin == key.name() { "none" } else { origin };
            format!("\nvkey {key}\norigin {origin}\nqpd {per_day}\ncontact test\n")
        });
        lines.collect()
    };
    let blocks: String = logs.into_iter().map(block).collect();
    format!("# made by a test\nlogs/v0\n{blocks}")
}

/// Puts a list in place, whole or not at all.
pub fn set_list(data: &Path, list: &str) {
    let new = data.join("logs.txt.test");
    std::fs::write(&new, list).expect("list");
    std::fs::rename(new, data.join("logs.txt")).expect("list");
}

/// A witness's own server, as a process; killed when dropped.
pub struct Witness {
    child: Child,
    /// Its data directory.
    pub data: PathBuf,
    /// Its URL: the prefix for both submissions and monitors.
    pub url: String,
}

impl Witness {
    /// `sanwu-node witness serve` on a free port.
    pub fn serve(node: &Path, data: &Path) -> Self {
        let mut child = Command::new(node)
            .args(["witness", "serve", "--quiet", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("witness");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("its address");
        assert!(line.starts_with("http://"), "the witness did not start: {line}");
        Self { child, data: data.to_path_buf(), url: line.trim().to_string() }
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// SIGKILL: no chance to flush anything.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// SIGTERM, and the exit code.
    pub fn stop(mut self) -> Option<i32> {
        let command = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().expect("sh").success());
        self.child.wait().expect("wait").code()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request's body to the witness under this prefix.
pub fn ask(client: &Client, prefix: &str, body: &[u8]) -> Answer {
    client.post(&format!("{prefix}/add-checkpoint"), "text/plain; charset=utf-8", body)
}

/// The cosignatures of an answer 200, each verified with one of the keys, and the time they name.
pub fn cosigned(answer: &Answer, note_text: &str, keys: &[Vkey]) -> (Vec<Signature>, u64) {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let lines = parse_cosignatures(&answer.body).expect("signature lines");
    assert_eq!(lines.len(), keys.len());
    let mut times = keys.iter().map(|key| {
        let line = lines.iter().find(|line| line.is_by(key)).expect("a line by each key");
        key.verify(note_text, line.bytes()).expect("a good cosignature").expect("a time")
    });
    let time = times.next().expect("a key");
    assert!(time > 0 && times.all(|other| other == time));
    (lines, time)
}

/// A log in memory: leaf number i is a text with i in it. Signs whatever size it is asked for.
pub struct TestLog {
    /// Its origin.
    pub origin: String,
    /// Who signs.
    pub signers: Vec<SignerKey>,
    roots: Vec<Hash>,
    nodes: BTreeMap<Node, Hash>,
}

impl TestLog {
    /// A log with that many leaves and an Ed25519 key of its name, whose seed is the digest of the name.
    pub fn new(origin: &str, size: u64) -> Self {
        Self::keyed(origin, origin, size)
    }

    /// The same, signed by a key of another name than the origin.
    pub fn keyed(origin: &str, name: &str, size: u64) -> Self {
        let seed = Hash::digest(name.as_bytes()).0;
        let signer = SignerKey::from_seed(name, ED25519, seed).expect("key");
        Self::grown(origin, vec![signer], size, u64::MAX)
    }

    /// Another history of the log: the same first `common` leaves, then others.
    pub fn forked(&self, common: u64) -> Self {
        Self::grown(&self.origin, self.signers.clone(), self.size(), common)
    }

    fn grown(origin: &str, signers: Vec<SignerKey>, size: u64, common: u64) -> Self {
        let (mut tree, mut nodes, mut roots) = (Tree::default(), BTreeMap::new(), vec![merkle::EMPTY]);
        for index in 0..size {
            let word = if index < common { "leaf" } else { "other leaf" };
            tree.append_with(leaf_hash(format!("{word} {index}").as_bytes()), |node, hash| {
                nodes.insert(node, hash);
            });
            roots.push(tree.root());
        }
        Self { origin: origin.to_string(), signers, roots, nodes }
    }

    /// With an ML-DSA-44 key as well, as C2SP wants it of new logs.
    pub fn with_mldsa(mut self) -> Self {
        let seed = Hash::digest(format!("{} ML-DSA", self.origin).as_bytes()).0;
        self.signers.push(SignerKey::from_seed(&self.origin, MLDSA44_COSIGNATURE, seed).expect("key"));
        self
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.roots.len() as u64 - 1
    }

    /// The root of the first leaves.
    pub fn root(&self, size: u64) -> Hash {
        self.roots[size as usize]
    }

    /// The verifier keys.
    pub fn vkeys(&self) -> Vec<Vkey> {
        self.signers.iter().map(|signer| signer.vkey().clone()).collect()
    }

    /// The part of the path under which a witness serves this log's checkpoint.
    pub fn hash(&self) -> String {
        Hash::digest(self.origin.as_bytes()).to_hex()
    }

    /// The text of a checkpoint.
    pub fn text(&self, size: u64) -> String {
        checkpoint_text(&self.origin, size, &self.root(size))
    }

    /// A signed checkpoint.
    pub fn note(&self, size: u64) -> Note {
        signed(&self.text(size), &self.signers)
    }

    /// The proof that the tree of `old` leaves is the beginning of that of `size` leaves.
    pub fn proof(&self, old: u64, size: u64) -> Vec<Hash> {
        consistency_proof(old, size, self).expect("sizes")
    }

    /// A request that is right if the witness has recorded `old`.
    pub fn request(&self, old: u64, size: u64) -> AddCheckpoint {
        AddCheckpoint { old, proof: self.proof(old, size), checkpoint: self.note(size) }
    }
}

impl HashReader for TestLog {
    type Error = Infallible;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        Ok(self.nodes[&Node { level, index }])
    }
}

/// The three lines of a checkpoint, of any log and true or not.
pub fn checkpoint_text(origin: &str, size: u64, root: &Hash) -> String {
    format!("{origin}\n{size}\n{}\n", root.to_base64())
}

/// A text signed by these keys, Ed25519 or ML-DSA-44.
pub fn signed(text: &str, signers: &[SignerKey]) -> Note {
    let mut note = Note::new(text.to_string()).expect("text");
    for signer in signers {
        if signer.vkey().algorithm() == ED25519 {
            note.sign(signer).expect("signature");
        } else {
            note.add(cosignature::sign(signer, text, 1_790_000_000).expect("signature"));
        }
    }
    note
}
