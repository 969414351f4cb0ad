//! `/transparency`: the log itself: name, keys, newest checkpoint, how to take all of it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sanwu_schema::kinds::Purpose;
use sanwu_schema::record::statement::{ChainId, Role};

use super::Web;
use super::assets::ASSETS;
use super::error::Trouble;
use super::format::moment;
use super::frame::Frame;
use super::home::{Row, row};
use super::visitor::{Lang, PageText, Visitor};
use crate::log::{Status, WitnessStanding};
use crate::witness::LogStatus;

/// A root key.
struct RootKey {
    name: String,
    office: String,
    keyid: String,
}

/// A witness.
struct WitnessRow {
    name: String,
    key_name: String,
    own: bool,
    mark: &'static str,
    standing: String,
    /// Why it does not sign, in the words of programs.
    why: Option<String>,
}

/// A log that this node watches.
struct WatchedRow {
    origin: String,
    frozen: bool,
    standing: String,
    evidence: Vec<String>,
}

/// What a replica says about itself.
struct Replica {
    upstream: String,
    level: Option<String>,
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "transparency.html")]
struct TransparencyPage<'a> {
    f: Frame<'a>,
    /// Why the log takes nothing now, in the words of programs.
    read_only: Option<String>,
    /// Of a replica: where the writing log is, when the two were level, what is wrong.
    replica: Option<Replica>,
    entries: u64,
    published: Option<(String, u64)>,
    checkpoint: Option<String>,
    vkeys: Vec<String>,
    witnesses: Vec<WitnessRow>,
    witnessed: Option<(String, u64)>,
    policy: Vec<String>,
    witness_prefix: &'static str,
    watched: Option<Vec<WatchedRow>>,
    root_keys: Vec<RootKey>,
    threshold: u64,
    first: Option<String>,
    purpose: &'static str,
    control: Vec<Row>,
    verifier_digest: Option<String>,
    address: String,
}

fn witness(lang: Lang, one: &WitnessStanding) -> WitnessRow {
    let t = lang.text();
    let last = one.cosigned.map(|(size, time)| last_signed(lang, size, time));
    let (mark, standing) = match (&one.trouble, last) {
        (Some(_), last) => {
            let last = last.map_or_else(String::new, |last| format!(" · {last}"));
            ("…", format!("{} {}{last}", t.witness_silent_since, moment(lang, one.since_ms)))
        }
        (None, Some(last)) => ("✔", format!("{} · {last}", t.witness_watching)),
        (None, None) if !one.asked => ("–", t.witness_by_hand.to_owned()),
        (None, None) => ("…", t.witness_never.to_owned()),
    };
    let operator = one.operator.as_ref();
    WitnessRow {
        name: operator.map_or_else(|| one.name.clone(), |operator| operator.name.clone()),
        key_name: one.key_name.clone(),
        own: operator.is_some_and(|operator| operator.own == Some(true)),
        mark,
        standing,
        why: one.trouble.clone(),
    }
}

/// When a witness last signed, in its own word, and how long the log was.
fn last_signed(lang: Lang, size: u64, time: u64) -> String {
    let t = lang.text();
    format!("{} {} ({size} {})", t.witness_last, moment(lang, time.saturating_mul(1_000)), t.witness_entries)
}

fn watched(lang: Lang, one: &LogStatus) -> WatchedRow {
    let t = lang.text();
    let standing = match (one.size, one.time) {
        (Some(size), Some(time)) => last_signed(lang, size, time),
        _ => t.witness_never.to_owned(),
    };
    WatchedRow { origin: one.origin.clone(), frozen: one.frozen, standing, evidence: one.evidence.clone() }
}

/// `GET /transparency`
pub(super) async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    web.answer(visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, Trouble> {
    let lang = visitor.lang;
    let root = ChainId::root();
    let shelf = web.shelves.get(&web.reader, &root)?;
    let facts = web.reader.chain(&root)?.map(|state| state.facts);
    let published = web.reader.published();
    let keys = facts.iter().flat_map(|f| &f.ring.keys).filter(|k| k.roles.contains(&Role::Root));
    let root_keys = keys
        .map(|k| {
            let person = shelf.as_ref().and_then(|s| s.people.get(&k.keyid));
            RootKey {
                name: person.map_or_else(|| lang.text().name_unknown.to_owned(), |p| p.name.clone()),
                office: person.map_or_else(String::new, |p| p.office.clone()),
                keyid: k.keyid.to_hex(),
            }
        })
        .collect();
    let replica = web.reader.replica().map(|report| Replica {
        level: report.level_ms.map(|ms| moment(lang, ms)),
        trouble: report.trouble.map(|trouble| lang.pick(trouble.zh(), trouble.en())),
        upstream: report.upstream,
    });
    // A replica never takes any, and says in its own words what is wrong.
    let read_only = match web.reader.status() {
        Status::ReadOnly(why) | Status::Stopped(why) if replica.is_none() => Some(why),
        _ => None,
    };
    let html = TransparencyPage {
        read_only,
        replica,
        entries: web.reader.committed().position.size,
        published: published.as_ref().map(|p| (moment(lang, p.published_ms), p.size)),
        checkpoint: published.as_ref().map(|p| String::from_utf8_lossy(&p.note).into_owned()),
        vkeys: web.reader.vkeys()?,
        witnesses: web.reader.witnesses().iter().map(|one| witness(lang, one)).collect(),
        witnessed: web.reader.witnessed().map(|p| (moment(lang, p.published_ms), p.size)),
        policy: web.reader.witness_lines().to_vec(),
        witness_prefix: crate::witness::PREFIX,
        watched: web.witness.as_ref().map(|w| w.logs().iter().map(|one| watched(lang, one)).collect()),
        root_keys,
        threshold: facts.as_ref().and_then(|f| f.ring.threshold).unwrap_or(0),
        first: shelf.as_ref().and_then(|s| s.items.first()).map(|i| i.id.to_string()),
        purpose: match facts.as_ref().and_then(|f| f.purpose) {
            Some(Purpose::Test) => lang.text().demo_short,
            _ => lang.text().purpose_live,
        },
        control: shelf.iter().flat_map(|s| &s.items).map(|i| row(lang, i, None)).collect(),
        verifier_digest: ASSETS.verifier_digest(),
        address: web
            .site
            .public_url
            .clone()
            .or_else(|| visitor.base.clone())
            .unwrap_or_else(|| format!("https://{}", web.reader.origin().as_str())),
        f: Frame::new(web, visitor, "transparency")?,
    }
    .render()?;
    Ok(html)
}
