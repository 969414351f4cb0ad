//! `/v/{chain}`: one village, its three affairs, what is published and what is overdue.

mod overdue;
mod words;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use sanwu_schema::catalogue::Affairs;
use sanwu_schema::date::{IssuedAt, Period};
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::Kind;
use sanwu_schema::record::statement::ChainId;

use crate::clock;
use crate::views::{ChainView, EntryView};
use crate::web::parts::answer::answer;
use crate::web::parts::content::Layout;
use crate::web::parts::content::section::Section;
use crate::web::parts::context::Web;
use crate::web::parts::error::{NotThere, PageError};
use crate::web::parts::format::{day, period as period_words};
use crate::web::parts::frame::Frame;
use crate::web::parts::people::PersonRow;
use crate::web::parts::rows::{NoticeRow, row};
use crate::web::parts::visitor::{Lang, Visitor};
use overdue::{OverdueItem, overdue};
use words::Words;

/// Periods offered in the picker, at most: two years of months and quarters.
const PERIODS_MAX: usize = 36;
/// Notices on one page, at most.
const ROWS_MAX: usize = 300;

/// A link of the tabs or of the period picker.
struct NavLink {
    href: String,
    name: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "web/pages/village/village.html")]
struct VillagePage<'a> {
    f: Frame<'a>,
    t: &'static Words,
    name: String,
    code: String,
    opened: String,
    organisations: String,
    contact: Option<String>,
    tabs: Vec<NavLink>,
    section: &'static str,
    periods: Vec<NavLink>,
    sums: Option<Section>,
    rows: Vec<NoticeRow>,
    overdue: Vec<OverdueItem>,
    overdue_count: usize,
    signers: Vec<PersonRow>,
    control: Vec<NoticeRow>,
}

/// `GET /v/{chain}?s=finance&p=2026-03`
pub async fn handle(State(web): State<Web>, Path(chain): Path<String>, visitor: Visitor) -> Response {
    answer(web, visitor, move |web, visitor| page(web, visitor, &chain)).await
}

fn page(web: &Web, visitor: &Visitor, chain: &str) -> Result<String, PageError> {
    let missing = || PageError::NotFound(NotThere::Village);
    let chain = ChainId::parse(chain).filter(|c| !c.is_root()).ok_or_else(missing)?;
    let view = web.views.chain(&chain)?.ok_or_else(missing)?;
    let facts = web.reader.chain(&chain)?.ok_or_else(missing)?.facts;
    let lang = visitor.lang;
    // Money is what most people come for.
    let affairs = visitor.query("s").and_then(Affairs::parse).unwrap_or(Affairs::Finance);
    let here: Vec<&EntryView> = view.entries.iter().filter(|i| i.affairs() == Some(affairs)).collect();
    let chosen = visitor.query("p").and_then(Period::parse);
    let shown = here.iter().rev().filter(|i| chosen.is_none() || i.period == chosen).take(ROWS_MAX);
    let today = IssuedAt::from_unix(clock::now_seconds()).day();
    let overdue = overdue(lang, &view, &facts.catalogue, facts.profile.as_ref(), affairs, &today);
    let name = |item: &&sanwu_schema::record::statement::Issuer| lang.pick(item.kind.zh(), item.kind.en());
    let f = Frame::new(web, visitor, "home")?;
    let html = VillagePage {
        name: view.unit_name.clone(),
        code: facts.unit.as_ref().map_or_else(|| chain.as_str().to_owned(), |u| u.as_str().to_owned()),
        opened: view.opened.as_ref().map_or_else(String::new, |d| day(lang, d.as_str())),
        organisations: facts.organisations.iter().map(|o| name(&o)).collect::<Vec<_>>().join(f.t.comma),
        contact: view.contact.clone(),
        tabs: [Affairs::Party, Affairs::Village, Affairs::Finance]
            .into_iter()
            .map(|a| NavLink {
                href: format!("/v/{chain}?s={a}"),
                name: lang.pick(a.zh(), a.en()).to_owned(),
                current: a == affairs,
            })
            .collect(),
        section: lang.pick(affairs.zh(), affairs.en()),
        periods: periods(lang, &chain, affairs, &here, chosen.as_ref()),
        sums: sums(web, lang, &view, affairs, &here, chosen.as_ref())?,
        rows: shown.map(|i| row(lang, i, None)).collect(),
        overdue_count: overdue.iter().map(|item| item.periods.len()).sum(),
        overdue,
        signers: facts.ring.keys.iter().map(|k| PersonRow::new(lang, view.people.get(&k.keyid), &k.roles)).collect(),
        control: view.entries.iter().filter(|i| i.affairs().is_none()).map(|i| row(lang, i, None)).collect(),
        t: Words::of(lang),
        f,
    }
    .render()?;
    Ok(html)
}

/// Returns the periods in which something of the section was published, newest first.
fn periods(
    lang: Lang,
    chain: &ChainId,
    affairs: Affairs,
    here: &[&EntryView],
    chosen: Option<&Period>,
) -> Vec<NavLink> {
    let mut periods: Vec<&Period> = here.iter().filter_map(|i| i.period.as_ref()).collect();
    periods.sort_unstable();
    periods.dedup();
    let all = NavLink {
        href: format!("/v/{chain}?s={affairs}"),
        name: Words::of(lang).all_periods.to_owned(),
        current: chosen.is_none(),
    };
    let each = periods.into_iter().rev().take(PERIODS_MAX).map(|p| NavLink {
        href: format!("/v/{chain}?s={affairs}&p={}", p.as_str()),
        name: period_words(lang, p),
        current: chosen == Some(p),
    });
    std::iter::once(all).chain(each).collect()
}

/// Returns opening, receipts, payments and closing of the chosen month, or of the newest.
fn sums(
    web: &Web,
    lang: Lang,
    view: &ChainView,
    affairs: Affairs,
    here: &[&EntryView],
    chosen: Option<&Period>,
) -> Result<Option<Section>, PageError> {
    let newest = here.iter().rev().find(|i| {
        affairs == Affairs::Finance
            && i.kind == Kind::CashStatement
            && i.corrected_by.is_none()
            && (chosen.is_none() || i.period.as_ref() == chosen)
    });
    let Some(item) = newest else { return Ok(None) };
    let Some(logged) = web.reader.entry(item.index)? else { return Ok(None) };
    let Some(bytes) = web.reader.body(&logged.entry.statement)? else { return Ok(None) };
    let signed = &logged.entry.statement;
    let statement = Body::parse(signed.kind, &bytes).and_then(|body| body.effective(signed)).ok();
    let layout = Layout { lang, chain: view, control: None };
    let heading = item.period.as_ref().map(|p| period_words(lang, p));
    Ok(statement
        .and_then(|body| layout.sections(&body).into_iter().next())
        .map(|section| Section { heading, ..section }))
}
