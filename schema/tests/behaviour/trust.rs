//! A trust file with log keys in force and a dropped one: which checkpoints it opens.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::subsequence;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{from_json, to_text};
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::merkle::SIZE_MAX;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};
use sanwu_schema::verify::trust::{Operator, PinnedLog, RetiredKey, Trust};

use crate::support::village::{Cast, with_chain};
use crate::support::world::World;

/// Sizes in a JSON number.
const SIZE_WRITTEN_MAX: u64 = (1 << 53) - 1;

static WORLD: LazyLock<World> = LazyLock::new(|| with_chain(&Cast::new()));

/// The log's keys: the one in force, the dropped one, and one that nobody knows.
fn keys() -> [SignerKey; 3] {
    let cast = &WORLD.cast;
    let stranger = SignerKey::new(WORLD.origin.as_str(), ED25519, SecretKey::from_seed([7; 32])).unwrap();
    [cast.next_log_key(&WORLD.origin), cast.log_key(&WORLD.origin), stranger]
}

fn pinned(dropped_at: u64) -> PinnedLog {
    let [now, dropped, _] = keys();
    let text = WORLD.trust_but(|t| {
        t.log_vkeys = vec![now.vkey().to_string()];
        t.retired = Some(vec![RetiredKey { vkey: dropped.vkey().to_string(), size: dropped_at }]);
    });
    Trust::parse(text.as_bytes()).unwrap()
}

/// A checkpoint of any size with the lines of these keys and witnesses.
fn note(size: u64, signers: &[SignerKey], witnesses: &[(usize, u64)]) -> Note {
    let root = if size == 0 { sanwu_schema::tlog::merkle::EMPTY } else { Hash::digest(&size.to_be_bytes()) };
    let checkpoint = Checkpoint { origin: WORLD.origin.clone(), size, root };
    let mut note = Note::new(checkpoint.to_text()).unwrap();
    signers.iter().for_each(|signer| note.sign(signer).unwrap());
    for (at, time) in witnesses {
        note.add(cosignature::sign(&WORLD.cast.witnesses()[*at], &checkpoint.to_text(), *time).unwrap());
    }
    note
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_key_in_force_or_a_dropped_one_up_to_its_size(
        signers in subsequence(vec![0usize, 1, 2], 0..=3).prop_shuffle(), dropped_at in 0..=SIZE_WRITTEN_MAX,
        size in 0..=SIZE_MAX, near in any::<bool>(), step in 0u64..3,
        witnesses in subsequence(vec![0usize, 1], 0..=2).prop_shuffle(), time in 1u64..1 << 40,
    ) {
        let size = if near { (dropped_at + step).saturating_sub(1) } else { size };
        let by: Vec<SignerKey> = signers.iter().map(|at| keys()[*at].clone()).collect();
        let seen: Vec<(usize, u64)> = witnesses.iter().map(|at| (*at, time + *at as u64)).collect();
        let note = note(size, &by, &seen);
        prop_assume!(!note.signatures().is_empty());
        let opened = pinned(dropped_at).open(note.to_text().as_bytes());
        if signers.contains(&0) || (signers.contains(&1) && size <= dropped_at) {
            let opened = opened.unwrap();
            prop_assert_eq!(opened.checkpoint.size, size);
            // In the policy's order, whatever the note's.
            let times: Vec<u64> = opened.cosigned.iter().map(|(_, time)| *time).collect();
            let mut want: Vec<u64> = seen.iter().map(|(_, time)| *time).collect();
            want.sort_unstable();
            prop_assert_eq!(times, want);
        } else {
            prop_assert_eq!(opened.unwrap_err().code(), ErrorCode::NoteUnsigned);
        }
    }

    #[test]
    fn a_bad_line_by_any_known_key_refuses_the_note(bad in 0usize..4, bit in 0usize..512, size in 0..=SIZE_MAX) {
        let good = note(size, &keys()[..2], &[(0, 5), (1, 6)]);
        let mut bytes = good.signatures()[bad].bytes().to_vec();
        let at = bytes.len() - 64 + bit / 8;
        bytes[at] ^= 1 << (bit % 8);
        let mut changed = good.clone();
        let [now, dropped, _] = keys();
        let [w1, w2] = WORLD.cast.witnesses();
        let vkey = [&now, &dropped, &w1, &w2][bad].vkey();
        changed.add(sanwu_schema::tlog::note::Signature::by(vkey, bytes));
        prop_assert!(pinned(SIZE_WRITTEN_MAX).open(good.to_text().as_bytes()).is_ok() || size > SIZE_WRITTEN_MAX);
        // Beyond its size, too: what a dropped key may sign is not asked before its signature is.
        for dropped_at in [0, SIZE_WRITTEN_MAX] {
            let code = pinned(dropped_at).open(changed.to_text().as_bytes()).unwrap_err().code();
            prop_assert_eq!(code, ErrorCode::NoteSignature);
        }
    }

    #[test]
    fn a_trust_file_reads_back_as_it_was_written(
        size in 0..=SIZE_WRITTEN_MAX, days in proptest::option::of(0..=SIZE_WRITTEN_MAX),
        own in proptest::option::of(any::<bool>()), name in "[a-z\u{4e00}-\u{4e80} ]{0,12}",
    ) {
        let operators = vec![Operator { witness: "w1".to_owned(), name, own }];
        let text = WORLD.trust_but(|t| {
            t.retired = Some(vec![RetiredKey { vkey: keys()[0].vkey().to_string(), size }]);
            t.operators = Some(operators.clone());
            t.max_age_days = days;
        });
        let pinned = Trust::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(to_text(&pinned.file), text.as_str());
        prop_assert_eq!(pinned.operator("w1"), Some(&operators[0]));
        prop_assert_eq!(pinned.operator("w2"), None);
        prop_assert_eq!(&pinned.retired, &[(keys()[0].vkey().clone(), size)]);
    }
}

#[test]
fn of_two_operators_of_a_witness_the_first_counts() {
    let text = WORLD.trust_but(|t| {
        let one = |name: &str| Operator { witness: "w2".to_owned(), name: name.to_owned(), own: None };
        t.operators = Some(vec![one("甲"), one("乙")]);
    });
    assert_eq!(Trust::parse(text.as_bytes()).unwrap().operator("w2").unwrap().name, "甲");
}

#[test]
fn an_old_trust_file_opens_what_it_always_opened() {
    let text = WORLD.trust();
    for word in ["retired", "operators", "max_age_days"] {
        assert!(!text.contains(word));
    }
    let pinned = Trust::parse(text.as_bytes()).unwrap();
    let size = WORLD.size();
    assert_eq!(pinned.open(WORLD.checkpoint(size, 2).as_bytes()).unwrap().checkpoint.size, size);
    assert_eq!(from_json::<Trust>(text.as_bytes()).unwrap(), pinned.file);
}
