//! The examples of `FORMAT.md` on the domain side: each marked one is read, and is what the small log has.

use sanwu_schema::crypto::hash::b64_encode;
use sanwu_schema::json::{Value, from_canonical, to_text};
use sanwu_schema::kinds::{self, Kind};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::rows::{Row, leaf, root};
use sanwu_schema::record::statement::{RowsRef, Statement};
use sanwu_schema::record::{check_code, dsse};
use sanwu_schema::validity::ring::Ring;
use sanwu_schema::verify::trust::Trust;

use crate::support::village::{self, rows, story};

const FORMAT: &str = include_str!("../../FORMAT.md");

/// The fenced texts after `<!-- example NAME -->`.
fn examples() -> Vec<(&'static str, &'static str)> {
    FORMAT
        .split("<!-- example ")
        .skip(1)
        .filter(|part| !part.starts_with("NAME"))
        .map(|part| {
            let (name, rest) = part.split_once(" -->\n").expect("a closed mark");
            let text = rest.strip_prefix("```text\n").or_else(|| rest.strip_prefix("```json\n")).expect("a fence");
            (name, text.split_once("\n```").expect("a closed fence").0)
        })
        .collect()
}

#[test]
fn every_marked_example_is_read() {
    let story = story();
    let logged = &story.world.log[story.notice as usize];
    let (entry, body) = (&logged.entry, logged.body.as_ref().unwrap());
    let ring = &logged.standing.as_ref().unwrap().facts.ring;
    let mut seen = Vec::new();
    for (name, text) in examples() {
        let want = match name {
            "statement" => {
                Statement::parse(text.as_bytes()).unwrap();
                assert_eq!(dsse::statement_id(text.as_bytes()), entry.id);
                String::from_utf8(entry.envelope.payload.clone()).unwrap()
            }
            "entry" => {
                let read = Entry::parse(text.as_bytes()).unwrap();
                let key = |id: &_| story.world.state(village::CHAIN).facts.key(id).cloned();
                read.verify_signatures(key).unwrap();
                String::from_utf8(entry.bytes.clone()).unwrap()
            }
            "body" => {
                kinds::Body::parse(entry.statement.kind, text.as_bytes()).unwrap();
                String::from_utf8(body.clone()).unwrap()
            }
            "ring" => {
                assert_eq!(from_canonical::<Ring>(text.as_bytes()).unwrap().digest(), entry.statement.keyring);
                to_text(ring)
            }
            "rows" => {
                let read: Vec<Row> = from_canonical(text.as_bytes()).unwrap();
                let named = RowsRef { root: root(&read), count: read.len() as u64 };
                sanwu_schema::record::rows::check(&named, text.as_bytes()).unwrap();
                to_text(&rows())
            }
            "trust file" => {
                Trust::parse(text.as_bytes()).unwrap();
                story.world.trust()
            }
            other => panic!("an example of {other}"),
        };
        assert_eq!(text, want, "the example of a {name}");
        seen.push(name);
    }
    assert_eq!(seen, ["entry", "statement", "ring", "body", "rows", "trust file"]);
    // What the text says of them.
    for said in [
        entry.id.to_string(),
        b64_encode(&entry.leaf_hash().0),
        check_code::of(&entry.id),
        root(&rows()).to_text(),
        leaf(&rows()[0]).to_text(),
    ] {
        assert!(FORMAT.contains(&said), "{said}");
    }
}

/// A section of the text, up to the next one.
fn section(name: &str) -> &'static str {
    let (_, rest) = FORMAT.split_once(&format!("\n## {name}\n")).expect("the section");
    rest.split("\n## ").next().unwrap_or(rest)
}

#[test]
fn every_kind_is_described_with_its_members() {
    for kind in Kind::ALL.iter().copied() {
        let word = format!("`{kind}`");
        assert!(section("Kinds").contains(&word), "Kinds: {kind}");
        assert!(!kind.has_control() || section("Controls").contains(&word), "Controls: {kind}");
        let row = section("Bodies").lines().find(|line| {
            line.strip_prefix("| ").and_then(|l| l.split_once(" |")).is_some_and(|(kinds, _)| kinds.contains(&word))
        });
        let row = row.unwrap_or_else(|| panic!("Bodies: {kind}"));
        let (body, _) = kind.example().read(kind).unwrap();
        let Value::Object(members) = body.to_value().unwrap() else { panic!("an object") };
        for (name, _) in members.iter().filter(|(name, _)| name != "salt" && name != "title") {
            assert!(row.contains(name.as_str()), "Bodies: {kind}: {name}");
        }
    }
}
