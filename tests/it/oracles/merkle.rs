//! Roots and proofs against `ct-merkle` and `tlog_tiles`: equal to the byte, each side's verified by the others, and
//! a corrupted one refused by all three.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::merkle::build::{consistency_proof, inclusion_proof, root_at};
use sanwu_schema::tlog::merkle::{self, HashReader, Tree, leaf_hash};
use sha2::Sha256;
use tlog_tiles::tlog as theirs;

use super::refusing_panics;

/// Sizes at which something changes: powers of two and their neighbours, full tiles and theirs.
pub const EDGES: [u64; 22] = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 127, 128, 129, 255, 256, 257, 511, 513];

/// The largest size that is drawn at random.
const SIZE_MAX: u64 = 700;

/// The same leaves in all three.
pub struct Trees {
    leaves: Vec<Vec<u8>>,
    /// `levels[l][i]`: our hashes of complete subtrees.
    levels: Vec<Vec<Hash>>,
    ours: Tree,
    ct: MemoryBackedTree<Sha256, Vec<u8>>,
    /// In the order of tlog's storage indexes.
    tlog: Stored,
}

pub struct Stored(Vec<theirs::Hash>);

impl theirs::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<theirs::Hash>, theirs::Error> {
        indexes.iter().map(|at| self.0.get(*at as usize).copied().ok_or(theirs::Error::IndexesNotInTree)).collect()
    }
}

impl HashReader for Trees {
    type Error = ();

    fn hash(&self, level: u8, index: u64) -> Result<Hash, ()> {
        self.levels.get(usize::from(level)).and_then(|level| level.get(index as usize)).copied().ok_or(())
    }
}

impl Trees {
    /// Trees over `size` leaves, all different, of many lengths.
    pub fn of(size: u64) -> Self {
        let mut trees = Self {
            leaves: Vec::new(),
            levels: Vec::new(),
            ours: Tree::new(),
            ct: MemoryBackedTree::new(),
            tlog: Stored(Vec::new()),
        };
        for number in 0..size {
            let mut leaf = number.to_string().into_bytes();
            leaf.resize(leaf.len() + (number * 37 % 101) as usize, b'.');
            let levels = &mut trees.levels;
            trees.ours.append_with(leaf_hash(&leaf), |node, hash| {
                let level = usize::from(node.level);
                if levels.len() <= level {
                    levels.push(Vec::new());
                }
                assert_eq!(levels[level].len() as u64, node.index);
                levels[level].push(hash);
            });
            let stored = theirs::stored_hashes(number, &leaf, &trees.tlog).expect("their hashes");
            trees.tlog.0.extend(stored);
            trees.ct.push(leaf.clone());
            trees.leaves.push(leaf);
        }
        trees
    }

    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub fn root(&self) -> Hash {
        self.ours.root()
    }

    /// Their stored hashes.
    pub fn stored(&self) -> &Stored {
        &self.tlog
    }
}

/// A claim of inclusion.
#[derive(Clone)]
struct Inclusion {
    index: u64,
    size: u64,
    leaf: Vec<u8>,
    root: Hash,
    proof: Vec<Hash>,
}

impl Inclusion {
    /// Which of the three say yes: ours, `ct-merkle`, `tlog_tiles`.
    fn judged(&self) -> [bool; 3] {
        let ours = merkle::verify_inclusion(self.index, self.size, &leaf_hash(&self.leaf), &self.proof, &self.root);
        let ct = refusing_panics(|| {
            let proof = InclusionProof::try_from_bytes(bytes(&self.proof)).ok()?;
            ct_root(&self.root, self.size).verify_inclusion(&self.leaf, self.index, &proof).ok()
        });
        let tlog = refusing_panics(|| {
            let (proof, leaf) = (their_hashes(&self.proof), theirs::record_hash(&self.leaf));
            theirs::check_record(&proof, self.size, theirs::Hash(self.root.0), self.index, leaf).ok()
        });
        [ours.is_ok(), ct.is_some(), tlog.is_some()]
    }
}

/// A claim of consistency.
#[derive(Clone)]
struct Consistency {
    old: u64,
    new: u64,
    old_root: Hash,
    new_root: Hash,
    proof: Vec<Hash>,
}

impl Consistency {
    fn judged(&self) -> [bool; 3] {
        let ours = merkle::verify_consistency(self.old, self.new, &self.old_root, &self.new_root, &self.proof);
        let ct = refusing_panics(|| {
            let proof = ConsistencyProof::try_from_bytes(bytes(&self.proof)).ok()?;
            let old = ct_root(&self.old_root, self.old);
            ct_root(&self.new_root, self.new).verify_consistency(&old, &proof).ok()
        });
        let tlog = refusing_panics(|| {
            let (new, old) = (theirs::Hash(self.new_root.0), theirs::Hash(self.old_root.0));
            theirs::check_tree(&their_hashes(&self.proof), self.new, new, self.old, old).ok()
        });
        [ours.is_ok(), ct.is_some(), tlog.is_some()]
    }
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn their_hashes(hashes: &[Hash]) -> Vec<theirs::Hash> {
    hashes.iter().map(|hash| theirs::Hash(hash.0)).collect()
}

fn our_hashes(hashes: &[theirs::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

fn ct_root(root: &Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

/// All of one pair of sizes and one index, checked across the three.
fn check(trees: &Trees, old: u64, index: u64) {
    let size = trees.size();
    let root = trees.root();
    assert_eq!(root.0[..], trees.ct.root().as_bytes()[..], "root at {size}");
    assert_eq!(root.0, theirs::tree_hash(size, &trees.tlog).expect("their root").0, "root at {size}");
    let old_root = root_at(old, trees).expect("root");
    assert_eq!(old_root.0, theirs::tree_hash(old, &trees.tlog).expect("their root").0, "root at {old}");

    let proof = inclusion_proof(index, size, trees).expect("proof");
    assert_eq!(bytes(&proof), trees.ct.prove_inclusion(index as usize).as_bytes(), "{index} in {size}");
    let their_proof = theirs::prove_record(size, index, &trees.tlog).expect("their proof");
    assert_eq!(proof, our_hashes(&their_proof), "{index} in {size}");
    let leaf = trees.leaves[index as usize].clone();
    let inclusion = Inclusion { index, size, leaf, root, proof };
    assert_eq!(inclusion.judged(), [true; 3], "{index} in {size}");

    let proof = consistency_proof(old, size, trees).expect("proof");
    assert_eq!(bytes(&proof), trees.ct.prove_consistency((size - old) as usize).as_bytes(), "{old} to {size}");
    let their_proof = theirs::prove_tree(size, old, &trees.tlog).expect("their proof");
    assert_eq!(proof, our_hashes(&their_proof), "{old} to {size}");
    let consistency = Consistency { old, new: size, old_root, new_root: root, proof };
    assert_eq!(consistency.judged(), [true; 3], "{old} to {size}");

    for (name, proof) in corrupted(&inclusion.proof) {
        let corrupt = Inclusion { proof, ..inclusion.clone() };
        assert_eq!(corrupt.judged(), [false; 3], "{name}: {index} in {size}");
    }
    let corrupt = Inclusion { leaf: b"another".to_vec(), ..inclusion.clone() };
    assert_eq!(corrupt.judged(), [false; 3], "another leaf: {index} in {size}");
    let corrupt = Inclusion { root: leaf_hash(b"another"), ..inclusion };
    assert_eq!(corrupt.judged(), [false; 3], "another root: {index} in {size}");
    for (name, proof) in corrupted(&consistency.proof) {
        let corrupt = Consistency { proof, ..consistency.clone() };
        assert_eq!(corrupt.judged(), [false; 3], "{name}: {old} to {size}");
    }
    let corrupt = Consistency { new_root: leaf_hash(b"another"), ..consistency.clone() };
    assert_eq!(corrupt.judged(), [false; 3], "another root: {old} to {size}");
    let corrupt = Consistency { old_root: leaf_hash(b"another"), ..consistency };
    assert_eq!(corrupt.judged(), [false; 3], "another old root: {old} to {size}");
}

/// The proof spoiled in every way that keeps it a list of hashes.
fn corrupted(proof: &[Hash]) -> Vec<(&'static str, Vec<Hash>)> {
    let extra = leaf_hash(b"extra");
    let mut found =
        vec![("one more behind", [proof, &[extra]].concat()), ("one more before", [&[extra], proof].concat())];
    if let [first, .., last] = proof {
        found.push(("first one gone", proof[1..].to_vec()));
        found.push(("last one gone", proof[..proof.len() - 1].to_vec()));
        found.push(("reversed", proof.iter().rev().copied().collect()));
        assert_ne!(first, last);
    }
    for at in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[at].0[at % 32] ^= 1 << (at % 8);
        found.push(("a flipped bit", flipped));
    }
    found
}

#[test]
fn all_proofs_of_small_trees_are_theirs() {
    let mut checked = 0;
    for size in 1..=40 {
        let trees = Trees::of(size);
        for at in 0..size {
            check(&trees, at + 1, at);
            checked += 1;
        }
    }
    assert_eq!(checked, 820);
    assert_eq!(Tree::new().root().0, theirs::EMPTY_HASH.0);
    assert_eq!(Tree::new().root().0[..], MemoryBackedTree::<Sha256, Vec<u8>>::new().root().as_bytes()[..]);
}

#[test]
fn proofs_at_the_edges_are_theirs() {
    for size in EDGES {
        let trees = Trees::of(size);
        for at in EDGES.into_iter().filter(|at| *at <= size) {
            check(&trees, at, at - 1);
        }
    }
}

/// Empty trees, where the three part: RFC 6962 defines no proof from nothing. Ours says yes to the empty proof from
/// the empty tree's true root, since a witness that has seen nothing starts there (C2SP tlog-witness); the other two
/// refuse every proof from size 0.
#[test]
fn nothing_is_consistent_with_everything_here_only() {
    let trees = Trees::of(5);
    let from_nothing =
        Consistency { old: 0, new: 5, old_root: merkle::EMPTY, new_root: trees.root(), proof: Vec::new() };
    assert_eq!(from_nothing.judged(), [true, false, false]);
    assert_eq!(Consistency { old_root: trees.root(), ..from_nothing.clone() }.judged(), [false; 3]);
    assert_eq!(Consistency { proof: vec![trees.root()], ..from_nothing }.judged(), [false; 3]);
}

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![prop::sample::select(EDGES.to_vec()), 1..=SIZE_MAX]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn proofs_at_random_sizes_are_theirs(size in size(), old: prop::sample::Index, index: prop::sample::Index) {
        let trees = Trees::of(size);
        check(&trees, old.index(size as usize) as u64 + 1, index.index(size as usize) as u64);
    }

    /// Any numbers with any proof, most of them nonsense: the verdict is the same. Above 2^63 - 1, where ours refuses,
    /// `ct-merkle` counts beyond 64 bits and never answers; it is not asked.
    #[test]
    fn hostile_numbers_are_judged_alike(
        size in size(),
        claimed in prop_oneof![0..64u64, 0..=merkle::SIZE_MAX],
        index in prop_oneof![0..64u64, 0..=merkle::SIZE_MAX],
        hashes in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..70),
    ) {
        let trees = Trees::of(size.min(64));
        let (size, root) = (trees.size(), trees.root());
        let true_proof = inclusion_proof(index % size, size, &trees).unwrap();
        for (proof, root) in [(&hashes, root), (&true_proof, root), (&hashes, Hash([0; 32]))] {
            let claim = Inclusion {
                index, size: claimed, leaf: trees.leaves[(index % size) as usize].clone(), root, proof: proof.clone(),
            };
            let [ours, ct, tlog] = claim.judged();
            prop_assert_eq!((ours, ours), (ct, tlog), "inclusion {} in {}", index, claimed);
            let claim = Consistency { old: index, new: claimed, old_root: root, new_root: root, proof: proof.clone() };
            let [ours, ct, tlog] = claim.judged();
            prop_assert_eq!((ours, ours), (ct, tlog), "consistency {} to {}", index, claimed);
        }
    }
}
