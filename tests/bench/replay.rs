//! The auditor's replay of everything that was just published, from a mirror on disk.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What a replay gave.
pub struct Replay {
    /// Entries replayed.
    pub entries: u64,
    /// Signatures verified.
    pub signatures: u64,
    /// Wall-clock time of the whole process.
    pub seconds: f64,
}

/// Mirrors the log, then replays the mirror as `sanwu audit replay` does for an auditor.
pub fn run(url: &str, dir: &Path) -> Replay {
    let sanwu = dir.join("sanwu");
    let mirror = dir.join("mirror");
    let mirror = mirror.to_str().expect("path");
    let output = Command::new(&sanwu).args(["mirror", url, mirror, "--quiet"]).output().expect("mirror");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let start = Instant::now();
    let output = Command::new(&sanwu).args(["audit", "replay", mirror, "--json", "--quiet"]).output().expect("replay");
    let seconds = start.elapsed().as_secs_f64();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    Replay {
        entries: report["entries"].as_u64().expect("entries"),
        signatures: report["signatures"].as_u64().expect("signatures"),
        seconds,
    }
}
