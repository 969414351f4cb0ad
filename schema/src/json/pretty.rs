//! JSON laid out for people, as ECMAScript's `JSON.stringify(value, null, 1)` does it.

use alloc::string::String;

use super::{Canon, Value, write_str};

/// Returns the value with one member or element per line.
pub fn to_pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                line(i, depth + 1, out);
                write(item, depth + 1, out);
            }
            end(depth, ']', out);
        }
        Value::Object(members) if !members.is_empty() => {
            out.push('{');
            for (i, (name, value)) in members.iter().enumerate() {
                line(i, depth + 1, out);
                write_str(name, out);
                out.push_str(": ");
                write(value, depth + 1, out);
            }
            end(depth, '}', out);
        }
        plain => plain.write(out),
    }
}

fn line(at: usize, depth: usize, out: &mut String) {
    out.push_str(if at > 0 { ",\n" } else { "\n" });
    out.extend(core::iter::repeat_n(' ', depth));
}

fn end(depth: usize, close: char, out: &mut String) {
    out.push('\n');
    out.extend(core::iter::repeat_n(' ', depth));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_browser_lays_it_out() {
        let value = crate::json::parse(br#"{"a":[],"b":{},"c":[1,{"d":"x"}],"e":true}"#).unwrap();
        let expected = "{\n \"a\": [],\n \"b\": {},\n \"c\": [\n  1,\n  {\n   \"d\": \"x\"\n  }\n ],\n \"e\": true\n}";
        assert_eq!(to_pretty(&value), expected);
    }
}
