use std::fs;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519_COSIGNATURE, SignerKey};

use super::from_settings;
use crate::settings::{Publish, Witnesses};
use crate::storage::conformance::TestFolder;

/// A `closed` log whose witnesses nobody asks would never be published.
#[test]
fn closed_needs_a_quorum_that_can_be_asked() {
    let dir = TestFolder::new();
    let key = SignerKey::from_seed("w.example", ED25519_COSIGNATURE, Hash::digest(b"w.example").0).unwrap();
    let key = key.vkey();
    let settings = |publish| Witnesses {
        policy: "policy.txt".into(),
        publish,
        wait_ms: 100,
        max_age_days: None,
        operator: Vec::new(),
    };
    let origin = Origin::parse("log.example/1").unwrap();
    let read = |publish| from_settings(Some(&settings(publish)), &dir.0, &origin).map(|_| ());
    for (url, quorum, fits) in [("", "w", false), (" http://127.0.0.1:1", "w", true), ("", "none", true)] {
        fs::write(dir.0.join("policy.txt"), format!("witness w {key}{url}\nquorum {quorum}\n")).unwrap();
        assert_eq!(read(Publish::Closed).is_ok(), fits, "{url} {quorum}");
        assert!(read(Publish::Wait).is_ok() && read(Publish::Open).is_ok());
    }
}
