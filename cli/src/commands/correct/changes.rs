//! Before and after, found by comparing two bodies member by member.

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{Canon, Value};
use sanwu_schema::kinds::{Body, Change};

use crate::error::Error;
use crate::tables::money::yuan;

/// Most changes listed one by one; a body that differs more is described as a whole.
const CHANGES_MAX: usize = 200;
/// What is written where there was nothing.
const NOTHING: &str = "(无)";

/// Returns the changes from one body to another. The salt is no content.
pub fn between(old: &Body, new: &Body) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    compare("", Some(&old.to_value()?), Some(&new.to_value()?), &mut changes);
    if changes.is_empty() {
        return Err(Error::new(ErrorCode::Changes));
    }
    changes.truncate(CHANGES_MAX);
    Ok(changes)
}

fn compare(place: &str, old: Option<&Value>, new: Option<&Value>, out: &mut Vec<Change>) {
    if old == new || place == "salt" {
        return;
    }
    match (old, new) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let names =
                a.iter().map(|(n, _)| n).chain(b.iter().map(|(n, _)| n).filter(|n| !a.iter().any(|(m, _)| m == *n)));
            for name in names {
                let step = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                compare(&step, member(a, name), member(b, name), out);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => lists(place, a, b, out),
        _ => out.push(Change { place: place.to_owned(), before: shown(place, old), after: shown(place, new) }),
    }
}

/// Vouchers and other numbered things are compared by number, so that one more in the middle is one change.
fn lists(place: &str, a: &[Value], b: &[Value], out: &mut Vec<Change>) {
    let numbered = !a.is_empty() && a.iter().chain(b).all(|v| number(v).is_some());
    if numbered {
        for old in a {
            let no = number(old).unwrap_or_default();
            compare(&format!("{place} {no}"), Some(old), b.iter().find(|v| number(v) == Some(no)), out);
        }
        for new in b.iter().filter(|v| !a.iter().any(|o| number(o) == number(v))) {
            compare(&format!("{place} {}", number(new).unwrap_or_default()), None, Some(new), out);
        }
        return;
    }
    for i in 0..a.len().max(b.len()) {
        compare(&format!("{place}[{i}]"), a.get(i), b.get(i), out);
    }
}

fn member<'a>(members: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    members.iter().find(|(n, _)| n == name).map(|(_, v)| v)
}

fn number(value: &Value) -> Option<&str> {
    match value.get("no") {
        Some(Value::String(no)) => Some(no),
        _ => None,
    }
}

fn shown(place: &str, value: Option<&Value>) -> String {
    match value {
        None => NOTHING.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Int(fen)) if place.ends_with("fen") => format!("{} 元", yuan(*fen)),
        Some(other) => {
            let mut text = String::new();
            other.write(&mut text);
            // A text of a body holds 2,000 characters at most; a whole voucher is shown in part.
            text.chars().take(1_000).collect()
        }
    }
}
