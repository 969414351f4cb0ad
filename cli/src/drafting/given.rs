//! What people type: options and plain JSON, understood.

use std::path::Path;

use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::{IssuedAt, Period};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{self, Canon};
use sanwu_schema::record::statement::{ChainId, ItemCode, Role};
use serde_json::Value;

use crate::drafting::args::DraftArgs;
use crate::drafting::keystore;
use crate::entropy;
use crate::error::Error;
use crate::files;
use crate::text::text;

/// Reads the chain option; absent is an error that says what to write.
pub fn chain_id(chain: Option<&str>) -> Result<ChainId, Error> {
    let Some(chain) = chain else {
        return Err(Error::new(ErrorCode::Usage)
            .because(text!("没有写账链", "the chain is missing"))
            .remedy(text!("加上 --chain (一般是村的 12 位代码)", "add --chain, usually the village's 12-digit code")));
    };
    ChainId::parse(chain).ok_or_else(|| Error::new(ErrorCode::JsonValue).at(format!("--chain {chain}")))
}

/// Reads a period; other texts are an error that says what to write.
pub fn period(text: &str) -> Result<Period, Error> {
    Period::parse(text).ok_or_else(|| {
        Error::new(ErrorCode::Period)
            .at(text)
            .remedy(text!("写成 2026-03、2026-Q1、2026-H1 或 2026", "write 2026-03, 2026-Q1, 2026-H1 or 2026"))
    })
}

/// Returns the time at which the draft says it was made.
pub fn issued_at(args: &DraftArgs) -> Result<IssuedAt, Error> {
    match &args.issued_at {
        Some(given) => {
            IssuedAt::parse(given).ok_or_else(|| Error::new(ErrorCode::JsonValue).at(format!("--issued-at {given}")))
        }
        None => Ok(entropy::now()),
    }
}

/// Returns the keys that are preferred where several could sign.
pub fn preferred(args: &DraftArgs) -> Result<Vec<KeyId>, Error> {
    args.signer
        .iter()
        .map(|given| match KeyId::from_hex(given) {
            Some(keyid) => Ok(keyid),
            None => {
                let vkey = keystore::vkey_or_file(given)?;
                vkey.public_key().map(|k| k.key_id()).ok_or_else(|| Error::new(ErrorCode::Suite).at(given.as_str()))
            }
        })
        .collect()
}

/// Reads a role: its word, or its Chinese label.
pub fn role(word: &str) -> Result<Role, Error> {
    let found = Role::parse(word).or_else(|| Role::ALL.iter().copied().find(|r| r.zh() == word));
    found.ok_or_else(|| {
        let all = Role::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ");
        Error::new(ErrorCode::JsonValue).at(format!("--role {word}")).remedy(text!("可以写: {all}", "one of: {all}"))
    })
}

/// Reads a body from plain JSON, adding a salt where there is none.
pub fn record<T: Canon>(path: &Path) -> Result<T, Error> {
    let place = path.display().to_string();
    let bytes = files::read(path)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    // Our own reader first: it refuses what a lenient one would let pass, such as a member twice.
    json::parse(bytes).map_err(|e| Error::from(e).within(&place))?;
    let mut value: Value =
        serde_json::from_slice(bytes).map_err(|e| Error::new(ErrorCode::JsonSyntax).at(format!("{place}: {e}")))?;
    if let Some(members) = value.as_object_mut()
        && !members.contains_key("salt")
    {
        members.insert("salt".into(), Value::String(entropy::salt()?.as_str().to_owned()));
    }
    json::from_json(value.to_string().as_bytes()).map_err(|e| Error::from(e).within(&place))
}

/// Reads the code of an item of the catalogue.
pub fn item_code(text: &str) -> Result<ItemCode, Error> {
    ItemCode::parse(text).ok_or_else(|| Error::new(ErrorCode::Item).at(format!("--code {text}")))
}
