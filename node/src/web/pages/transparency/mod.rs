//! `/transparency`: the log itself, with its keys, witnesses and newest checkpoint, and how to copy all of it.

mod words;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sanwu_schema::kinds::Purpose;
use sanwu_schema::record::statement::{ChainId, Role};

use crate::log::{Status, WitnessStatus};
use crate::web::parts::answer::answer;
use crate::web::parts::assets::ASSETS;
use crate::web::parts::context::Web;
use crate::web::parts::error::PageError;
use crate::web::parts::format::moment;
use crate::web::parts::frame::Frame;
use crate::web::parts::people::name_and_office;
use crate::web::parts::rows::{NoticeRow, row};
use crate::web::parts::visitor::{Lang, Visitor};
use crate::witness::LogStatus;
use words::Words;

struct RootKey {
    name: String,
    office: String,
    keyid: String,
}

/// A witness that this log asks for cosignatures, or that its policy names.
struct WitnessRow {
    name: String,
    key_name: String,
    own: bool,
    mark: &'static str,
    standing: String,
    /// Why it does not sign; technical, not translated.
    why: Option<String>,
}

/// A log that this node watches.
struct WatchedRow {
    origin: String,
    frozen: bool,
    standing: String,
    evidence: Vec<String>,
}

/// The state of following, on a replica.
struct ReplicaState {
    /// Where the writing log is.
    upstream: String,
    /// When the copy was last level with it.
    level: Option<String>,
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "web/pages/transparency/transparency.html")]
struct TransparencyPage<'a> {
    f: Frame<'a>,
    t: &'static Words,
    /// Why the log takes no entries now; technical, not translated.
    read_only: Option<String>,
    replica: Option<ReplicaState>,
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
    control: Vec<NoticeRow>,
    verifier_digest: Option<String>,
    address: String,
}

fn witness(lang: Lang, one: &WitnessStatus) -> WitnessRow {
    let t = Words::of(lang);
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

/// Returns when a witness last signed, by its own clock, and how many entries the log had.
fn last_signed(lang: Lang, size: u64, time: u64) -> String {
    let t = Words::of(lang);
    format!("{} {} ({size} {})", t.witness_last, moment(lang, time.saturating_mul(1_000)), t.witness_entries)
}

fn watched(lang: Lang, one: &LogStatus) -> WatchedRow {
    let t = Words::of(lang);
    let standing = match (one.size, one.time) {
        (Some(size), Some(time)) => last_signed(lang, size, time),
        _ => t.witness_never.to_owned(),
    };
    WatchedRow { origin: one.origin.clone(), frozen: one.frozen, standing, evidence: one.evidence.clone() }
}

/// `GET /transparency`
pub async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    answer(web, visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, PageError> {
    let lang = visitor.lang;
    let root = ChainId::root();
    let view = web.views.chain(&root)?;
    let facts = web.reader.chain(&root)?.map(|state| state.facts);
    let published = web.reader.published();
    let keys = facts.iter().flat_map(|f| &f.ring.keys).filter(|k| k.roles.contains(&Role::Root));
    let root_keys = keys
        .map(|k| {
            let person = view.as_ref().and_then(|v| v.people.get(&k.keyid));
            let (name, office) = name_and_office(lang, person);
            RootKey { name, office, keyid: k.keyid.to_hex() }
        })
        .collect();
    let replica = web.reader.replica().map(|report| ReplicaState {
        level: report.level_ms.map(|ms| moment(lang, ms)),
        trouble: report.trouble.map(|trouble| lang.pick(trouble.zh(), trouble.en())),
        upstream: report.upstream,
    });
    // A replica never takes any; what is wrong there is in `replica`.
    let read_only = match web.reader.status() {
        Status::ReadOnly(why) if replica.is_none() => Some(why.to_string()),
        Status::Stopped(why) if replica.is_none() => Some(why.to_string()),
        _ => None,
    };
    let f = Frame::new(web, visitor, "transparency")?;
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
        first: view.as_ref().and_then(|v| v.entries.first()).map(|e| e.id.to_string()),
        purpose: match facts.as_ref().and_then(|f| f.purpose) {
            Some(Purpose::Test) => f.t.demo_short,
            _ => Words::of(lang).purpose_live,
        },
        control: view.iter().flat_map(|v| &v.entries).map(|e| row(lang, e, None)).collect(),
        verifier_digest: ASSETS.verifier_digest(),
        address: web
            .site
            .public_url
            .clone()
            .or_else(|| visitor.base.clone())
            .unwrap_or_else(|| format!("https://{}", web.reader.origin().as_str())),
        t: Words::of(lang),
        f,
    }
    .render()?;
    Ok(html)
}
