//! What the demonstration says beyond the sample village: TOML as people write it, turned into the ledger's types.

use sanwu_schema::crypto::hash::hex_encode;
use sanwu_schema::date::{Date, IssuedAt, Period};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{Salt, Step, StepKind};
use sanwu_schema::record::entry::Invalid;
use serde::Deserialize;

use crate::commands::error::CommandError;
use crate::web::Site;

const VILLAGE: &str = include_str!("data/village.toml");
const EVENTS: &str = include_str!("data/events.toml");

type Result<T> = std::result::Result<T, CommandError>;

/// All of it.
pub(super) struct DemoData {
    pub village: VillageFile,
    pub events: Vec<Event>,
}

/// `village.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VillageFile {
    pub origin: String,
    pub operator: String,
    pub log_opened_at: String,
    pub threshold: u64,
    pub site: Site,
    pub village: VillageFacts,
    pub late: Vec<LateKey>,
}

/// How the village's chain was opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VillageFacts {
    pub opened_at: String,
    pub contact: String,
    pub text: Vec<String>,
}

/// A key that is not in the genesis of its chain.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LateKey {
    /// The office that it is for.
    pub key: String,
    pub granted_at: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventsFile {
    event: Vec<Event>,
}

/// Something that the village publishes.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Event {
    /// A month: its book, and F02 to F04, which follow from it.
    Month { at: String, period: String },
    Decision {
        at: String,
        code: String,
        no: String,
        title: String,
        basis: String,
        /// `step meeting date due present yes`
        steps: Vec<String>,
        resolution: Vec<String>,
        approved: Option<String>,
        published_on: Option<String>,
        published_until: Option<String>,
    },
    Contract {
        at: String,
        no: String,
        title: String,
        what: String,
        subject: String,
        counterparty: String,
        start: String,
        end: String,
        total: Option<String>,
        annual: Option<String>,
        due: Option<String>,
        award_mode: String,
        decision: Option<String>,
        tender: Option<String>,
        project: Option<String>,
    },
    /// Any other item.
    Notice {
        at: String,
        code: String,
        period: Option<String>,
        issuer: String,
        title: String,
        text: Vec<String>,
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
        display_start: String,
        display_end: String,
        #[serde(default)]
        about: Vec<String>,
        attachment_name: Option<String>,
        attachment_type: Option<String>,
        attachment: Option<String>,
    },
    /// A correction of a month's F03.
    Correction {
        at: String,
        period: String,
        title: String,
        reason: String,
        /// The line that gets the remark.
        voucher: String,
        note: String,
        /// Place, before, after.
        changes: Vec<(String, String, String)>,
    },
}

impl DemoData {
    /// Reads the two files.
    pub(super) fn read() -> Result<Self> {
        let village: VillageFile = toml::from_str(VILLAGE).map_err(internal)?;
        let events: EventsFile = toml::from_str(EVENTS).map_err(internal)?;
        Ok(Self { village, events: events.event })
    }
}

/// `resolution representatives 2026-01-22 45 38 36`
pub(super) fn step(text: &str) -> Result<Step> {
    let words: Vec<&str> = text.split(' ').collect();
    let [kind, meeting, on, due, present, yes] = words.as_slice() else { return Err(internal(text)) };
    let count = |word: &str| word.parse::<u64>().map_err(internal);
    Ok(Step {
        step: StepKind::parse(kind).ok_or_else(|| internal(text))?,
        body: sanwu_schema::kinds::Meeting::parse(meeting).ok_or_else(|| internal(text))?,
        date: date(on)?,
        due: count(due)?,
        present: count(present)?,
        yes: count(yes)?,
    })
}

/// Reads a sum in yuan, such as `-1234.56`, as fen.
pub(super) fn fen(yuan: &str) -> Result<i64> {
    let (negative, digits) = match yuan.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, yuan),
    };
    let (whole, cents) = digits.split_once('.').filter(|(_, c)| c.len() == 2).ok_or_else(|| internal(yuan))?;
    let fen: i64 = format!("{whole}{cents}").parse().map_err(internal)?;
    Ok(if negative { -fen } else { fen })
}

pub(super) fn date(text: &str) -> Result<Date> {
    Date::parse(text).ok_or_else(|| internal(text))
}

pub(super) fn period(text: &str) -> Result<Period> {
    Period::parse(text).ok_or_else(|| internal(text))
}

pub(super) fn time(text: &str) -> Result<IssuedAt> {
    IssuedAt::parse(text).ok_or_else(|| internal(text))
}

/// Returns a fresh salt.
pub(super) fn salt() -> Result<Salt> {
    Salt::parse(&hex_encode(&random::<16>()?)).ok_or_else(|| internal("salt"))
}

pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(internal)?;
    Ok(bytes)
}

/// Returns the error for data of the demonstration that does not fit: a defect of this program.
pub(super) fn internal(what: impl ToString) -> CommandError {
    CommandError::new(ErrorCode::Internal, what)
}

pub(super) fn broken(invalid: Invalid) -> CommandError {
    CommandError::new(invalid.code, invalid.place)
}
