//! The pages in a real Chromium, each kind of page by itself, so that they run beside each other. A machine without it
//! is not a machine on which this passes.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::{browser, programs, python, repository};

/// One test for each file of `tests/browser/pages`.
macro_rules! pages {
    ($($page:ident $least:literal),+ $(,)?) => {
        $( #[test] fn $page() { run(stringify!($page), $least); } )+

        #[test]
        fn every_page_has_a_test() {
            let folder = repository().join("tests/browser/pages");
            let files: BTreeSet<String> = std::fs::read_dir(folder)
                .expect("pages")
                .map(|file| file.expect("file").path())
                .filter(|path| path.extension().is_some_and(|end| end == "py"))
                .map(|path| path.file_stem().expect("name").to_string_lossy().into_owned())
                .collect();
            assert_eq!(files, BTreeSet::from([$( stringify!($page).to_string() ),+]));
        }
    };
}

// The longest first, with the number of its checks.
pages! { accessible 2, layout 3, notice 9, memory 5, site 6, verify 3, village 1 }

/// Runs the checks of a page; as many have to pass as are asked for.
fn run(page: &str, least: u32) {
    let output = Command::new(python())
        .arg(repository().join("tests/browser/run.py"))
        .arg("--node")
        .arg(programs().node)
        .arg("--chromium")
        .arg(browser())
        .arg(page)
        .current_dir(repository())
        .output()
        .expect("run.py");
    let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown}");
    let last = shown.lines().rev().find(|line| line.contains("passed")).unwrap_or_default();
    let passed: u32 = last.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_default();
    assert!(passed >= least && last.contains("0 failed"), "{shown}");
}
