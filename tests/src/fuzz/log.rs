//! The log side: notes, checkpoints, proofs, paths, the tree.

use std::collections::BTreeMap;
use std::str::from_utf8;
use std::sync::LazyLock;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::merkle::build::{HashReader, consistency_nodes, consistency_proof, inclusion_nodes};
use sanwu_schema::tlog::merkle::build::{Node, inclusion_proof, root_at};
use sanwu_schema::tlog::merkle::{
    SIZE_MAX, Tree, leaf_hash, root_from_inclusion, verify_consistency, verify_inclusion,
};
use sanwu_schema::tlog::note::{self, Note, Signature};
use sanwu_schema::tlog::policy::{Policy, PolicyReport};
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, node_in_tile, parse_bundle, push_entry, tiles_of_growth};
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::tlog::witness::{self, AddCheckpoint, Refusal};

use super::Bytes;
use super::known::NOTES;

/// A note is written as it was read; a known key's signature verifies over what it has signed only.
pub fn note(data: &[u8]) {
    let known = &NOTES.vkeys;
    let parsed = match Note::parse(data) {
        Ok(parsed) => parsed,
        Err(why) => {
            assert_eq!(note::open(data, known), Err(why));
            return;
        }
    };
    assert_eq!(parsed.to_text().as_bytes(), data);
    assert!(Note::new(parsed.text().to_owned()).is_ok());
    for signature in parsed.signatures() {
        let mut line = String::new();
        signature.write_line(&mut line);
        assert_eq!(line.strip_suffix('\n').map(Signature::parse_line), Some(Ok(signature.clone())));
        if let Some(time) = cosignature::time(signature.bytes()) {
            assert!((1..=cosignature::TIME_MAX).contains(&time));
        }
    }
    // Signing again replaces, it never adds a second line by the same key.
    if let Some(first) = parsed.signatures().first() {
        let mut again = parsed.clone();
        again.add(first.clone());
        let same = |s: &&Signature| s.name() == first.name() && s.key_id() == first.key_id();
        assert_eq!(again.signatures().iter().filter(same).count(), 1);
        assert_eq!(again.signatures().last(), Some(first));
    }
    let Ok(open) = parsed.clone().open(known) else { return };
    assert_eq!(open.text, parsed.text());
    assert!(NOTES.texts.contains(&open.text), "a forged note");
    assert!(!open.verified.is_empty());
    for (i, one) in open.verified.iter().enumerate() {
        let key = &known[one.key];
        assert!(one.signature.is_by(key) && parsed.signatures().contains(&one.signature));
        assert_eq!(key.verify(&open.text, one.signature.bytes()), Ok(one.time));
        assert!(open.verified[..i].iter().all(|earlier| earlier.key != one.key), "a key counts once");
    }
    for signature in &open.unverified {
        assert!(parsed.signatures().contains(signature));
    }
}

/// A checkpoint is written as it was read; no policy of the vectors accepts another one.
pub fn checkpoint(data: &[u8]) {
    let text = from_utf8(data).ok();
    let signed = Note::parse(data).ok();
    for text in text.into_iter().chain(signed.as_ref().map(Note::text)) {
        let Ok(read) = Checkpoint::parse(text) else { continue };
        assert_eq!(read.to_text(), text);
        assert_eq!(Origin::parse(read.origin.as_str()).as_ref(), Ok(&read.origin));
        assert!(read.size <= SIZE_MAX);
    }
    for policy in &NOTES.policies {
        let Ok(report) = policy.check(data) else { continue };
        weigh(policy, &report);
        let signed = signed.as_ref().expect("a checkpoint that was opened is a note");
        assert_eq!(report.checkpoint.to_text(), signed.text());
    }
}

/// What a policy says of a checkpoint that it accepts.
fn weigh(policy: &Policy, report: &PolicyReport) {
    assert!(NOTES.texts.contains(&report.note.text), "a forged checkpoint");
    let quorum = &report.quorum;
    assert_eq!(quorum.required, policy.requires_witnesses());
    assert!(quorum.satisfied || quorum.required);
    assert!(!quorum.satisfied || !quorum.required || !quorum.signed.is_empty(), "a quorum of nobody");
    let mut names: Vec<&str> = quorum.missing.iter().map(String::as_str).collect();
    names.extend(quorum.signed.iter().map(|one| one.witness.as_str()));
    names.sort_unstable();
    let mut all: Vec<&str> = policy.witnesses().iter().map(|witness| witness.name.as_str()).collect();
    all.sort_unstable();
    assert_eq!(names, all);
    assert_eq!(report.clone().require_quorum().is_ok(), quorum.satisfied);
}

/// A proof file is written as it was read, but for its `extra` line; it proves nothing but what is so.
pub fn tlog_proof(data: &[u8]) {
    let Ok(read) = TlogProof::parse(data) else { return };
    let text = read.to_text();
    assert_eq!(TlogProof::parse(text.as_bytes()).as_ref(), Ok(&read));
    let extra = data.starts_with(b"c2sp.org/tlog-proof@v1\nextra ");
    assert_eq!(text.as_bytes() == data, !extra);
    for policy in &NOTES.policies {
        for (leaf, indices) in &NOTES.leaves {
            let Ok(report) = read.inspect(leaf, policy) else { continue };
            weigh(policy, &report);
            assert!(indices.contains(&read.index), "a leaf at {}", read.index);
            assert_eq!(read.verify(leaf, policy).is_ok(), report.quorum.satisfied);
        }
    }
}

/// A request to a witness is written as it was read; a witness cosigns only what continues its record and was
/// signed by a log that it follows.
pub fn witness_request(data: &[u8]) {
    if let Ok(read) = AddCheckpoint::parse(data) {
        assert_eq!(read.to_text().as_bytes(), data);
    }
    for recorded in &NOTES.recorded {
        match witness::judge(data, |origin| NOTES.followed.get(origin), recorded) {
            Ok(submission) => {
                let head = &submission.head;
                assert!(NOTES.texts.contains(&submission.note.text), "a forged checkpoint");
                assert!(recorded.size < head.size || (recorded.size == head.size && recorded.root == head.root));
                assert!(AddCheckpoint::parse(data).is_ok_and(|read| read.old == recorded.size));
            }
            Err(why) => {
                assert!([400, 403, 404, 409, 413, 422].contains(&why.status()), "{why}");
                let size = if let Refusal::Conflict { recorded } = why { Some(recorded) } else { None };
                assert!(size.is_none_or(|size| size == recorded.size));
            }
        }
    }
    // What a witness answers.
    if let Ok(signatures) = witness::parse_cosignatures(data) {
        assert_eq!(witness::write_cosignatures(&signatures).as_bytes(), data);
    }
    if let Some(size) = witness::parse_size(data) {
        assert_eq!(witness::write_size(size).as_bytes(), data);
    }
}

/// A path that is read is the one spelling of its coordinates, and the other way round.
pub fn tile_path(data: &[u8]) {
    if let Some(Ok(tile)) = from_utf8(data).ok().map(Tile::parse) {
        assert_eq!(tile.path().as_bytes(), data);
        assert_eq!(Tile::new(tile.kind(), tile.index(), tile.width()), Some(tile));
        assert_eq!(Tile::parse(&tile.full().path()), Ok(tile.full()));
        assert_eq!(tile.is_partial(), tile != tile.full());
    }
    let mut bytes = Bytes(data);
    let kind = match bytes.u8() {
        255 => TileKind::Entries,
        level => TileKind::Hashes(level),
    };
    let (index, width, size) = (bytes.u64(), bytes.u16(), bytes.u64());
    if let Some(tile) = Tile::new(kind, index, width) {
        assert_eq!(Tile::parse(&tile.path()), Ok(tile));
    }
    if let Some(tile) = Tile::at_size(kind, index, size) {
        assert_eq!((tile.kind(), tile.index()), (kind, index));
        assert_eq!(Tile::parse(&tile.path()), Ok(tile));
    }
}

/// The largest tree that is built here: a full tile and some.
const LEAVES_MAX: u64 = 300;

/// A tree of leaves that are told by their index: all its complete subtrees, and its root at every size.
struct Small {
    subtrees: BTreeMap<Node, Hash>,
    roots: Vec<Hash>,
}

static SMALL: LazyLock<Small> = LazyLock::new(|| {
    let mut tree = Tree::new();
    let mut small = Small { subtrees: BTreeMap::new(), roots: vec![tree.root()] };
    for index in 0..LEAVES_MAX {
        tree.append_with(small_leaf(index), |node, hash| _ = small.subtrees.insert(node, hash));
        small.roots.push(tree.root());
    }
    small
});

impl HashReader for Small {
    type Error = Node;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let node = Node { level, index };
        self.subtrees.get(&node).copied().ok_or(node)
    }
}

fn small_leaf(index: u64) -> Hash {
    leaf_hash(&index.to_le_bytes())
}

/// The functions over trees answer every question; in a real tree the one proof is the only one.
pub fn tree(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (index, old, new) = (bytes.u64(), bytes.u64(), bytes.u64());
    let (one, other) = (Hash(bytes.array()), Hash(bytes.array()));
    let rest = bytes.0;
    let hashes: Vec<Hash> = rest.as_chunks::<32>().0.iter().copied().map(Hash).collect();

    // Any numbers, any hashes.
    if let Ok(root) = root_from_inclusion(index, new, &one, &hashes) {
        assert_eq!(verify_inclusion(index, new, &one, &hashes, &root), Ok(()));
        assert!(inclusion_nodes(index, new).is_some());
        assert!(root == other || verify_inclusion(index, new, &one, &hashes, &other).is_err());
    }
    if verify_consistency(old, new, &one, &other, &hashes).is_ok() {
        assert!(old <= new && (old < new || one == other));
        let nodes = consistency_nodes(old, new).expect("sizes that a proof was read for");
        assert!(hashes.len() <= nodes.len());
    }
    let node = Node { level: bytes.u8(), index };
    if let Some((tile, range)) = node_in_tile(node, new) {
        assert!(range.end <= usize::from(tile.width()) && !range.is_empty());
        assert_eq!(Tile::at_size(tile.kind(), tile.index(), new), Some(tile));
    }
    entry_bundle(rest, 1 + (index % u64::from(TILE_WIDTH)) as u16);

    // A real tree.
    let new = 1 + new % LEAVES_MAX;
    let (old, index) = (old % (new + 1), index % new);
    let (small, root) = (&*SMALL, SMALL.roots[new as usize]);
    assert_eq!(root_at(new, small), Ok(root));
    let mut proof = inclusion_proof(index, new, small).expect("a proof");
    assert_eq!(verify_inclusion(index, new, &small_leaf(index), &proof, &root), Ok(()));
    if change(&mut proof, rest) {
        assert!(verify_inclusion(index, new, &small_leaf(index), &proof, &root).is_err());
    }
    let before = SMALL.roots[old as usize];
    let mut proof = consistency_proof(old, new, small).expect("a proof");
    assert_eq!(verify_consistency(old, new, &before, &root, &proof), Ok(()));
    if change(&mut proof, rest) {
        assert!(verify_consistency(old, new, &before, &root, &proof).is_err());
    }
    let widest = tiles_of_growth(old, new).into_iter().map(|tile| tile.width()).max();
    assert_eq!(widest.is_some(), old < new);
}

/// Changes a proof as the bytes say, and tells whether it is another one now.
fn change(proof: &mut Vec<Hash>, how: &[u8]) -> bool {
    let mut bytes = Bytes(how);
    let before = proof.clone();
    let at = bytes.below(proof.len() + 1);
    match bytes.u8() % 4 {
        0 if at < proof.len() => proof[at].0[usize::from(bytes.u8() % 32)] ^= bytes.u8(),
        1 => proof.truncate(at),
        2 => proof.insert(at, Hash(bytes.array())),
        _ if at + 1 < proof.len() => proof.swap(at, at + 1),
        _ => {}
    }
    *proof != before
}

/// An entry bundle is written as it was read.
fn entry_bundle(bytes: &[u8], width: u16) {
    let Ok(entries) = parse_bundle(bytes, width) else { return };
    assert_eq!(entries.len(), usize::from(width));
    let mut again = Vec::new();
    for entry in entries {
        push_entry(&mut again, entry).expect("an entry that was read");
    }
    assert_eq!(again, bytes);
}
