//! The auditor's replay of everything that was just published, from a mirror on disk.

use std::path::Path;
use std::time::Instant;

use sanwu_tests::process;

/// What a replay gave.
pub struct Replay {
    pub entries: u64,
    pub signatures: u64,
    /// Wall-clock time of the whole process.
    pub seconds: f64,
}

/// Mirrors the log, then replays the mirror as `sanwu audit replay` does for an auditor.
pub fn run(url: &str, dir: &Path) -> Replay {
    let sanwu = |args: &[&str]| process::run(&dir.join("sanwu"), args, dir);
    let mirror = dir.join("mirror");
    let mirror = mirror.to_str().expect("path");
    let output = sanwu(&["mirror", url, mirror, "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let start = Instant::now();
    let output = sanwu(&["audit", "replay", mirror, "--json", "--quiet"]);
    let seconds = start.elapsed().as_secs_f64();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    Replay {
        entries: report["entries"].as_u64().expect("entries"),
        signatures: report["signatures"].as_u64().expect("signatures"),
        seconds,
    }
}
