//! A list of notices.

use super::format::{day, period};
use super::visitor::Lang;
use crate::views::EntryView;

/// A line of a list of notices.
pub struct NoticeRow {
    pub href: String,
    pub title: String,
    /// Village, period, date.
    pub under: String,
    pub correction: bool,
    pub corrected: bool,
}

/// Returns the line of an entry; `village` is named in lists of several chains.
pub fn row(lang: Lang, entry: &EntryView, village: Option<&str>) -> NoticeRow {
    let mut under: Vec<String> = village.map(str::to_owned).into_iter().collect();
    under.extend(entry.period.as_ref().map(|p| period(lang, p)));
    under.push(day(lang, &entry.issued_at));
    NoticeRow {
        href: format!("/r/{}", entry.index),
        title: entry.title.clone(),
        under: under.join(" · "),
        correction: entry.correction,
        corrected: entry.corrected_by.is_some(),
    }
}
