//! The parser of the JSON profile. Panic-free and bounded: depth by [`super::DEPTH_MAX`], time linear in the
//! input but for the search for duplicate members, which is over sorted names.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{DEPTH_MAX, INT_MAX, JsonError, Value, allowed_char};
use crate::error_code::ErrorCode;

/// Parses one JSON document: integers only, no duplicate member, no `null`, no forbidden character.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let text = core::str::from_utf8(bytes)
        .map_err(|e| JsonError::new(ErrorCode::JsonString, format!("byte {}", e.valid_up_to())))?;
    let mut p = Parser { text, at: 0 };
    p.space();
    let value = p.value(0)?;
    p.space();
    if p.at < text.len() {
        return Err(p.error(ErrorCode::JsonSyntax));
    }
    Ok(value)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn error(&self, code: ErrorCode) -> JsonError {
        JsonError::new(code, format!("byte {}", self.at))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(self.error(ErrorCode::JsonSyntax)) }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.error(ErrorCode::JsonSyntax))
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            // Absent, never null.
            Some(b'n') => {
                let null = self.text.get(self.at..).is_some_and(|rest| rest.starts_with("null"));
                Err(self.error(if null { ErrorCode::JsonType } else { ErrorCode::JsonSyntax }))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.error(ErrorCode::JsonSyntax)),
        }
    }

    fn enter(&self, depth: usize) -> Result<(), JsonError> {
        if depth > DEPTH_MAX { Err(self.error(ErrorCode::JsonDepth)) } else { Ok(()) }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.enter(depth)?;
        self.expect(b'[')?;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            self.space();
            items.push(self.value(depth)?);
            self.space();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.enter(depth)?;
        self.expect(b'{')?;
        let mut members: Vec<(String, Value)> = Vec::new();
        self.space();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
            let value = self.value(depth)?;
            members.push((name, value));
            self.space();
            if self.take(b'}') {
                break;
            }
            self.expect(b',')?;
        }
        let mut names: Vec<&str> = members.iter().map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        if let Some([twice, _]) = names.windows(2).find(|w| matches!(w, [a, b] if a == b)) {
            return Err(JsonError::new(ErrorCode::JsonDuplicate, twice));
        }
        Ok(Value::Object(members))
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        let negative = self.take(b'-');
        let digits = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let text = self.text.get(digits..self.at).unwrap_or_default();
        // `0`, or a digit 1–9 and digits; `-0`, a fraction and an exponent are other spellings of integers.
        let digits_plain = if text == "0" { !negative } else { text.starts_with(|c: char| c != '0') };
        let plain = digits_plain && !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        match text.parse::<i64>() {
            Ok(n) if plain && n <= INT_MAX => Ok(Value::Int(if negative { -n } else { n })),
            _ => {
                self.at = start;
                Err(self.error(ErrorCode::JsonNumber))
            }
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let Some(c) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else {
                return Err(self.error(ErrorCode::JsonSyntax));
            };
            let here = self.at;
            self.at += c.len_utf8();
            let c = match c {
                '"' => return Ok(out),
                '\\' => self.escape()?,
                c => c,
            };
            if !allowed_char(c) {
                self.at = here;
                return Err(self.error(ErrorCode::JsonString));
            }
            out.push(c);
        }
    }

    /// What follows a backslash. Only `\"` and `\\` are ever canonical, since every character that needs
    /// another escape is forbidden; the others are read so that a hand-written draft may have them.
    fn escape(&mut self) -> Result<char, JsonError> {
        let byte = self.peek().ok_or_else(|| self.error(ErrorCode::JsonSyntax))?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex4()?;
                let code = match high {
                    0xd800..=0xdbff => {
                        self.expect(b'\\')
                            .and_then(|()| self.expect(b'u'))
                            .map_err(|_| self.error(ErrorCode::JsonString))?;
                        let low = self.hex4()?;
                        if !(0xdc00..=0xdfff).contains(&low) {
                            return Err(self.error(ErrorCode::JsonString));
                        }
                        0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                    }
                    other => other,
                };
                char::from_u32(code).ok_or_else(|| self.error(ErrorCode::JsonString))?
            }
            _ => return Err(self.error(ErrorCode::JsonSyntax)),
        })
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code =
            digits.and_then(|d| u32::from_str_radix(d, 16).ok()).ok_or_else(|| self.error(ErrorCode::JsonSyntax))?;
        self.at += 4;
        Ok(code)
    }
}
