//! `fsck` names the column family in which a byte was flipped, whichever it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rocksdb::{DB, IteratorMode, Options, WriteOptions};
use sanwu_schema::kinds::{Body, Change, Notice};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::sample;
use sanwu_tests::process::Node;
use sanwu_tests::village::salt;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, Site, copy_folder, programs, published, sanwu_node};

/// RocksDB makes this family itself; nothing is stored in it.
const UNUSED: &str = "default";

/// A log that has something in every family, closed; made once and copied for each flip.
fn log() -> &'static Path {
    static LOG: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    &LOG.get_or_init(|| {
        let site = Site::new();
        let january = site.village.draft(&site.client, &site.village.month(site.village.january()));
        site.village.publish(&site.client, january);
        correct_a_notice(&site);
        // A body of the size that goes into a file of its own, and one full tile.
        let mut long = site.village.notice("长");
        if let Body::Notice(Notice { text, .. }) = &mut long.body {
            *text = (0..20).map(|n| format!("{n}{}", "文".repeat(1_900))).collect();
        }
        site.village.publish(&site.client, site.village.draft(&site.client, &[long]));
        site.notices(260);
        published(&site.client, 260);
        let Site { node, dir, .. } = site;
        let data = node.data.clone();
        assert_eq!(node.stop(), Some(0));
        // What was only in RocksDB's own log goes into files of records when the store is opened again.
        assert_eq!(Node::serve(&programs().node, &data).stop(), Some(0));
        (dir, data)
    })
    .1
}

fn correct_a_notice(site: &Site) {
    let wrong = site.village.notice("写错了");
    let draft = site.village.draft(&site.client, std::slice::from_ref(&wrong));
    let package = site.village.package(draft);
    assert_eq!(site.client.publish(&package).status, 201);
    let id = Entry::parse(&package[0].0).expect("entry").id;
    let right = site.village.notice("写对了").body;
    let change = Change { place: "第一段".into(), before: "写错了".into(), after: "写对了".into() };
    let template = sample::correction(salt("correction"), &wrong, id, &right, "写错了。", change);
    site.village.publish(&site.client, site.village.draft(&site.client, &[template]));
}

/// A copy of the log, to be damaged.
fn copied() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("dir");
    let data = dir.path().join("log");
    copy_folder(log(), &data);
    (dir, data)
}

fn families(data: &Path) -> Vec<String> {
    DB::list_cf(&Options::default(), data.join("store")).expect("families")
}

fn open(data: &Path) -> DB {
    DB::open_cf(&Options::default(), data.join("store"), families(data)).expect("store")
}

fn keys(db: &DB, family: &str) -> Vec<Box<[u8]>> {
    let handle = db.cf_handle(family).expect("family");
    db.iterator_cf(handle, IteratorMode::Start).map(|pair| pair.expect("record").0).collect()
}

fn fsck(data: &Path, json: bool) -> Ran {
    let data = data.to_str().expect("path");
    let args = ["fsck", "--lang", "zh", "--data", data, "--json"];
    sanwu_node(Path::new("/"), if json { &args } else { &args[..5] })
}

/// Whether the report, for programs and for people, fails and names the family.
fn names(data: &Path, family: &str) -> Result<(), String> {
    let (json, text) = (fsck(data, true), fsck(data, false));
    if json.code == 0 || text.code == 0 {
        return Err(format!("{family}: fsck finds nothing"));
    }
    let document: Value = serde_json::from_str(&json.stdout).map_err(|e| format!("{family}: {e}: {}", json.stdout))?;
    if document["ok"] != false || document["exit"] != json.code {
        return Err(format!("{family}: {document}"));
    }
    let findings = document["report"]["findings"].as_array().cloned().unwrap_or_default();
    let place = document["error"]["place"].as_str().unwrap_or_default();
    if !findings.iter().any(|f| f["family"] == family) && !place.contains(family) {
        return Err(format!("{family}: not named in {:.600}", document.to_string()));
    }
    if !text.stdout.contains(family) && !text.stderr.contains(family) {
        return Err(format!("{family}: not named in {}{}", text.stdout, text.stderr));
    }
    Ok(())
}

#[test]
fn a_sound_store_is_clean() {
    let (_dir, data) = copied();
    assert_eq!(fsck(&data, true).exits(0).json()["report"]["findings"], Value::Array(vec![]));
}

#[test]
fn every_family_of_the_store_is_in_use() {
    let (_dir, data) = copied();
    let db = open(&data);
    let empty: Vec<String> = families(&data).into_iter().filter(|f| keys(&db, f).is_empty()).collect();
    assert_eq!(empty, [UNUSED], "these families have no record in the log of this test, so no flip is tried in them");
    assert_eq!(families(&data).len(), 14, "13 families, and the one that RocksDB makes");
}

#[test]
fn a_byte_flipped_in_a_record_is_found_and_its_family_named() {
    let mut wrong = Vec::new();
    for family in families(log()).into_iter().filter(|f| f != UNUSED) {
        let count = keys(&open(&copied().1), &family).len();
        let mut places = vec![0, count / 2, count - 1];
        places.dedup();
        for place in places {
            let (_dir, data) = copied();
            let db = open(&data);
            let key = keys(&db, &family).swap_remove(place);
            let handle = db.cf_handle(&family).expect("family");
            let mut value = db.get_cf(handle, &key).expect("read").expect("value");
            let middle = value.len() / 2;
            value[middle] ^= 0x01;
            let mut synced = WriteOptions::default();
            synced.set_sync(true);
            db.put_cf_opt(handle, &key, value, &synced).expect("write");
            drop(db);
            wrong.extend(names(&data, &family).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_record_that_is_gone_is_found_and_its_family_named() {
    let mut wrong = Vec::new();
    for family in families(log()).into_iter().filter(|f| f != UNUSED && f != "checkpoint") {
        let (_dir, data) = copied();
        let db = open(&data);
        let all = keys(&db, &family);
        let key = &all[all.len() / 2];
        db.delete_cf(db.cf_handle(&family).expect("family"), key).expect("delete");
        drop(db);
        wrong.extend(names(&data, &family).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_byte_flipped_on_the_disk_is_found_and_its_family_named() {
    let (_dir, flushed) = copied();
    let db = open(&flushed);
    for family in families(&flushed) {
        let handle = db.cf_handle(&family).expect("family");
        db.flush_cf(handle).expect("flush");
        db.compact_range_cf(handle, None::<&[u8]>, None::<&[u8]>);
    }
    let files = db.live_files().expect("files");
    drop(db);
    let mut wrong = Vec::new();
    for family in families(&flushed).into_iter().filter(|f| f != UNUSED) {
        let file = files.iter().find(|f| f.column_family_name == family).expect("a file of each family");
        let dir = tempfile::tempdir().expect("dir");
        let data = dir.path().join("log");
        copy_folder(&flushed, &data);
        let path = data.join("store").join(file.name.trim_start_matches('/'));
        let mut bytes = fs::read(&path).expect("file");
        // Records come first in the file, index and properties after them.
        bytes[12] ^= 0x10;
        fs::write(&path, bytes).expect("file");
        wrong.extend(names(&data, &family).err());
    }
    // Large values are in files of their own.
    let store = |data: &Path| data.join("store");
    let large = fs::read_dir(store(log())).expect("store").map(|e| e.expect("entry").path());
    let large = large.into_iter().find(|p| p.extension().is_some_and(|e| e == "blob"));
    let large = large.expect("a file of large values").file_name().expect("name").to_owned();
    let (_dir, data) = copied();
    let path = store(&data).join(large);
    let mut bytes = fs::read(&path).expect("file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&path, bytes).expect("file");
    wrong.extend(names(&data, "blob").err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_node_that_runs_is_not_disturbed() {
    let site = Site::new();
    let data = site.node.data.clone();
    let busy = fsck(&data, true).exits(11);
    assert_eq!(busy.json()["error"]["code"], "E-DATA-BUSY");
    assert_eq!(site.client.get("/readyz").status, 200);
}
