//! What a mirror does with contents: an erasure that is valid reaches the copy, nothing else takes anything away; and
//! what a web server says instead of "not here" is no content.

use std::fs;
use std::path::{Path, PathBuf};

use sanwu_schema::draft::Template;
use sanwu_schema::kinds::Erased;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::sample;
use sanwu_tests::paper::PaperLog;
use sanwu_tests::village::{ORIGIN, Village, salt};
use sanwu_tests::webserver::WebServer;
use serde_json::Value;

use crate::support::{Site, body_of, entries, published, sanwu, sealed_payload};

/// An erasure in a notice.
pub fn erasure(target: StatementId, what: Erased) -> Template {
    sample::erasure(salt("erasure"), &Village::new().notice("删除"), target, what)
}

fn entry(site: &Site, index: u64) -> Vec<u8> {
    site.client.get(&format!("/api/v1/entries/{index}")).body
}

fn blob(mirror: &Path, entry: &[u8]) -> PathBuf {
    mirror.join("blobs").join(body_of(entry).to_hex())
}

pub fn notice(site: &Site, text: &str) -> u64 {
    site.village.publish(&site.client, site.village.draft(&site.client, &[site.village.notice(text)]))
}

#[test]
fn a_valid_erasure_reaches_the_copy() {
    let site = Site::new();
    let at = site.dir.path();
    fs::write(at.join("trust.json"), site.trust()).expect("trust");
    let mirror = |size: u64| {
        published(&site.client, size);
        sanwu(at, &["mirror", &site.client.url, "mirror", "--trust", "trust.json", "--json"])
    };
    let erase = |index: u64, what: Erased| {
        let target = Entry::parse(&entry(&site, index)).expect("entry").id;
        site.village.publish(&site.client, site.village.draft(&site.client, &[erasure(target, what)]))
    };
    // The same content twice, and two of which nothing else speaks.
    let (twice, again, alone, kept) =
        (notice(&site, "甲"), notice(&site, "甲"), notice(&site, "乙"), notice(&site, "丙"));
    mirror(kept + 1).exits(0);
    let there = |index: u64| blob(&at.join("mirror"), &entry(&site, index)).exists();
    assert!(there(twice) && there(alone) && there(kept));

    erase(kept, Erased::Rows);
    erase(twice, Erased::Body);
    let last = erase(alone, Erased::Both);
    let report = mirror(last + 1).exits(0).json();
    assert_eq!(report["unproved_erasures"], serde_json::json!([]), "{report}");
    assert!(!there(alone), "an erased content is still in the copy");
    assert!(there(again), "another entry names the same content");
    assert!(there(kept), "only its rows were erased");
    // It is not fetched again, and nothing is missing; a copy made only now never had it.
    mirror(last + 1).exits(0);
    sanwu(at, &["mirror", &site.client.url, "second", "--trust", "trust.json"]).exits(0);
    assert!(!blob(&at.join("second"), &entry(&site, alone)).exists());
    let report = sanwu(at, &["audit", "replay", "mirror", "--trust", "trust.json", "--json"]).exits(0).json();
    assert_eq!(report["erased"].as_u64(), Some(1), "{report}");
}

#[test]
fn an_entry_that_merely_says_erasure_takes_nothing_away() {
    let site = Site::new();
    let at = site.dir.path();
    let index = notice(&site, "甲");
    let size = published(&site.client, index + 1).size;
    fs::write(at.join("real.json"), site.trust()).expect("trust");
    sanwu(at, &["mirror", &site.client.url, "copy", "--trust", "real.json"]).exits(0);
    // The same entries in a log whose key the tests hold, to which anything can be added.
    let paper = PaperLog::new(ORIGIN, "paper");
    let mut leaves = entries(&site.client, size);
    let target = Entry::parse(&leaves[index as usize]).expect("entry").id;
    paper.write(&at.join("copy"), &leaves);
    let mut trust: Value = serde_json::from_slice(&site.trust()).expect("trust");
    trust["log_vkeys"] = serde_json::json!([paper.vkey()]);
    trust["policy"] = serde_json::json!(["quorum none"]);
    let away = tempfile::tempdir().expect("dir");
    fs::write(away.path().join("trust.json"), trust.to_string()).expect("trust");
    let server = WebServer::serve(&at.join("copy"));
    let mirror = || sanwu(away.path(), &["mirror", &server.url, "mirror", "--trust", "trust.json", "--json"]).exits(0);
    mirror();
    let content = blob(&away.path().join("mirror"), &leaves[index as usize]);
    assert!(content.exists());

    // Nobody has signed it; somebody has who may not; it is at a wrong place.
    let draft = site.village.draft(&site.client, &[erasure(target, Erased::Body)]);
    let mut statement = draft.entries[0].parse().expect("statement");
    let content_of_erasure = blob(&at.join("copy"), &sealed_payload(draft.entries[0].statement.as_bytes(), &[]));
    fs::write(content_of_erasure, &draft.entries[0].body).expect("blob");
    let payload = sanwu_schema::json::to_canonical(&statement);
    leaves.push(sealed_payload(&payload, &[]));
    leaves.push(sealed_payload(&payload, &[site.village.key("party-sec")]));
    statement.seq += 9;
    leaves.push(crate::support::sealed(&site.village, &[], &statement));
    paper.write(&at.join("copy"), &leaves);
    let report = mirror().json();
    assert_eq!(report["unproved_erasures"], serde_json::json!([target.to_string()]), "{report}");
    assert!(content.exists(), "a content is gone that nobody had the right to erase");
}

#[test]
fn a_web_server_with_a_home_page_for_everything_serves_a_mirror_all_the_same() {
    let site = Site::new();
    let at = site.dir.path();
    site.notices(3);
    let size = published(&site.client, 7).size;
    fs::write(at.join("trust.json"), site.trust()).expect("trust");
    sanwu(at, &["mirror", &site.client.url, "mirror", "--trust", "trust.json"]).exits(0);
    let server = WebServer::serves_home_page(&at.join("mirror"));
    sanwu(at, &["mirror", &server.url, "second", "--trust", "trust.json"]).exits(0);
    let report = sanwu(at, &["audit", "replay", &server.url, "--trust", "trust.json", "--json"]).exits(0).json();
    assert_eq!((report["bodies"].as_u64(), report["checkpoints"].as_u64()), (Some(size), Some(0)));
    // A content that is not there is not there, and no wrong one; a wrong one is.
    let content = blob(&at.join("mirror"), &entry(&site, size - 1));
    let whole = fs::read(&content).expect("blob");
    fs::remove_file(&content).expect("remove");
    let replay = || sanwu(at, &["audit", "replay", &server.url, "--trust", "trust.json", "--json"]);
    assert_eq!(replay().exits(6).json()["findings"][0]["code"], "E-BLOB-MISSING");
    fs::write(&content, [&whole[..], b" "].concat()).expect("write");
    assert_eq!(replay().exits(3).json()["findings"][0]["code"], "E-BODY-DIGEST");
}

#[test]
fn a_size_that_nobody_can_have_is_refused_before_anything_is_counted() {
    let dir = tempfile::tempdir().expect("dir");
    let at = dir.path();
    let log = PaperLog::new(ORIGIN, "paper");
    log.write_top(&at.join("log"), 62);
    fs::write(at.join("trust.json"), log.trust()).expect("trust");
    let server = WebServer::serve(&at.join("log"));
    let refused = sanwu(at, &["mirror", &server.url, "mirror", "--trust", "trust.json", "--json"]).exits(6).json();
    assert_eq!(refused["error"]["code"], "E-BLOB-MISSING");
    assert!(!at.join("mirror/checkpoint").exists());
}
