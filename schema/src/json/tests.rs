use alloc::string::String;
use alloc::vec::Vec;

use super::*;

record! {
    /// A sample.
    pub struct Sample { a: i64, b [opt]: String, kind as "type" [opt]: Vec<u64> }
}

fn code(bytes: &str) -> &'static str {
    from_canonical::<Sample>(bytes.as_bytes()).map_or_else(|e| e.code.as_str(), |_| "ok")
}

#[test]
fn canonical_or_refused_with_the_reason() {
    for (text, want) in [
        (r#"{"a":1}"#, "ok"),
        (r#"{"a":-9007199254740991,"b":"示例 \"引\" \\ /","type":[0,1]}"#, "ok"),
        (r#"{"a":9007199254740992}"#, "E-JSON-NUMBER"),
        (r#"{"a":-0}"#, "E-JSON-NUMBER"),
        (r#"{"a":01}"#, "E-JSON-NUMBER"),
        (r#"{"a":1.0}"#, "E-JSON-NUMBER"),
        (r#"{"a":1e3}"#, "E-JSON-NUMBER"),
        (r#"{"a":null}"#, "E-JSON-TYPE"),
        (r#"{"a":"1"}"#, "E-JSON-TYPE"),
        (r#"{"b":"x"}"#, "E-JSON-MISSING"),
        (r#"{"a":1,"c":2}"#, "E-JSON-UNKNOWN"),
        (r#"{"a":1,"a":1}"#, "E-JSON-DUPLICATE"),
        (r#"{"b":"x","a":1}"#, "E-JSON-CANONICAL"),
        (r#"{"a":1} "#, "E-JSON-CANONICAL"),
        (r#"{"a":1,"b":"\u4e2d"}"#, "E-JSON-CANONICAL"),
        (r#"{"a":1,"b":"\/"}"#, "E-JSON-CANONICAL"),
        (r#"{"a":1,"b":"\ud800"}"#, "E-JSON-STRING"),
        ("{\"a\":1,\"b\":\"\u{202e}\"}", "E-JSON-STRING"),
        ("{\"a\":1,\"b\":\"\\n\"}", "E-JSON-STRING"),
        (r#"{"a":1"#, "E-JSON-SYNTAX"),
        (r#"{"a":1}}"#, "E-JSON-SYNTAX"),
        ("[[[[[[[[[1]]]]]]]]]", "E-JSON-DEPTH"),
    ] {
        assert_eq!(code(text), want, "{text}");
    }
}

#[test]
fn the_place_is_named() {
    let error = from_canonical::<Sample>(br#"{"a":1,"type":[0,-1]}"#).unwrap_err();
    assert_eq!(error.place, "type[1]");
}

#[test]
fn a_hand_written_document_is_read_in_any_order() {
    let read: Sample = from_json("{ \"b\" : \"\\u4e2d\\/\", \"a\": 7 }".as_bytes()).unwrap();
    assert_eq!(to_text(&read), r#"{"a":7,"b":"中/"}"#);
}
