//! Properties: one form per value, and nothing changed passes.

use std::sync::LazyLock;

use proptest::prelude::*;
use sanwu_schema::draft::Draft;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{INT_MAX, Value, allowed_char, from_canonical, parse, to_canonical, to_text};
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::Kind;
use sanwu_schema::lang::Lang;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::rows;
use sanwu_schema::record::statement::{RowsRef, Statement};
use sanwu_schema::verify::trust::Trust;
use sanwu_schema::verify::verdict_text::{Device, verdict_text};
use sanwu_schema::verify::{Input, Outcome, Remembered, State, verify};

use crate::support::village::{rows, rows_text, story};

fn value() -> impl Strategy<Value = Value> {
    let text = proptest::collection::vec(any::<char>().prop_filter("allowed", |c| allowed_char(*c)), 0..8)
        .prop_map(|c| c.into_iter().collect::<String>());
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        (-INT_MAX..=INT_MAX).prop_map(Value::Int),
        text.clone().prop_map(Value::String),
    ];
    leaf.prop_recursive(7, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::btree_map(text.clone(), inner, 0..5)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// The trust file asks for both witnesses, so that no line of the checkpoint is to spare.
static TRUST: LazyLock<String> = LazyLock::new(|| {
    let world = &story().world;
    world.trust_with(&world.cast.policy(&world.origin, "all"))
});

static BUNDLES: LazyLock<Vec<Bundle>> = LazyLock::new(|| {
    let story = story();
    let size = story.world.size();
    [0, 2, 4, story.months[0] + 1, story.corrected, story.people, story.new_chair]
        .into_iter()
        .map(|i| {
            let mut bundle = story.world.bundle(i, size);
            bundle.since = Some(story.world.since(7, size));
            bundle
        })
        .collect()
});

fn judge(bundle: &Bundle) -> Outcome {
    let remembered = Remembered { size: 7, root: story().world.root_of(7), genesis: None, chains: None };
    let (text, remembered) = (to_text(bundle), Some(&remembered));
    verify(&Input { bundle: text.as_bytes(), trust: Some(TRUST.as_bytes()), remembered, ..Input::default() }).unwrap()
}

/// Every byte string of a bundle that a verdict rests on.
fn parts(bundle: &mut Bundle) -> Vec<&mut [u8]> {
    let mut parts: Vec<&mut [u8]> = vec![&mut bundle.entry.0, &mut bundle.checkpoint.0];
    parts.extend(bundle.body.iter_mut().map(|b| b.0.as_mut_slice()));
    let proofs = bundle.inclusion.iter_mut().chain(&mut bundle.seen);
    parts.extend(proofs.chain(bundle.since.iter_mut().flat_map(|s| &mut s.proof)).map(|h| h.0.as_mut_slice()));
    let others = bundle.grants.iter_mut().chain(&mut bundle.correction).chain(&mut bundle.erasure);
    for proved in others {
        parts.push(&mut proved.entry.0);
        parts.extend(proved.inclusion.iter_mut().map(|h| h.0.as_mut_slice()));
    }
    parts.retain(|p| !p.is_empty());
    parts
}

#[test]
fn the_untampered_bundles_are_good() {
    for bundle in BUNDLES.iter() {
        let state = judge(bundle).verdict.state;
        assert!(matches!(state, State::Ok | State::OkSuperseded), "{} {state}", bundle.index);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_json_is_one_form_per_value(value in value()) {
        let bytes = to_canonical(&value);
        prop_assert_eq!(&parse(&bytes).unwrap(), &value);
        prop_assert_eq!(from_canonical::<Value>(&bytes).unwrap(), value.clone());
        // Every JSON reader reads the same, and writes the same.
        let outside: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(outside.to_string().into_bytes(), bytes);
    }

    #[test]
    fn what_parses_is_written_again(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(value) = parse(&bytes) {
            prop_assert_eq!(parse(&to_canonical(&value)).unwrap(), value);
        }
    }

    #[test]
    fn a_changed_byte_never_passes(bundle in 0..7usize, part in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(), xor in 1..=255u8) {
        let mut changed = BUNDLES[bundle].clone();
        {
            let mut parts = parts(&mut changed);
            let bytes = &mut parts[part.index(bundle_parts(bundle))];
            let i = at.index(bytes.len());
            bytes[i] ^= xor;
        }
        let outcome = judge(&changed);
        let verdict = &outcome.verdict;
        prop_assert!(!matches!(verdict.state, State::Ok | State::OkSuperseded), "{:?}", verdict.checks);
        prop_assert!(outcome.exit() != 0 && outcome.keep.is_none());
        for lang in [Lang::Zh, Lang::En] {
            verdict_text(&outcome, lang, Device::Phone);
        }
    }

    #[test]
    fn a_changed_statement_is_another_or_none(index in 0..30usize, at in any::<prop::sample::Index>(), xor in 1..=255u8) {
        let entry = &story().world.log[index].entry;
        let mut payload = entry.envelope.payload.clone();
        let i = at.index(payload.len());
        payload[i] ^= xor;
        if let Ok(statement) = Statement::parse(&payload) {
            prop_assert_ne!(&statement, &entry.statement);
            prop_assert_eq!(to_canonical(&statement), payload);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Entry::parse(&bytes);
        let _ = Statement::parse(&bytes);
        let _ = Bundle::parse(&bytes);
        let _ = Trust::parse(&bytes);
        let _ = Draft::parse(&bytes);
        let _ = verify(&Input { bundle: &bytes, trust: Some(&bytes), ..Input::default() });
        let _ = sanwu_schema::wasm::answer(&bytes, &bytes, &bytes, &bytes);
        let _ = sanwu_schema::wasm::recorded(&bytes, &bytes);
        let _ = sanwu_schema::admission::personal::find(&String::from_utf8_lossy(&bytes));
        let named = RowsRef { root: rows::root(&rows()), count: 3 };
        prop_assert!(rows::check(&named, &bytes).is_err());
        for kind in sanwu_schema::kinds::Kind::ALL {
            let _ = Body::parse(*kind, &bytes);
        }
    }

    #[test]
    fn a_mangled_file_never_panics(bundle in 0..7usize, edits in proptest::collection::vec(
        (any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..6)) {
        let mut text = to_text(&BUNDLES[bundle]).into_bytes();
        for (at, byte, how) in edits {
            let i = at.index(text.len());
            match how {
                0 => text[i] = byte,
                1 => drop(text.remove(i)),
                _ => text.insert(i, byte),
            }
        }
        let options = br#"{"lang":"zh"}"#;
        let _ = sanwu_schema::wasm::answer(&text, TRUST.as_bytes(), &text, options);
    }
}

fn bundle_parts(bundle: usize) -> usize {
    parts(&mut BUNDLES[bundle].clone()).len()
}

#[test]
fn statements_and_bodies_are_written_as_they_were_read() {
    for logged in &story().world.log {
        let entry = &logged.entry;
        assert_eq!(to_canonical(&entry.statement), entry.envelope.payload);
        assert_eq!(entry.envelope.to_bytes(), entry.bytes);
        let bytes = logged.body.as_ref().unwrap();
        let body = Body::parse(entry.statement.kind, bytes).unwrap();
        assert_eq!(body.to_bytes(), *bytes);
    }
}

#[test]
fn a_household_checks_its_own_row() {
    let rows = rows();
    let named = RowsRef { root: rows::root(&rows), count: rows.len() as u64 };
    assert_eq!(rows::check(&named, rows_text().as_bytes()).unwrap(), rows);
    let leaves: Vec<_> = rows.iter().map(rows::leaf).collect();
    let path = [leaves[1], leaves[2]];
    rows::check_slip(&named, 0, &rows[0], &path).unwrap();
    assert!(rows::check_slip(&named, 1, &rows[0], &path).is_err());
    assert!(rows::check_slip(&named, 0, &rows[1], &path).is_err());
}

#[test]
fn limits() {
    let code = |r: Result<(), sanwu_schema::record::entry::Invalid>| r.map_err(|e| e.code);
    let spaces = |n: usize| vec![b' '; n];
    let bundle = |n| code(Bundle::parse(&spaces(n)).map(|_| ()));
    assert_eq!(bundle(4 << 20), Err(ErrorCode::JsonSyntax));
    assert_eq!(bundle((4 << 20) + 1), Err(ErrorCode::Length));
    let body = |n| code(Body::parse(Kind::Notice, &spaces(n)).map(|_| ()).map_err(Into::into));
    assert_eq!(body(1_200_000), Err(ErrorCode::JsonSyntax));
    assert_eq!(body(1_200_001), Err(ErrorCode::Length));
    let entry = |n| code(Entry::parse(&spaces(n)).map(|_| ()));
    assert_eq!(entry(65_535), Err(ErrorCode::JsonSyntax));
    assert_eq!(entry(65_536), Err(ErrorCode::Length));
    for (n, want) in [(10_000, Ok(())), (10_001, Err(ErrorCode::Rows))] {
        let rows: Vec<_> = (0..n).map(|_| rows()[0].clone()).collect();
        let named = RowsRef { root: rows::root(&rows), count: n };
        assert_eq!(code(rows::check(&named, to_text(&rows).as_bytes()).map(|_| ())), want, "{n} rows");
    }
}

#[test]
fn a_newer_or_nested_text_costs_nothing_much() {
    let deep = [b"[".repeat(100_000), b"{\"a\":".repeat(100_000)].concat();
    assert_eq!(parse(&deep).unwrap_err().code, ErrorCode::JsonDepth);
    let many = format!("{{{}}}", (0..20_000).map(|i| format!("\"{i}\":0")).collect::<Vec<_>>().join(","));
    assert!(parse(many.as_bytes()).is_ok());
    assert_eq!(Bundle::parse(many.as_bytes()).unwrap_err().code, ErrorCode::JsonUnknown);
}
