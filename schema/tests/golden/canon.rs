//! `canon.parse`: any value of the profile, canonical or refused.

use sanwu_schema::crypto::hash::hex_encode;
use sanwu_schema::error_code::ErrorCode::{
    self, JsonCanonical, JsonDepth, JsonDuplicate, JsonNumber, JsonString, JsonSyntax, JsonType,
};
use serde_json::json;

use super::Group;

const OP: &str = "canon.parse";

pub fn group() -> Group {
    let mut g = Group::new("canon");
    for (name, text) in [
        ("an empty object", "{}"),
        ("an empty array", "[]"),
        ("a string alone", r#""柳溪村""#),
        ("the largest integer", "9007199254740991"),
        ("the smallest integer", "-9007199254740991"),
        ("members in any order, since no table says which", r#"{"b":1,"a":0}"#),
        ("quotes and backslashes", r#"{"a":"\"x\" \\ /"}"#),
        ("a character outside the basic plane, raw", "\"\u{20bb7}\""),
        ("eight levels", "[[[[[[[[1]]]]]]]]"),
        ("true and false", "[true,false]"),
        ("a combining character is allowed; NFC is admission", "\"e\u{301}\""),
    ] {
        g.ok(name, OP, json!({ "text": text }), json!(true));
    }
    let bad: &[(&str, &str, ErrorCode)] = &[
        ("nothing", "", JsonSyntax),
        ("white space at the end", "{} ", JsonCanonical),
        ("white space after a colon", r#"{"a": 1}"#, JsonCanonical),
        ("a newline at the end", "{}\n", JsonCanonical),
        ("a second document", "{}{}", JsonSyntax),
        ("a comma too many", "[1,]", JsonSyntax),
        ("an object not closed", r#"{"a":1"#, JsonSyntax),
        ("a name without quotes", "{a:1}", JsonSyntax),
        ("a comment", "[1/**/]", JsonSyntax),
        ("a byte order mark", "\u{feff}{}", JsonSyntax),
        ("a raw newline in a string", "\"a\nb\"", JsonString),
        ("an escaped newline", r#""a\nb""#, JsonString),
        ("U+0000, escaped", r#""\u0000""#, JsonString),
        ("a C1 control, raw", "\"\u{85}\"", JsonString),
        ("DEL, raw", "\"\u{7f}\"", JsonString),
        ("right-to-left override, raw", "\"\u{202e}\"", JsonString),
        ("right-to-left override, escaped", r#""\u202e""#, JsonString),
        ("Arabic letter mark", "\"\u{61c}\"", JsonString),
        ("an isolate", "\"\u{2066}\"", JsonString),
        ("a lone high surrogate", r#""\ud842""#, JsonString),
        ("a lone low surrogate", r#""\udfb7""#, JsonString),
        ("a surrogate pair that need not be escaped", r#""\ud842\udfb7""#, JsonCanonical),
        ("a slash escaped", r#""\/""#, JsonCanonical),
        ("a letter escaped", r#""\u4e2d""#, JsonCanonical),
        ("an unknown escape", r#""\x41""#, JsonSyntax),
        ("three hex digits", r#""\u123""#, JsonSyntax),
        ("minus zero", "-0", JsonNumber),
        ("a fraction", "1.0", JsonNumber),
        ("an exponent", "1e3", JsonNumber),
        ("a leading zero", "01", JsonNumber),
        ("a minus and a leading zero", "-01", JsonNumber),
        ("2^53", "9007199254740992", JsonNumber),
        ("-2^53", "-9007199254740992", JsonNumber),
        ("forty digits", "1234567890123456789012345678901234567890", JsonNumber),
        ("a minus alone", "-", JsonNumber),
        ("a plus", "+1", JsonSyntax),
        ("NaN", "NaN", JsonSyntax),
        ("null", "null", JsonType),
        ("nil is no word", "nil", JsonSyntax),
        ("null in an array", "[null]", JsonType),
        ("a member twice", r#"{"a":1,"a":1}"#, JsonDuplicate),
        ("a member twice, once escaped", r#"{"a":1,"\u0061":1}"#, JsonDuplicate),
        ("nine levels", "[[[[[[[[[1]]]]]]]]]", JsonDepth),
        ("nine levels, not even closed", r#"[[[[[[[[{"a""#, JsonDepth),
        ("the first error in reading order: number before depth", "[1.5,[[[[[[[[1]]]]]]]]]", JsonNumber),
        ("a duplicate before what follows it", r#"[{"a":1,"a":2},1.5]"#, JsonDuplicate),
    ];
    for (name, text, code) in bad {
        g.bad(name, OP, json!({ "text": text }), *code);
    }
    for (name, bytes) in [
        ("not UTF-8", &b"\"\xff\""[..]),
        ("an overlong encoding", b"\"\xc0\xaf\""),
        ("a surrogate in UTF-8", b"\"\xed\xa1\x82\""),
        ("UTF-8 cut off", b"\"\xe6\x9f"),
    ] {
        g.bad(name, OP, json!({ "hex": hex_encode(bytes) }), JsonString);
    }
    g
}
