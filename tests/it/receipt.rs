//! Receipts made from a mirror: those that the log's own server hands out, and none from what is damaged.

use std::fs;
use std::path::{Path, PathBuf};

use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::entry::Entry;
use serde_json::Value;

use crate::mirror_contents::{erasure, notice};
use crate::support::{Ran, Site, body_of, committed, published, sanwu};

struct Mirrored {
    site: Site,
    size: u64,
}

impl Mirrored {
    /// Mirrors a log as it is.
    fn new(site: Site) -> Self {
        let size = committed(&site.client);
        published(&site.client, size);
        fs::write(site.dir.path().join("trust.json"), site.trust()).expect("trust");
        sanwu(site.dir.path(), &["mirror", &site.client.url, "mirror", "--trust", "trust.json"]).exits(0);
        Self { site, size }
    }

    fn at(&self) -> &Path {
        self.site.dir.path()
    }

    fn receipt(&self, index: u64, more: &[&str]) -> Ran {
        let index = index.to_string();
        let args = ["receipt", &index, "--mirror", "mirror", "--out", "receipt.json", "--json"];
        let _ = fs::remove_file(self.at().join("receipt.json"));
        sanwu(self.at(), &[&args[..], more].concat())
    }

    fn made(&self) -> Vec<u8> {
        fs::read(self.at().join("receipt.json")).expect("a receipt")
    }

    fn verify(&self) -> Ran {
        sanwu(self.at(), &["verify", "receipt.json", "--trust", "trust.json", "--offline", "--json"])
    }

    fn served(&self, index: u64) -> Vec<u8> {
        self.site.client.get(&format!("/api/v1/entries/{index}/bundle")).body
    }

    fn blob(&self, index: u64) -> PathBuf {
        let entry = self.site.client.get(&format!("/api/v1/entries/{index}")).body;
        self.at().join("mirror/blobs").join(body_of(&entry).to_hex())
    }
}

#[track_caller]
fn refused(ran: &Ran, code: &str) {
    let error = ran.json();
    assert_eq!(error["error"]["code"], code, "{error}");
}

#[test]
fn a_mirror_makes_the_receipts_that_the_server_hands_out() {
    let site = Site::new();
    let month = site.village.draft(&site.client, &site.village.month(site.village.january()));
    site.village.publish(&site.client, month);
    site.notices(3);
    let mirrored = Mirrored::new(site);
    for index in 0..mirrored.size {
        let document = mirrored.receipt(index, &["--trust", "trust.json"]).exits(0).json();
        assert_eq!((document["verdict"].as_str(), document["index"].as_u64()), (Some("ok"), Some(index)));
        assert!(mirrored.made() == mirrored.served(index), "entry {index}: not what the server hands out");
        mirrored.verify().exits(0);
    }
    // Without a trust file it is the same receipt, of which nothing can be concluded.
    let document = mirrored.receipt(0, &[]).exits(0).json();
    assert_eq!(document["verdict"], "cannot");
    assert!(mirrored.made() == mirrored.served(0));
    refused(&mirrored.receipt(mirrored.size, &["--trust", "trust.json"]).exits(5), "E-NO-RECORD");
    refused(&mirrored.receipt(u64::MAX, &[]).exits(5), "E-NO-RECORD");
    let elsewhere = sanwu(mirrored.at(), &["receipt", "0", "--mirror", "nowhere", "--json"]).exits(5);
    refused(&elsewhere, "E-FILE-MISSING");
    // Named by the entry where no name is given.
    sanwu(mirrored.at(), &["receipt", "0", "--mirror", "mirror"]).exits(0);
    assert!(fs::read(mirrored.at().join("0.receipt.json")).expect("receipt") == mirrored.served(0));
}

#[test]
fn a_mirror_of_another_history_than_this_machine_has_seen_makes_no_receipt() {
    let mirrored = Mirrored::new(Site::new());
    // Another log under the same name, and sound in itself.
    let other = Mirrored::new(Site::new());
    other.receipt(0, &[]).exits(0);
    let theirs = other.at().join("mirror").display().to_string();
    let ran = sanwu(mirrored.at(), &["receipt", "0", "--mirror", &theirs, "--out", "receipt.json", "--json"]).exits(3);
    refused(&ran, "E-CONSISTENCY");
    assert!(!mirrored.at().join("receipt.json").exists());

    // An older copy of what was seen is no other history.
    let older = sanwu(mirrored.at(), &["mirror", &mirrored.site.client.url, "older", "--trust", "trust.json"]);
    older.exits(0);
    mirrored.site.notices(1);
    published(&mirrored.site.client, committed(&mirrored.site.client));
    sanwu(mirrored.at(), &["mirror", &mirrored.site.client.url, "mirror", "--trust", "trust.json"]).exits(0);
    let args = ["receipt", "0", "--mirror", "older", "--trust", "trust.json", "--out", "receipt.json"];
    sanwu(mirrored.at(), &args).exits(0);
    assert!(mirrored.made().starts_with(b"{"));
}

#[test]
fn an_erased_content_is_explained_and_a_missing_one_refused() {
    let site = Site::new();
    let (erased, kept) = (notice(&site, "甲"), notice(&site, "乙"));
    let target = Entry::parse(&site.client.get(&format!("/api/v1/entries/{erased}")).body).expect("entry").id;
    let draft = site.village.draft(&site.client, &[erasure(target, sanwu_schema::kinds::Erased::Body)]);
    let last = site.village.publish(&site.client, draft);
    let mirrored = Mirrored::new(site);
    assert!(!mirrored.blob(erased).exists());
    mirrored.receipt(erased, &["--trust", "trust.json"]).exits(0);
    let bundle = Bundle::parse(&mirrored.made()).expect("bundle");
    assert_eq!((bundle.body, bundle.erasure.map(|proved| proved.index)), (None, Some(last)));
    let verdict = mirrored.verify().exits(0).json();
    assert_eq!(verdict["records"][0]["verdict"]["erased"], true, "{verdict}");

    fs::remove_file(mirrored.blob(kept)).expect("blob");
    refused(&mirrored.receipt(kept, &["--trust", "trust.json"]).exits(6), "E-BLOB-MISSING");
    assert!(!mirrored.at().join("receipt.json").exists());
    // The others are as good as before.
    mirrored.receipt(last, &["--trust", "trust.json"]).exits(0);
}

#[test]
fn a_damaged_mirror_makes_no_receipt() {
    let site = Site::new();
    site.notices(2);
    let mirrored = Mirrored::new(site);
    let tile = |folder: &str| {
        let files = fs::read_dir(mirrored.at().join("mirror/tile").join(folder)).expect("folder");
        let mut found: Vec<PathBuf> = files.map(|file| file.expect("file").path()).collect();
        found.sort();
        let found = found.pop().expect("a tile");
        if found.is_dir() {
            fs::read_dir(found).expect("partial").next().expect("one").expect("file").path()
        } else {
            found
        }
    };
    let damaged = |path: &Path, exit: i32, code: &str| {
        let whole = fs::read(path).expect("file");
        let mut bytes = whole.clone();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(path, &bytes).expect("write");
        let ran = mirrored.receipt(0, &["--trust", "trust.json"]).exits(exit);
        let error: Value = ran.json();
        assert_eq!(error["error"]["code"], code, "{}: {error}", path.display());
        assert!(!mirrored.at().join("receipt.json").exists(), "{}", path.display());
        fs::write(path, whole).expect("write");
    };
    damaged(&tile("entries"), 3, "E-INCLUSION");
    damaged(&tile("0"), 3, "E-INCLUSION");
    damaged(&mirrored.blob(4), 3, "E-BODY-DIGEST");
    // A file without an end is refused like any other that is too long.
    #[cfg(unix)]
    {
        let checkpoint = mirrored.at().join("mirror/checkpoint");
        let whole = fs::read(&checkpoint).expect("checkpoint");
        fs::remove_file(&checkpoint).expect("remove");
        std::os::unix::fs::symlink("/dev/zero", &checkpoint).expect("link");
        refused(&mirrored.receipt(0, &[]).exits(9), "E-LENGTH");
        fs::remove_file(&checkpoint).expect("remove");
        fs::write(&checkpoint, whole).expect("checkpoint");
    }
    fs::remove_file(tile("entries")).expect("remove");
    refused(&mirrored.receipt(0, &["--trust", "trust.json"]).exits(6), "E-BLOB-MISSING");
}
