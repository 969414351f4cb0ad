//! A person, a key and a statement as people name them.

use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::Period;
use sanwu_schema::draft::ChainInfo;
use sanwu_schema::kinds::Kind;
use sanwu_schema::record::statement::{ItemCode, Statement};

use crate::text::Text;

/// Returns `张三(村会计)` where the chain tells it, else the key's short id.
pub fn person(info: &ChainInfo, keyid: &KeyId) -> String {
    match info.names.iter().find(|n| n.keyid == *keyid) {
        Some(name) => format!("{}({})", name.name, name.office),
        None => short(keyid),
    }
}

/// Returns the first eight digits of a key's id.
pub fn short(keyid: &KeyId) -> String {
    format!("{}…", keyid.to_hex().get(..8).unwrap_or_default())
}

/// Returns what a statement is, as in `F04 货币资金收支结余表 2026-03`.
pub fn label(statement: &Statement) -> Text {
    label_of(statement.kind, statement.code.as_ref(), statement.period.as_ref())
}

/// Returns the label of a statement of which only these are known.
pub fn label_of(kind: Kind, code: Option<&ItemCode>, period: Option<&Period>) -> Text {
    let code = code.map_or(String::new(), |c| format!("{c} "));
    let period = period.map_or(String::new(), |p| format!(" {p}"));
    let words = |kind: &str| format!("{code}{kind}{period}");
    Text { zh: words(kind.zh()), en: words(kind.en()) }
}
