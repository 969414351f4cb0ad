//! The scan for personal numbers: 居民身份证 (GB 11643), 手机号, 银行卡.
//!
//! People hide them behind full-width digits, spaces, hyphens and Chinese numerals, so the text is folded first.

use alloc::string::String;
use alloc::vec::Vec;

use unicode_normalization::UnicodeNormalization;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalNumber {
    /// 居民身份证号, 18 or 15 digits.
    IdCard,
    /// 手机号.
    Mobile,
    /// 银行卡号.
    BankCard,
}

/// Longest number looked for.
const DIGITS_MAX: usize = 19;

/// Returns the first personal number in a text.
pub fn find(text: &str) -> Option<PersonalNumber> {
    for run in runs(text) {
        for start in 0..run.len() {
            let mut joined = String::new();
            for part in run.get(start..).unwrap_or_default() {
                joined.push_str(part);
                if joined.len() > DIGITS_MAX {
                    break;
                }
                if let Some(found) = whole(&joined) {
                    return Some(found);
                }
            }
        }
        // An ID card number has a check character and a date: sure enough to be found inside a longer run.
        if run.iter().any(|part| inside(part)) {
            return Some(PersonalNumber::IdCard);
        }
    }
    None
}

/// Groups of digits with nothing but separators between them. `X` ends a group: it is the tenth check character.
fn runs(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut run: Vec<String> = Vec::new();
    let mut part = String::new();
    let flush = |part: &mut String, run: &mut Vec<String>| {
        if !part.is_empty() {
            run.push(core::mem::take(part));
        }
    };
    let chars: Vec<char> = text.nfkc().collect();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        let fraction = c == '.' && !part.is_empty() && is_fraction(chars.get(at..).unwrap_or_default());
        match fold(c) {
            '0'..='9' => part.push(fold(c)),
            'X' if !part.is_empty() => part.push('X'),
            ' ' | '-' if !fraction => flush(&mut part, &mut run),
            _ => {
                if fraction {
                    at += 2;
                }
                flush(&mut part, &mut run);
                if !run.is_empty() {
                    all.push(core::mem::take(&mut run));
                }
            }
        }
    }
    flush(&mut part, &mut run);
    all.push(run);
    all
}

/// Whether what follows a dot is 角 and 分: two digits, and then neither a digit nor a dot. An amount ends there, or
/// two amounts side by side would read as one number.
fn is_fraction(rest: &[char]) -> bool {
    let digit = |i: usize| rest.get(i).is_some_and(char::is_ascii_digit);
    digit(0) && digit(1) && !digit(2) && rest.get(2) != Some(&'.')
}

/// Chinese numerals to digits; everything that people put between digits to a space.
fn fold(c: char) -> char {
    match c {
        '〇' | '零' => '0',
        '一' | '壹' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        'x' | '×' => 'X',
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '_' | '.' | '·' | '—' | '–' | '‐' | '−' | '/' => {
            '-'
        }
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Whether the whole text is one of the numbers.
fn whole(text: &str) -> Option<PersonalNumber> {
    let bytes = text.as_bytes();
    let digits_only = bytes.iter().all(u8::is_ascii_digit);
    match bytes.len() {
        18 if id18(bytes) => Some(PersonalNumber::IdCard),
        15 if digits_only && id15(bytes) => Some(PersonalNumber::IdCard),
        11 if digits_only && mobile(bytes) => Some(PersonalNumber::Mobile),
        13 if digits_only && bytes.starts_with(b"86") && bytes.get(2..).is_some_and(mobile) => {
            Some(PersonalNumber::Mobile)
        }
        16..=19 if digits_only && bytes.starts_with(b"62") && luhn(bytes) => Some(PersonalNumber::BankCard),
        _ => None,
    }
}

fn inside(part: &str) -> bool {
    part.as_bytes().windows(18).any(id18)
}

fn mobile(bytes: &[u8]) -> bool {
    matches!(bytes, [b'1', b'3'..=b'9', ..]) && bytes.len() == 11
}

/// GB 11643-1999: region, birthday, sequence, check character (MOD 11-2).
fn id18(bytes: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let (Some(head), Some(last)) = (bytes.get(..17), bytes.get(17)) else { return false };
    if !head.iter().all(u8::is_ascii_digit) || !province(head) || !birthday(head.get(6..14)) {
        return false;
    }
    let sum: u32 = head.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    CHECKS.get(sum as usize % 11) == Some(last)
}

/// The form before 1999: a two-digit year and no check digit.
fn id15(bytes: &[u8]) -> bool {
    let year_month_day = bytes.get(6..12).map(|d| [b"19", d].concat());
    province(bytes) && birthday(year_month_day.as_deref())
}

fn province(bytes: &[u8]) -> bool {
    const PROVINCES: &[&[u8; 2]] = &[
        b"11", b"12", b"13", b"14", b"15", b"21", b"22", b"23", b"31", b"32", b"33", b"34", b"35", b"36", b"37", b"41",
        b"42", b"43", b"44", b"45", b"46", b"50", b"51", b"52", b"53", b"54", b"61", b"62", b"63", b"64", b"65", b"71",
        b"81", b"82", b"83", b"91",
    ];
    PROVINCES.iter().any(|p| bytes.starts_with(*p))
}

fn birthday(digits: Option<&[u8]>) -> bool {
    let Some(text) = digits.and_then(|d| core::str::from_utf8(d).ok()) else { return false };
    let (Some(y), Some(m), Some(d)) = (text.get(..4), text.get(4..6), text.get(6..8)) else { return false };
    (y.starts_with("19") || y.starts_with("20")) && crate::date::Date::parse(&alloc::format!("{y}-{m}-{d}")).is_some()
}

fn luhn(bytes: &[u8]) -> bool {
    let sum: u32 = bytes
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0');
            match (i % 2, d * 2) {
                (0, _) => d,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}
