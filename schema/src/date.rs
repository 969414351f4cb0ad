//! Days, periods and times, as statements and bodies write them. No clock: a time is an argument.

use alloc::format;
use alloc::string::String;

use crate::json::shaped_text;

const SECONDS_PER_DAY: u64 = 86_400;
/// China Standard Time has been UTC+8 all year since 1992; statements are written in nothing else.
const CHINA_OFFSET_SECONDS: u64 = 8 * 3_600;
/// 9999-12-31T23:59:59+08:00 in seconds since 1970; later years have five digits.
pub const UNIX_MAX: u64 = 253_402_271_999;

shaped_text! {
    /// RFC 3339 with seconds, always +08:00: `2026-04-10T09:30:00+08:00`. A claim; no validity rule reads a clock.
    IssuedAt, |t| {
        t.len() == 25 && t.get(..10).is_some_and(|d| Date::parse(d).is_some()) && t.get(19..) == Some("+08:00")
            && matches!(t.as_bytes().get(10..19), Some([b'T', h1, h2, b':', m1, m2, b':', s1, s2])
                if [h1, h2, m1, m2, s1, s2].iter().all(|b| b.is_ascii_digit())
                    && (h1, h2) < (&b'2', &b'4') && *m1 < b'6' && *s1 < b'6')
    }
}

impl IssuedAt {
    /// Returns the time this many seconds after 1970-01-01 UTC; after the year 9999, its last second.
    pub fn from_unix(seconds: u64) -> Self {
        let local = seconds.min(UNIX_MAX) + CHINA_OFFSET_SECONDS;
        let (hour, minute, second) = (local / 3_600 % 24, local / 60 % 60, local % 60);
        Self(format!("{}T{hour:02}:{minute:02}:{second:02}+08:00", Date::from_unix_days(local / SECONDS_PER_DAY)))
    }

    /// Returns the day in China.
    pub fn day(&self) -> Date {
        Date(self.0.chars().take(10).collect())
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

impl Date {
    /// Returns the month that the day is in.
    pub fn month(&self) -> Period {
        Period(self.0.chars().take(7).collect())
    }

    /// Returns the day this many days later; `None` for days before 1970 and after 9999.
    pub fn plus_days(&self, days: u64) -> Option<Self> {
        let (year, month, day) = (number(self.0.get(..4))?, number(self.0.get(5..7))?, number(self.0.get(8..))?);
        let at = unix_days(year, month, day)?.checked_add(days)?;
        (at <= UNIX_MAX / SECONDS_PER_DAY).then(|| Self::from_unix_days(at))
    }

    /// `days` is within the year 9999.
    fn from_unix_days(days: u64) -> Self {
        let (year, month, day) = civil(days);
        Self(format!("{year:04}-{month:02}-{day:02}"))
    }
}

shaped_text! {
    /// A reporting period: `2026-03` (month), `2026-Q1`, `2026-H1` or `2026` (year).
    Period, |t| t.get(..4).is_some_and(|y| number(Some(y)).is_some()) && matches!(t.as_bytes().get(4..),
        Some([]) | Some([b'-', b'Q', b'1'..=b'4']) | Some([b'-', b'H', b'1' | b'2'])
        | Some([b'-', b'0', b'1'..=b'9']) | Some([b'-', b'1', b'0'..=b'2']))
}

impl Period {
    /// Returns whether this is one calendar month.
    pub fn is_month(&self) -> bool {
        matches!(self.0.as_bytes(), [_, _, _, _, b'-', b'0' | b'1', _])
    }

    /// Returns whether this is one quarter.
    pub fn is_quarter(&self) -> bool {
        matches!(self.0.as_bytes(), [_, _, _, _, b'-', b'Q', _])
    }

    /// Returns whether this is half a year.
    pub fn is_half(&self) -> bool {
        matches!(self.0.as_bytes(), [_, _, _, _, b'-', b'H', _])
    }

    /// Returns whether this is a whole year.
    pub fn is_year(&self) -> bool {
        self.0.len() == 4
    }

    /// Returns whether a day lies in this month; false for periods that are no month.
    pub fn has_day(&self, day: &Date) -> bool {
        self.is_month() && day.as_str().starts_with(self.as_str())
    }

    /// Returns the month before this month; `None` for other periods and before the year 0.
    pub fn previous_month(&self) -> Option<Self> {
        self.is_month().then(|| self.shifted(-1))?
    }

    /// Returns the month after this month; `None` for other periods and after the year 9999.
    pub fn next_month(&self) -> Option<Self> {
        self.is_month().then(|| self.next())?
    }

    /// Returns the period of the same length after this one; `None` after the year 9999.
    pub fn next(&self) -> Option<Self> {
        self.shifted(1)
    }

    /// Returns the period's last day; `None` before 1970.
    pub fn last_day(&self) -> Option<Date> {
        let (year, part, per_year) = self.parts()?;
        let months = year * 12 + part * (12 / per_year);
        let first_after = unix_days(months / 12, months % 12 + 1, 1)?;
        Some(Date::from_unix_days(first_after.checked_sub(1)?))
    }

    /// Returns the period for people: `2026年3月`, `2026年第一季度`, `2026年上半年`, `2026年`.
    pub fn zh(&self) -> String {
        let year = self.0.get(..4).unwrap_or_default();
        match self.0.get(5..) {
            Some("Q1") => format!("{year}年第一季度"),
            Some("Q2") => format!("{year}年第二季度"),
            Some("Q3") => format!("{year}年第三季度"),
            Some("Q4") => format!("{year}年第四季度"),
            Some("H1") => format!("{year}年上半年"),
            Some("H2") => format!("{year}年下半年"),
            Some(month) if !month.is_empty() => format!("{year}年{}月", month.trim_start_matches('0')),
            _ => format!("{year}年"),
        }
    }

    /// Year, number within the year (from 1), and how many such periods a year has.
    fn parts(&self) -> Option<(u32, u32, u32)> {
        let year = number(self.0.get(..4))?;
        Some(match self.0.as_bytes().get(5..) {
            None | Some([]) => (year, 1, 1),
            Some([b'H', _]) => (year, number(self.0.get(6..))?, 2),
            Some([b'Q', _]) => (year, number(self.0.get(6..))?, 4),
            Some(_) => (year, number(self.0.get(5..))?, 12),
        })
    }

    fn shifted(&self, by: i32) -> Option<Self> {
        let (year, part, per_year) = self.parts()?;
        let at = (year * per_year + part - 1).checked_add_signed(by)?;
        let (year, part) = (at / per_year, at % per_year + 1);
        Self::parse(&match per_year {
            1 => format!("{year:04}"),
            2 => format!("{year:04}-H{part}"),
            4 => format!("{year:04}-Q{part}"),
            _ => format!("{year:04}-{part:02}"),
        })
    }
}

fn number(digits: Option<&str>) -> Option<u32> {
    let digits = digits?;
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Returns the Gregorian date of a day since 1970-01-01. Counts from 1 March of year 0, so that leap days come last.
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

/// The inverse of [`civil`]; `None` before 1970.
fn unix_days(year: u32, month: u32, day: u32) -> Option<u64> {
    let year = u64::from(year).checked_sub(u64::from(month <= 2))?;
    let from_march = u64::from(if month > 2 { month - 3 } else { month + 9 });
    let of_year = (153 * from_march + 2) / 5 + u64::from(day) - 1;
    (year * 365 + year / 4 - year / 100 + year / 400 + of_year).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_forth_and_back() {
        for days in (0..UNIX_MAX / SECONDS_PER_DAY).step_by(97).chain(10_950..11_100) {
            let (year, month, day) = civil(days);
            assert_eq!(unix_days(year as u32, month as u32, day as u32), Some(days));
            assert!(Date::parse(Date::from_unix_days(days).as_str()).is_some());
        }
        let day = |text| Date::parse(text).unwrap();
        assert_eq!(day("2024-02-28").plus_days(2), Some(day("2024-03-01")));
        assert_eq!(day("2026-12-31").plus_days(15), Some(day("2027-01-15")));
        assert_eq!(day("9999-12-31").plus_days(1), None);
        assert_eq!(day("1969-12-31").plus_days(1), None);
    }

    #[test]
    fn a_time_is_written_for_china() {
        for (unix, text) in [
            (0, "1970-01-01T08:00:00+08:00"),
            (951_811_199, "2000-02-29T15:59:59+08:00"),
            (1_775_784_600, "2026-04-10T09:30:00+08:00"),
            (u64::MAX, "9999-12-31T23:59:59+08:00"),
        ] {
            let at = IssuedAt::from_unix(unix);
            assert_eq!(at.as_str(), text);
            assert_eq!(IssuedAt::parse(text), Some(at.clone()));
            assert_eq!(at.day().as_str(), &text[..10]);
        }
    }

    #[test]
    fn periods_follow_each_other() {
        let period = |text| Period::parse(text).unwrap();
        for (text, next, last) in [
            ("2026-02", "2026-03", "2026-02-28"),
            ("2028-02", "2028-03", "2028-02-29"),
            ("2026-12", "2027-01", "2026-12-31"),
            ("2026-Q1", "2026-Q2", "2026-03-31"),
            ("2026-Q4", "2027-Q1", "2026-12-31"),
            ("2026-H1", "2026-H2", "2026-06-30"),
            ("2026-H2", "2027-H1", "2026-12-31"),
            ("2026", "2027", "2026-12-31"),
        ] {
            assert_eq!(period(text).next(), Some(period(next)));
            assert_eq!(period(text).last_day(), Date::parse(last));
            let month = period(text).is_month();
            assert_eq!(period(text).next_month(), month.then(|| period(next)));
            assert_eq!(period(next).previous_month(), month.then(|| period(text)));
        }
        for past in ["9999-12", "9999-Q4", "9999-H2", "9999"] {
            assert_eq!(period(past).next(), None);
        }
        assert_eq!(period("0000-01").previous_month(), None);
    }
}
