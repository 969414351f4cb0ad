//! 还欠哪些: what the catalogue and the county's deadlines ask for by today, less what is in the log.

use std::collections::BTreeSet;
use std::iter::successors;

use sanwu_schema::catalogue::{Affairs, Audience, Catalogue, Frequency, Profile, item_text};
use sanwu_schema::date::{Date, Period};

use crate::views::ChainView;
use crate::web::parts::format;
use crate::web::parts::visitor::Lang;

/// Periods searched, at most: twelve years of months.
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
    today: &Date,
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
            let missing: Vec<String> = ended(item.frequency, opened, today, days)
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

fn due_days(frequency: Frequency, profile: Option<&Profile>) -> u64 {
    profile.map_or(15, |p| match frequency {
        Frequency::Monthly => p.month_due_days,
        _ => p.quarter_due_days,
    })
}

/// Returns the periods that began after the opening day and whose deadline has passed.
fn ended(frequency: Frequency, opened: &Date, today: &Date, days: u64) -> Vec<Period> {
    let first = frequency.period_of(opened).and_then(|p| p.next());
    let over = |p: &Period| p.last_day().and_then(|day| day.plus_days(days)).is_some_and(|due| due < *today);
    successors(first, Period::next).take(PERIODS_MAX).take_while(over).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_overdue_from_the_day_after_its_deadline() {
        let periods = |frequency, today| -> Vec<String> {
            let day = |text| Date::parse(text).unwrap();
            ended(frequency, &day("2025-12-31"), &day(today), 15).iter().map(|p| p.as_str().to_owned()).collect()
        };
        assert_eq!(periods(Frequency::Monthly, "2026-02-15"), Vec::<String>::new());
        assert_eq!(periods(Frequency::Monthly, "2026-02-16"), ["2026-01"]);
        assert_eq!(periods(Frequency::Quarterly, "2026-07-16"), ["2026-Q1", "2026-Q2"]);
        assert_eq!(periods(Frequency::HalfYearly, "2027-01-16"), ["2026-H1", "2026-H2"]);
        assert_eq!(periods(Frequency::Yearly, "2027-01-15"), Vec::<String>::new());
        assert_eq!(periods(Frequency::Yearly, "2027-01-16"), ["2026"]);
    }
}
