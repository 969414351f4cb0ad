//! The demonstration: ready at once, replayed by an auditor, and a voucher taken out of it is missed.

use std::fs;
use std::path::{Path, PathBuf};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::json::{from_canonical, to_canonical};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::MonthBook;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::tlog::tile::{Tile, TileKind, parse_bundle};
use sanwu_schema::verify::trust::Trust;
use serde_json::Value;

use crate::support::{Demo, sanwu};

/// Month, vouchers, opening, receipts, payments, closing: the sample village's books, in fen.
const MONTHS: [(&str, u64, i64, i64, i64, i64); 5] = [
    ("2026-01", 9, 86_617_992, 11_400_000, 2_540_995, 95_476_997),
    ("2026-02", 8, 95_476_997, 25_100_000, 1_677_620, 118_899_377),
    ("2026-03", 9, 118_899_377, 2_531_837, 9_181_695, 112_249_519),
    ("2026-04", 10, 112_249_519, 38_000_000, 36_639_690, 113_609_829),
    ("2026-05", 7, 113_609_829, 0, 4_577_135, 109_032_694),
];

/// All vouchers of the five months.
const VOUCHERS: u64 = 43;

#[test]
fn an_auditor_replays_it() {
    let dir = tempfile::tempdir().expect("dir");
    let demo = Demo::start(&dir.path().join("demo"));
    let trust = demo.trust();
    assert!(demo.client().get("/livez").status == 200 && demo.client().get("/").status == 200);
    Trust::parse(&fs::read(&trust).expect("trust file")).expect("trust file");

    let replay = |more: &[&str]| {
        let args = [&["audit", "replay", &demo.url, "--trust", trust.to_str().expect("path"), "--json"], more].concat();
        sanwu(dir.path(), &args).exits(0).json()
    };
    let report = replay(&[]);
    assert_eq!((report["ok"].as_bool(), report["vouchers"].as_u64()), (Some(true), Some(VOUCHERS)));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "{report}");
    assert_eq!((report["entries"].as_u64(), report["unreached"].as_u64()), (report["size"].as_u64(), Some(0)));
    assert_eq!((report["trusted"].as_bool(), report["purpose"].as_str()), (Some(true), Some("test")));
    let months = report["months"].as_array().expect("months");
    assert_eq!(months.len(), MONTHS.len());
    let mut vouchers = 0;
    for (month, (period, count, opening, receipts, payments, closing)) in months.iter().zip(MONTHS) {
        let fen = |name: &str| month[name].as_i64().unwrap_or_default();
        assert_eq!(month["period"].as_str(), Some(period));
        let sums = (fen("opening_fen"), fen("receipts_fen"), fen("payments_fen"), fen("closing_fen"));
        assert_eq!(sums, (opening, receipts, payments, closing), "{period}");
        assert_eq!(month["vouchers"].as_u64(), Some(count), "{period}");
        vouchers += count;
    }
    assert_eq!(vouchers, VOUCHERS);
    // The number of threads changes nothing but the time.
    assert_eq!(replay(&["--jobs", "1"])["root"], report["root"]);
}

#[test]
fn a_voucher_taken_out_of_a_mirror_is_missed() {
    let dir = tempfile::tempdir().expect("dir");
    let demo = Demo::start(&dir.path().join("demo"));
    let trust = demo.trust();
    let trust = trust.to_str().expect("path");
    let mirror = dir.path().join("mirror");
    sanwu(dir.path(), &["mirror", &demo.url, "mirror", "--trust", trust]).exits(0);
    let replay = || sanwu(dir.path(), &["audit", "replay", "mirror", "--trust", trust, "--json"]);
    assert_eq!(replay().exits(0).json()["vouchers"].as_u64(), Some(VOUCHERS));

    let (path, period) = a_month_book(&mirror, "2026-03");
    let whole = fs::read(&path).expect("body");
    let mut book: MonthBook = from_canonical(&whole).expect("month book");
    book.vouchers.remove(4);
    fs::write(&path, to_canonical(&book)).expect("body");
    let report = replay().exits(3).json();
    let named = |f: &Value| f["period"].as_str() == Some(period.as_str());
    assert!(report["findings"].as_array().expect("findings").iter().any(named), "{report}");
    let told = sanwu(dir.path(), &["audit", "replay", "mirror", "--trust", trust]).exits(3);
    assert!(told.stdout.contains("2026-03") || told.stdout.contains("2026年3月"), "{}", told.stdout);

    // A body that is not there at all can only not be checked.
    fs::remove_file(&path).expect("body");
    let report = replay().exits(6).json();
    assert!(report["findings"].as_array().expect("findings").iter().any(named), "{report}");
    fs::write(&path, whole).expect("body");
    replay().exits(0);
}

/// The file of a month's book in a mirror.
fn a_month_book(mirror: &Path, period: &str) -> (PathBuf, String) {
    let checkpoint = fs::read_to_string(mirror.join("checkpoint")).expect("checkpoint");
    let size: u64 = checkpoint.lines().nth(1).expect("size").parse().expect("size");
    for index in 0..size.div_ceil(256) {
        let tile = Tile::at_size(TileKind::Entries, index, size).expect("tile");
        let bytes = fs::read(mirror.join(tile.path())).expect("tile");
        for entry in parse_bundle(&bytes, tile.width()).expect("bundle") {
            let statement = Entry::parse(entry).expect("entry").statement;
            if statement.kind == Kind::MonthBook && statement.period.as_ref().is_some_and(|p| p.as_str() == period) {
                let digest: Hash = statement.body.expect("body").digest;
                return (mirror.join("blobs").join(digest.to_hex()), period.to_string());
            }
        }
    }
    panic!("no month book of {period}");
}

#[test]
fn its_data_is_sound_and_its_keys_open() {
    let dir = tempfile::tempdir().expect("dir");
    let place = dir.path().join("demo");
    let demo = Demo::start(&place);
    let keys: Vec<PathBuf> = fs::read_dir(place.join("keys"))
        .expect("keys")
        .map(|e| e.expect("entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "pem"))
        .collect();
    assert!(keys.len() >= 8, "{keys:?}");
    for key in &keys {
        let (key, passphrase) = (key.to_str().expect("path"), place.join("passphrase.txt"));
        sanwu(dir.path(), &["key", "show", key, "--passphrase-file", passphrase.to_str().expect("path")]).exits(0);
    }
    let log = place.join("log");
    drop(demo);
    let fsck =
        crate::support::sanwu_node(dir.path(), &["fsck", "--json", "--data", log.to_str().expect("path")]).exits(0);
    assert_eq!(fsck.json()["ok"], true);
}
