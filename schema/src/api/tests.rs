//! The bytes of each document, members in order, and what a reader tolerates.

use alloc::string::String;
use alloc::vec;

use super::Exact;
use super::chains::{ChainRow, Chains, HeadDoc};
use super::checkpoints::{CheckpointDoc, Checkpoints};
use super::entries::{RECEIPT_FORMAT, ReceiptDoc, ReceiptEntry};
use super::problem::{Problem, ProblemFinding};
use super::version::{API, VersionDoc};
use crate::error_code::ErrorCode;
use crate::json::Value;
use crate::record::entry::Invalid;

#[test]
fn every_member_has_its_place() {
    let written = |text: Result<String, serde_json::Error>| text.unwrap();
    let head = HeadDoc { seq: 1, id: "sha256:00".into(), index: 2, seen: 3 };
    let chains = Chains { chains: vec![ChainRow { chain: "root".into(), head }], next: None };
    assert_eq!(
        written(serde_json::to_string(&chains)),
        r#"{"chains":[{"chain":"root","head":{"seq":1,"id":"sha256:00","index":2,"seen":3}}]}"#
    );
    let checkpoint = CheckpointDoc { size: 1, published_ms: 2, note: "a\n\nb\n".into() };
    let checkpoints = Checkpoints { checkpoints: vec![checkpoint], next: Some(9) };
    assert_eq!(
        written(serde_json::to_string(&checkpoints)),
        r#"{"checkpoints":[{"size":1,"published_ms":2,"note":"a\n\nb\n"}],"next":9}"#
    );
    let entry = ReceiptEntry {
        index: 1,
        id: "sha256:00".into(),
        new: true,
        check_code: "C".into(),
        bundle: None,
        proof: Some("p".into()),
    };
    let receipt =
        ReceiptDoc { format: RECEIPT_FORMAT.into(), origin: "o".into(), entries: vec![entry], witnessed: None };
    assert_eq!(
        written(serde_json::to_string(&receipt)),
        r#"{"format":"sanwu-receipt-v1","origin":"o","entries":[{"index":1,"id":"sha256:00","new":true,"check_code":"C","proof":"p"}]}"#
    );
    let version = VersionDoc { name: "sanwu-node".into(), version: "0".into(), api: API };
    assert_eq!(written(serde_json::to_string(&version)), r#"{"name":"sanwu-node","version":"0","api":1}"#);
    let problem = serde_json::to_string(&Problem::new(ErrorCode::Seq, 409, "seq")).unwrap();
    let names = ["type", "title", "title_en", "status", "code", "detail", "hint", "hint_en"];
    let places = names.map(|name| problem.find(&["\"", name, "\":"].concat()).unwrap());
    assert!(places.is_sorted() && !problem.contains("findings"), "{problem}");
}

#[test]
fn a_problem_is_read_from_any_writer() {
    let code = ErrorCode::Seq;
    let finding = ProblemFinding::from(Invalid { code, place: "seq".into() });
    let own = Problem { findings: vec![finding], envelope: Some(2), ..Problem::new(code, 409, "seq") };
    let read = Problem::read(&serde_json::to_vec(&own).unwrap()).unwrap();
    assert_eq!((read.error_code(), &read), (Some(code), &own));
    // A gateway's, with a member that nobody knows.
    let read = Problem::read(br#"{"status":502,"detail":"no route","instance":"/x"}"#).unwrap();
    assert_eq!((read.error_code(), read.status, read.detail.as_str()), (None, 502, "no route"));
    assert!(Problem::read(b"<html>").is_none() && Problem::read(br#"{"status":"502"}"#).is_none());
}

#[test]
fn an_embedded_document_keeps_its_bytes() {
    let text = r#"{"b":1,"a":["二",true]}"#;
    let exact = Exact::<Value>::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&exact).unwrap(), text);
    assert_eq!(Exact::new(&exact.read().unwrap()).unwrap(), exact);
    let spaced: Exact<Value> = serde_json::from_str("{ \"b\": 1, \"a\": [\"\\u4e8c\", true] }").unwrap();
    assert_eq!(spaced.canonical().unwrap(), text.as_bytes());
    assert_eq!(Exact::<Value>::from_bytes(b"{\"a\":").unwrap_err().code, ErrorCode::JsonSyntax);
    // It is JSON, and no document of ours.
    let null: Exact<Value> = serde_json::from_str("null").unwrap();
    assert!(null.read().is_err() && null.canonical().is_err());
}
