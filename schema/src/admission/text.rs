//! Every text of a body: normal form, length, personal numbers.

use alloc::format;
use alloc::string::String;

use unicode_normalization::is_nfc;

use super::personal;
use crate::error_code::ErrorCode;
use crate::json::Value;
use crate::kinds::Body;
use crate::kinds::admit::Findings;

/// Longest title, characters: two lines on a phone.
pub const TITLE_CHARS_MAX: usize = 80;
/// Longest paragraph, summary or cell, characters: a page of A4.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// Members whose value is a code or a digest by its type, where digits mean nothing personal.
const NOT_TEXT: &[&str] = &["salt", "digest", "keyid", "uscc", "bank_statement"];

pub(super) fn check(body: &Body, out: &mut Findings) {
    let title = body.title().chars().count();
    out.unless((1..=TITLE_CHARS_MAX).contains(&title), ErrorCode::Text, "title");
    match body.to_value() {
        Ok(value) => walk(&value, &mut String::new(), out),
        Err(e) => out.add(e.code, e.place),
    }
}

fn walk(value: &Value, place: &mut String, out: &mut Findings) {
    match value {
        Value::String(text) => one(text, place, out),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                within(place, &format!("[{i}]"), |place| walk(item, place, out));
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if NOT_TEXT.contains(&name.as_str()) || name == "replacement" {
                    continue;
                }
                let step = if place.is_empty() { name.clone() } else { format!(".{name}") };
                within(place, &step, |place| walk(member, place, out));
            }
        }
        Value::Bool(_) | Value::Int(_) => {}
    }
}

fn within(place: &mut String, step: &str, f: impl FnOnce(&mut String)) {
    let len = place.len();
    place.push_str(step);
    f(place);
    place.truncate(len);
}

fn one(text: &str, place: &str, out: &mut Findings) {
    out.unless(is_nfc(text), ErrorCode::Nfc, place);
    let length = text.chars().count();
    out.unless((1..=TEXT_CHARS_MAX).contains(&length) && text.trim() == text, ErrorCode::Text, place);
    out.unless(personal::find(text).is_none(), ErrorCode::Personal, place);
}
