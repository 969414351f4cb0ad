//! The signature lines under the checkpoints that a replica keeps.

use std::sync::Arc;

use sanwu_schema::tlog::note::{Note, Signature};

use super::fake::{Fake, leaves, note};
use super::{Copy, cosigned, witness};
use crate::log::tests::village;
use crate::storage::{Journal, Published};

#[test]
fn checkpoints_are_retained_with_cosignatures_that_come_later() {
    let entries = leaves(9, "leaf");
    let upstream = Arc::new(Fake::raw(entries.clone()));
    let cosigned = |size: usize, names: &[&str]| cosigned(&entries[..size], names, 1_700_000_000);
    for size in 1..=8usize {
        upstream.retain(size as u64, size as u64 * 1_000, cosigned(size, &[]));
    }
    upstream.show(cosigned(8, &["a.example"]));
    upstream.write_entries(entries[..8].to_vec());
    let mut copy = Copy::raw(&upstream);
    copy.pin(&["a.example", "b.example", "c.example"]);
    copy.step().unwrap();
    // The pages can say who has seen it.
    assert_eq!(copy.reader().witnessed().map(|one| one.size), Some(8));
    assert_eq!(copy.reader().witnesses()[0].cosigned, Some((8, 1_700_000_000)));
    let retained = copy.reader().published_from(0, 100).unwrap();
    assert_eq!(
        retained.iter().map(|one| (one.size, one.published_ms)).collect::<Vec<_>>(),
        (1..=8).map(|n| (n, n * 1_000)).collect::<Vec<_>>()
    );
    assert_eq!(copy.reader().published().unwrap().note, cosigned(8, &["a.example"]));
    // Another witness later, in the checkpoint and in the list; nothing that is here is lost.
    upstream.show(cosigned(8, &["b.example"]));
    copy.step().unwrap();
    assert_eq!(copy.reader().published().unwrap().note, cosigned(8, &["a.example", "b.example"]));
    upstream.retain(7, 7_000, cosigned(7, &["c.example"]));
    upstream.write_entries(entries.clone());
    upstream.show(cosigned(9, &[]));
    copy.step().unwrap();
    let seventh = copy.reader().published_from(7, 1).unwrap();
    assert_eq!(seventh[0].note, cosigned(7, &["c.example"]));
    let eighth = copy.reader().published_from(8, 1).unwrap();
    assert_eq!(eighth[0].note, cosigned(8, &["a.example", "b.example"]));
    // Without the list the checkpoint's time is this node's own.
    assert!(copy.reader().published_from(9, 1).unwrap()[0].published_ms > 1_700_000_000_000);
}

#[test]
fn only_checked_lines_are_kept_and_served() {
    const TIME: u64 = 1_700_000_000;
    let entries = leaves(3, "leaf");
    let good = cosigned(&entries, &["a.example"], TIME);
    let line = |name: &str, bytes: Vec<u8>| Signature::by(witness(name).vkey(), bytes);
    // A bad line under the witness's name, alone, before or behind the good one; one by nobody that is pinned.
    let with = |base: &[u8], more: &[Signature], first: bool| {
        let note = Note::parse(base).unwrap();
        let mut bytes = format!("{}\n", note.text());
        let lines = if first { [more, note.signatures()].concat() } else { [note.signatures(), more].concat() };
        lines.iter().for_each(|line| line.write_line(&mut bytes));
        bytes.into_bytes()
    };
    let garbage = [line("a.example", vec![7; 72])];
    let many: Vec<Signature> = (0..90).map(|n| line(&format!("{n}.example"), vec![7; 72])).collect();
    let bare = note(&entries, &village::log_key());
    let pinned = [village::log_key().vkey().clone(), witness("a.example").vkey().clone()];
    let served = |copy: &Copy| {
        let note = copy.reader().published().unwrap().note.clone();
        let retained = copy.reader().published_from(3, 1).unwrap()[0].note.clone();
        let head = copy.memory.head().unwrap().unwrap().note;
        for note in [&note, &retained, &head] {
            sanwu_schema::tlog::note::open(note, &pinned).unwrap();
        }
        (note, retained)
    };
    for (told, kept) in [
        (with(&bare, &garbage, false), &bare),
        (with(&bare, &garbage, true), &bare),
        (with(&good, &garbage, false), &good),
        (with(&good, &garbage, true), &good),
        (with(&good, &many, true), &good),
        (cosigned(&entries, &["b.example"], TIME), &bare),
    ] {
        let upstream = Arc::new(Fake::raw(entries.clone()));
        upstream.show(told.clone());
        let mut copy = Copy::raw(&upstream);
        copy.pin(&["a.example"]);
        copy.step().unwrap();
        assert_eq!(served(&copy), (kept.clone(), kept.clone()));
        // Once the good line is here nothing takes its place: no bad one, no crowd.
        upstream.show(good.clone());
        copy.step().unwrap();
        assert_eq!(served(&copy), (good.clone(), good.clone()));
        upstream.retain(3, 3_000, told.clone());
        for worse in [told, with(&bare, &many, false), bare.clone()] {
            upstream.show(worse);
            copy.step().unwrap();
            assert_eq!(served(&copy), (good.clone(), good.clone()));
        }
        // A later cosignature of the same witness is shown, the first is kept; whichever arrives last.
        let [earlier, later] = [TIME - 9, TIME + 9].map(|time| cosigned(&entries, &["a.example"], time));
        for (told, kept) in [(&later, &good), (&earlier, &earlier), (&good, &earlier)] {
            upstream.show(told.clone());
            copy.step().unwrap();
            assert_eq!(served(&copy), (later.clone(), kept.clone()));
        }
    }
}

#[test]
fn lines_that_were_kept_unchecked_go() {
    let entries = leaves(3, "leaf");
    let upstream = Arc::new(Fake::raw(entries.clone()));
    let mut copy = Copy::raw(&upstream);
    copy.pin(&["a.example"]);
    copy.step().unwrap();
    let mut bad = Note::parse(&note(&entries, &village::log_key())).unwrap();
    bad.add(Signature::by(witness("a.example").vkey(), vec![7; 72]));
    let bad = Published { size: 3, published_ms: 3_000, note: bad.to_text().into_bytes() };
    copy.memory.publish(&bad).unwrap();
    copy.open();
    assert_eq!(copy.reader().published().unwrap().note, bad.note);
    copy.step().unwrap();
    assert_eq!(copy.reader().published().unwrap().note, note(&entries, &village::log_key()));
}
