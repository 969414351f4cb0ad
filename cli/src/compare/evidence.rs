//! The file that proves a split to anyone, without a network: two signed checkpoints of one log, and for one index an
//! entry and its inclusion proof under each, the entries being different.
//!
//! ```json
//! {"schema":"sanwu-split-1","origin":…,"index":12,"log_vkeys":[…],"keys_from":"trust","how":…,
//!  "sides":[{"source":…,"checkpoint":"<signed note>","leaf":"<base64>","entry":"<base64>","inclusion":["<base64>"…]},…]}
//! ```

use sanwu_schema::hash::b64_encode;
use serde_json::{Value, json};

use super::{Fork, KeysFrom, Side, View};

/// How to check the file, for whoever opens it.
const HOW: [&str; 2] = [
    "两边的 checkpoint 都是同一本账签过名的 (C2SP signed-note, 公钥见 log_vkeys); inclusion 证明第 index 条在各自的总数之下 (RFC 6962, leaf = SHA-256(0x00 ‖ entry)); 两边的 leaf 不一样, 所以这本账给过两种历史。",
    "Both checkpoints are signed by the log (C2SP signed-note, keys in log_vkeys); each inclusion list proves the leaf at index under its root (RFC 6962, leaf = SHA-256(0x00 || entry)); the leaves differ, so the log has shown two histories.",
];

/// Puts the evidence of a fork together.
pub fn evidence(fork: &Fork, views: [&View<'_>; 2], keys_from: KeysFrom) -> Value {
    let mut vkeys: Vec<String> = views.iter().flat_map(|v| &v.signed_by).map(ToString::to_string).collect();
    vkeys.sort();
    vkeys.dedup();
    let sides: Vec<Value> = views.iter().zip(&fork.sides).map(|(view, side)| one(view, side)).collect();
    let [first, _] = views;
    json!({
        "schema": "sanwu-split-1",
        "origin": first.checkpoint.origin.as_str(),
        "index": fork.index,
        "log_vkeys": vkeys,
        "keys_from": keys_from.as_str(),
        "how": HOW,
        "sides": sides,
    })
}

fn one(view: &View<'_>, side: &Side) -> Value {
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

impl KeysFrom {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Sources => "sources",
            Self::Nobody => "none",
        }
    }
}
