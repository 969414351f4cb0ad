//! The README's tour, typed by a machine: every command of its `console` blocks is run in order in an empty folder,
//! against a fresh demonstration node, and the output has to be the one that stands in the README. Only what
//! cannot be the same twice is blanked: times, keys, hashes, ports.
//!
//! `SANWU_WRITE_README=1 cargo test --release --workspace readme` writes the outputs anew.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use regex::Regex;
use sanwu_tests::process;

use crate::support::{Demo, programs, repository};

/// The address that the README shows.
const SHOWN: &str = "http://127.0.0.1:8420";

#[test]
fn readme_tour_gives_the_output_it_shows() {
    let path = repository().join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md");
    let dir = tempfile::tempdir().expect("dir");
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).expect("bin");
    symlink(&programs().sanwu, bin.join("sanwu")).expect("link");
    symlink(&programs().node, bin.join("sanwu-node")).expect("link");
    let demo = Demo::start(&dir.path().join("sanwu-demo"));

    let mut now = String::new();
    let mut wrong = Vec::new();
    let mut commands = 0;
    let mut rest = readme.as_str();
    while let Some(start) = rest.find("```console\n") {
        let (before, block) = rest.split_at(start + "```console\n".len());
        let end = block.find("```").expect("a block ends");
        now.push_str(before);
        for (command, shown) in split(&block[..end]) {
            commands += 1;
            let output = run(&command.replace(SHOWN, &demo.url), dir.path(), &bin).replace(&demo.url, SHOWN);
            let output = output.replace(&format!("{}/", dir.path().display()), "");
            if redact(&output) != redact(&shown) {
                wrong.push(format!("$ {command}\n--- README\n{}--- now\n{}", redact(&shown), redact(&output)));
            }
            now.push_str(&format!("$ {command}\n{output}"));
        }
        rest = &block[end..];
    }
    now.push_str(rest);
    if std::env::var_os("SANWU_WRITE_README").is_some() {
        fs::write(&path, now).expect("README.md");
        return;
    }
    assert!(commands >= 12, "the tour has only {commands} commands");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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

/// What a terminal would show: both streams, in the order written.
fn run(command: &str, dir: &Path, bin: &Path) -> String {
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("PATH"));
    let output = process::command("sh", dir)
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .env("PATH", path)
        .output()
        .expect("sh");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Blanks what differs from run to run, with its length gone, too.
fn redact(text: &str) -> String {
    let rules = [
        (r"[0-9a-f]{16,}", "<hex>"),
        (r"\b[0-9a-f]{8}…", "<key>…"),
        (r"\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}-[0-9A-Z]\b", "<check code>"),
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
