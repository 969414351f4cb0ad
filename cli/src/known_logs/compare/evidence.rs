//! The file that proves a split to anyone, without a network: two signed checkpoints of one log, and for one index an
//! entry and its inclusion proof under each, the entries being different.
//!
//! ```json
//! {"schema":"sanwu-split-1","origin":…,"index":12,"log_vkeys":[…],"keys_from":"trust","how":…,
//!  "sides":[{"source":…,"checkpoint":"<signed note>","leaf":"<base64>","entry":"<base64>","inclusion":["<base64>"…]},…]}
//! ```

use sanwu_schema::crypto::hash::{Hash, b64_decode, b64_encode};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::{leaf_hash, verify_inclusion};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::PinnedLog;
use serde_json::{Value, json};

use super::relation::{Split, SplitSide};
use super::view::{KeysFrom, View};
use crate::error::Error;
use crate::text::text;

/// Names the format.
const SCHEMA: &str = "sanwu-split-1";
/// How to check the file, for its reader.
const HOW: [&str; 2] = [
    "两边的 checkpoint 都是同一本账签过名的 (C2SP signed-note, 公钥见 log_vkeys); inclusion 证明第 index 条在各自的总数之下 (RFC 6962, leaf = SHA-256(0x00 ‖ entry)); 两边的 leaf 不一样, 所以这本账给过两种历史。",
    "Both checkpoints are signed by the log (C2SP signed-note, keys in log_vkeys); each inclusion list proves the leaf at index under its root (RFC 6962, leaf = SHA-256(0x00 || entry)); the leaves differ, so the log has shown two histories.",
];

/// Makes the evidence of two histories.
pub fn evidence(fork: &Split, views: [&View<'_>; 2], keys_from: KeysFrom) -> Value {
    let mut vkeys: Vec<String> = views.iter().flat_map(|v| &v.signed_by).map(ToString::to_string).collect();
    vkeys.sort();
    vkeys.dedup();
    let sides: Vec<Value> = views.iter().zip(&fork.sides).map(|(view, side)| one(view, side)).collect();
    let [first, _] = views;
    json!({
        "schema": SCHEMA,
        "origin": first.checkpoint.origin.as_str(),
        "index": fork.index,
        "log_vkeys": vkeys,
        "keys_from": keys_from.as_str(),
        "how": HOW,
        "sides": sides,
    })
}

fn one(view: &View<'_>, side: &SplitSide) -> Value {
    let mut members = json!({
        "source": view.source.name(),
        "size": view.checkpoint.size,
        "root": view.checkpoint.root.to_base64(),
        "checkpoint": view.note,
        "leaf": side.leaf.to_base64(),
        "inclusion": side.inclusion.iter().map(|hash| hash.to_base64()).collect::<Vec<_>>(),
    });
    if let (Some(entry), Some(members)) = (&side.entry, members.as_object_mut()) {
        members.insert("entry".into(), json!(b64_encode(entry)));
    }
    members
}

/// What an evidence file proves.
pub struct Proven {
    pub origin: Origin,
    /// The place at which the two histories differ.
    pub index: u64,
    pub checkpoints: [Checkpoint; 2],
    /// The two entries, where the file has them.
    pub entries: [Option<Vec<u8>>; 2],
}

/// Checks an evidence file with nothing but itself and, if there is one, a trust file.
///
/// Without one the log's keys are those that the file names. An error says why it proves nothing.
pub fn check(bytes: &[u8], trust: Option<&PinnedLog>) -> Result<Proven, Error> {
    let document: Value =
        serde_json::from_slice(bytes).map_err(|e| Error::new(ErrorCode::JsonSyntax).at(e.to_string()))?;
    if text(&document, "schema")? != SCHEMA {
        return Err(Error::new(ErrorCode::JsonValue).at("schema"));
    }
    let origin = Origin::parse(text(&document, "origin")?).map_err(|e| Error::new(e.code()).at("origin"))?;
    if trust.is_some_and(|t| t.file.origin != origin) {
        return Err(Error::new(ErrorCode::OtherLog).at(origin.as_str()));
    }
    let keys = vkeys(&document)?;
    if trust.is_none() && keys.is_empty() {
        return Err(Error::new(ErrorCode::TrustMissing).at("log_vkeys"));
    }
    let open = |note: &str| match trust {
        Some(pinned) => pinned.open(note.as_bytes()).map(|opened| opened.checkpoint),
        None => Checkpoint::open(note.as_bytes(), &origin, &keys, &[]).map(|(checkpoint, _)| checkpoint),
    };
    let index = document.get("index").and_then(Value::as_u64).ok_or_else(|| missing("index"))?;
    let Some([a, b]) = document.get("sides").and_then(Value::as_array).map(Vec::as_slice) else {
        return Err(missing("sides"));
    };
    let side = |at: usize, side: &Value| -> Result<(Checkpoint, Hash, Option<Vec<u8>>), Error> {
        let place = format!("sides[{at}]");
        let checkpoint = open(text(side, "checkpoint")?).map_err(|e| Error::new(e.code()).at(place.as_str()))?;
        let leaf = hash(side.get("leaf"))?;
        let inclusion = side.get("inclusion").and_then(Value::as_array).ok_or_else(|| missing("inclusion"))?;
        let proof = inclusion.iter().map(|one| hash(Some(one))).collect::<Result<Vec<Hash>, Error>>()?;
        verify_inclusion(index, checkpoint.size, &leaf, &proof, &checkpoint.root)
            .map_err(|e| Error::new(e.code()).at(place.as_str()))?;
        let entry = match side.get("entry").and_then(Value::as_str) {
            Some(encoded) => Some(b64_decode(encoded).ok_or_else(|| Error::new(ErrorCode::Base64).at("entry"))?),
            None => None,
        };
        if entry.as_ref().is_some_and(|entry| leaf_hash(entry) != leaf) {
            return Err(Error::new(ErrorCode::Inclusion).at(place));
        }
        Ok((checkpoint, leaf, entry))
    };
    let (first, second) = (side(0, a)?, side(1, b)?);
    if first.1 == second.1 {
        return Err(Error::new(ErrorCode::Inclusion)
            .because(text!("两边是同一条记录, 什么也没有证明", "both entries are the same: nothing is proved"))
            .at(text!("第 {index} 条", "entry {index}")));
    }
    Ok(Proven { origin, index, checkpoints: [first.0, second.0], entries: [first.2, second.2] })
}

fn vkeys(document: &Value) -> Result<Vec<Vkey>, Error> {
    let texts = document.get("log_vkeys").and_then(Value::as_array).ok_or_else(|| missing("log_vkeys"))?;
    let keys = texts.iter().map(|text| Vkey::parse(text.as_str().unwrap_or_default()));
    keys.collect::<Result<_, _>>().map_err(|e| Error::new(e.code()).at("log_vkeys"))
}

fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str, Error> {
    object.get(name).and_then(Value::as_str).ok_or_else(|| missing(name))
}

fn hash(value: Option<&Value>) -> Result<Hash, Error> {
    let hash = value.and_then(Value::as_str).and_then(Hash::from_base64);
    hash.ok_or_else(|| Error::new(ErrorCode::Base64).at("leaf, inclusion"))
}

fn missing(name: &str) -> Error {
    Error::new(ErrorCode::JsonMissing).at(name)
}

impl KeysFrom {
    /// Returns the word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Sources => "sources",
            Self::Nobody => "none",
        }
    }
}
