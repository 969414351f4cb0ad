//! Signed notes against `signed_note`: the corpus, notes spoiled at random, and notes of each side opened by the other.

use proptest::prelude::*;
use sanwu_schema::tlog::note;
use sanwu_schema::tlog::vkey::{SignerKey, Vkey};
use sanwu_tests::village::secret;
use signed_note::{Note, Signature, StandardSigner, StandardVerifier, VerifierList};

use super::refusing_panics;
use crate::corpus::{self, Case, Opened, TEXT};

/// Where `signed_note` says yes and ours says no.
const NOTES_APART: [(&str, &str); 2] = [
    ("a known key of small order", "ours takes no key of small order: anyone can sign for it"),
    ("R of small order", "ours refuses R of small order (verify_strict), theirs only compares R"),
];

/// Verifier keys that one side reads and the other does not.
const VKEYS_APART: [(&str, &str); 4] = [
    ("a cosigner's key", "theirs knows type 0x01 only"),
    ("an id in capitals", "the id is written in small letters (signed-note: lower-case hex); theirs reads both"),
    ("a key of small order", "ours takes no key of small order: anyone can sign for it"),
    ("a key in another than its one encoding", "theirs reads coordinates beyond the field's prime"),
];

fn verifiers(vkeys: &[String]) -> Option<VerifierList> {
    let mut known = Vec::new();
    for vkey in vkeys {
        known.push(Box::new(StandardVerifier::new(vkey).ok()?) as Box<dyn signed_note::Verifier>);
    }
    Some(VerifierList::new(known))
}

fn theirs(case: &Case) -> Option<Opened> {
    refusing_panics(|| {
        let note = Note::from_bytes(&case.note).ok()?;
        let (verified, unverified) = note.verify(&verifiers(&case.vkeys)?).ok()?;
        let by = |signature: &Signature| (signature.name().to_owned(), signature.id());
        Some(Opened {
            text: String::from_utf8(note.text().to_vec()).ok()?,
            verified: verified.iter().map(by).collect(),
            unverified: unverified.iter().map(by).collect(),
        })
    })
}

#[test]
fn the_corpus_is_judged_alike() {
    let mut apart = Vec::new();
    for case in corpus::notes() {
        let (ours, theirs) = (corpus::ours(&case), theirs(&case));
        if ours != theirs {
            assert!(ours.is_none(), "{}: {ours:?}, theirs {theirs:?}", case.name);
            apart.push(case.name);
        }
    }
    assert_eq!(apart, expected(&NOTES_APART, &corpus::notes()));
}

/// The names of a list, and their variants in the corpus, in the corpus' order.
fn expected(list: &[(&str, &str)], corpus: &[Case]) -> Vec<String> {
    let listed = |name: &str| list.iter().any(|(one, _)| name == *one || name.starts_with(&format!("{one}, ")));
    corpus.iter().map(|case| case.name.clone()).filter(|name| listed(name)).collect()
}

#[test]
fn verifier_keys_are_read_alike() {
    let mut apart = Vec::new();
    for (what, vkey, good) in corpus::vkeys() {
        if StandardVerifier::new(&vkey).is_ok() != good {
            apart.push(what);
        }
    }
    let mut listed: Vec<&str> = VKEYS_APART.iter().map(|(what, _)| *what).collect();
    apart.sort_unstable();
    listed.sort_unstable();
    assert_eq!(apart, listed);
}

#[test]
fn spoiled_notes_are_judged_alike() {
    let cases = corpus::spoiled(4_000);
    for case in &cases {
        assert_eq!(corpus::ours(case), theirs(case), "{}: {:?}", case.name, String::from_utf8_lossy(&case.note));
    }
    let good = cases.iter().filter(|case| case.good).count();
    assert!(good >= 100 && cases.len() - good >= 2_000, "{good} of {} are good", cases.len());
}

#[test]
fn a_note_of_one_is_completed_by_the_other() {
    let (ours, other) = (corpus::signer("sanwu.test/log"), corpus::signer("sanwu.test/other"));
    let mut first = note::Note::new(TEXT.into()).unwrap();
    first.sign(&ours).unwrap();
    let mut second = Note::from_bytes(first.to_text().as_bytes()).unwrap();
    second.add_sigs(&[&StandardSigner::new(&other.to_text()).unwrap()]).unwrap();
    let known = [ours.vkey().clone(), other.vkey().clone()];
    let opened = note::open(&second.to_bytes(), &known).unwrap();
    assert_eq!(opened.verified.iter().map(|one| one.key).collect::<Vec<_>>(), [0, 1]);
    // Signing again replaces, on both sides.
    second.add_sigs(&[&StandardSigner::new(&ours.to_text()).unwrap()]).unwrap();
    let mut again = note::Note::parse(&second.to_bytes()).unwrap();
    assert_eq!(again.to_text().as_bytes(), second.to_bytes());
    again.sign(&other).unwrap();
    assert_eq!(again.signatures().len(), 2);
    assert!(Note::from_bytes(again.to_text().as_bytes()).is_ok());
}

/// A key name that both take.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9./:-]{1,40}", "[^\\p{White_Space}\\p{Cc}+]{1,12}"]
}

/// A note's text: any lines without control characters.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec("[^\\p{Cc}]{0,30}|— [^\\p{Cc}]{0,30}|", 1..8).prop_map(|lines| lines.join("\n") + "\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn key_texts_are_the_same(name in name(), seed: [u8; 32]) {
        let ours = SignerKey::new(&name, 1, sanwu_schema::crypto::key::SecretKey::from_seed(seed)).unwrap();
        let theirs = StandardSigner::new(&ours.to_text()).unwrap();
        prop_assert_eq!(signed_note::Signer::key_id(&theirs).to_be_bytes(), ours.vkey().key_id());
        let verifier = StandardVerifier::new(&ours.vkey().to_string()).unwrap();
        prop_assert_eq!(signed_note::Verifier::name(&verifier), &name);
        prop_assert_eq!(Vkey::parse(&ours.vkey().to_string()).unwrap(), ours.vkey().clone());
    }

    #[test]
    fn ours_open_there_and_theirs_here(text in text(), name in name(), others in prop::collection::vec(name(), 0..4)) {
        let names: Vec<String> = std::iter::once(name).chain(others).collect();
        let signer = |(n, name): (usize, &String)| SignerKey::new(name, 1, secret(&n.to_string())).unwrap();
        let signers: Vec<SignerKey> = names.iter().enumerate().map(signer).collect();
        let mut ours = note::Note::new(text.clone()).unwrap();
        let mut theirs = Note::new(text.as_bytes(), &[]).unwrap();
        for signer in &signers {
            ours.sign(signer).unwrap();
            theirs.add_sigs(&[&StandardSigner::new(&signer.to_text()).unwrap()]).unwrap();
        }
        prop_assert_eq!(ours.to_text().into_bytes(), theirs.to_bytes());
        let vkeys = signers.iter().map(|signer| signer.vkey().to_string()).collect();
        let case = Case { name: String::new(), note: theirs.to_bytes(), vkeys, good: true };
        let opened = corpus::ours(&case);
        prop_assert_eq!(opened.as_ref().map(|opened| opened.verified.len()), Some(signers.len()));
        prop_assert_eq!(opened, self::theirs(&case));
    }
}
