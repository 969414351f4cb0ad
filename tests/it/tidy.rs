//! The rules of the code that a compiler does not know: modules, words. Imports and layers are in `layers`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository;

/// Code lines of one file at most; tests have files of their own.
const CODE_LINES_MAX: usize = 600;

/// A source file with its path from the repository's root.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// Lines that are code: no comments, nothing after an inline `mod tests`.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        // The last item of a file, if it is its tests.
        let inline = self.text.rfind("#[cfg(test)]\n").filter(|at| {
            let item = self.text[*at..].lines().skip(1).find(|line| !line.starts_with("#["));
            item.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
        });
        let end = inline.unwrap_or(self.text.len());
        let lines = self.text.get(..end).unwrap_or_default().lines().enumerate();
        lines.map(|(n, line)| (n + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    pub fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/") || self.path.ends_with("conformance.rs")
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every file with this ending below these folders.
pub fn files(folders: &[&str], ending: &str) -> Vec<Source> {
    let root = repository();
    let mut paths = Vec::new();
    for folder in folders {
        walk(&root.join(folder), &mut paths);
    }
    paths.sort();
    let relative = |path: &PathBuf| path.strip_prefix(&root).expect("in the repository").display().to_string();
    paths
        .iter()
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(|path| Source { path: relative(path), text: fs::read_to_string(path).expect("UTF-8") })
        .collect()
}

/// No line of code below the folders has any of the words, except in files that `but` says.
fn nowhere(folders: &[&str], words: &[&str], but: impl Fn(&str) -> bool) {
    let sources = files(folders, ".rs");
    assert!(!sources.is_empty());
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|s| !but(&s.path)) {
        for (n, line) in source.code() {
            wrong.extend(words.iter().filter(|w| line.contains(**w)).map(|w| format!("{}:{n}: {w}", source.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A store comes from `storage::open`, `create` or `in_memory`; which engine it is nobody else knows.
#[test]
fn no_engine_is_named_outside_the_storage() {
    let words = ["Rocks", "rocks::", "storage::memory", "storage::rocks"];
    nowhere(&["node/src", "tests/src"], &words, |path| {
        path.starts_with("node/src/storage/") || path.starts_with("node/src/views/")
    });
}

#[test]
fn the_schema_is_pure() {
    let impure = [
        "std::time",
        "std::fs",
        "std::net",
        "std::env",
        "std::thread",
        "SystemTime",
        "Instant",
        "getrandom",
        "rand::",
        "async fn",
        "println!",
    ];
    nowhere(&["schema/src"], &impure, |path| path.ends_with("/tests.rs"));
    let root = fs::read_to_string(repository().join("schema/src/lib.rs")).expect("lib.rs");
    assert!(root.contains("no_std"), "the schema is no_std");
}

#[test]
fn node_and_cli_do_not_know_each_other() {
    let manifest = |name: &str| fs::read_to_string(repository().join(name).join("Cargo.toml")).expect("manifest");
    assert!(!manifest("node").contains("sanwu-cli") && !manifest("cli").contains("sanwu-node"));
    assert!(!manifest("cli").contains("rocksdb"), "the clerk's program stays small");
    for name in ["node", "cli", "schema"] {
        assert!(!manifest(name).contains("sanwu-tests"));
    }
    for dependency in ["axum", "tokio", "rocksdb", "ureq", "getrandom", "jiff"] {
        assert!(!manifest("schema").contains(dependency), "{dependency}");
    }
}

/// A second driver would keep a state of its own, and could come to another answer.
#[test]
fn one_replayer_drives_validity_and_admission() {
    nowhere(&["schema/src", "node/src", "cli/src"], &["validity::check(", "admission::check("], |path| {
        path.starts_with("schema/src/replay/") || path.ends_with("/tests.rs")
    });
}

#[test]
fn one_algorithm_is_known_in_one_place() {
    nowhere(&["schema/src", "node/src", "cli/src"], &["ed25519_dalek"], |path| {
        path == "schema/src/crypto/suite/ed25519.rs"
    });
}

#[test]
fn nothing_panics_on_purpose() {
    let words = [".unwrap()", ".expect(\"", "panic!(", "todo!(", "unimplemented!(", "dbg!("];
    let mut wrong = Vec::new();
    for source in files(&["schema/src", "node/src", "cli/src"], ".rs").iter().filter(|s| !s.is_test()) {
        for (n, line) in source.code() {
            wrong.extend(words.iter().filter(|w| line.contains(**w)).map(|w| format!("{}:{n}: {w}", source.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Comments and texts are plain, current English: an idiom costs the reader who learned the language at school, and the
/// field has its own words (TOFU, equivocation, rollback, stale, pinned, cosignature, "is at", "is written").
#[test]
fn words_are_plain() {
    let idioms = [
        "'s word",
        "s' word",
        " their word",
        " whose word",
        " held against",
        " whatever it",
        " goes by",
        " speaks against",
        " says nothing of",
        " in question",
        " passed over",
        " stand",
        " stands",
        " stood",
        " whoever",
        " heed",
        " ought",
        " anew",
    ];
    let mut wrong = Vec::new();
    for source in files(&["schema/src", "node/src", "cli/src"], ".rs") {
        for (n, line) in source.text.lines().enumerate() {
            // The words of the line, each between two spaces.
            let line = line.to_lowercase();
            let parts = line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '\'');
            let line = parts.flat_map(|part| [" ", part]).chain([" "]).collect::<String>();
            let mut found: Vec<&str> = idioms.into_iter().filter(|i| line.contains(&format!("{i} "))).collect();
            let held = [" hold ", " holds "].into_iter().find_map(|hold| line.split_once(hold));
            if held.is_some_and(|(_, rest)| format!(" {rest}").contains(" against ")) {
                found.push("hold … against");
            }
            wrong.extend(found.into_iter().map(|idiom| format!("{}:{}: {idiom}", source.path, n + 1)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let sources =
        files(&["schema/src", "node/src", "cli/src", "tests/src", "tests/it", "tests/bin", "tests/bench"], ".rs");
    let long = sources.iter().map(|s| (s.code().count(), &s.path)).filter(|(lines, _)| *lines > CODE_LINES_MAX);
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "{long:?}");
}

/// A file that no `mod` names is not compiled, and its tests do not run.
#[test]
fn every_module_is_declared() {
    let mut wrong = Vec::new();
    let roots = [
        ("schema/src", "lib.rs"),
        ("node/src", "lib.rs"),
        ("cli/src", "lib.rs"),
        ("tests/src", "lib.rs"),
        ("tests/it", "main.rs"),
        ("tests/bench", "main.rs"),
    ];
    for (folder, root) in roots {
        for source in files(&[folder], ".rs") {
            let path = Path::new(&source.path);
            let (name, parent) = (path.file_name().expect("name").to_string_lossy(), path.parent().expect("folder"));
            if parent == Path::new(folder) && (name == root || name == "main.rs") {
                continue;
            }
            // `a/b.rs` is declared by `a.rs`, `a/mod.rs`, or the crate's root; `a/mod.rs` by what is above `a`.
            let (module, parent) = match name.strip_suffix(".rs").expect(".rs") {
                "mod" => {
                    (parent.file_name().expect("name").to_string_lossy().into_owned(), parent.parent().expect("folder"))
                }
                module => (module.to_string(), parent),
            };
            let above = if parent == Path::new(folder) {
                vec![parent.join(root)]
            } else {
                vec![parent.with_extension("rs"), parent.join("mod.rs")]
            };
            let declared = above.iter().filter_map(|p| fs::read_to_string(repository().join(p)).ok()).any(|text| {
                text.lines().any(|line| {
                    let line = line.trim();
                    line.ends_with(&format!("mod {module};")) && !line.starts_with("//")
                })
            });
            if !declared {
                wrong.push(format!("{}: no `mod {module};` in {above:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_names_somebodys_machine() {
    let mut wrong = Vec::new();
    let words = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
        concat!("C:", "\\Users"),
    ];
    let folders = ["schema", "node/src", "node/assets", "cli", "tests"];
    for ending in [".rs", ".toml", ".md", ".json", ".py", ".js", ".html", ".css", ".csv", ".sh"] {
        for source in files(&folders, ending) {
            for (n, line) in source.text.lines().enumerate() {
                let named = words.iter().filter(|word| begins_a_path(line, word));
                wrong.extend(named.map(|word| format!("{}:{}: {word}", source.path, n + 1)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the word begins a path somewhere in the line. `pages/home/home.html` has a folder of that name inside.
fn begins_a_path(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "._-".contains(c)))
}

#[test]
fn no_test_is_switched_off() {
    let sources = files(&["schema", "node/src", "cli", "tests"], ".rs");
    let ignore = concat!("#[ig", "nore");
    let off: Vec<&String> = sources.iter().filter(|s| s.text.contains(ignore)).map(|s| &s.path).collect();
    assert!(off.is_empty(), "{off:?}");
}

#[test]
fn the_code_map_names_every_folder() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    let mut folders = BTreeSet::new();
    for source in files(&["node/src", "cli/src", "schema/src"], ".rs") {
        let mut parts = source.path.split('/');
        if let (Some(package), Some("src"), Some(folder), Some(_)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        {
            folders.insert(format!("{package}/src/{folder}"));
        }
    }
    let named = |folder: &&String| {
        let last = folder.rsplit('/').next().unwrap_or_default();
        readme.contains(folder.as_str()) || readme.contains(&format!("{last}/"))
    };
    let missing: Vec<&String> = folders.iter().filter(|f| !named(f)).collect();
    assert!(missing.is_empty(), "the README's code map does not name {missing:?}");
}
