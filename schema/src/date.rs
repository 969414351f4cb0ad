//! Days, periods and times, as statements and bodies write them. No clock: a time is an argument.

use crate::json::shaped_text;

shaped_text! {
    /// RFC 3339 with seconds, always +08:00: `2026-04-10T09:30:00+08:00`. A claim; no validity rule reads a clock.
    IssuedAt, |t| {
        t.len() == 25 && t.get(..10).is_some_and(|d| Date::parse(d).is_some()) && t.get(19..) == Some("+08:00")
            && matches!(t.as_bytes().get(10..19), Some([b'T', h1, h2, b':', m1, m2, b':', s1, s2])
                if [h1, h2, m1, m2, s1, s2].iter().all(|b| b.is_ascii_digit())
                    && (h1, h2) < (&b'2', &b'4') && *m1 < b'6' && *s1 < b'6')
    }
}

shaped_text! {
    /// A day: `2026-04-10`, a real one.
    Date, |t| {
        let b = t.as_bytes();
        if b.len() != 10 || b.get(4) != Some(&b'-') || b.get(7) != Some(&b'-') { return false; }
        let (Some(year), Some(month), Some(day)) = (number(t.get(..4)), number(t.get(5..7)), number(t.get(8..))) else { return false };
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => return false,
        };
        (1..=days).contains(&day)
    }
}

shaped_text! {
    /// A reporting period: `2026-03` (month), `2026-Q1`, `2026-H1` or `2026` (year).
    Period, |t| t.get(..4).is_some_and(|y| number(Some(y)).is_some()) && matches!(t.as_bytes().get(4..),
        Some([]) | Some([b'-', b'Q', b'1'..=b'4']) | Some([b'-', b'H', b'1' | b'2'])
        | Some([b'-', b'0', b'1'..=b'9']) | Some([b'-', b'1', b'0'..=b'2']))
}

impl Period {
    /// Whether this is one calendar month.
    pub fn is_month(&self) -> bool {
        matches!(self.0.as_bytes(), [_, _, _, _, b'-', b'0' | b'1', _])
    }
    /// Whether this is one quarter.
    pub fn is_quarter(&self) -> bool {
        matches!(self.0.as_bytes(), [_, _, _, _, b'-', b'Q', _])
    }
    /// Whether this is half a year.
    pub fn is_half(&self) -> bool {
        matches!(self.0.as_bytes(), [_, _, _, _, b'-', b'H', _])
    }
    /// Whether this is a whole year.
    pub fn is_year(&self) -> bool {
        self.0.len() == 4
    }
    /// Whether a day lies in this month; false for periods that are no month.
    pub fn has_day(&self, day: &Date) -> bool {
        self.is_month() && day.as_str().starts_with(self.as_str())
    }
    /// The month before this month.
    pub fn previous_month(&self) -> Option<Period> {
        let year = number(self.0.get(..4))?;
        let month = self.is_month().then(|| number(self.0.get(5..)))??;
        let (year, month) = if month == 1 { (year.checked_sub(1)?, 12) } else { (year, month - 1) };
        Period::parse(&alloc::format!("{year:04}-{month:02}"))
    }
}

fn number(digits: Option<&str>) -> Option<u32> {
    let digits = digits?;
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// The Gregorian date of a day since 1970-01-01. Counts from 1 March of year 0, so that leap days come last.
pub fn civil(days: u64) -> (u64, u64, u64) {
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era.saturating_mul(400) + year_of_era + u64::from(month <= 2), month, day)
}
