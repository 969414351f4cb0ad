//! A receipt: what a log answers to a publication, with the proof bundle of each entry.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use crate::error_code::ErrorCode;
use crate::json::{self, JsonError, Value, to_canonical};

/// Names the format.
pub const FORMAT: &str = "sanwu-receipt-v1";

/// Returns the bundles in a file: the file itself, or those of a receipt, of which there is at least one.
///
/// Whether they are bundles is for their reader to say.
pub fn bundles(file: &[u8]) -> Result<Vec<Vec<u8>>, JsonError> {
    let document = json::parse(file)?;
    if !matches!(document.get("format"), Some(Value::String(format)) if format == FORMAT) {
        return Ok(vec![file.to_vec()]);
    }
    let entries = match document.get("entries") {
        Some(Value::Array(entries)) if !entries.is_empty() => entries,
        _ => return Err(JsonError::new(ErrorCode::JsonMissing, "entries")),
    };
    let mut bundles = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match entry.get("bundle") {
            Some(bundle) => bundles.push(to_canonical(bundle)),
            None => return Err(JsonError::new(ErrorCode::JsonMissing, format!("entries[{at}].bundle"))),
        }
    }
    Ok(bundles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_gives_each_bundle_and_any_other_file_itself() {
        let file = br#"{ "format": "sanwu-bundle-v1" }"#;
        assert_eq!(bundles(file).unwrap(), [file.to_vec()]);
        let receipt = br#"{"format":"sanwu-receipt-v1","entries":[{"index":1,"bundle":{"a": [1]}},{"bundle":{}}]}"#;
        assert_eq!(bundles(receipt).unwrap(), [br#"{"a":[1]}"#.to_vec(), b"{}".to_vec()]);
        for (broken, place) in [
            (r#"{"format":"sanwu-receipt-v1"}"#, "entries"),
            (r#"{"format":"sanwu-receipt-v1","entries":[]}"#, "entries"),
            (r#"{"format":"sanwu-receipt-v1","entries":[{"bundle":{}},{}]}"#, "entries[1].bundle"),
        ] {
            let error = bundles(broken.as_bytes()).unwrap_err();
            assert_eq!((error.code, error.place.as_str()), (ErrorCode::JsonMissing, place));
        }
    }
}
