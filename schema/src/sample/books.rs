//! The books of January to May 2026: 43 vouchers. A book's balances and what follows from it are derived.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::{fixed, issuer, item};
use crate::date::Period;
use crate::draft::Template;
use crate::json::from_json;
use crate::kinds::derive;
use crate::kinds::{AccountBalance, Body, Kind, MonthBook, NilReturn, Salt, Voucher};
use crate::record::statement::{OrgKind, Rel};

/// The months that have vouchers.
pub const MONTHS: [&str; 5] = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"];

/// Balances at the end of 2025: account, fen, debit positive.
const OPENING: [(&str, i64); 12] = [
    ("101", 186_250),
    ("102", 86_431_742),
    ("112", 3_500_000),
    ("113", 1_240_000),
    ("121", 320_000),
    ("151", 286_000_000),
    ("152", -41_260_000),
    ("211", -4_860_000),
    ("241", -12_000_000),
    ("301", -180_000_000),
    ("311", -130_915_992),
    ("322", -8_642_000),
];

/// Returns the balances with which the village's chain is opened.
pub fn opening() -> Vec<AccountBalance> {
    let balance = |(account, fen): (&str, i64)| AccountBalance { account: account.to_owned(), sub: None, fen };
    OPENING.map(balance).into()
}

/// Returns the vouchers of a month, in number order.
pub fn vouchers(month: &Period) -> Vec<Voucher> {
    let all: Vec<Voucher> = fixed(from_json(include_bytes!("vouchers.json")).ok());
    all.into_iter().filter(|voucher| month.has_day(&voucher.date)).collect()
}

/// Returns a month's book: its balances carried forward from the opening through the months before.
pub fn month_book(salt: Salt, month: &Period) -> MonthBook {
    let before = MONTHS.iter().filter(|earlier| **earlier < month.as_str());
    let opening =
        before.fold(opening(), |balances, earlier| derive::closing(&balances, &vouchers(&super::period(earlier))));
    let vouchers = vouchers(month);
    MonthBook {
        salt,
        title: derive::title(Kind::MonthBook, month),
        period: month.clone(),
        closing: derive::closing(&opening, &vouchers),
        opening,
        vouchers,
        attachments: None,
    }
}

/// Returns a month's linked statements: the book, and F02, F03, F04 as they follow from it.
///
/// `salt` gives the salt of each by a text that says which it is: `F02 2026-05`, or `nil 2026-05 F02` for a nil return.
pub fn month(book: &MonthBook, salt: impl Fn(&str) -> Salt) -> Vec<Template> {
    let month = book.period.as_str();
    let issued = |kind: Kind, code: Option<&str>, body: Body| Template {
        issuer: Some(issuer(OrgKind::Collective)),
        code: code.map(item),
        period: Some(book.period.clone()),
        links: code.map(|_| (Rel::About, 0)).into_iter().collect(),
        ..Template::new(kind, body)
    };
    let nil = |kind: Kind, code: &str| {
        let body = NilReturn {
            salt: salt(&format!("nil {month} {code}")),
            title: derive::title(kind, &book.period),
            period: book.period.clone(),
            text: ["本月没有发生。".to_string()].into(),
        };
        issued(Kind::NilReturn, Some(code), Body::NilReturn(body))
    };
    let of = |code: &str| salt(&format!("{code} {month}"));
    [
        issued(Kind::MonthBook, None, Body::MonthBook(book.clone())),
        match derive::receipts(book, of("F02")) {
            Some(flow) => issued(Kind::Receipts, Some("F02"), Body::Receipts(flow)),
            None => nil(Kind::Receipts, "F02"),
        },
        match derive::payments(book, of("F03")) {
            Some(flow) => issued(Kind::Payments, Some("F03"), Body::Payments(flow)),
            None => nil(Kind::Payments, "F03"),
        },
        issued(Kind::CashStatement, Some("F04"), Body::CashStatement(derive::cash_statement(book, of("F04")))),
    ]
    .into()
}
