//! The READMEs' tours, typed by a machine: every command of their `console` blocks is run in order in an empty folder,
//! and the output has to be the one shown. Only what cannot be the same twice is blanked: times, keys, hashes, ports.
//!
//! A tour that names the demonstration's address gets a fresh demonstration. A block ```` ```console background ````
//! holds programs that go on running, as in a second terminal: each is started, waited for until it listens, and ended
//! with the tour.
//!
//! `SANWU_WRITE_README=1 cargo test --release --workspace readme` writes the outputs again.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use regex::Regex;
use sanwu_tests::process::{self, free_port};
use tempfile::TempDir;

use crate::support::{Demo, programs, repository};

/// The port at which the READMEs show the demonstration.
const DEMO_PORT: &str = "8420";

const BLOCK: &str = "```console";

#[test]
fn the_readme_says_what_happens() {
    // What it is and where to go: nothing to type but the two commands that CI runs.
    assert_eq!(follow("README.md"), 0);
}

#[test]
fn clerk_resident_and_auditor_see_what_the_readme_shows() {
    assert!(follow("cli/README.md") >= 12);
}

#[test]
fn an_operator_gets_to_a_first_published_month() {
    assert!(follow("node/README.md") >= 12);
}

/// Runs a tour; the number of its commands.
fn follow(file: &str) -> usize {
    let path = repository().join(file);
    let shown = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let mut tour = Tour::new();
    let (mut now, mut wrong, mut commands) = (String::new(), Vec::new(), 0);
    let mut rest = shown.as_str();
    while let Some(start) = rest.find(BLOCK) {
        let (before, block) = rest.split_at(start);
        let (opening, block) = block.split_once('\n').expect("a block opens with a line");
        let end = block.find("```").expect("a block ends");
        now.push_str(&format!("{before}{opening}\n"));
        for (command, shown) in split(&block[..end]) {
            commands += 1;
            if opening == format!("{BLOCK} background") {
                tour.start(&command);
                now.push_str(&format!("$ {command}\n{shown}"));
                continue;
            }
            let output = tour.run(&command);
            if redact(&output) != redact(&shown) {
                wrong.push(format!("$ {command}\n--- {file}\n{}--- now\n{}", redact(&shown), redact(&output)));
            }
            now.push_str(&format!("$ {command}\n{output}"));
        }
        rest = &block[end..];
    }
    now.push_str(rest);
    if std::env::var_os("SANWU_WRITE_README").is_some() {
        fs::write(&path, now).expect("writable");
        return commands;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    commands
}

/// One terminal in an empty folder, with the programs on its path.
struct Tour {
    dir: TempDir,
    bin: PathBuf,
    /// Ports shown, and those used instead.
    ports: BTreeMap<String, String>,
    demo: Option<Demo>,
    background: Vec<Child>,
}

impl Tour {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let bin = dir.path().join("bin");
        fs::create_dir(&bin).expect("bin");
        symlink(&programs().sanwu, bin.join("sanwu")).expect("link");
        symlink(&programs().node, bin.join("sanwu-node")).expect("link");
        Self { dir, bin, ports: BTreeMap::new(), demo: None, background: Vec::new() }
    }

    /// The command with the ports of this run.
    fn here(&mut self, command: &str) -> String {
        let address = Regex::new(r"127\.0\.0\.1:(84\d\d)").expect("rule");
        for found in address.captures_iter(command) {
            let shown = found[1].to_string();
            if shown == DEMO_PORT && self.demo.is_none() {
                let demo = Demo::start(&self.dir.path().join("sanwu-demo"));
                self.ports.insert(shown, demo.url.rsplit(':').next().expect("a port").to_string());
                self.demo = Some(demo);
            } else {
                self.ports.entry(shown).or_insert_with(|| free_port().to_string());
            }
        }
        self.ports.iter().fold(command.to_string(), |text, (shown, used)| {
            text.replace(&format!("127.0.0.1:{shown}"), &format!("127.0.0.1:{used}"))
        })
    }

    /// What a terminal shows: both streams, in the order written.
    fn run(&mut self, command: &str) -> String {
        let command = self.here(command);
        let output = self.shell(&format!("{{ {command}\n}} 2>&1")).output().expect("sh");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let text = self.ports.iter().fold(text, |text, (shown, used)| {
            text.replace(&format!("127.0.0.1:{used}"), &format!("127.0.0.1:{shown}"))
        });
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }

    /// Starts a program that listens, and waits until it does.
    fn start(&mut self, command: &str) {
        let here = self.here(command);
        let child =
            self.shell(&format!("exec {here}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh");
        self.background.push(child);
        let address = here.split("127.0.0.1:").nth(1).and_then(|rest| rest.get(..5)).expect("it listens somewhere");
        let address = format!("127.0.0.1:{}", address.trim_end_matches(|c: char| !c.is_ascii_digit()));
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "{command}: nothing listens");
            sleep(Duration::from_millis(20));
        }
    }

    fn shell(&self, script: &str) -> Command {
        let path = format!("{}:{}", self.bin.display(), std::env::var("PATH").expect("PATH"));
        let mut command = process::command("sh", self.dir.path());
        command.args(["-c", script]).env("PATH", path);
        command
    }
}

impl Drop for Tour {
    fn drop(&mut self) {
        for child in &mut self.background {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The commands of a block, each with the output shown. A here-document belongs to its command.
fn split(block: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut until: Option<String> = None;
    for line in block.lines() {
        match (&until, line.strip_prefix("$ "), found.last_mut()) {
            (Some(end), _, Some((command, _))) => {
                command.push('\n');
                command.push_str(line);
                if line == end {
                    until = None;
                }
            }
            (None, Some(command), _) => {
                until = command.split("<<'").nth(1).and_then(|w| w.split('\'').next()).map(String::from);
                found.push((command.to_string(), String::new()));
            }
            (None, None, Some((command, output))) => {
                if output.is_empty() && command.ends_with('\\') {
                    command.push('\n');
                    command.push_str(line);
                } else {
                    output.push_str(line);
                    output.push('\n');
                }
            }
            (_, _, None) => panic!("a console block starts with a command: {line}"),
        }
    }
    found
}

/// Blanks what differs from run to run, with its length gone, too.
fn redact(text: &str) -> String {
    let rules = [
        (r"[0-9a-f]{16,}", "<hex>"),
        (r"\b[0-9a-f]{8}…", "<key>…"),
        (r"\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}-[0-9A-Z]\b", "<check code>"),
        (r"\b[0-9A-F]{4}(-[0-9A-F]{4}){7}\b", "<fingerprint>"),
        (r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{40,}=*", "+<key>"),
        (r"[A-Za-z0-9+/]{40,}=*", "<base64>"),
        (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|\+08:00)?", "<time>"),
        (r"\d+(\.\d+)? ?(ms|毫秒|秒)", "<duration>"),
        (r"[ \t]+\n", "\n"),
    ];
    rules.iter().fold(text.to_string(), |text, (rule, with)| {
        Regex::new(rule).expect("rule").replace_all(&text, *with).into_owned()
    })
}
