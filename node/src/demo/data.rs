//! The demonstration's facts: TOML as people write it, turned into the ledger's types.

use std::collections::BTreeMap;

use sanwu_schema::catalogue::Profile;
use sanwu_schema::crypto::hash::hex_encode;
use sanwu_schema::date::{Date, IssuedAt, Period};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{AccountBalance, CashLine, MonthBook, Salt, Side, Step, StepKind, Voucher, VoucherLine};
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::record::statement::{ChainId, Issuer, OrgKind, Scope, UnitCode, Uscc};
use serde::Deserialize;

use crate::commands::error::CommandError;
use crate::web::Site;

const VILLAGE: &str = include_str!("data/village.toml");
const EVENTS: &str = include_str!("data/events.toml");
const VOUCHERS: &str = include_str!("data/vouchers.toml");

type Result<T> = std::result::Result<T, CommandError>;

/// All of it.
pub(super) struct DemoData {
    pub village: VillageFile,
    pub events: Vec<Event>,
    vouchers: BTreeMap<Period, Vec<Voucher>>,
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
    pub organisation: Vec<OrgFacts>,
    pub key: Vec<KeyFacts>,
}

/// The village.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VillageFacts {
    chain: String,
    pub unit: String,
    pub unit_year: u64,
    pub name: String,
    pub opened_at: String,
    pub contact: String,
    pub opening_date: String,
    opening: Vec<String>,
    pub text: Vec<String>,
    pub profile: ProfileFacts,
}

/// The county's rules.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFacts {
    cash_limit: String,
    major_amount: String,
    month_due_days: u64,
    quarter_due_days: u64,
    event_due_days: u64,
    display_days: u64,
    reply_days: u64,
}

/// An organisation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrgFacts {
    kind: String,
    uscc: Option<String>,
    pub name: String,
}

/// A key and whose it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFacts {
    pub file: String,
    pub person: String,
    pub name: String,
    pub office: String,
    pub role: String,
    pub scope: Option<String>,
    pub granted_at: Option<String>,
    pub reason: Option<String>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VouchersFile {
    voucher: Vec<VoucherFacts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VoucherFacts {
    no: String,
    date: String,
    summary: String,
    /// `D 102 60000.00`
    lines: Vec<String>,
    cash: String,
    item: Option<String>,
    counterparty: Option<String>,
    decision: Option<String>,
    contract: Option<String>,
    tender: Option<String>,
    project: Option<String>,
    asset: Option<String>,
    corrects: Option<String>,
    docs: Option<Vec<String>>,
}

impl DemoData {
    /// Reads the three files.
    pub(super) fn read() -> Result<Self> {
        let village: VillageFile = toml::from_str(VILLAGE).map_err(internal)?;
        let events: EventsFile = toml::from_str(EVENTS).map_err(internal)?;
        let file: VouchersFile = toml::from_str(VOUCHERS).map_err(internal)?;
        let mut vouchers: BTreeMap<Period, Vec<Voucher>> = BTreeMap::new();
        for facts in file.voucher {
            let month = facts.date.get(..7).unwrap_or_default().to_owned();
            vouchers.entry(period(&month)?).or_default().push(facts.into_voucher()?);
        }
        Ok(Self { village, events: events.event, vouchers })
    }

    /// Returns the village's chain.
    pub(super) fn chain(&self) -> Result<ChainId> {
        ChainId::parse(&self.village.village.chain).ok_or_else(|| internal("chain"))
    }

    /// Returns the balances on the day of opening.
    pub(super) fn opening(&self) -> Result<Vec<AccountBalance>> {
        let lines = self.village.village.opening.iter();
        lines
            .map(|line| {
                let (account, yuan) = line.split_once(' ').ok_or_else(|| internal(line))?;
                Ok(AccountBalance { account: account.into(), sub: None, fen: fen(yuan)? })
            })
            .collect()
    }

    /// Returns who may issue.
    pub(super) fn issuers(&self) -> Result<Vec<Issuer>> {
        self.village.organisation.iter().map(OrgFacts::issuer).collect()
    }

    /// Returns the issuer of a kind.
    pub(super) fn issuer(&self, kind: OrgKind) -> Result<Issuer> {
        let found = self.issuers()?.into_iter().find(|i| i.kind == kind);
        found.ok_or_else(|| internal(kind))
    }

    /// Returns a month's book: its balances carried forward from the opening through the months before.
    pub(super) fn month_book(&self, month: &Period) -> Result<MonthBook> {
        let mut opening = self.opening()?;
        let first =
            date(&self.village.village.opening_date)?.month().next_month().ok_or_else(|| internal("opening_date"))?;
        for (_, vouchers) in self.vouchers.range(first..month.clone()) {
            opening = derive::closing(&opening, vouchers);
        }
        let vouchers = self.vouchers.get(month).cloned().unwrap_or_default();
        Ok(MonthBook {
            salt: salt()?,
            title: derive::title(Kind::MonthBook, month),
            period: month.clone(),
            closing: derive::closing(&opening, &vouchers),
            opening,
            vouchers,
            attachments: None,
        })
    }
}

impl OrgFacts {
    pub(super) fn kind(&self) -> Result<OrgKind> {
        OrgKind::parse(&self.kind).ok_or_else(|| internal(&self.kind))
    }

    fn issuer(&self) -> Result<Issuer> {
        let uscc = self.uscc.as_deref().map(|u| Uscc::parse(u).ok_or_else(|| internal(u))).transpose()?;
        Ok(Issuer { kind: self.kind()?, uscc })
    }
}

impl ProfileFacts {
    pub(super) fn to_profile(&self) -> Result<Profile> {
        Ok(Profile {
            version: 1,
            cash_limit_fen: fen(&self.cash_limit)?,
            major_amount_fen: fen(&self.major_amount)?,
            month_due_days: self.month_due_days,
            quarter_due_days: self.quarter_due_days,
            event_due_days: self.event_due_days,
            display_days: self.display_days,
            reply_days: self.reply_days,
            extra_roles: None,
        })
    }
}

impl VoucherFacts {
    fn into_voucher(self) -> Result<Voucher> {
        Ok(Voucher {
            date: date(&self.date)?,
            lines: self.lines.iter().map(|l| voucher_line(l)).collect::<Result<_>>()?,
            cash: CashLine::parse(&self.cash).ok_or_else(|| internal(&self.cash))?,
            no: self.no,
            summary: self.summary,
            item: self.item,
            counterparty: self.counterparty,
            decision: self.decision,
            contract: self.contract,
            tender: self.tender,
            project: self.project,
            asset: self.asset,
            corrects: self.corrects,
            docs: self.docs,
        })
    }
}

fn voucher_line(text: &str) -> Result<VoucherLine> {
    let mut words = text.split(' ');
    let (Some(side), Some(account), Some(yuan), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Err(internal(text));
    };
    let side = Side::parse(side).ok_or_else(|| internal(text))?;
    Ok(VoucherLine { account: account.into(), sub: None, side, fen: fen(yuan)? })
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

pub(super) fn unit(text: &str) -> Result<UnitCode> {
    UnitCode::parse(text).ok_or_else(|| internal(text))
}

pub(super) fn scope(text: &str) -> Result<Scope> {
    Scope::parse(text).ok_or_else(|| internal(text))
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
