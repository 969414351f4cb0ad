//! Being a witness, over HTTP and with real processes.

mod cases;
mod commands;
mod fork;
mod races;

use std::path::Path;

use sanwu_schema::tlog::vkey::Vkey;
use sanwu_tests::client::Answer;
use sanwu_tests::witness::{TestLog, Witness, init, log_list, set_list};
use tempfile::TempDir;

use crate::support::programs;

/// As often as anybody likes.
const OFTEN: u64 = 86_400_000_000;

/// A running witness that follows some logs.
struct Bench {
    witness: Witness,
    keys: Vec<Vkey>,
    dir: TempDir,
}

impl Bench {
    fn following(logs: &[&TestLog]) -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let data = dir.path().join("w");
        let keys = init(&programs().node, &data, "witness.example/w1");
        list(&data, logs, OFTEN);
        Self { witness: Witness::serve(&programs().node, &data), keys, dir }
    }
}

/// Lists these logs.
fn list(data: &Path, logs: &[&TestLog], per_day: u64) {
    let keys: Vec<(&str, Vec<Vkey>)> = logs.iter().map(|log| (log.origin.as_str(), log.vkeys())).collect();
    set_list(data, &log_list(keys.iter().map(|(origin, keys)| (*origin, &keys[..])), per_day));
}

/// Status, content type and body.
fn seen(answer: &Answer) -> (u16, String, String) {
    let kind = answer.header("content-type").unwrap_or_default().to_string();
    (answer.status, kind, String::from_utf8(answer.body.clone()).expect("UTF-8"))
}
