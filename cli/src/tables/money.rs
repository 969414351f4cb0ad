//! Amounts as people write them, and as we write them back: `1,234.50`.

use sanwu_schema::admission::FEN_MAX;
use sanwu_schema::kinds::AccountBalance;

/// Why a cell is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountError {
    /// A letter that looks like a digit: O for 0, l or I for 1.
    Letter(char),
    /// Something else that does not belong in a number.
    Character(char),
    Decimals,
    /// No digit at all, or two points.
    Shape,
    /// More than [`FEN_MAX`].
    TooLarge,
}

impl AmountError {
    /// Returns what is wrong, for the row-and-column report.
    pub fn words(self) -> (String, String) {
        match self {
            Self::Letter(c) => (format!("里有字母 {c}, 不是数字"), format!("has the letter {c} where a digit belongs")),
            Self::Character(c) => {
                (format!("里有不该有的字符 {c}"), format!("has the character {c}, which does not belong in an amount"))
            }
            Self::Decimals => ("最多写到分, 两位小数".into(), "has more than two decimals".into()),
            Self::Shape => ("不是金额".into(), "is not an amount".into()),
            Self::TooLarge => ("金额太大".into(), "is too large".into()),
        }
    }
}

/// Reads an amount in yuan: thousands commas, ￥ ¥ 元, full-width characters, parentheses or a minus sign for red.
pub fn parse_yuan(cell: &str) -> Result<i64, AmountError> {
    let mut text: String =
        cell.chars().map(half_width).filter(|c| !c.is_whitespace() && !matches!(c, ',' | '¥')).collect();
    if let Some(rest) = text.strip_suffix('元') {
        text = rest.to_owned();
    }
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        text = inner.to_owned();
        negative = true;
    } else if let Some(rest) = text.strip_prefix('-') {
        text = rest.to_owned();
        negative = true;
    }
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    for c in whole.chars().chain(part.chars()) {
        if !c.is_ascii_digit() {
            return Err(match c {
                'O' | 'o' | 'l' | 'I' | 'S' | 'B' | 'Z' => AmountError::Letter(c),
                '.' => AmountError::Shape,
                other => AmountError::Character(other),
            });
        }
    }
    if whole.is_empty() {
        return Err(AmountError::Shape);
    }
    // Spreadsheets write trailing zeros; more than two places of value is a mistake.
    let part = part.trim_end_matches('0');
    if part.len() > 2 {
        return Err(AmountError::Decimals);
    }
    let yuan: i64 = whole.parse().map_err(|_| AmountError::TooLarge)?;
    let cents: i64 = format!("{part:0<2}").parse().map_err(|_| AmountError::Shape)?;
    let fen = yuan.checked_mul(100).and_then(|f| f.checked_add(cents)).ok_or(AmountError::TooLarge)?;
    if fen > FEN_MAX {
        return Err(AmountError::TooLarge);
    }
    Ok(if negative { -fen } else { fen })
}

/// Returns an amount with thousands commas and two decimals.
pub fn yuan(fen: i64) -> String {
    let digits = (fen.unsigned_abs() / 100).to_string();
    let mut out = String::from(if fen < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(&format!(".{:02}", fen.unsigned_abs() % 100));
    out
}

/// Returns the balance of an account in fen, 0 where the list does not have it.
pub fn balance(balances: &[AccountBalance], account: &str) -> i64 {
    balances.iter().filter(|b| b.account == account).map(|b| b.fen).sum()
}

/// Returns the ASCII form of a full-width character.
pub fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '￥' | '¥' => '¥',
        '，' => ',',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clerks_write() {
        for (cell, fen) in [
            ("1,234.50", 123_450),
            ("￥1，234.5", 123_450),
            ("１２３４．５０元", 123_450),
            ("(12.00)", -1_200),
            ("-0.01", -1),
            (" 5 ", 500),
            ("3.1000", 310),
            ("100000000000", FEN_MAX),
        ] {
            assert_eq!(parse_yuan(cell), Ok(fen), "{cell}");
        }
        for (cell, error) in [
            ("1,2OO.00", AmountError::Letter('O')),
            ("1.005", AmountError::Decimals),
            ("1.0.0", AmountError::Shape),
            (".", AmountError::Shape),
            ("约5", AmountError::Character('约')),
            ("100000000000.01", AmountError::TooLarge),
        ] {
            assert_eq!(parse_yuan(cell), Err(error), "{cell}");
        }
    }

    #[test]
    fn writes_thousands() {
        for (fen, text) in [(0, "0.00"), (-5, "-0.05"), (100_000, "1,000.00"), (123_456_789, "1,234,567.89")] {
            assert_eq!(yuan(fen), text);
        }
    }
}
