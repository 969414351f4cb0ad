//! 还欠哪些: what the catalogue and the county's deadlines ask for by today, less what is in the log.

use std::collections::BTreeSet;

use sanwu_schema::catalogue::{Affairs, Audience, Catalogue, Frequency, Profile, item_text};
use sanwu_schema::date::Period;

use crate::views::ChainView;
use crate::web::parts::format;
use crate::web::parts::visitor::Lang;

/// Periods looked back over: twelve years of months.
const PERIODS_MAX: usize = 144;

/// An item of the catalogue and the periods that were due and are missing.
pub struct OverdueItem {
    pub code: String,
    pub name: String,
    pub frequency: &'static str,
    pub periods: Vec<String>,
}

/// Returns what is overdue in one section on a day (`2026-11-23`).
pub fn overdue(
    lang: Lang,
    view: &ChainView,
    catalogue: &Catalogue,
    profile: Option<&Profile>,
    affairs: Affairs,
    today: &str,
) -> Vec<OverdueItem> {
    let Some(opened) = &view.opened else { return Vec::new() };
    let done: BTreeSet<(&str, &str)> =
        view.entries.iter().filter_map(|e| Some((e.code.as_ref()?.as_str(), e.period.as_ref()?.as_str()))).collect();
    let items = catalogue
        .items
        .iter()
        .filter(|i| Affairs::of(&i.code) == affairs && i.audience == Audience::Public && i.frequency.is_periodic());
    items
        .filter_map(|item| {
            let days = due_days(item.frequency, profile);
            let missing: Vec<String> = ended(item.frequency, opened.as_str(), today, days)
                .into_iter()
                .filter(|p| !done.contains(&(item.code.as_str(), p.as_str())))
                .map(|p| format::period(lang, &p))
                .collect();
            let text = item_text(item.code.as_str());
            (!missing.is_empty()).then(|| OverdueItem {
                code: item.code.as_str().to_owned(),
                name: text.map_or_else(|| item.code.as_str().to_owned(), |t| lang.pick(t.zh, t.en).to_owned()),
                frequency: lang.pick(item.frequency.zh(), item.frequency.en()),
                periods: missing,
            })
        })
        .collect()
}

fn due_days(frequency: Frequency, profile: Option<&Profile>) -> i64 {
    let days = profile.map_or(15, |p| match frequency {
        Frequency::Monthly => p.month_due_days,
        _ => p.quarter_due_days,
    });
    i64::try_from(days).unwrap_or(i64::MAX)
}

/// The periods that began after the opening day and whose deadline has passed.
fn ended(frequency: Frequency, opened: &str, today: &str, days: i64) -> Vec<Period> {
    let months = match frequency {
        Frequency::Monthly => 1,
        Frequency::Quarterly => 3,
        Frequency::HalfYearly => 6,
        Frequency::Yearly => 12,
        Frequency::Standing | Frequency::Event | Frequency::Request => return Vec::new(),
    };
    let (Ok(opened), Ok(today)) = (opened.parse::<jiff::civil::Date>(), today.parse::<jiff::civil::Date>()) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    // The first period that begins after the opening day.
    let mut number = (i32::from(opened.year()) * 12 + i32::from(opened.month()) - 1) / months;
    while out.len() < PERIODS_MAX {
        number += 1;
        let Some(last) = last_day(number, months) else { break };
        let due = last.checked_add(jiff::Span::new().try_days(days).unwrap_or_default());
        if due.is_ok_and(|due| due < today) {
            out.extend(period(number, months));
        } else {
            break;
        }
    }
    out
}

fn last_day(number: i32, months: i32) -> Option<jiff::civil::Date> {
    let next = (number + 1) * months;
    let year = i16::try_from(next / 12).ok()?;
    let month = i8::try_from(next % 12 + 1).ok()?;
    jiff::civil::Date::new(year, month, 1).ok()?.yesterday().ok()
}

fn period(number: i32, months: i32) -> Option<Period> {
    let per_year = 12 / months;
    let (year, part) = (number / per_year, number % per_year + 1);
    Period::parse(&match months {
        1 => format!("{year:04}-{part:02}"),
        3 => format!("{year:04}-Q{part}"),
        6 => format!("{year:04}-H{part}"),
        _ => format!("{year:04}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_overdue_from_the_day_after_its_deadline() {
        let periods = |frequency, today| -> Vec<String> {
            ended(frequency, "2025-12-31", today, 15).iter().map(|p| p.as_str().to_owned()).collect()
        };
        assert_eq!(periods(Frequency::Monthly, "2026-02-15"), Vec::<String>::new());
        assert_eq!(periods(Frequency::Monthly, "2026-02-16"), ["2026-01"]);
        assert_eq!(periods(Frequency::Quarterly, "2026-07-16"), ["2026-Q1", "2026-Q2"]);
        assert_eq!(periods(Frequency::HalfYearly, "2027-01-16"), ["2026-H1", "2026-H2"]);
        assert_eq!(periods(Frequency::Yearly, "2027-01-15"), Vec::<String>::new());
        assert_eq!(periods(Frequency::Yearly, "2027-01-16"), ["2026"]);
    }
}
