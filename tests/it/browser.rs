//! The pages in a real Chromium. A machine without it is not a machine on which this passes.

use std::process::Command;

use crate::support::{browser, programs, python, repository};

#[test]
fn a_residents_phone() {
    let output = Command::new(python())
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
