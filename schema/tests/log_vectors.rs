//! The vectors in `vectors/log`, run through the public API, and properties of the log formats.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "golden/table.rs"]
#[allow(dead_code)]
mod table;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use proptest::prelude::*;
use sanwu_schema::crypto::hash::{Hash, b64_decode, b64_encode, hex_decode, hex_encode};
use sanwu_schema::crypto::key::{PublicKey, SecretKey};
#[cfg(feature = "mldsa")]
use sanwu_schema::crypto::suite::mldsa::{MlDsaPublicKey, MlDsaSecretKey};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Head, Origin};
use sanwu_schema::tlog::merkle::build::{
    consistency_nodes, consistency_proof, inclusion_nodes, inclusion_proof, root_at, tree_at,
};
use sanwu_schema::tlog::merkle::{
    HashReader, Node, Tree, leaf_hash, root_from_inclusion, root_of_leaves, verify_consistency, verify_inclusion,
};
use sanwu_schema::tlog::note::{Note, Signature, open};
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::tile::{
    Tile, TileKind, bundles_of_growth, node_in_tile, parse_bundle, push_entry, tiles_of_growth,
};
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::tlog::vkey::{ED25519, ED25519_COSIGNATURE, SignerKey, Vkey};
use sanwu_schema::tlog::witness::{self, AddCheckpoint, Recorded, Refusal, Submission};
use sanwu_schema::tlog::{cosignature, merkle};
use serde_json::{Value, json};

#[test]
fn every_vector_holds() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/log");
    let mut counts = (0, 0);
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        let group: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let outside = group["source"].as_str().unwrap() != "own";
        let lacking = group.get("needs").is_some_and(|needs| {
            assert_eq!(needs, "ml-dsa", "{}", path.display());
            !cfg!(feature = "mldsa")
        });
        let table = table::of(&group);
        for case in group["cases"].as_array().unwrap() {
            let mut input = case["input"].clone();
            table::expand(&mut input, &table);
            counts.0 += 1;
            counts.1 += usize::from(outside);
            let got = match run(case["op"].as_str().unwrap(), &input) {
                Ok(value) => json!({ "ok": value }),
                Err(code) => json!({ "error": code.as_str() }),
            };
            let suite = json!({ "error": "E-SUITE" });
            let want = if lacking { case.get("without").unwrap_or(&suite) } else { &case["expect"] };
            if got != *want {
                wrong.push(format!("{}: {}\n  got {got}\n  not {want}", group["group"], case["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(counts.0 >= 45 && counts.1 >= 25, "{counts:?}");
}

fn run(op: &str, input: &Value) -> Result<Value, ErrorCode> {
    let text = |name: &str| input[name].as_str().unwrap_or_else(|| panic!("{op}: {name}"));
    let number = |name: &str| input[name].as_u64().unwrap();
    let bytes = |name: &str| hex_decode(text(name)).unwrap();
    let hash = |name: &str| Hash::from_base64(text(name)).unwrap();
    let texts =
        |name: &str| input[name].as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>();
    let proof = || texts("proof").into_iter().map(|item| Hash::from_base64(item).unwrap()).collect::<Vec<_>>();
    Ok(match op {
        "hash.sha256" => json!(Hash::digest(text("text").as_bytes()).to_text()),
        "base64.decode" => json!(hex_encode(&b64_decode(text("text")).ok_or(ErrorCode::Base64)?)),
        "merkle.root" => {
            let leaves = texts("leaves").into_iter().map(|leaf| leaf_hash(&hex_decode(leaf).unwrap()));
            json!(root_of_leaves(leaves).to_base64())
        }
        "merkle.inclusion" => {
            verify_inclusion(number("index"), number("size"), &hash("leaf"), &proof(), &hash("root"))
                .map_err(|error| error.code())?;
            json!(true)
        }
        "merkle.consistency" => {
            let (old, new) = (number("old"), number("new"));
            verify_consistency(old, new, &hash("old_root"), &hash("new_root"), &proof())
                .map_err(|error| error.code())?;
            json!(true)
        }
        "tile.path" => {
            let tile = Tile::parse(text("path")).map_err(|error| error.code())?;
            assert_eq!(tile.path(), text("path"));
            let kind = match tile.kind() {
                TileKind::Hashes(level) => level.to_string(),
                TileKind::Entries => "entries".to_owned(),
            };
            json!({ "kind": kind, "index": tile.index(), "width": tile.width() })
        }
        "tile.growth" => {
            json!(tiles_of_growth(number("old"), number("new")).iter().map(Tile::path).collect::<Vec<_>>())
        }
        "bundle.parse" => {
            let bundle = bytes("hex");
            let entries = parse_bundle(&bundle, number("width") as u16).map_err(|error| error.code())?;
            json!(entries.into_iter().map(hex_encode).collect::<Vec<_>>())
        }
        "ed25519.verify" => {
            let key = [vec![1], bytes("key")].concat();
            let result = PublicKey::from_bytes(&key).map(|key| key.verify(&bytes("msg"), &bytes("sig")));
            json!(matches!(result, Ok(Ok(()))))
        }
        "ed25519.sign" => {
            let key = SecretKey::from_seed(bytes("seed").try_into().unwrap());
            json!({ "key": hex_encode(key.public().raw()), "sig": hex_encode(&key.sign(&bytes("msg"))) })
        }
        #[cfg(not(feature = "mldsa"))]
        "ml-dsa.verify" | "ml-dsa.sign" => return Err(ErrorCode::Suite),
        #[cfg(feature = "mldsa")]
        "ml-dsa.verify" => {
            let key = MlDsaPublicKey::from_bytes(&bytes("key"));
            json!(key.is_ok_and(|key| key.verifies(&bytes("msg"), &bytes("sig"))))
        }
        #[cfg(feature = "mldsa")]
        "ml-dsa.sign" => {
            let key = MlDsaSecretKey::from_seed(bytes("seed").try_into().unwrap());
            let signature = key.sign(&bytes("msg")).unwrap();
            json!({ "key": hex_encode(&key.public().to_bytes()), "sig": hex_encode(&signature) })
        }
        "key.parse" => {
            let key = PublicKey::from_bytes(&bytes("hex")).map_err(|error| error.code())?;
            if !key.suite().is_supported() {
                assert_eq!(key.verify(b"", b"").unwrap_err().code(), ErrorCode::Suite);
            }
            json!({ "suite": key.suite().byte(), "key_id": key.key_id().to_hex() })
        }
        "vkey.parse" => {
            let vkey = Vkey::parse(text("text")).map_err(|error| error.code())?;
            assert_eq!(vkey.to_string(), text("text"));
            json!({ "name": vkey.name(), "key_id": hex_encode(&vkey.key_id()), "algorithm": vkey.algorithm(),
                "key": hex_encode(vkey.key()) })
        }
        "skey.parse" => {
            let signer = SignerKey::parse(text("text")).map_err(|error| error.code())?;
            assert_eq!(signer.to_text(), text("text"));
            json!(signer.vkey().to_string())
        }
        "note.open" => {
            let note = match input.get("note_hex") {
                Some(_) => bytes("note_hex"),
                None => text("note").as_bytes().to_vec(),
            };
            let keys: Vec<Vkey> = texts("vkeys").into_iter().map(|key| Vkey::parse(key).unwrap()).collect();
            let opened = open(&note, &keys).map_err(|error| error.code())?;
            assert_eq!(Note::parse(&note).unwrap().to_text().as_bytes(), note);
            let names: Vec<&str> = opened.verified.iter().map(|one| one.signature.name()).collect();
            json!({ "text": opened.text, "verified": names, "unverified": opened.unverified.len() })
        }
        "checkpoint.parse" => {
            let checkpoint = Checkpoint::parse(text("text")).map_err(|error| error.code())?;
            assert_eq!(checkpoint.to_text(), text("text"));
            json!({ "origin": checkpoint.origin.as_str(), "size": checkpoint.size, "root": checkpoint.root.to_base64() })
        }
        "cosignature.verify" => {
            let vkey = Vkey::parse(text("vkey")).unwrap();
            let signature = Signature::parse_line(text("line")).unwrap();
            assert!(signature.is_by(&vkey) && vkey.algorithm() != ED25519);
            // A cosignature that names no time names 0.
            json!(vkey.verify(text("text"), signature.bytes()).map_err(|error| error.code())?.unwrap_or(0))
        }
        "policy.parse" => {
            let policy = Policy::parse(text("policy")).map_err(|error| error.code())?;
            json!({ "logs": policy.logs().len(), "witnesses": policy.witnesses().len() })
        }
        "policy.check" => {
            let policy = Policy::parse(text("policy")).map_err(|error| error.code())?;
            let report = policy.check(text("note").as_bytes()).map_err(|error| error.code())?;
            let signed: Vec<Value> =
                (report.quorum.signed.iter()).map(|one| json!({ "witness": one.witness, "time": one.time })).collect();
            json!({ "satisfied": report.quorum.satisfied, "signed": signed, "missing": report.quorum.missing })
        }
        "tlog_proof.verify" => {
            let policy = Policy::parse(text("policy")).map_err(|error| error.code())?;
            let proof = TlogProof::parse(text("proof").as_bytes()).map_err(|error| error.code())?;
            if !text("proof").contains("\nextra ") {
                assert_eq!(proof.to_text(), text("proof"));
            }
            proof.verify(&hash("leaf_hash"), &policy).map_err(|error| error.code())?;
            json!(true)
        }
        "witness.request" => witness_request(input),
        other => panic!("unknown op {other}"),
    })
}

fn witness_request(input: &Value) -> Value {
    let bytes = match input["request"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => hex_decode(input["request_hex"].as_str().unwrap()).unwrap(),
    };
    if let Ok(request) = AddCheckpoint::parse(&bytes) {
        assert_eq!(request.to_text().as_bytes(), bytes);
    }
    let keys_of = |origin: &str| -> Option<Vec<Vkey>> {
        let log = input["logs"].as_array().unwrap().iter().find(|log| log["origin"] == origin)?;
        let vkeys = log["vkeys"].as_array().unwrap().iter();
        Some(vkeys.map(|vkey| Vkey::parse(vkey.as_str().unwrap()).unwrap()).collect())
    };
    let recorded = &input["recorded"];
    let root = Hash::from_base64(recorded["root"].as_str().unwrap()).unwrap();
    let recorded = Recorded { size: recorded["size"].as_u64().unwrap(), root };
    match witness::judge(&bytes, keys_of, &recorded) {
        Ok(Submission { head, .. }) => {
            json!({ "status": 200, "origin": head.origin, "size": head.size, "root": head.root.to_base64() })
        }
        Err(refusal @ Refusal::Conflict { recorded }) => {
            json!({ "status": refusal.status(), "code": refusal.code().as_str(), "size": recorded })
        }
        Err(refusal) => json!({ "status": refusal.status(), "code": refusal.code().as_str() }),
    }
}

/// All complete subtrees of a tree, and which of them were read.
#[derive(Default)]
struct Nodes {
    tree: Tree,
    roots: Vec<Hash>,
    nodes: BTreeMap<Node, Hash>,
    read: RefCell<Vec<Node>>,
}

impl Nodes {
    fn of(size: u64) -> Self {
        let mut nodes = Self { roots: vec![merkle::EMPTY], ..Self::default() };
        for index in 0..size {
            let Self { tree, nodes: map, .. } = &mut nodes;
            tree.append_with(leaf_hash(&index.to_be_bytes()), |node, hash| {
                assert_eq!(map.insert(node, hash), None);
            });
            nodes.roots.push(nodes.tree.root());
        }
        nodes
    }

    fn leaf(&self, index: u64) -> Hash {
        self.nodes[&Node { level: 0, index }]
    }
}

impl HashReader for Nodes {
    type Error = Infallible;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        let node = Node { level, index };
        self.read.borrow_mut().push(node);
        Ok(self.nodes[&node])
    }
}

/// The tree hash as RFC 6962 section 2.1 defines it, top down: the other way than the code goes.
fn tree_hash(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => merkle::EMPTY,
        [leaf] => *leaf,
        more => {
            let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
            merkle::node_hash(&tree_hash(left), &tree_hash(right))
        }
    }
}

#[test]
fn all_small_trees() {
    let nodes = Nodes::of(70);
    let leaves: Vec<Hash> = (0..70).map(|index| nodes.leaf(index)).collect();
    for size in 0..=70 {
        assert_eq!(nodes.roots[size as usize], tree_hash(&leaves[..size as usize]));
        assert_eq!(root_at(size, &nodes).unwrap(), nodes.roots[size as usize]);
        let tree = tree_at(size, &nodes).unwrap();
        assert_eq!(Tree::from_parts(size, tree.edge().to_vec()).unwrap(), tree);
        assert_eq!(tree.edge_nodes().len(), tree.edge().len());
        for index in 0..size {
            let proof = inclusion_proof(index, size, &nodes).unwrap();
            verify_inclusion(index, size, &nodes.leaf(index), &proof, &nodes.roots[size as usize]).unwrap();
        }
        assert!(inclusion_proof(size, size, &nodes).is_err());
        for old in 0..=size {
            let proof = consistency_proof(old, size, &nodes).unwrap();
            let (old_root, root) = (&nodes.roots[old as usize], &nodes.roots[size as usize]);
            verify_consistency(old, size, old_root, root, &proof).unwrap();
        }
        assert!(consistency_proof(size + 1, size, &nodes).is_err());
    }
    assert!(Tree::from_parts(3, vec![merkle::EMPTY]).is_err());
}

#[test]
fn tiles_give_every_node() {
    let size = 66_000;
    let nodes = Nodes::of(size);
    let mut tiles = BTreeMap::new();
    for tile in tiles_of_growth(0, size) {
        let TileKind::Hashes(level) = tile.kind() else { panic!() };
        let first = tile.index() * 256;
        let hashes: Vec<Hash> = (first..first + u64::from(tile.width()))
            .map(|index| nodes.nodes[&Node { level: level * 8, index }])
            .collect();
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
        assert_eq!(tile.hashes(&bytes).unwrap(), hashes);
        tiles.insert(tile.path(), hashes);
    }
    for (node, hash) in &nodes.nodes {
        let (tile, range) = node_in_tile(*node, size).unwrap();
        assert_eq!(tree_hash(&tiles[&tile.path()][range]), *hash, "{node:?}");
    }
    assert_eq!(node_in_tile(Node { level: 0, index: size }, size), None);
    assert_eq!(node_in_tile(Node { level: 63, index: 1 }, u64::MAX), None);
    assert_eq!(node_in_tile(Node { level: 255, index: u64::MAX }, u64::MAX), None);
    assert_eq!(
        bundles_of_growth(250, 520).iter().map(Tile::path).collect::<Vec<_>>(),
        ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/8"]
    );
}

#[test]
fn largest_numbers_do_no_harm() {
    let (max, hash) = (u64::MAX, merkle::EMPTY);
    for size in [max, max - 1, 1 << 63, (1 << 63) - 1, (1 << 62) + 1, 0] {
        for index in [max, size, size.wrapping_sub(1), 0] {
            for count in [0, 1, 62, 63, 64, 65] {
                let proof = vec![hash; count];
                let _ = root_from_inclusion(index, size, &hash, &proof);
                let _ = verify_consistency(index, size, &hash, &hash, &proof);
            }
            assert!(inclusion_nodes(index, size).is_none_or(|nodes| nodes.len() < 200));
            assert!(consistency_nodes(index, size).is_none_or(|nodes| nodes.len() < 200));
            for kind in [TileKind::Hashes(0), TileKind::Hashes(7), TileKind::Hashes(8), TileKind::Entries] {
                let _ = Tile::at_size(kind, index, size);
            }
        }
    }
}

fn signer(seed: u8, name: &str, algorithm: u8) -> SignerKey {
    SignerKey::new(name, algorithm, SecretKey::from_seed([seed; 32])).unwrap()
}

#[test]
fn a_signed_and_cosigned_checkpoint() {
    let log = signer(1, "log.example/t", ED25519);
    let witness = signer(2, "w.example", ED25519_COSIGNATURE);
    let origin = Origin::parse("log.example/t").unwrap();
    let checkpoint = Checkpoint { origin: origin.clone(), size: 0, root: merkle::EMPTY };
    let mut note = checkpoint.sign(&log).unwrap();
    let cosigned = cosignature::sign(&witness, note.text(), 1_700_000_000).unwrap();
    note.add(cosigned.clone());
    note.add(cosigned);
    let text = note.to_text();
    let keys = [log.vkey().clone()];
    let others = [witness.vkey().clone()];
    let (opened, note) = Checkpoint::open(text.as_bytes(), &origin, &keys, &others).unwrap();
    assert_eq!((opened, note.verified[1].time), (checkpoint.clone(), Some(1_700_000_000)));
    // A witness alone does not speak for the log; the log's name is part of its key.
    let error = Checkpoint::open(text.as_bytes(), &origin, &[], &others).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NoteUnsigned);
    let other = Origin::parse("other.example").unwrap();
    let error = Checkpoint::open(text.as_bytes(), &other, &keys, &others).unwrap_err();
    assert_eq!(error.code(), ErrorCode::CheckpointOrigin);
    assert!(checkpoint.sign(&signer(1, "other.example", ED25519)).is_err());
    for time in [0, 1 << 63] {
        assert!(cosignature::sign(&witness, &checkpoint.to_text(), time).is_err());
    }
    assert!(cosignature::sign(&log, &checkpoint.to_text(), 1).is_err());
}

#[test]
fn an_entry_bundle_has_room_for_65535_bytes() {
    let mut bundle = Vec::new();
    push_entry(&mut bundle, &[7; 65_535]).unwrap();
    assert_eq!(parse_bundle(&bundle, 1).unwrap(), [[7; 65_535]]);
    assert!(push_entry(&mut bundle, &[7; 65_536]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn one_changed_thing_breaks_an_inclusion_proof(
        size in 1u64..600, at in any::<prop::sample::Index>(), which in any::<prop::sample::Index>(), bit in 0usize..256,
    ) {
        let nodes = Nodes::of(size);
        let index = at.index(size as usize) as u64;
        let (leaf, root) = (nodes.leaf(index), nodes.tree.root());
        nodes.read.borrow_mut().clear();
        let proof = inclusion_proof(index, size, &nodes).unwrap();
        prop_assert_eq!(nodes.read.borrow().clone(), inclusion_nodes(index, size).unwrap());
        verify_inclusion(index, size, &leaf, &proof, &root).unwrap();
        let flip = |hash: &mut Hash| hash.0[bit / 8] ^= 1 << (bit % 8);
        let (mut leaf2, mut root2) = (leaf, root);
        flip(&mut leaf2);
        flip(&mut root2);
        prop_assert!(verify_inclusion(index, size, &leaf2, &proof, &root).is_err());
        prop_assert!(verify_inclusion(index, size, &leaf, &proof, &root2).is_err());
        for other in (0..size).filter(|other| *other != index) {
            prop_assert!(verify_inclusion(other, size, &leaf, &proof, &root).is_err());
        }
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(verify_inclusion(index, size, &leaf, &longer, &root).is_err());
        if !proof.is_empty() {
            let mut changed = proof.clone();
            let which = which.index(changed.len());
            flip(&mut changed[which]);
            prop_assert!(verify_inclusion(index, size, &leaf, &changed, &root).is_err());
            prop_assert!(verify_inclusion(index, size, &leaf, &proof[1..], &root).is_err());
            prop_assert!(verify_inclusion(index, size, &leaf, &proof[..proof.len() - 1], &root).is_err());
        }
    }

    #[test]
    fn one_changed_thing_breaks_a_consistency_proof(
        new in 2u64..600, at in any::<prop::sample::Index>(), which in any::<prop::sample::Index>(), bit in 0usize..256,
    ) {
        let nodes = Nodes::of(new);
        let old = 1 + at.index(new as usize - 1) as u64;
        let (old_root, root) = (nodes.roots[old as usize], nodes.tree.root());
        nodes.read.borrow_mut().clear();
        let proof = consistency_proof(old, new, &nodes).unwrap();
        prop_assert_eq!(nodes.read.borrow().clone(), consistency_nodes(old, new).unwrap());
        verify_consistency(old, new, &old_root, &root, &proof).unwrap();
        let flip = |mut hash: Hash| { hash.0[bit / 8] ^= 1 << (bit % 8); hash };
        prop_assert!(verify_consistency(old, new, &flip(old_root), &root, &proof).is_err());
        prop_assert!(verify_consistency(old, new, &old_root, &flip(root), &proof).is_err());
        // Another old size never passes: its walk starts or turns elsewhere.
        for other in (1..new).filter(|other| *other != old) {
            prop_assert!(verify_consistency(other, new, &old_root, &root, &proof).is_err(), "{} {} {}", old, other, new);
        }
        let mut changed = proof.clone();
        let which = which.index(changed.len());
        changed[which] = flip(changed[which]);
        prop_assert!(verify_consistency(old, new, &old_root, &root, &changed).is_err());
        prop_assert!(verify_consistency(old, new, &old_root, &root, &proof[1..]).is_err());
        prop_assert!(verify_consistency(old, new, &old_root, &root, &[&proof[..], &[root]].concat()).is_err());
    }

    #[test]
    fn a_note_reads_back_as_it_was_written(
        text in "[ -~\u{a0}-\u{2fff}\n]{0,80}", name in "[a-z./:\u{4e00}-\u{4eff}-]{1,20}", seed in any::<u8>(), bit in any::<prop::sample::Index>(),
    ) {
        let signer = signer(seed, &name, ED25519);
        let known = [signer.vkey().clone()];
        let mut note = Note::new(text + "\n").unwrap();
        note.sign(&signer).unwrap();
        let written = note.to_text();
        prop_assert_eq!(&Note::parse(written.as_bytes()).unwrap(), &note);
        let opened = open(written.as_bytes(), &known).unwrap();
        prop_assert_eq!(opened.text.as_str(), note.text());
        let mut bytes = written.into_bytes();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(open(&bytes, &known).is_err());
    }

    #[test]
    fn a_tile_path_reads_back(level in 0u8..=64, index in any::<u64>(), shift in 0u32..64, width in 1u16..=256) {
        let kind = if level == 64 { TileKind::Entries } else { TileKind::Hashes(level) };
        let tile = Tile::new(kind, index >> shift, width).unwrap();
        prop_assert_eq!(Tile::parse(&tile.path()).unwrap(), tile);
    }

    #[test]
    fn growth_in_two_steps_touches_the_same_tiles(a in 0u64..70_000, b in 0u64..70_000, c in 0u64..70_000) {
        let mut sizes = [a, b, c];
        sizes.sort_unstable();
        let [a, b, c] = sizes;
        let mut steps: Vec<(TileKind, u64)> = [(a, b), (b, c)].into_iter()
            .flat_map(|(from, to)| tiles_of_growth(from, to)).map(|tile| (tile.kind(), tile.index())).collect();
        steps.sort_unstable();
        steps.dedup();
        let mut whole: Vec<_> = tiles_of_growth(a, c).iter().map(|tile| (tile.kind(), tile.index())).collect();
        whole.sort_unstable();
        prop_assert_eq!(steps, whole);
    }

    #[test]
    fn parsers_survive_anything(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,120}") {
        let lossy = String::from_utf8_lossy(&bytes);
        for text in [text.as_str(), &lossy] {
            let _ = Note::parse(text.as_bytes());
            let _ = Checkpoint::parse(text);
            let _ = AddCheckpoint::parse(text.as_bytes());
            let _ = witness::parse_cosignatures(text.as_bytes());
            let _ = witness::parse_size(text.as_bytes());
            let _ = Policy::parse(text);
            let _ = TlogProof::parse(text.as_bytes());
            let _ = Tile::parse(text);
            let _ = Vkey::parse(text);
            let _ = SignerKey::parse(text);
            if let Some(decoded) = b64_decode(text) {
                prop_assert_eq!(b64_encode(&decoded), text);
            }
        }
        let _ = Note::parse(&bytes);
        let _ = TlogProof::parse(&bytes);
        let _ = PublicKey::from_bytes(&bytes);
        let _ = parse_bundle(&bytes, 3);
        prop_assert_eq!(b64_decode(&b64_encode(&bytes)), Some(bytes.clone()));
        prop_assert_eq!(hex_decode(&hex_encode(&bytes)), Some(bytes));
    }
}

/// The examples of the log side in `FORMAT.md` are those of the vectors.
#[test]
fn the_examples_of_the_format_are_vectors() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let group = std::fs::read_to_string(dir.join("vectors/log/the-examples-of-format-md.json")).unwrap();
    let group: Value = serde_json::from_str(&group).unwrap();
    let format = std::fs::read_to_string(dir.join("FORMAT.md")).unwrap_or_default();
    if !format.contains("<!-- log side -->") {
        return;
    }
    for case in group["cases"].as_array().unwrap() {
        for name in ["text", "note", "policy", "proof", "request", "path", "sig", "hex", "leaf_hash"] {
            let texts = match &case["input"][name] {
                Value::String(text) if name == "leaf_hash" => {
                    vec![Hash::from_base64(text).unwrap().to_hex()]
                }
                Value::String(text) => vec![text.trim_end().to_owned()],
                Value::Array(texts) => texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
                _ => continue,
            };
            for text in texts {
                assert!(format.contains(&text), "{}: {name}", case["name"]);
            }
        }
    }
}

#[test]
fn the_message_of_type_0x06_is_that_of_the_format() {
    let format = include_str!("../FORMAT.md");
    let text = "sanwu.example.gov.cn/379999100\n7\n3bib5AOAnjJXUNPSY814kpwpQreUKjS3fhIslZSnTIw=\n";
    let message = cosignature::subtree_message("w1.example", 1001, &Head::parse(text).unwrap()).unwrap();
    assert!(format.contains(text) && format.replace('\n', "").contains(&hex_encode(&message)));
}
