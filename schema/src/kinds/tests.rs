use alloc::string::String;
use alloc::vec::Vec;

use super::example::ExampleBooks;
use super::*;
use crate::admission::{self, Rejected};
use crate::catalogue::{Pii, built_in};
use crate::crypto::hash::Hash;
use crate::date::{IssuedAt, Period};
use crate::labels::Shown;
use crate::record::statement::{BodyRef, ChainId, ItemCode, Seen};
use crate::tlog::checkpoint::Origin;

fn statement(kind: Kind, body: &Body, control: Option<Control>) -> Statement {
    let example = kind.example();
    let bytes = body.to_bytes();
    Statement {
        origin: Origin::parse("sanwu.example/379999100").unwrap(),
        chain: ChainId::parse("379999100201").unwrap(),
        seq: 0,
        prev: None,
        parent: None,
        kind,
        issuer: None,
        code: example.code.map(|code| ItemCode::parse(code).unwrap()),
        period: example.period.map(|period| Period::parse(period).unwrap()),
        issued_at: IssuedAt::from_unix(0),
        seen: Seen { size: 0, root: crate::tlog::merkle::EMPTY },
        keyring: Hash::digest(b""),
        signers: Vec::new(),
        control,
        body: Some(BodyRef { digest: Hash::digest(&bytes), size: bytes.len() as u64 }),
        rows: None,
        refs: None,
    }
}

#[test]
fn the_example_of_every_kind_is_read_and_admitted() {
    for kind in Kind::ALL.iter().copied() {
        let (body, control) = kind.example().read(kind).unwrap_or_else(|e| panic!("{kind}: {e}"));
        assert_eq!(body.kind(), kind);
        assert_eq!(control.as_ref().map(Control::kind), kind.has_control().then_some(kind));
        let bytes = body.to_bytes();
        assert_eq!(Body::parse(kind, &bytes).as_ref(), Ok(&body));
        let statement = statement(kind, &body, control);
        match admission::check(&statement, &bytes, Pii::P2, &ExampleBooks) {
            Ok(admitted) => assert_eq!(admitted, body),
            Err(Rejected::Findings(findings)) => panic!("{kind}: {findings:?}"),
            Err(Rejected::Books(e)) => panic!("{kind}: {e}"),
        }
        let effective = body.effective(&statement).unwrap();
        assert_eq!(effective.kind(), statement.content_kind());
    }
}

/// The example is published as the built-in catalogue wants it.
#[test]
fn the_example_of_every_disclosure_fits_its_item() {
    for kind in Kind::ALL.iter().copied().filter(|k| k.is_disclosure()) {
        let (body, _) = kind.example().read(kind).unwrap();
        let statement = statement(kind, &body, None);
        let catalogue = built_in();
        let item = catalogue.governing(kind, statement.code.as_ref()).unwrap_or_else(|| panic!("{kind}"));
        assert!(item.takes_period(kind, statement.period.as_ref()), "{kind}");
    }
}

/// What people do not read by its label: salt and title, files, and the replacement, which is a body of its own.
const UNLABELLED: &[&str] = &["salt", "title", "attachments", "replacement"];

/// The members of a value, also of the records in it, that are not among what is shown of it.
fn unlabelled(value: &Value, shown: &Shown<'_>) -> Vec<String> {
    match (value, shown) {
        (Value::Object(members), Shown::Record(fields)) => members
            .iter()
            .filter(|(name, _)| !UNLABELLED.contains(&name.as_str()))
            .flat_map(|(name, value)| match fields.iter().find(|field| field.column.name == name) {
                Some(field) => unlabelled(value, &field.value),
                None => alloc::vec![name.clone()],
            })
            .collect(),
        (Value::Array(rows), Shown::Table(table)) => {
            let names = rows.iter().filter_map(|row| match row {
                Value::Object(members) => Some(members.iter().map(|(name, _)| name)),
                _ => None,
            });
            names.flatten().filter(|name| table.columns.iter().all(|c| c.name != **name)).cloned().collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_member_that_people_read_has_a_label() {
    for kind in Kind::ALL.iter().copied() {
        let (body, control) = kind.example().read(kind).unwrap();
        let none = Vec::<String>::new();
        assert_eq!(unlabelled(&body.to_value().unwrap(), &Shown::Record(body.fields())), none, "{kind}");
        if let Some(control) = control {
            assert_eq!(unlabelled(&control.to_value(), &Shown::Record(control.fields())), none, "{kind}");
        }
    }
}

#[test]
fn a_member_that_may_be_absent_has_a_label() {
    for kind in Kind::ALL.iter().copied() {
        let (members, labelled) = kind.members();
        let bare = |name: &&&str| !labelled.iter().any(|column| column.name == **name) && !UNLABELLED.contains(*name);
        assert_eq!(members.iter().filter(bare).collect::<Vec<_>>(), Vec::<&&str>::new(), "{kind}");
    }
}
