//! Admission: what a body must be before it may be published. Run where a body is drafted and where it is
//! admitted; a replay reports it as findings. Validity never depends on it.

mod book;
pub mod personal;
mod text;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalogue::Pii;
use crate::crypto::hash::Hash;
use crate::date::Period;
use crate::error_code::ErrorCode;
use crate::kinds::Control;
use crate::kinds::Kind;
use crate::kinds::derive;
use crate::kinds::{AccountBalance, Body, CashFlow, Correction, Decision, MonthBook, Notice};
use crate::record::entry::Invalid;
use crate::record::statement::{ChainId, Statement};

pub use text::{TEXT_CHARS_MAX, TITLE_CHARS_MAX};

/// Largest sum of money, fen: 10^13 (one hundred thousand million yuan).
pub const FEN_MAX: i64 = 10_000_000_000_000;
/// Most vouchers in a month book; with [`crate::kinds::BODY_BYTES_MAX`] 600 bytes each.
pub const VOUCHERS_MAX: usize = 2_000;

/// The chain's earlier books: what was published before, or stands earlier in the same package.
pub trait Books {
    /// Why they could not be read.
    type Error;
    /// The effective month book of a period.
    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Self::Error>;
    /// The opening balances of the chain's genesis, and the month that they open.
    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Self::Error>;
}

/// Why a body is not admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected<E> {
    /// What is wrong, all of it.
    Findings(Vec<Invalid>),
    /// The earlier books could not be read.
    Books(E),
}

/// Checks a statement's body. `pii` is the class of the item it is published under.
pub fn check<B: Books>(statement: &Statement, body: &[u8], pii: Pii, books: &B) -> Result<Body, Rejected<B::Error>> {
    let one = |e: Invalid| Rejected::Findings(alloc::vec![e]);
    match &statement.body {
        Some(named) if named.size == body.len() as u64 && named.digest == Hash::digest(body) => {}
        _ => return Err(one(Invalid::new(ErrorCode::BodyDigest, "body"))),
    }
    let parsed = Body::parse(statement.kind, body).map_err(|e| one(e.within("body").into()))?;
    let mut findings = Findings::default();
    text::check(&parsed, &mut findings);
    salted(&parsed, pii, &mut findings);
    let context = Context { chain: &statement.chain, period: statement.period.as_ref(), pii, books };
    context.content(&parsed, statement, &mut findings).map_err(Rejected::Books)?;
    if findings.0.is_empty() { Ok(parsed) } else { Err(Rejected::Findings(findings.0)) }
}

/// Files that may hold personal data cannot be guessed back from their digest.
fn salted(body: &Body, pii: Pii, out: &mut Findings) {
    for (i, attachment) in body.attachments().iter().enumerate() {
        out.unless(pii == Pii::None || attachment.salted, ErrorCode::Personal, format!("attachments[{i}].salted"));
    }
}

/// What is wrong, in the order found.
#[derive(Default)]
pub(crate) struct Findings(Vec<Invalid>);

impl Findings {
    pub(crate) fn add(&mut self, code: ErrorCode, place: impl Into<String>) {
        self.0.push(Invalid { code, place: place.into() });
    }
    pub(crate) fn unless(&mut self, holds: bool, code: ErrorCode, place: impl Into<String>) {
        if !holds {
            self.add(code, place);
        }
    }
}

struct Context<'a, B> {
    chain: &'a ChainId,
    period: Option<&'a Period>,
    pii: Pii,
    books: &'a B,
}

impl<B: Books> Context<'_, B> {
    fn content(&self, body: &Body, statement: &Statement, out: &mut Findings) -> Result<(), B::Error> {
        match body {
            Body::ChainGenesis(b) => {
                book::balances(&b.opening.balances, "opening.balances", out);
                let sum = b.opening.balances.iter().fold(0i64, |s, b| s.saturating_add(b.fen));
                out.unless(sum == 0, ErrorCode::Balance, "opening.balances");
            }
            Body::MonthBook(b) => self.month_book(b, out)?,
            Body::Receipts(b) | Body::Payments(b) => self.flow(statement.kind, b, out)?,
            Body::CashStatement(b) => {
                if let Some(book) = self.book(&b.period, out)? {
                    let want = derive::cash_statement(&book, b.salt.clone());
                    out.unless(want.accounts == b.accounts, ErrorCode::Derived, "accounts");
                    out.unless(want.total == b.total, ErrorCode::Derived, "total");
                }
            }
            Body::NilReturn(b) => {
                self.same_period(&b.period, out);
                let nil = match statement.code.as_ref().map(|c| c.as_str()) {
                    Some("F02") => {
                        self.book(&b.period, out)?.and_then(|m| derive::receipts(&m, b.salt.clone())).is_none()
                    }
                    Some("F03") => {
                        self.book(&b.period, out)?.and_then(|m| derive::payments(&m, b.salt.clone())).is_none()
                    }
                    _ => true,
                };
                out.unless(nil, ErrorCode::NotNil, "period");
            }
            Body::Decision(b) => decision(b, out),
            Body::Contract(b) => {
                out.unless(b.start <= b.end, ErrorCode::Date, "end");
                for (fen, place) in [(b.total_fen, "total_fen"), (b.annual_fen, "annual_fen")] {
                    out.unless(fen.is_none_or(|f| (1..=FEN_MAX).contains(&f)), ErrorCode::Amount, place);
                }
            }
            Body::Notice(b) => notice(b, out),
            Body::Correction(b) => self.correction(b, statement, out)?,
            Body::LogGenesis(_) | Body::Grant(_) | Body::Control(_) | Body::Erasure(_) => {}
        }
        Ok(())
    }

    fn same_period(&self, period: &Period, out: &mut Findings) {
        out.unless(Some(period) == self.period, ErrorCode::Period, "period");
    }

    fn book(&self, period: &Period, out: &mut Findings) -> Result<Option<MonthBook>, B::Error> {
        self.same_period(period, out);
        let book = self.books.month_book(self.chain, period)?;
        out.unless(book.is_some(), ErrorCode::BookMissing, period.as_str());
        Ok(book)
    }

    fn month_book(&self, b: &MonthBook, out: &mut Findings) -> Result<(), B::Error> {
        self.same_period(&b.period, out);
        book::check(b, out);
        let before = match b.period.previous_month() {
            Some(previous) => self.books.month_book(self.chain, &previous)?.map(|m| m.closing),
            None => None,
        };
        let before = match before {
            Some(closing) => Some(closing),
            None => self.books.opening(self.chain)?.filter(|(month, _)| *month == b.period).map(|(_, o)| o),
        };
        match before {
            Some(before) => out.unless(before == b.opening, ErrorCode::Opening, "opening"),
            // Neither last month's book nor the chain's opening: a month has been left out.
            None => out.add(
                ErrorCode::BookMissing,
                b.period.previous_month().map_or("opening".into(), |p| String::from(p.as_str())),
            ),
        }
        Ok(())
    }

    fn flow(&self, kind: Kind, b: &CashFlow, out: &mut Findings) -> Result<(), B::Error> {
        let Some(book) = self.book(&b.period, out)? else { return Ok(()) };
        let want = match kind {
            Kind::Receipts => derive::receipts(&book, b.salt.clone()),
            _ => derive::payments(&book, b.salt.clone()),
        };
        let Some(want) = want else {
            out.add(ErrorCode::Derived, "lines");
            return Ok(());
        };
        out.unless(want.total_fen == b.total_fen, ErrorCode::Derived, "total_fen");
        out.unless(want.lines.len() == b.lines.len(), ErrorCode::Derived, "lines");
        for (i, (line, want)) in b.lines.iter().zip(&want.lines).enumerate() {
            // A remark is the one thing that vouchers do not give.
            let mut line = line.clone();
            line.note = None;
            out.unless(line == *want, ErrorCode::Derived, format!("lines[{i}]"));
        }
        Ok(())
    }

    fn correction(&self, b: &Correction, statement: &Statement, out: &mut Findings) -> Result<(), B::Error> {
        out.unless(!b.changes.is_empty(), ErrorCode::Changes, "changes");
        let Some(Control::Correction(control)) = &statement.control else {
            out.add(ErrorCode::Control, "control");
            return Ok(());
        };
        let replacement = match b.replacement(control.of) {
            Ok(replacement) => replacement,
            Err(e) => {
                out.0.push(e.into());
                return Ok(());
            }
        };
        let mut inner = Findings::default();
        let as_replaced = Statement { kind: control.of, control: None, ..statement.clone() };
        text::check(&replacement, &mut inner);
        salted(&replacement, self.pii, &mut inner);
        self.content(&replacement, &as_replaced, &mut inner)?;
        out.0.extend(inner.0.into_iter().map(|f| Invalid::new(f.code, format!("replacement.{}", f.place))));
        if let Body::MonthBook(book) = &replacement
            && let Some(next) = book.period.next_month()
            && let Some(carried) = self.books.month_book(self.chain, &next)?
        {
            out.unless(carried.opening == book.closing, ErrorCode::Carried, "replacement.closing");
        }
        Ok(())
    }
}

fn decision(b: &Decision, out: &mut Findings) {
    out.unless(!b.steps.is_empty() && !b.resolution.is_empty(), ErrorCode::Steps, "steps");
    for (i, step) in b.steps.iter().enumerate() {
        out.unless(
            step.yes <= step.present && step.present <= step.due && step.due > 0,
            ErrorCode::Steps,
            format!("steps[{i}]"),
        );
    }
    let in_order = b.steps.windows(2).all(|w| matches!(w, [a, b] if a.step < b.step && a.date <= b.date));
    out.unless(in_order, ErrorCode::Steps, "steps");
    out.unless(b.approved_fen.is_none_or(|f| (0..=FEN_MAX).contains(&f)), ErrorCode::Amount, "approved_fen");
}

fn notice(b: &Notice, out: &mut Findings) {
    out.unless(!b.text.is_empty() || b.table.is_some(), ErrorCode::Text, "text");
    if let Some(table) = &b.table {
        out.unless(!table.columns.is_empty(), ErrorCode::TableShape, "table.columns");
        for (i, row) in table.rows.iter().enumerate() {
            out.unless(row.len() == table.columns.len(), ErrorCode::TableShape, format!("table.rows[{i}]"));
        }
    }
    if let (Some(start), Some(end)) = (&b.display_start, &b.display_end) {
        out.unless(start <= end, ErrorCode::Date, "display_end");
    }
}
