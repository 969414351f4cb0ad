//! The vectors of the domain side: what the generator makes is what is in `vectors/`, and every case holds.
//!
//! `SANWU_WRITE_VECTORS=1 cargo test -p sanwu-schema --test vectors` writes the files again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod golden;
mod support;

use sanwu_schema::crypto::hash::{Hash, b64_decode, hex_decode};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{self, from_canonical, from_json};
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::check_code;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::rows;
use sanwu_schema::record::statement::{RowsRef, StatementId};
use sanwu_schema::validity::ring::Ring;
use sanwu_schema::verify::{Asked, Input, Remembered, Verdict, verify};
use serde_json::{Map, Value, json};
use support::village::Cast;
use support::world::replay;

#[test]
fn the_files_are_what_the_generator_makes() {
    let write = std::env::var_os("SANWU_WRITE_VECTORS").is_some();
    for group in golden::groups() {
        let (path, text) = (group.path(), group.to_text());
        if write {
            std::fs::write(&path, &text).unwrap();
        } else {
            let file = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(file == text, "{} is not what the generator makes", path.display());
        }
        // What is read back from the file is what the cases hold.
        let file: Value = serde_json::from_str(&text).unwrap();
        let table = golden::table::of(&file);
        for (case, written) in group.cases.iter().zip(file["cases"].as_array().unwrap()) {
            let mut input = written["input"].clone();
            golden::table::expand(&mut input, &table);
            assert_eq!(input, case.input, "{}", case.name);
        }
    }
}

#[test]
fn every_vector_holds() {
    let (mut valid, mut invalid) = (0, 0);
    let mut wrong = Vec::new();
    // Those below `log/` are run by the runner of the log side.
    for group in golden::groups().iter().filter(|group| !group.name().starts_with("log/")) {
        for case in &group.cases {
            let expects_ok = match (&case.expect["ok"], case.expect["ok"].get("state")) {
                (Value::Null, _) => false,
                (_, Some(state)) => state.as_str().unwrap().starts_with("ok"),
                _ => true,
            };
            *(if expects_ok { &mut valid } else { &mut invalid }) += 1;
            let got = run(case.op, &case.input);
            if got != case.expect {
                wrong.push(format!("{} {:?}\n  got {got}\n  not {}", case.op, case.name, case.expect));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), valid + invalid, wrong.join("\n"));
    println!("{valid} valid, {invalid} invalid");
    assert!(valid + invalid >= 120 && invalid > valid, "{valid} valid, {invalid} invalid");
}

/// What a program without type 0x06 answers: a phone.
#[cfg(not(feature = "mldsa"))]
#[test]
fn every_bundle_of_type_0x06_has_its_answer_without_it() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/bundle-0x06.json");
    let group: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(group["needs"], "ml-dsa");
    let cases = group["cases"].as_array().unwrap();
    assert!(cases.len() >= 8);
    let table = golden::table::of(&group);
    for case in cases {
        let mut input = case["input"].clone();
        golden::table::expand(&mut input, &table);
        assert_eq!(run(case["op"].as_str().unwrap(), &input), case["without"], "{}", case["name"]);
    }
}

fn run(op: &str, input: &Value) -> Value {
    let text = |name: &str| input[name].as_str().unwrap();
    let hash = |name: &str| Hash::from_text(text(name)).unwrap();
    let answer = |result: Result<Value, ErrorCode>| match result {
        Ok(ok) => json!({ "ok": ok }),
        Err(code) => json!({ "error": code.as_str() }),
    };
    match op {
        "canon.parse" => {
            let bytes = match input.get("hex") {
                Some(hex) => hex_decode(hex.as_str().unwrap()).unwrap(),
                None => text("text").as_bytes().to_vec(),
            };
            answer(from_canonical::<json::Value>(&bytes).map(|_| json!(true)).map_err(|e| e.code))
        }
        "entry.parse" => {
            let parsed = Entry::parse(&b64_decode(text("entry")).unwrap());
            answer(parsed.map_err(|e| e.code).map(|entry| {
                let s = &entry.statement;
                assert_eq!(entry.envelope.to_bytes(), entry.bytes, "what was read is written again");
                json!({ "id": entry.id.to_string(), "kind": s.kind.as_str(), "chain": s.chain.as_str(), "seq": s.seq })
            }))
        }
        "chain.replay" => {
            let entries: Vec<Vec<u8>> =
                input["entries"].as_array().unwrap().iter().map(|e| b64_decode(e.as_str().unwrap()).unwrap()).collect();
            match replay(&Cast::new(), text("origin"), &entries) {
                Ok(world) => json!({ "ok": golden::chain::summary(&world) }),
                Err((at, code)) => json!({ "error": code.as_str(), "at": at }),
            }
        }
        "ring.digest" => {
            let ring = from_json::<Ring>(input["ring"].to_string().as_bytes());
            answer(ring.map(|r| json!(r.digest().to_text())).map_err(|e| e.code))
        }
        "rows.check" => {
            let named = RowsRef { root: hash("root"), count: input["count"].as_u64().unwrap() };
            answer(rows::check(&named, text("rows").as_bytes()).map(|_| json!(true)).map_err(|e| e.code))
        }
        "check_code" => {
            let id = StatementId(hash("id"));
            let code = check_code::of(&id);
            assert!(check_code::matches(&id, &check_code::parse(&code).unwrap()));
            json!({ "ok": code })
        }
        "bundle.verify" => {
            let record = input.get("remembered").map(ToString::to_string);
            let remembered = record.as_ref().map(|record| Remembered::parse(record.as_bytes()).unwrap());
            let trust = input.get("trust").map(|t| t.as_str().unwrap().as_bytes());
            let bundle = text("bundle").as_bytes();
            let now = input.get("now").map(|now| now.as_u64().unwrap());
            let file = input.get("file").is_some_and(|file| file.as_bool().unwrap());
            let asked = if file { Asked::File } else { Asked::Log };
            let native = verify(&Input { bundle, trust, remembered: remembered.as_ref(), now, asked });
            let native = answer(native.map(|outcome| verdict_json(&outcome.verdict)).map_err(|e| e.code));
            assert_eq!(through_the_browser(bundle, trust, record.as_deref(), now, file), native);
            native
        }
        other => panic!("unknown op {other}"),
    }
}

fn verdict_json(verdict: &Verdict) -> Value {
    let check = |c: &sanwu_schema::verify::Check| {
        let mut one = Map::new();
        one.insert("state".to_owned(), json!(c.state.as_str()));
        if let Some(error) = &c.error {
            one.insert("error".to_owned(), json!(error));
        }
        (c.code.as_str().to_owned(), Value::Object(one))
    };
    let checks: Map<String, Value> = verdict.checks.iter().map(check).collect();
    json!({ "state": verdict.state.as_str(), "checks": checks })
}

/// The same question asked as the browser's page asks it: JSON in, JSON out.
fn through_the_browser(
    bundle: &[u8],
    trust: Option<&[u8]>,
    record: Option<&str>,
    now: Option<u64>,
    file: bool,
) -> Value {
    let mut options = json!({ "lang": "en" });
    if let Some(now) = now {
        options["now"] = json!(now);
    }
    if file {
        options["file"] = json!(true);
    }
    let (trust, record) = (trust.unwrap_or_default(), record.unwrap_or_default().as_bytes());
    let answer = sanwu_schema::wasm::answer(bundle, trust, record, options.to_string().as_bytes());
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let notice = &answer["notices"][0];
    if let Some(error) = answer.get("error").or(notice.get("error")) {
        return json!({ "error": error["code"] });
    }
    let checks: Map<String, Value> = notice["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            let mut one = Map::new();
            one.insert("state".to_owned(), c["state"].clone());
            if let Some(error) = c.get("error") {
                one.insert("error".to_owned(), error.clone());
            }
            (c["code"].as_str().unwrap().to_owned(), Value::Object(one))
        })
        .collect();
    assert!(notice["text"].is_object());
    json!({ "ok": { "state": notice["state"], "checks": checks } })
}

#[test]
fn a_bundle_is_read_again_as_it_was_written() {
    for case in &golden::group("bundle").cases {
        let text = case.input["bundle"].as_str().unwrap();
        if let Ok(bundle) = Bundle::parse(text.as_bytes()) {
            let again = json::to_text(&bundle);
            assert_eq!(Bundle::parse(again.as_bytes()).unwrap(), bundle);
        }
    }
}
