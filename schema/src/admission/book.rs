//! A month book on its own: numbers, dates, accounts, double entry, balances.

use alloc::format;

use super::{FEN_MAX, Findings, VOUCHERS_MAX};
use crate::catalogue::account::{account_of, is_money};
use crate::date::Period;
use crate::error_code::ErrorCode;
use crate::kinds::derive::{closing, money_delta, signed};
use crate::kinds::{AccountBalance, CashLine, MonthBook, Voucher};

pub(super) fn check(book: &MonthBook, out: &mut Findings) {
    out.unless(book.vouchers.len() <= VOUCHERS_MAX, ErrorCode::Length, "vouchers");
    balances(&book.opening, "opening", out);
    for (i, voucher) in book.vouchers.iter().enumerate() {
        let place = format!("vouchers[{i}] {}", voucher.no);
        one(voucher, &book.period, &place, out);
    }
    for (i, pair) in book.vouchers.windows(2).enumerate() {
        if let [a, b] = pair {
            // A gap is a finding of the audit (A05); a number twice or out of order is no book at all.
            out.unless(a.no < b.no, ErrorCode::VoucherNo, format!("vouchers[{}] {}", i + 1, b.no));
        }
    }
    out.unless(closing(&book.opening, &book.vouchers) == book.closing, ErrorCode::Closing, "closing");
}

/// Balances are of known accounts, in order, not zero, within range.
pub(super) fn balances(list: &[AccountBalance], place: &str, out: &mut Findings) {
    for (i, b) in list.iter().enumerate() {
        out.unless(account_of(&b.account).is_some(), ErrorCode::Account, format!("{place}[{i}].account"));
        out.unless(b.fen != 0 && (-FEN_MAX..=FEN_MAX).contains(&b.fen), ErrorCode::Amount, format!("{place}[{i}].fen"));
    }
    let ordered = list.windows(2).all(|w| matches!(w, [a, b] if (&a.account, &a.sub) < (&b.account, &b.sub)));
    out.unless(ordered, ErrorCode::Account, place);
}

fn one(v: &Voucher, period: &Period, place: &str, out: &mut Findings) {
    out.unless(number_fits(&v.no, period), ErrorCode::VoucherNo, place);
    out.unless(period.has_day(&v.date), ErrorCode::Date, format!("{place} date"));
    out.unless(v.lines.len() >= 2, ErrorCode::Balance, place);
    let mut sum = 0i64;
    for (i, line) in v.lines.iter().enumerate() {
        out.unless(account_of(&line.account).is_some(), ErrorCode::Account, format!("{place} lines[{i}]"));
        let red = v.corrects.is_some();
        let sensible = line.fen != 0 && (-FEN_MAX..=FEN_MAX).contains(&line.fen) && (line.fen > 0 || red);
        out.unless(sensible, ErrorCode::Amount, format!("{place} lines[{i}]"));
        sum = sum.saturating_add(signed(line));
    }
    out.unless(sum == 0, ErrorCode::Balance, place);
    let money_lines = v.lines.iter().filter(|l| is_money(&l.account)).count();
    let delta = money_delta(v);
    let fits = match v.cash {
        CashLine::In => delta > 0 || (delta < 0 && v.corrects.is_some()),
        CashLine::Out => delta < 0 || (delta > 0 && v.corrects.is_some()),
        CashLine::Internal => delta == 0 && money_lines == v.lines.len(),
        CashLine::None => money_lines == 0,
    };
    out.unless(fits, ErrorCode::CashFlag, place);
    if matches!(v.cash, CashLine::In | CashLine::Out) {
        out.unless(v.item.is_some(), ErrorCode::HeadingMissing, place);
    }
}

/// `记-2026-03-001` for March 2026.
fn number_fits(no: &str, period: &Period) -> bool {
    no.strip_prefix("记-")
        .and_then(|rest| rest.strip_prefix(period.as_str()))
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()) && n != "000")
}
