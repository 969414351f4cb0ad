//! `ring.digest`, `rows.check`, `check_code`.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_text;
use sanwu_schema::record::check_code as codes;
use sanwu_schema::record::rows::{Row, root};
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::validity::ring::Ring;
use serde_json::{Value, json};

use super::Group;
use crate::support::village::{self, CHAIN};

pub fn ring() -> Group {
    let mut g = Group::new("ring");
    let story = village::story();
    let chain = &story.world;
    let before = |index: u64| chain.log[index as usize].standing.as_ref().unwrap().facts.ring.clone();
    for (name, ring) in [
        ("the ring before a log's first entry", Ring::empty()),
        ("root's ring after the log's genesis: catalogue, threshold", before(1)),
        ("root's ring with authority keys, which have a scope", chain.state("root").facts.ring.clone()),
        ("the village's ring: catalogue, profile, no threshold", before(story.decision)),
        ("the village's ring without the chair", before(story.new_chair)),
        ("the village's ring with another chair", chain.state(CHAIN).facts.ring.clone()),
    ] {
        let object: Value = serde_json::from_str(&to_text(&ring)).unwrap();
        g.ok(name, "ring.digest", json!({ "ring": object }), json!(ring.digest().to_text()));
    }
    g
}

pub fn rows() -> Group {
    const OP: &str = "rows.check";
    let mut g = Group::new("rows");
    let rows = village::rows();
    let input = |root: Hash, count: usize, rows: &str| json!({ "root": root.to_text(), "count": count, "rows": rows });
    let of = |rows: &[Row]| (root(rows), rows.len(), to_text(&rows.to_vec()));
    for count in 1..=3 {
        let (root, n, text) = of(&rows[..count]);
        g.ok(&format!("{count} of three rows"), OP, input(root, n, &text), json!(true));
    }
    let many: Vec<Row> =
        (0..70).map(|i| Row { salt: village::salt(&format!("many {i}")), ..rows[0].clone() }).collect();
    let (root_70, n_70, text_70) = of(&many);
    g.ok("seventy rows", OP, input(root_70, n_70, &text_70), json!(true));

    let (whole, n, text) = of(&rows);
    let mut bad = |name: &str, root, count, rows: &str, code| g.bad(name, OP, input(root, count, rows), code);
    let mut swapped = rows.clone();
    swapped.swap(0, 1);
    bad("two rows change places", whole, n, &of(&swapped).2, ErrorCode::Rows);
    bad("a row is left out", whole, n, &of(&rows[..2]).2, ErrorCode::Rows);
    bad("a row is left out, and the count says so", whole, 2, &of(&rows[..2]).2, ErrorCode::Rows);
    bad("the count is wrong", whole, 4, &text, ErrorCode::Rows);
    bad("an amount is another", whole, n, &text.replace("60001", "60002"), ErrorCode::Rows);
    bad("a salt of 33 digits", whole, n, &text.replacen("\"salt\":\"", "\"salt\":\"0", 1), ErrorCode::JsonValue);
    bad("no rows", Hash::digest(b""), 0, "[]", ErrorCode::Rows);
    bad("white space", whole, n, &text.replacen(',', ", ", 1), ErrorCode::JsonCanonical);
    bad("a row without its salt", whole, n, "[{\"name\":\"张示例\"}]", ErrorCode::JsonMissing);
    bad(
        "a row with a member more",
        whole,
        n,
        &text.replacen("\"fen\":60000", "\"fen\":60000,\"id\":1", 1),
        ErrorCode::JsonUnknown,
    );
    bad("an amount in yuan", whole, n, &text.replacen("60000", "600.00", 1), ErrorCode::JsonNumber);
    bad("not an array", whole, n, "{}", ErrorCode::JsonType);
    g
}

pub fn check_code() -> Group {
    let mut g = Group::new("check_code");
    for (name, id) in [
        ("all bits zero", Hash([0; 32])),
        ("all bits one", Hash([0xff; 32])),
        ("the digest of nothing", Hash::digest(b"")),
        ("only the bit after the first hundred", Hash(core::array::from_fn(|i| if i == 12 { 0x08 } else { 0 }))),
        ("only the hundredth bit", Hash(core::array::from_fn(|i| if i == 12 { 0x10 } else { 0 }))),
    ] {
        g.ok(name, "check_code", json!({ "id": id.to_text() }), json!(codes::of(&StatementId(id))));
    }
    g
}
