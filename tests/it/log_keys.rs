//! A log changes its signing keys: what was proved before stays proved, and every client finds its way.

use std::fs;
use std::path::Path;

use sanwu_schema::draft::Draft;
use sanwu_schema::tlog::merkle::leaf_hash;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::verify::trust::Trust;
use sanwu_tests::process::{Node, run};
use sanwu_tests::village::Village;

use crate::support::{Site, programs, published};

fn lines(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output).lines().map(ToOwned::to_owned).collect()
}

fn sanwu(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = run(&programs().sanwu, args, dir);
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), told)
}

/// Drafts a change of log keys with the CLI, signs and publishes it; gives the note that is then published.
fn change(dir: &Path, village: &Village, node: &Node, what: &[(&str, &str)]) -> Note {
    let draft = dir.join("log-key.draft.json");
    let mut args = vec!["draft", "log-key", "--server", &node.url, "--reason", "例行更换", "--force", "--out"];
    args.push(draft.to_str().expect("UTF-8"));
    what.iter().for_each(|(option, vkey)| args.extend([*option, *vkey]));
    let (exit, told) = sanwu(dir, &args);
    assert_eq!(exit, Some(0), "{told}");
    let draft = Draft::parse(&fs::read(&draft).expect("draft")).expect("draft");
    let index = village.publish(&node.client(), draft);
    published(&node.client(), index + 1);
    Note::parse(&node.client().get("/checkpoint").body).expect("note")
}

#[test]
fn proofs_made_before_a_change_of_keys_still_verify() {
    let Site { node, village, client, dir } = Site::new();
    let dir = dir.path();
    let data = node.data.clone();
    let bundle = dir.join("before.bundle.json");
    let proof = dir.join("before.tlog-proof");
    let entry = dir.join("before.entry");
    published(&client, 4);
    fs::write(&bundle, client.get("/api/v1/entries/3/bundle").body).expect("bundle");
    fs::write(&proof, client.get("/api/v1/entries/3/proof").body).expect("proof");
    fs::write(&entry, client.get("/api/v1/entries/3").body).expect("entry");
    let old_trust = dir.join("old.trust.json");
    fs::write(&old_trust, client.get("/api/v1/trust").body).expect("trust");
    let old_keys = lines(&run(&programs().node, &["key", "list", "--data", data.to_str().expect("UTF-8")], dir).stdout);
    assert_eq!(old_keys.len(), 2);

    // Somebody looks at the log without a trust file, and remembers whose key it was.
    let visitor = tempfile::tempdir().expect("dir");
    let visitor = visitor.path();
    let show = |url: &str, more: &[&str]| sanwu(visitor, &[&["show", "0", "--server", url], more].concat());
    let (exit, told) = show(&node.url, &[]);
    assert_eq!(exit, Some(0), "{told}");

    // New keys; old and new sign together.
    assert_eq!(node.stop(), Some(0));
    let made = run(&programs().node, &["key", "new", "--data", data.to_str().expect("UTF-8")], dir);
    let new_keys = lines(&made.stdout);
    assert_eq!((made.status.code(), new_keys.len()), (Some(0), 2));
    let node = Node::serve(&programs().node, &data);
    let client = node.client();
    let note = change(dir, &village, &node, &[("--add", &new_keys[0]), ("--add", &new_keys[1])]);
    assert_eq!(note.signatures().len(), 4);
    // Then the old ones end.
    let note = change(dir, &village, &node, &[("--retire", &old_keys[0]), ("--retire", &old_keys[1])]);
    assert_eq!(note.signatures().len(), 2);
    let index = village.publish(&client, village.draft(&client, &[village.notice("换钥匙以后")]));
    published(&client, index + 1);

    let new_trust = dir.join("new.trust.json");
    fs::write(&new_trust, client.get("/api/v1/trust").body).expect("trust");
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    for trust in [&old_trust, &new_trust] {
        let (exit, told) = sanwu(dir, &["verify", &text(&bundle), "--trust", &text(trust), "--offline"]);
        assert_eq!(exit, Some(0), "{told}");
        let (exit, told) =
            sanwu(dir, &["verify", &text(&proof), "--entry", &text(&entry), "--trust", &text(trust), "--offline"]);
        // A proof file holds no content and no ring: all that it can say must be right.
        assert!(exit == Some(0) || exit == Some(6), "{told}");
        assert!(!told.contains('✘'), "{told}");
    }
    // As any C2SP client: with a policy that names both keys.
    let policy = format!("log {}\nlog {}\nquorum none\n", old_keys[0], new_keys[0]);
    let policy = Policy::parse(&policy).expect("policy");
    let tlog_proof = TlogProof::parse(&fs::read(&proof).expect("proof")).expect("proof");
    tlog_proof.verify(&leaf_hash(&fs::read(&entry).expect("entry")), &policy).expect("verifies");

    // A client with the old file is told that it cannot go on with it, and gets a new one out of the log itself.
    let url = format!("{}/r/3", node.url);
    let (exit, told) = sanwu(dir, &["verify", &url, "--trust", &text(&old_trust)]);
    assert_eq!(exit, Some(3), "{told}");
    let renewed = dir.join("renewed.trust.json");
    let (exit, told) = sanwu(dir, &["trust", &node.url, "--since", &text(&old_trust), "--out", &text(&renewed)]);
    assert_eq!(exit, Some(0), "{told}");
    let renewed_file = Trust::parse(&fs::read(&renewed).expect("file")).expect("trust").file;
    let given = Trust::parse(&fs::read(&new_trust).expect("file")).expect("trust").file;
    assert_eq!((renewed_file.log_vkeys, renewed_file.retired), (given.log_vkeys, given.retired));
    // Who had none is told why it does not go on, and by the new file knows the log again, from then on without it, too.
    let (exit, told) = show(&node.url, &[]);
    assert!(exit == Some(3) && told.contains("E-NOTE-UNSIGNED") && told.contains("sanwu trust --since"), "{told}");
    for more in [&["--trust", &text(&renewed)][..], &[]] {
        let (exit, told) = show(&node.url, more);
        assert_eq!(exit, Some(0), "{told}");
    }
    let (exit, told) = sanwu(dir, &["verify", &url, "--trust", &text(&renewed)]);
    assert_eq!(exit, Some(0), "{told}");
    let (exit, told) = sanwu(dir, &["audit", "replay", &node.url, "--trust", &text(&old_trust)]);
    assert_eq!(exit, Some(0), "{told}");
}
