//! Checkpoint texts against `tlog_tiles`.

use proptest::prelude::*;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use tlog_tiles::tlog as theirs;

use super::refusing_panics;

const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

/// What the other reads: origin, size and root; only without extension lines, which no one here writes.
fn theirs(text: &str) -> Option<(String, u64, [u8; 32])> {
    let read = refusing_panics(|| tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).ok())?;
    read.extension().is_empty().then(|| (read.origin().to_owned(), read.size(), read.hash().0))
}

fn ours(text: &str) -> Option<(String, u64, [u8; 32])> {
    let read = Checkpoint::parse(text).ok()?;
    Some((read.origin.to_string(), read.size, read.root.0))
}

#[test]
fn malformed_checkpoints_are_refused_by_both() {
    let mut refused = 0;
    for text in [
        String::new(),
        "\n".into(),
        "\n\n\n".into(),
        format!("\n1\n{ROOT}\n"),
        format!("a\n1\n{ROOT}"),
        format!("a\n1\n{ROOT}\n\n"),
        format!("a\n1\n{ROOT}\n\nb\n"),
        format!("a\n1\n{ROOT}\nextension"),
        format!("a\n\n{ROOT}\n"),
        format!("a\n01\n{ROOT}\n"),
        format!("a\n00\n{ROOT}\n"),
        format!("a\n+1\n{ROOT}\n"),
        format!("a\n-1\n{ROOT}\n"),
        format!("a\n1 \n{ROOT}\n"),
        format!("a\n 1\n{ROOT}\n"),
        format!("a\n1_0\n{ROOT}\n"),
        format!("a\n0x1\n{ROOT}\n"),
        format!("a\n1e3\n{ROOT}\n"),
        format!("a\n一\n{ROOT}\n"),
        format!("a\n18446744073709551616\n{ROOT}\n"),
        format!("a\n1\n\n{ROOT}\n"),
        format!("a\n{ROOT}\n1\n"),
        "a\n1\n".into(),
        "a\n1\n\n".into(),
        "a\n1\nAAAA\n".into(),
        format!("a\n1\n{}\n", &ROOT[..43]),
        format!("a\n1\n{ROOT}=\n"),
        format!("a\n1\n {ROOT}\n"),
        format!("a\n1\n{ROOT} \n"),
        // Two bits left over before the padding.
        format!("a\n1\n{}J=\n", &ROOT[..42]),
        format!("a\n1\n{}\n", ROOT.replace('/', "_")),
        format!("a\n1\n{}A{}\n", ROOT, ROOT),
    ] {
        assert_eq!((ours(&text), theirs(&text)), (None, None), "{text:?}");
        refused += 1;
    }
    assert_eq!(refused, 32);
}

/// Where ours is narrower, as `FORMAT.md` says.
#[test]
fn the_differences_are_these() {
    for (text, why) in [
        (format!("a\n0\n{ROOT}\n"), "an empty tree with another root than the empty tree's"),
        (format!("a\n9223372036854775808\n{ROOT}\n"), "a size above 2^63 - 1"),
        (format!("A.example\n1\n{ROOT}\n"), "an origin with capitals"),
        (format!("a b\n1\n{ROOT}\n"), "an origin with a space"),
        (format!("https://a\n1\n{ROOT}\n"), "an origin with a scheme"),
        (format!("a/\n1\n{ROOT}\n"), "an origin that ends in a slash"),
        (format!("a/../b\n1\n{ROOT}\n"), "an origin that climbs"),
        (format!("{}\n1\n{ROOT}\n", "a".repeat(256)), "an origin of 256 bytes"),
        (format!("柳溪\n1\n{ROOT}\n"), "an origin in Chinese"),
    ] {
        assert!(ours(&text).is_none() && theirs(&text).is_some(), "{why}");
    }
    let extended = format!("a\n1\n{ROOT}\nextension\n");
    assert!(ours(&extended).is_none(), "extension lines");
    assert_eq!(tlog_tiles::Checkpoint::from_bytes(extended.as_bytes()).unwrap().extension(), "extension\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn checkpoints_are_written_and_read_alike(
        origin in "[a-z0-9:-]{1,20}(/[a-z0-9:-]{1,20}){0,3}",
        size in prop_oneof![1..100u64, 1..1u64 << 63],
        root: [u8; 32],
    ) {
        let checkpoint = Checkpoint { origin: Origin::parse(&origin).unwrap(), size, root: Hash(root) };
        let text = checkpoint.to_text();
        let other = tlog_tiles::Checkpoint::new(&origin, size, theirs::Hash(root), "").unwrap();
        prop_assert_eq!(text.as_bytes(), other.to_bytes());
        prop_assert_eq!(ours(&text), Some((origin, size, root)));
        prop_assert_eq!(ours(&text), theirs(&text));
    }

    #[test]
    fn spoiled_checkpoints_are_judged_alike(
        size in 1..1_000_000u64,
        root: [u8; 32],
        spoils in prop::collection::vec((any::<prop::sample::Index>(), "[0-9A=+\n/ a]?", any::<bool>()), 1..4),
    ) {
        let mut text = format!("a.example/b\n{size}\n{}\n", Hash(root).to_base64());
        for (at, with, instead) in spoils {
            let at = at.index(text.len());
            text.replace_range(at..at + usize::from(instead), &with);
        }
        let (ours, theirs) = (ours(&text), theirs(&text));
        // What only theirs reads has an origin or a size that ours does not allow.
        let narrower = theirs.as_ref().is_some_and(|(origin, size, root)| {
            Origin::parse(origin).is_err() || *size == 0 && *root != sanwu_schema::tlog::merkle::EMPTY.0 || *size > 1 << 62
        });
        prop_assert!(ours == theirs || ours.is_none() && narrower, "{:?}", text);
    }
}
