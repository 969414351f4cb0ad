//! `/`: the villages and the newest publications.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sanwu_schema::record::statement::ChainId;

use super::Web;
use super::error::Trouble;
use super::format::{day, period};
use super::frame::Frame;
use super::visitor::{Lang, Visitor};
use crate::log::ReadError;

/// Villages on the page; a county has some 300.
const VILLAGES_MAX: usize = 500;
/// Newest publications on the page.
const NEWEST_MAX: usize = 12;
/// Entries looked at for them.
const LOOK_BACK: u64 = 60;

/// A line of a list of notices.
pub(super) struct Row {
    pub href: String,
    pub title: String,
    /// Village, period, date.
    pub under: String,
    pub correction: bool,
    pub corrected: bool,
}

struct Village {
    href: String,
    name: String,
    code: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    f: Frame<'a>,
    villages: Vec<Village>,
    more: bool,
    newest: Vec<Row>,
}

/// `GET /`
pub(super) async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    web.answer(visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, Trouble> {
    let mut chains = web.reader.chains(None, VILLAGES_MAX + 2)?;
    chains.retain(|(chain, _)| !chain.is_root());
    let more = chains.len() > VILLAGES_MAX;
    chains.truncate(VILLAGES_MAX);
    let villages = chains
        .iter()
        .map(|(chain, _)| {
            let name = web.shelves.name(&web.reader, chain)?;
            Ok(Village { href: format!("/v/{chain}"), name, code: chain.as_str().to_owned() })
        })
        .collect::<Result<_, ReadError>>()?;
    let newest = newest(web, visitor.lang)?;
    Ok(Home { f: Frame::new(web, visitor, "home")?, villages, more, newest }.render()?)
}

fn newest(web: &Web, lang: Lang) -> Result<Vec<Row>, ReadError> {
    let size = web.reader.committed().position.size;
    let mut rows = Vec::new();
    for index in (size.saturating_sub(LOOK_BACK)..size).rev() {
        if rows.len() >= NEWEST_MAX {
            break;
        }
        // A raw leaf of a load test is no notice.
        let Ok(Some(logged)) = web.reader.entry(index) else { continue };
        let chain: &ChainId = &logged.entry.statement.chain;
        let Some(shelf) = web.shelves.get(&web.reader, chain)? else { continue };
        let Some(item) = shelf.by_id(&logged.entry.id).filter(|i| i.affairs().is_some()) else { continue };
        rows.push(row(lang, item, Some(&shelf.unit_name)));
    }
    Ok(rows)
}

/// An item as a list shows it.
pub(super) fn row(lang: Lang, item: &super::shelf::Item, village: Option<&str>) -> Row {
    let mut under: Vec<String> = village.map(str::to_owned).into_iter().collect();
    under.extend(item.period.as_ref().map(|p| period(lang, p)));
    under.push(day(lang, &item.issued_at));
    Row {
        href: format!("/r/{}", item.index),
        title: item.title.clone(),
        under: under.join(" · "),
        correction: item.correction,
        corrected: item.corrected_by.is_some(),
    }
}
