//! Canonical JSON: the one way in which a statement, a body or any other document of ours is written.
//!
//! Members in schema order, absent never null, integers only, no white space, strings escaped exactly as
//! ECMAScript's `JSON.stringify`. Hence *parse, write again, compare bytes* is a complete check, in any
//! language. The rules are in `FORMAT.md`, "Canonical JSON".

mod parse;
mod pretty;
mod record;
mod types;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error_code::ErrorCode;

pub use parse::parse;
pub use pretty::to_pretty;
pub(crate) use record::{record, words};
pub use types::Bytes;
pub(crate) use types::shaped_text;

/// Largest magnitude of any integer: what every JSON reader in use can hold exactly (2^53 − 1).
pub const INT_MAX: i64 = (1 << 53) - 1;
/// Deepest nesting of arrays and objects: a bundle's deepest path, catalogue → items → item → roles, is 5.
pub const DEPTH_MAX: usize = 8;

/// Refuses anything but an object, and members of other names.
///
/// Not inlined, like its neighbours: every record calls them, and the verifier is downloaded by phones.
#[inline(never)]
pub(crate) fn only(value: &Value, names: &[&str]) -> Result<(), JsonError> {
    match value {
        Value::Object(members) => match members.iter().find(|(n, _)| !names.contains(&n.as_str())) {
            None => Ok(()),
            Some((unknown, _)) => Err(JsonError::new(ErrorCode::JsonUnknown, unknown)),
        },
        _ => Err(wrong_type()),
    }
}

/// Reads a member that has to be there.
#[inline(never)]
pub(crate) fn member<T: Canon>(object: &Value, name: &str) -> Result<T, JsonError> {
    optional(object, name)?.ok_or_else(|| JsonError::new(ErrorCode::JsonMissing, name))
}

/// Reads a member that may be absent.
#[inline(never)]
pub(crate) fn optional<T: Canon>(object: &Value, name: &str) -> Result<Option<T>, JsonError> {
    match object.get(name) {
        Some(value) => T::read(value).map(Some).map_err(|e| e.within(name)),
        None => Ok(None),
    }
}

/// Writes an object member by member.
pub(crate) struct ObjectWriter<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> ObjectWriter<'a> {
    pub(crate) fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        write_str(name, self.out);
        self.out.push(':');
    }

    pub(crate) fn member<T: Canon>(&mut self, name: &str, value: &T) {
        self.name(name);
        value.write(self.out);
    }

    pub(crate) fn close(self) {
        self.out.push('}');
    }
}

/// A JSON value within the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// An integer within ±[`INT_MAX`].
    Int(i64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, members in the order found.
    Object(Vec<(String, Value)>),
}

/// Why bytes are not the document they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {place}", code.as_str())]
pub struct JsonError {
    /// The stable code.
    pub code: ErrorCode,
    /// Where: a member path such as `signers[0].roles`, or `byte 17`.
    pub place: String,
}

impl JsonError {
    /// Returns an error at a member path.
    pub fn new(code: ErrorCode, place: impl ToString) -> Self {
        Self { code, place: place.to_string() }
    }

    /// The same error, one level further out.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.place = match self.place.chars().next() {
            None => outer.to_string(),
            Some('[') => format!("{outer}{}", self.place),
            Some(_) => format!("{outer}.{}", self.place),
        };
        self
    }
}

/// Something with exactly one JSON form.
pub trait Canon: Sized {
    /// Reads the value; any order of members, but none unknown and none missing.
    fn read(value: &Value) -> Result<Self, JsonError>;
    /// Appends the canonical form.
    fn write(&self, out: &mut String);
}

/// Reads a canonical document: refuses any byte that the writer would not have written.
pub fn from_canonical<T: Canon>(bytes: &[u8]) -> Result<T, JsonError> {
    let read = T::read(&parse(bytes)?)?;
    let again = to_canonical(&read);
    if again != bytes {
        let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        return Err(JsonError::new(ErrorCode::JsonCanonical, format!("byte {at}")));
    }
    Ok(read)
}

/// Reads a document written by hand: members in any order, white space allowed.
pub fn from_json<T: Canon>(bytes: &[u8]) -> Result<T, JsonError> {
    T::read(&parse(bytes)?)
}

/// Returns the canonical bytes.
pub fn to_canonical<T: Canon>(value: &T) -> Vec<u8> {
    to_text(value).into_bytes()
}

/// Returns the canonical text.
pub fn to_text<T: Canon>(value: &T) -> String {
    let mut out = String::new();
    value.write(&mut out);
    out
}

/// Appends a string literal, escaped as ECMAScript's `JSON.stringify` does.
pub fn write_str(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // No document of ours holds one, but evidence quotes bytes as they came.
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Returns whether a string may contain a character: no C0 or C1 control, no bidirectional control.
pub fn allowed_char(c: char) -> bool {
    !matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Value {
    /// Returns the member of that name, when this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }
}

impl Canon for Value {
    fn read(value: &Value) -> Result<Self, JsonError> {
        Ok(value.clone())
    }
    fn write(&self, out: &mut String) {
        match self {
            Value::Bool(b) => b.write(out),
            Value::Int(n) => n.write(out),
            Value::String(s) => write_str(s, out),
            Value::Array(items) => items.write(out),
            Value::Object(members) => {
                out.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_str(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn wrong_type() -> JsonError {
    JsonError::new(ErrorCode::JsonType, "")
}

impl Canon for bool {
    fn read(value: &Value) -> Result<Self, JsonError> {
        match value {
            Value::Bool(b) => Ok(*b),
            _ => Err(wrong_type()),
        }
    }
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl Canon for i64 {
    fn read(value: &Value) -> Result<Self, JsonError> {
        match value {
            Value::Int(n) => Ok(*n),
            _ => Err(wrong_type()),
        }
    }
    fn write(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl Canon for u64 {
    fn read(value: &Value) -> Result<Self, JsonError> {
        let n = i64::read(value)?;
        u64::try_from(n).map_err(|_| JsonError::new(ErrorCode::JsonNumber, ""))
    }
    fn write(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl Canon for String {
    fn read(value: &Value) -> Result<Self, JsonError> {
        match value {
            Value::String(s) => Ok(s.clone()),
            _ => Err(wrong_type()),
        }
    }
    fn write(&self, out: &mut String) {
        write_str(self, out);
    }
}

impl<T: Canon> Canon for Vec<T> {
    fn read(value: &Value) -> Result<Self, JsonError> {
        let Value::Array(items) = value else { return Err(wrong_type()) };
        items.iter().enumerate().map(|(i, v)| T::read(v).map_err(|e| e.within(&format!("[{i}]")))).collect()
    }
    fn write(&self, out: &mut String) {
        out.push('[');
        for (i, item) in self.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            item.write(out);
        }
        out.push(']');
    }
}

#[cfg(test)]
mod tests;
