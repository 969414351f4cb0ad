//! `/r/{index}`: one notice, with verdict strip, content, signers, corrections and technical details.

mod words;

use askama::Template;
use axum::extract::{self, Path};
use axum::response::Response;
use sanwu_schema::catalogue::item_text;
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::Control;
use sanwu_schema::record::check_code;
use sanwu_schema::record::statement::{Rel, StatementId};

use crate::log::{LoggedEntry, Status};
use crate::views::ChainView;
use crate::web::parts::answer::answer;
use crate::web::parts::content::Layout;
use crate::web::parts::content::section::{Cell, Section};
use crate::web::parts::context::Web;
use crate::web::parts::error::{NotThere, PageError};
use crate::web::parts::format::{day, moment, period};
use crate::web::parts::frame::Frame;
use crate::web::parts::people::PersonRow;
use crate::web::parts::qr::{self, Qr};
use crate::web::parts::rows::{NoticeRow, row};
use crate::web::parts::verdict::Strip;
use crate::web::parts::visitor::{Lang, Visitor};
use crate::web::parts::words::Words as Shared;
use words::Words;

/// Later notices that are listed as referring to this one, at most.
const REFERRERS_MAX: usize = 20;

struct FileRow {
    href: String,
    name: String,
    size: String,
    salted: bool,
}

struct Version {
    row: NoticeRow,
    here: bool,
    label: &'static str,
}

struct Related {
    how: &'static str,
    row: NoticeRow,
}

#[derive(Template)]
#[template(path = "web/pages/record/record.html")]
struct RecordPage<'a> {
    f: Frame<'a>,
    t: &'static Words,
    s: Strip,
    scanned: bool,
    index: u64,
    title: String,
    village: String,
    village_href: String,
    column: String,
    kind: &'static str,
    correction: bool,
    superseded_href: Option<String>,
    original_href: Option<String>,
    facts: Vec<(String, Cell)>,
    sections: Vec<Section>,
    gone: bool,
    files: Vec<FileRow>,
    signers: Vec<PersonRow>,
    versions: Vec<Version>,
    related: Vec<Related>,
    referred: Vec<NoticeRow>,
    contact: Option<String>,
    check_code: String,
    qr: Option<Qr>,
    tech: Vec<(String, String)>,
    body_digest: Option<String>,
    published: String,
}

/// `GET /r/{index}`
pub async fn handle(extract::State(web): extract::State<Web>, Path(index): Path<String>, visitor: Visitor) -> Response {
    answer(web, visitor, move |web, visitor| page(web, visitor, &index, false)).await
}

/// `GET /R/{index}`: the same, reached from a printed notice.
pub async fn handle_scanned(
    extract::State(web): extract::State<Web>,
    Path(index): Path<String>,
    visitor: Visitor,
) -> Response {
    answer(web, visitor, move |web, visitor| page(web, visitor, &index, true)).await
}

fn page(web: &Web, visitor: &Visitor, index: &str, scanned: bool) -> Result<String, PageError> {
    let index: u64 = index.parse().map_err(|_| PageError::NotFound(NotThere::Page))?;
    // A raw leaf is in the log and has no page; a replica that does not follow may not have the entry yet. In neither
    // case was anything taken back that a phone has seen.
    let is_there = index < web.reader.committed().position.size;
    let is_behind = web.reader.replica().is_some() && web.reader.status() != Status::Running;
    let missing = || PageError::NotFound(if is_there || is_behind { NotThere::Page } else { NotThere::Record(index) });
    let logged = web.reader.entry(index)?.ok_or_else(missing)?;
    let s = &logged.entry.statement;
    let view = web.views.chain(&s.chain)?.ok_or_else(missing)?;
    let entry = view.by_id(&logged.entry.id).ok_or_else(missing)?;
    let lang = visitor.lang;
    let bytes = web.reader.body(s)?;
    let body = bytes.as_deref().and_then(|b| Body::parse(s.kind, b).ok());
    let layout = Layout { lang, chain: &view, control: s.control.as_ref() };
    let published = publication(web, lang, index)?;
    let line = web.reader.corrections(&logged.entry)?;
    let base = web.site.public_url.as_deref().or(visitor.base.as_deref());
    let is_root = s.chain.is_root();
    let f = Frame::new(web, visitor, "home")?;
    let html = RecordPage {
        s: Strip::new(lang, "record.js"),
        scanned,
        index,
        title: entry.title.clone(),
        village: if is_root { f.t.transparency.to_owned() } else { view.unit_name.clone() },
        village_href: match entry.affairs() {
            _ if is_root => "/transparency".to_owned(),
            Some(affairs) => format!("/v/{}?s={affairs}", s.chain),
            None => format!("/v/{}", s.chain),
        },
        column: entry.affairs().map_or("", |a| lang.pick(a.zh(), a.en())).to_owned(),
        kind: lang.pick(s.kind.zh(), s.kind.en()),
        correction: entry.correction,
        superseded_href: entry.corrected_by.and_then(|_| line.last()).and_then(|id| href(&view, id)),
        original_href: line.first().filter(|_| entry.correction).and_then(|id| href(&view, id)),
        facts: facts(lang, &view, &logged, published),
        sections: body.as_ref().map(|b| layout.sections(b)).unwrap_or_default(),
        gone: bytes.is_none() && s.body.is_some(),
        files: body.as_ref().map(files).unwrap_or_default(),
        signers: signers(lang, &logged, &view, body.as_ref()),
        versions: versions(lang, &view, &line, &logged.entry.id),
        related: related(lang, &view, &logged),
        referred: view
            .entries
            .iter()
            .filter(|i| i.refs.iter().any(|r| r.id == logged.entry.id && r.rel != Rel::Corrects))
            .take(REFERRERS_MAX)
            .map(|i| row(lang, i, None))
            .collect(),
        contact: view.contact.clone(),
        check_code: check_code::of(&logged.entry.id),
        qr: base.and_then(|b| qr::code(b, index)),
        tech: tech(lang, &logged),
        body_digest: s.body.as_ref().filter(|_| bytes.is_some()).map(|b| b.digest.to_hex()),
        published: s.issued_at.as_str().get(..10).unwrap_or_default().to_owned(),
        t: Words::of(lang),
        f,
    }
    .render()?;
    Ok(html)
}

fn href(view: &ChainView, id: &StatementId) -> Option<String> {
    view.by_id(id).map(|i| format!("/r/{}", i.index))
}

/// Returns when it became public, and who says so: the first witness, else this node; `None` while it is committed
/// and not published.
fn publication(web: &Web, lang: Lang, index: u64) -> Result<Option<String>, PageError> {
    let t = Words::of(lang);
    if let Some((time, operator)) = web.reader.first_seen_outside(index)? {
        return Ok(Some(format!("{} ({operator} {})", moment(lang, time.saturating_mul(1_000)), t.seen_by)));
    }
    let own = web.reader.first_published(index)?;
    Ok(own.map(|published| format!("{} ({})", moment(lang, published.published_ms), t.node_word)))
}

/// Returns who published what, under which item, when.
fn facts(lang: Lang, view: &ChainView, logged: &LoggedEntry, published: Option<String>) -> Vec<(String, Cell)> {
    let s = &logged.entry.statement;
    let t = Words::of(lang);
    let mut facts = Vec::new();
    let mut fact = |name: &str, text: String| facts.push((name.to_owned(), Cell::text(text)));
    if let Some(issuer) = &s.issuer {
        let name = view.organisations.iter().find(|o| o.kind == issuer.kind).map(|o| o.name.clone());
        fact(t.issued_by, name.unwrap_or_else(|| lang.pick(issuer.kind.zh(), issuer.kind.en()).to_owned()));
    }
    if let Some(text) = s.code.as_ref().and_then(|c| item_text(c.as_str())) {
        fact(t.item, format!("{} {}", text.code, lang.pick(text.zh, text.en)));
        fact(Shared::of(lang).basis, text.law.to_owned());
    }
    if let Some(p) = &s.period {
        fact(t.reported_period, period(lang, p));
    }
    fact(t.drafted_on, format!("{} ({})", day(lang, s.issued_at.as_str()), t.drafted_note));
    if let Some(published) = published {
        fact(t.published_on, published);
    }
    facts
}

fn files(body: &Body) -> Vec<FileRow> {
    let rows = body.attachments().iter().map(|a| FileRow {
        href: format!("/api/v1/blobs/{}", a.digest.to_hex()),
        name: a.name.clone(),
        size: format!("{} KB", a.size.div_ceil(1024)),
        salted: a.salted,
    });
    rows.collect()
}

fn signers(lang: Lang, logged: &LoggedEntry, view: &ChainView, body: Option<&Body>) -> Vec<PersonRow> {
    let signers = &logged.entry.statement.signers;
    let rows = signers.iter().map(|s| {
        // A chain's genesis is signed by keys of `root`, which the same people use in the chain.
        let own = || match body {
            Some(Body::ChainGenesis(b)) => b.keys.iter().find(|k| k.keyid == s.keyid),
            _ => None,
        };
        PersonRow::new(lang, view.people.get(&s.keyid).or_else(own), &s.roles)
    });
    rows.collect()
}

/// Returns all versions of a notice, oldest first; empty when it was never corrected.
fn versions(lang: Lang, view: &ChainView, line: &[StatementId], here: &StatementId) -> Vec<Version> {
    if line.len() < 2 {
        return Vec::new();
    }
    let t = Words::of(lang);
    let items = line.iter().filter_map(|id| view.by_id(id));
    items
        .map(|item| Version {
            row: row(lang, item, None),
            here: item.id == *here,
            label: match (!item.correction, item.corrected_by.is_none()) {
                (true, _) => t.history_first,
                (_, true) => t.history_newest,
                _ => "",
            },
        })
        .collect()
}

fn related(lang: Lang, view: &ChainView, logged: &LoggedEntry) -> Vec<Related> {
    let refs = logged.entry.statement.refs.iter().flatten();
    refs.filter(|r| r.rel != Rel::Corrects)
        .filter_map(|r| {
            let entry = view.by_id(&r.id)?;
            Some(Related { how: lang.pick(r.rel.zh(), r.rel.en()), row: row(lang, entry, None) })
        })
        .collect()
}

fn tech(lang: Lang, logged: &LoggedEntry) -> Vec<(String, String)> {
    let s = &logged.entry.statement;
    let t = Words::of(lang);
    let mut out = vec![
        (t.tech_index, logged.index.to_string()),
        (t.tech_id, logged.entry.id.to_string()),
        (t.tech_chain, format!("{} #{}", s.chain, s.seq)),
    ];
    out.extend(s.prev.map(|p| (t.tech_prev, p.to_string())));
    out.push((t.tech_seen, format!("{} {}", s.seen.size, s.seen.root.to_text())));
    out.push((t.tech_keyring, s.keyring.to_text()));
    out.extend(s.body.as_ref().map(|b| (t.tech_body, format!("{} {}", b.digest.to_text(), b.size))));
    out.extend(s.rows.as_ref().map(|r| (t.tech_rows, format!("{} {}", r.root.to_text(), r.count))));
    out.push((t.tech_leaf, logged.entry.leaf_hash().to_text()));
    for signer in &s.signers {
        let roles: Vec<&str> = signer.roles.iter().map(|r| r.as_str()).collect();
        out.push((t.key, format!("{} {}", signer.keyid, roles.join(","))));
    }
    if let Some(Control::Grant(grant)) = &s.control {
        out.push((t.key, grant.key.key_id().to_hex()));
    }
    out.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
