//! The place file: a chain's state and newest month book, carried to a PC without network.
//!
//! ```json
//! {"schema":"sanwu-place-1","info":{…},"month_book":{…}}
//! ```

use std::path::Path;

use sanwu_schema::draft::ChainInfo;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{self, Canon};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, MonthBook};
use serde_json::{Value, json};

use crate::error::Error;
use crate::files;
use crate::log_source::ledger::Ledger;

/// Names the format.
pub const PLACE_SCHEMA: &str = "sanwu-place-1";

/// A chain's state as it was when the file was written.
pub struct SavedPlace {
    pub info: ChainInfo,
    pub month_book: Option<MonthBook>,
}

impl SavedPlace {
    /// Gathers a chain's place from the log, everything checked.
    pub fn gather(ledger: &Ledger, mut info: ChainInfo) -> Result<Self, Error> {
        let mut month_book = None;
        if let Some(head) = &info.head {
            if !info.chain.is_root() {
                info.opening = ledger.opening(&info.chain)?.map(|(_, opening)| opening);
            }
            let newest = ledger.newest(&info.chain, head.seq, |s| s.content_kind() == Kind::MonthBook)?;
            if let Some(period) = newest.and_then(|row| row.statement.period) {
                month_book = ledger.month_book(&info.chain, head.seq, &period)?;
            }
        }
        Ok(Self { info, month_book })
    }

    pub fn to_json(&self) -> Result<Value, Error> {
        let mut document = json!({ "schema": PLACE_SCHEMA, "info": value(&self.info)? });
        if let (Some(book), Some(members)) = (&self.month_book, document.as_object_mut()) {
            members.insert("month_book".into(), value(book)?);
        }
        Ok(document)
    }

    /// Reads a place file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let place = path.display().to_string();
        let bad = |code: ErrorCode, what: &str| Error::new(code).at(format!("{place}: {what}"));
        let document: Value =
            serde_json::from_slice(&files::read(path)?).map_err(|e| bad(ErrorCode::JsonSyntax, &e.to_string()))?;
        if document.get("schema").and_then(Value::as_str) != Some(PLACE_SCHEMA) {
            return Err(bad(ErrorCode::JsonValue, "schema"));
        }
        let info = document.get("info").ok_or_else(|| bad(ErrorCode::JsonMissing, "info"))?;
        let info: ChainInfo =
            json::from_json(info.to_string().as_bytes()).map_err(|e| Error::from(e).within(&place))?;
        let month_book = match document.get("month_book") {
            None => None,
            // A month book has one canonical form; members' order in the file does not matter.
            Some(book) => {
                let book: MonthBook =
                    json::from_json(book.to_string().as_bytes()).map_err(|e| Error::from(e).within(&place))?;
                Body::parse(Kind::MonthBook, &json::to_canonical(&book)).map_err(|e| Error::from(e).within(&place))?;
                Some(book)
            }
        };
        Ok(Self { info, month_book })
    }
}

fn value<T: Canon>(record: &T) -> Result<Value, Error> {
    serde_json::from_slice(&json::to_canonical(record)).map_err(|e| Error::new(ErrorCode::Internal).at(e.to_string()))
}
