//! `/v/{chain}`: one village, its three affairs, what is published and what is still owed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use sanwu_schema::catalogue::Affairs;
use sanwu_schema::date::Period;
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::Kind;
use sanwu_schema::record::statement::ChainId;

use super::Web;
use super::content::{Block, Layout};
use super::error::{Missing, Trouble};
use super::format::{china, day, period as period_words};
use super::frame::Frame;
use super::home::{Row, row};
use super::owed::{Owed, owed};
use super::shelf::{Item, Shelf};
use super::visitor::{Lang, PageText, Visitor};
use crate::clock;

/// Periods offered in the picker; two years of months and quarters.
const PERIODS_MAX: usize = 36;
/// Notices on one page.
const ROWS_MAX: usize = 300;

/// A link of the tabs or of the period picker.
struct Choice {
    href: String,
    name: String,
    current: bool,
}

/// Someone who may sign.
struct Person {
    name: String,
    office: String,
    roles: String,
}

#[derive(Template)]
#[template(path = "village.html")]
struct VillagePage<'a> {
    f: Frame<'a>,
    name: String,
    code: String,
    opened: String,
    organisations: String,
    contact: Option<String>,
    tabs: Vec<Choice>,
    section: &'static str,
    periods: Vec<Choice>,
    sums: Option<Block>,
    rows: Vec<Row>,
    owed: Vec<Owed>,
    owed_count: usize,
    people: Vec<Person>,
    control: Vec<Row>,
}

/// `GET /v/{chain}?s=finance&p=2026-03`
pub(super) async fn handle(State(web): State<Web>, Path(chain): Path<String>, visitor: Visitor) -> Response {
    web.answer(visitor, move |web, visitor| page(web, visitor, &chain)).await
}

fn page(web: &Web, visitor: &Visitor, chain: &str) -> Result<String, Trouble> {
    let missing = || Trouble::NotFound(Missing::Village);
    let chain = ChainId::parse(chain).filter(|c| !c.is_root()).ok_or_else(missing)?;
    let shelf = web.shelves.get(&web.reader, &chain)?.ok_or_else(missing)?;
    let facts = web.reader.chain(&chain)?.ok_or_else(missing)?.facts;
    let lang = visitor.lang;
    // Money is what most people come for.
    let affairs = visitor.query("s").and_then(Affairs::parse).unwrap_or(Affairs::Finance);
    let here: Vec<&Item> = shelf.items.iter().filter(|i| i.affairs() == Some(affairs)).collect();
    let chosen = visitor.query("p").and_then(Period::parse);
    let shown = here.iter().rev().filter(|i| chosen.is_none() || i.period == chosen).take(ROWS_MAX);
    let today = china(clock::now_ms());
    let owed =
        owed(lang, &shelf, &facts.catalogue, facts.profile.as_ref(), affairs, today.get(..10).unwrap_or_default());
    let name = |item: &&sanwu_schema::record::statement::Issuer| lang.pick(item.kind.zh(), item.kind.en());
    let html = VillagePage {
        name: shelf.unit_name.clone(),
        code: facts.unit.as_ref().map_or_else(|| chain.as_str().to_owned(), |u| u.as_str().to_owned()),
        opened: shelf.opened.as_ref().map_or_else(String::new, |d| day(lang, d.as_str())),
        organisations: facts.organisations.iter().map(|o| name(&o)).collect::<Vec<_>>().join(lang.pick("、", ", ")),
        contact: shelf.contact.clone(),
        tabs: [Affairs::Party, Affairs::Village, Affairs::Finance]
            .into_iter()
            .map(|a| Choice {
                href: format!("/v/{chain}?s={a}"),
                name: lang.pick(a.zh(), a.en()).to_owned(),
                current: a == affairs,
            })
            .collect(),
        section: lang.pick(affairs.zh(), affairs.en()),
        periods: periods(lang, &chain, affairs, &here, chosen.as_ref()),
        sums: sums(web, lang, &shelf, affairs, &here, chosen.as_ref())?,
        rows: shown.map(|i| row(lang, i, None)).collect(),
        owed_count: owed.iter().map(|o| o.periods.len()).sum(),
        owed,
        people: facts
            .ring
            .keys
            .iter()
            .map(|k| {
                let person = shelf.people.get(&k.keyid);
                let roles: Vec<&str> = k.roles.iter().map(|r| lang.pick(r.zh(), r.en())).collect();
                Person {
                    name: person.map_or_else(|| lang.text().name_unknown.to_owned(), |p| p.name.clone()),
                    office: person.map_or_else(String::new, |p| p.office.clone()),
                    roles: roles.join(lang.pick("、", ", ")),
                }
            })
            .collect(),
        control: shelf.items.iter().filter(|i| i.affairs().is_none()).map(|i| row(lang, i, None)).collect(),
        f: Frame::new(web, visitor, "home")?,
    }
    .render()?;
    Ok(html)
}

/// The periods in which something of the section was published, newest first.
fn periods(lang: Lang, chain: &ChainId, affairs: Affairs, here: &[&Item], chosen: Option<&Period>) -> Vec<Choice> {
    let mut periods: Vec<&Period> = here.iter().filter_map(|i| i.period.as_ref()).collect();
    periods.sort_unstable();
    periods.dedup();
    let all = Choice {
        href: format!("/v/{chain}?s={affairs}"),
        name: lang.text().all_periods.to_owned(),
        current: chosen.is_none(),
    };
    let each = periods.into_iter().rev().take(PERIODS_MAX).map(|p| Choice {
        href: format!("/v/{chain}?s={affairs}&p={}", p.as_str()),
        name: period_words(lang, p),
        current: chosen == Some(p),
    });
    std::iter::once(all).chain(each).collect()
}

/// Opening, receipts, payments and closing of the chosen month, or of the newest.
fn sums(
    web: &Web,
    lang: Lang,
    shelf: &Shelf,
    affairs: Affairs,
    here: &[&Item],
    chosen: Option<&Period>,
) -> Result<Option<Block>, Trouble> {
    let newest = here.iter().rev().find(|i| {
        affairs == Affairs::Finance
            && i.kind == Kind::CashStatement
            && i.corrected_by.is_none()
            && (chosen.is_none() || i.period.as_ref() == chosen)
    });
    let Some(item) = newest else { return Ok(None) };
    let Some(logged) = web.reader.entry(item.index)? else { return Ok(None) };
    let Some(bytes) = web.reader.body(&logged.entry.statement)? else { return Ok(None) };
    let statement = match Body::parse(logged.entry.statement.kind, &bytes) {
        Ok(Body::Correction(c)) => c.replacement(item.kind).ok(),
        Ok(body) => Some(body),
        Err(_) => None,
    };
    let layout = Layout { lang, shelf, control: None };
    let heading = item.period.as_ref().map(|p| period_words(lang, p));
    Ok(statement.and_then(|body| layout.blocks(&body).into_iter().next()).map(|block| Block { heading, ..block }))
}
