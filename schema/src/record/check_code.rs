//! The check code on paper: the first 100 bits of the statement id as 20 Crockford base-32 characters, and a check
//! character (ISO 7064 MOD 37,36). A look-up aid, never evidence.

use alloc::string::String;

use crate::crypto::hash::Hash;
use crate::record::statement::StatementId;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ISO_7064: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Characters before the check character.
const DIGITS: usize = 20;

/// Returns the code of a statement, grouped for reading: `7K3M-9Q2X-8V4T-6W1Z-0ABC-5`.
pub fn of(id: &StatementId) -> String {
    let mut bits = id.0.0.iter().flat_map(|byte| (0..8).rev().map(move |i| (byte >> i) & 1));
    let mut plain = String::new();
    for _ in 0..DIGITS {
        let value = bits.by_ref().take(5).fold(0usize, |v, bit| v * 2 + usize::from(bit));
        plain.extend(CROCKFORD.get(value).map(|c| char::from(*c)));
    }
    let mut out = String::new();
    for (i, c) in plain.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('-');
        }
        out.push(c);
    }
    out.push('-');
    out.push(check_character(&plain));
    out
}

/// Reads a code as people type it, and returns its twenty characters.
///
/// Any case, with or without hyphens and spaces, `O` for `0`, `I` and `L` for `1`. `None` when the check character does
/// not fit.
pub fn parse(typed: &str) -> Option<String> {
    let mut plain: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let check = plain.pop()?;
    let plain: String = plain
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    let shaped = plain.len() == DIGITS && plain.bytes().all(|b| CROCKFORD.contains(&b));
    (shaped && check_character(&plain) == check).then_some(plain)
}

/// Returns the smallest statement id with the code whose twenty characters are given: where a search in order of ids
/// begins.
///
/// `None` for characters that no code has.
pub fn smallest_id(plain: &str) -> Option<StatementId> {
    let mut id = [0u8; 32];
    for (i, character) in plain.bytes().take(DIGITS).enumerate() {
        let value = CROCKFORD.iter().position(|c| *c == character)?;
        for bit in (0..5usize).filter(|bit| value >> (4 - bit) & 1 == 1) {
            let at = i * 5 + bit;
            *id.get_mut(at / 8)? |= 0x80 >> (at % 8);
        }
    }
    Some(StatementId(Hash(id)))
}

/// Returns whether a statement has the code whose twenty characters are given.
pub fn matches(id: &StatementId, plain: &str) -> bool {
    let code: String = of(id).chars().filter(|c| *c != '-').take(DIGITS).collect();
    code == plain
}

fn check_character(plain: &str) -> char {
    let mut p = 36;
    for byte in plain.bytes() {
        let value = ISO_7064.iter().position(|c| *c == byte).unwrap_or(0);
        let sum = (p + value) % 36;
        p = (if sum == 0 { 36 } else { sum }) * 2 % 37;
    }
    let value = (37 - p) % 36;
    ISO_7064.get(value).map_or('0', |c| char::from(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_the_way_people_type_it_and_no_single_slip() {
        for seed in 0u8..40 {
            let id = StatementId(Hash::digest(&[seed]));
            let code = of(&id);
            assert_eq!(code.len(), 20 + 5 + 1, "{code}");
            let plain = parse(&code.to_lowercase().replace('-', " ")).unwrap();
            assert!(matches(&id, &plain));
            let smallest = smallest_id(&plain).unwrap();
            assert!(smallest <= id && matches(&smallest, &plain));
            for (i, c) in code.char_indices().filter(|(_, c)| *c != '-') {
                let other = if c == '7' { '8' } else { '7' };
                let mut slipped = code.clone();
                slipped.replace_range(i..=i, &String::from(other));
                assert_eq!(parse(&slipped).filter(|p| matches(&id, p)), None, "{code} {slipped}");
            }
        }
    }
}
