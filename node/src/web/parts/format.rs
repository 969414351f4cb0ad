//! Money, dates and periods, as residents write them.

use sanwu_schema::date::{IssuedAt, Period};

use super::visitor::Lang;

/// Returns `12,345.60` from fen.
pub fn money(fen: i64) -> String {
    let magnitude = fen.unsigned_abs();
    let yuan = (magnitude / 100).to_string();
    let mut out = String::new();
    if fen < 0 {
        out.push('−');
    }
    for (i, digit) in yuan.chars().enumerate() {
        if i > 0 && (yuan.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(&format!(".{:02}", magnitude % 100));
    out
}

/// Returns `¥12,345.60` from fen.
pub fn yuan(fen: i64) -> String {
    let text = money(fen.saturating_abs());
    if fen < 0 { format!("−¥{text}") } else { format!("¥{text}") }
}

/// Returns `2026年10月12日`, or `12 October 2026`, from `2026-10-12…`; other text as it is.
pub fn day(lang: Lang, text: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<usize>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return text.to_owned();
    };
    match lang {
        Lang::Zh => format!("{year}年{month}月{day}日"),
        Lang::En => match MONTHS.get(month.wrapping_sub(1)) {
            Some(name) => format!("{day} {name} {year}"),
            None => text.to_owned(),
        },
    }
}

/// Returns day and time in China, from milliseconds since 1970.
pub fn moment(lang: Lang, ms: u64) -> String {
    let text = china(ms);
    format!("{} {}", day(lang, &text), text.get(11..16).unwrap_or_default())
}

/// `2026-10-12T08:00:00` in China.
fn china(ms: u64) -> String {
    IssuedAt::from_unix(ms / 1_000).as_str().chars().take(19).collect()
}

/// Returns a period in words.
pub fn period(lang: Lang, period: &Period) -> String {
    match lang {
        Lang::Zh => period.zh(),
        Lang::En => match period.as_str().split_once('-') {
            Some((year, part)) if part.starts_with('Q') => format!("{part} {year}"),
            Some((year, "H1")) => format!("first half of {year}"),
            Some((year, "H2")) => format!("second half of {year}"),
            Some((year, month)) => {
                let full = day(lang, &format!("{year}-{month}-01"));
                full.split_once(' ').map(|(_, rest)| rest.to_owned()).unwrap_or(full)
            }
            None => period.as_str().to_owned(),
        },
    }
}
