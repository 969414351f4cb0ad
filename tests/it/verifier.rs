//! The second verifier: Python, standard library only, written from FORMAT.md by somebody who had not seen this code.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sanwu_schema::json::to_canonical;
use sanwu_schema::proof::bundle::Bundle;

use crate::support::{Site, published, repository, sanwu};

fn verifier(dir: &Path, args: &[&str]) -> Output {
    let program = repository().join("tests/verifier/sanwu_verify.py");
    assert!(program.is_file(), "{} is missing", program.display());
    Command::new("python3").arg(program).args(args).current_dir(dir).output().expect("python3")
}

fn shown(output: &Output) -> String {
    format!(
        "{:?}\n{}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn it_agrees_on_all_vectors() {
    let output = verifier(&repository(), &["vectors", "schema/vectors"]);
    let text = shown(&output);
    assert!(output.status.success() && text.contains("0 failed"), "{text}");
}

#[test]
fn it_agrees_on_a_live_bundle() {
    let site = Site::new();
    let month = site.village.draft(&site.client, &site.village.month(site.village.january()));
    let index = site.village.publish(&site.client, month);
    site.notices(3);
    let bundle = site.bundle(index + 1);
    let dir = site.dir.path();
    fs::write(dir.join("trust.json"), site.trust()).expect("trust");
    fs::write(dir.join("good.json"), &bundle).expect("bundle");
    let good = verifier(dir, &["bundle", "good.json", "--trust", "trust.json"]);
    assert!(good.status.success(), "{}", shown(&good));
    // It is not a verifier that says yes to everything.
    let mut bad = Bundle::parse(&bundle).expect("bundle");
    bad.body.as_mut().expect("body").0[40] ^= 1;
    fs::write(dir.join("bad.json"), to_canonical(&bad)).expect("bundle");
    let bad = verifier(dir, &["bundle", "bad.json", "--trust", "trust.json"]);
    assert_eq!(bad.status.code(), Some(3), "{}", shown(&bad));
}

#[test]
fn it_replays_a_mirror_of_a_live_log() {
    let site = Site::new();
    let month = site.village.draft(&site.client, &site.village.month(site.village.january()));
    site.village.publish(&site.client, month);
    site.notices(300);
    let size = crate::support::committed(&site.client);
    published(&site.client, size);
    let dir = site.dir.path();
    fs::write(dir.join("trust.json"), site.trust()).expect("trust");
    sanwu(dir, &["mirror", &site.node.url, "mirror", "--trust", "trust.json"]).exits(0);
    let output = verifier(dir, &["replay", "mirror", "--trust", "trust.json"]);
    assert!(output.status.success(), "{}", shown(&output));
}
