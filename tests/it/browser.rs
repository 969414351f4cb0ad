//! The pages in a real Chromium. A machine without it is not a machine on which this passes.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{programs, repository};

/// What installs everything that is missing.
const HINT: &str = "run `sh .ci/setup` first";

fn browser() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::var_os("SANWU_CHROMIUM").map(PathBuf::from);
    let found = named
        .or_else(|| std::env::split_paths(&path).map(|dir| dir.join("chromium-headless-shell")).find(|p| p.is_file()));
    found.unwrap_or_else(|| panic!("chromium-headless-shell is missing: {HINT}"))
}

#[test]
fn a_residents_phone() {
    let python = repository().join(".venv/bin/python");
    assert!(python.is_file(), "{} is missing: {HINT}", python.display());
    let output = Command::new(python)
        .arg(repository().join("tests/browser/run.py"))
        .arg("--node")
        .arg(programs().node)
        .arg("--chromium")
        .arg(browser())
        .current_dir(repository())
        .output()
        .expect("run.py");
    let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown}");
    let last = shown.lines().rev().find(|line| line.contains("passed")).unwrap_or_default();
    let passed: u32 = last.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_default();
    assert!(passed >= 10 && last.contains("0 failed"), "{shown}");
}
