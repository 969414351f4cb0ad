//! `/r/{index}`: one notice: verdict strip, content, signers, corrections, technical details.

use askama::Template;
use axum::extract::{self, Path};
use axum::response::Response;
use sanwu_schema::catalogue::item_text;
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::Control;
use sanwu_schema::record::check_code;
use sanwu_schema::record::statement::{Rel, StatementId};
use sanwu_schema::verify::State;

use super::Web;
use super::assets::{ASSETS, Asset};
use super::content::{Block, Cell, Layout};
use super::error::{Missing, Trouble};
use super::format::{day, moment, period};
use super::frame::Frame;
use super::home::{Row, row};
use super::qr;
use super::shelf::Shelf;
use super::visitor::{Lang, PageText, Visitor};
use crate::log::{LoggedEntry, Status};

/// Later notices that are listed as referring to this one.
const REFERRERS_MAX: usize = 20;

/// What the verdict strip needs; the same on the record page, on `/verify` and where a record is missing.
pub(super) struct Strip {
    pub script: Asset,
    /// Modules that the script imports, so that the phone fetches all at once.
    pub modules: Vec<Asset>,
    pub verifier: Option<Asset>,
    pub lang: &'static str,
    /// The title where the verifier itself cannot say it.
    pub cannot: &'static str,
}

impl Strip {
    pub(super) fn new(lang: Lang, script: &str) -> Self {
        Self {
            script: ASSETS.get(script),
            modules: ["verifier.js", "judge.js", "memory.js", "verdict.js"].map(|m| ASSETS.get(m)).into(),
            verifier: ASSETS.verifier(),
            lang: lang.as_str(),
            cannot: lang.pick(State::Cannot.zh(), State::Cannot.en()),
        }
    }
}

struct SignerRow {
    name: String,
    office: String,
    roles: String,
}

struct FileRow {
    href: String,
    name: String,
    size: String,
    salted: bool,
}

struct Version {
    row: Row,
    here: bool,
    label: &'static str,
}

struct Related {
    how: &'static str,
    row: Row,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage<'a> {
    f: Frame<'a>,
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
    blocks: Vec<Block>,
    gone: bool,
    files: Vec<FileRow>,
    signers: Vec<SignerRow>,
    versions: Vec<Version>,
    related: Vec<Related>,
    referred: Vec<Row>,
    contact: Option<String>,
    check_code: String,
    qr: Option<qr::Qr>,
    tech: Vec<(String, String)>,
    body_digest: Option<String>,
    published: String,
}

/// `GET /r/{index}`
pub(super) async fn handle(
    extract::State(web): extract::State<Web>,
    Path(index): Path<String>,
    visitor: Visitor,
) -> Response {
    web.answer(visitor, move |web, visitor| page(web, visitor, &index, false)).await
}

/// `GET /R/{index}`: the same, reached from a printed notice.
pub(super) async fn handle_scanned(
    extract::State(web): extract::State<Web>,
    Path(index): Path<String>,
    visitor: Visitor,
) -> Response {
    web.answer(visitor, move |web, visitor| page(web, visitor, &index, true)).await
}

fn page(web: &Web, visitor: &Visitor, index: &str, scanned: bool) -> Result<String, Trouble> {
    let index: u64 = index.parse().map_err(|_| Trouble::NotFound(Missing::Page))?;
    // A raw leaf stands in the log and has no page; a replica that does not follow may not have come that far. Neither
    // takes back what a phone has seen.
    let is_there = index < web.reader.committed().position.size;
    let is_behind = web.reader.replica().is_some() && web.reader.status() != Status::Running;
    let missing = || Trouble::NotFound(if is_there || is_behind { Missing::Page } else { Missing::Record(index) });
    let logged = web.reader.entry(index)?.ok_or_else(missing)?;
    let s = &logged.entry.statement;
    let shelf = web.shelves.get(&web.reader, &s.chain)?.ok_or_else(missing)?;
    let item = shelf.by_id(&logged.entry.id).ok_or_else(missing)?;
    let lang = visitor.lang;
    let bytes = web.reader.body(s)?;
    let body = bytes.as_deref().and_then(|b| Body::parse(s.kind, b).ok());
    let layout = Layout { lang, shelf: &shelf, control: s.control.as_ref() };
    let published = publication(web, lang, index)?;
    let line = web.reader.corrections(&logged.entry)?;
    let base = web.site.public_url.as_deref().or(visitor.base.as_deref());
    let is_root = s.chain.is_root();
    let html = RecordPage {
        s: Strip::new(lang, "record.js"),
        scanned,
        index,
        title: item.title.clone(),
        village: if is_root { lang.text().transparency.to_owned() } else { shelf.unit_name.clone() },
        village_href: match item.affairs() {
            _ if is_root => "/transparency".to_owned(),
            Some(affairs) => format!("/v/{}?s={affairs}", s.chain),
            None => format!("/v/{}", s.chain),
        },
        column: item.affairs().map_or("", |a| lang.pick(a.zh(), a.en())).to_owned(),
        kind: lang.pick(s.kind.zh(), s.kind.en()),
        correction: item.correction,
        superseded_href: item.corrected_by.and_then(|_| line.last()).and_then(|id| href(&shelf, id)),
        original_href: line.first().filter(|_| item.correction).and_then(|id| href(&shelf, id)),
        facts: facts(lang, &shelf, &logged, published),
        blocks: body.as_ref().map(|b| layout.blocks(b)).unwrap_or_default(),
        gone: bytes.is_none() && s.body.is_some(),
        files: body.as_ref().map(files).unwrap_or_default(),
        signers: signers(lang, &logged, &shelf, body.as_ref()),
        versions: versions(lang, &shelf, &line, &logged.entry.id),
        related: related(lang, &shelf, &logged),
        referred: shelf
            .items
            .iter()
            .filter(|i| i.refs.iter().any(|r| r.id == logged.entry.id && r.rel != Rel::Corrects))
            .take(REFERRERS_MAX)
            .map(|i| row(lang, i, None))
            .collect(),
        contact: shelf.contact.clone(),
        check_code: check_code::of(&logged.entry.id),
        qr: base.and_then(|b| qr::code(b, index)),
        tech: tech(lang, &logged),
        body_digest: s.body.as_ref().filter(|_| bytes.is_some()).map(|b| b.digest.to_hex()),
        published: s.issued_at.as_str().get(..10).unwrap_or_default().to_owned(),
        f: Frame::new(web, visitor, "home")?,
    }
    .render()?;
    Ok(html)
}

fn href(shelf: &Shelf, id: &StatementId) -> Option<String> {
    shelf.by_id(id).map(|i| format!("/r/{}", i.index))
}

/// When it was public, in the word of a witness if there is one, else in the node's own; nothing while it is committed
/// only.
fn publication(web: &Web, lang: Lang, index: u64) -> Result<Option<String>, Trouble> {
    let t = lang.text();
    if let Some((time, operator)) = web.reader.first_seen_outside(index)? {
        return Ok(Some(format!("{} ({operator} {})", moment(lang, time.saturating_mul(1_000)), t.seen_by)));
    }
    let own = web.reader.first_published(index)?;
    Ok(own.map(|published| format!("{} ({})", moment(lang, published.published_ms), t.node_word)))
}

/// Who published what, under which item, when.
fn facts(lang: Lang, shelf: &Shelf, logged: &LoggedEntry, published: Option<String>) -> Vec<(String, Cell)> {
    let s = &logged.entry.statement;
    let t = lang.text();
    let mut facts = Vec::new();
    let mut fact = |name: &str, text: String| facts.push((name.to_owned(), Cell::text(text)));
    if let Some(issuer) = &s.issuer {
        let name = shelf.organisations.iter().find(|o| o.kind == issuer.kind).map(|o| o.name.clone());
        fact(t.issued_by, name.unwrap_or_else(|| lang.pick(issuer.kind.zh(), issuer.kind.en()).to_owned()));
    }
    if let Some(text) = s.code.as_ref().and_then(|c| item_text(c.as_str())) {
        fact(t.item, format!("{} {}", text.code, lang.pick(text.zh, text.en)));
        fact(t.basis, text.law.to_owned());
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

fn signers(lang: Lang, logged: &LoggedEntry, shelf: &Shelf, body: Option<&Body>) -> Vec<SignerRow> {
    let signers = &logged.entry.statement.signers;
    let rows = signers.iter().map(|s| {
        let roles: Vec<&str> = s.roles.iter().map(|r| lang.pick(r.zh(), r.en())).collect();
        // A chain's genesis is signed by keys of `root`, which the same people use in the chain.
        let person = shelf.people.get(&s.keyid).map(|p| (p.name.clone(), p.office.clone()));
        let own = || match body {
            Some(Body::ChainGenesis(b)) => {
                b.keys.iter().find(|k| k.keyid == s.keyid).map(|p| (p.name.clone(), p.office.clone()))
            }
            _ => None,
        };
        let (name, office) =
            person.or_else(own).unwrap_or_else(|| (lang.text().name_unknown.to_owned(), String::new()));
        SignerRow { name, office, roles: roles.join(lang.pick("、", ", ")) }
    });
    rows.collect()
}

/// The line of corrections; empty when there never was one.
fn versions(lang: Lang, shelf: &Shelf, line: &[StatementId], here: &StatementId) -> Vec<Version> {
    if line.len() < 2 {
        return Vec::new();
    }
    let t = lang.text();
    let items = line.iter().filter_map(|id| shelf.by_id(id));
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

fn related(lang: Lang, shelf: &Shelf, logged: &LoggedEntry) -> Vec<Related> {
    let refs = logged.entry.statement.refs.iter().flatten();
    refs.filter(|r| r.rel != Rel::Corrects)
        .filter_map(|r| {
            let item = shelf.by_id(&r.id)?;
            Some(Related { how: lang.pick(r.rel.zh(), r.rel.en()), row: row(lang, item, None) })
        })
        .collect()
}

fn tech(lang: Lang, logged: &LoggedEntry) -> Vec<(String, String)> {
    let s = &logged.entry.statement;
    let t = lang.text();
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
