//! `month_book` 记账凭证: a month's vouchers and the balances before and after. F02, F03 and F04 follow from it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, FEN_MAX, Findings};
use super::derive::{closing, money_delta, signed};
use super::example::Example;
use super::parts::{Attachment, Salt};
use super::spec::{Items, KindSpec, Sort};
use crate::catalogue::account::{account_of, is_money};
use crate::date::{Date, Period};
use crate::error_code::ErrorCode;
use crate::json::{record, words};
use crate::record::statement::Rel;

/// Most vouchers in a month book; with [`super::BODY_BYTES_MAX`] 600 bytes each.
pub const VOUCHERS_MAX: usize = 2_000;

words! {
    /// 借贷.
    pub enum Side {
        Debit = "D", "借", "debit";
        Credit = "C", "贷", "credit";
    }
}

words! {
    /// What a voucher does to the money (货币资金).
    pub enum CashLine {
        In = "in", "收款", "receipt";
        Out = "out", "付款", "payment";
        Internal = "internal", "内部划转", "internal transfer";
        None = "none", "不涉及", "none";
    }
}

record! {
    /// A balance.
    pub struct AccountBalance {
        /// Account code, one of the 42.
        account "科目", "Account": String,
        sub [opt] "明细", "Sub-account": String,
        /// Debit positive.
        fen "余额", "Balance": i64,
    }
}

record! {
    /// One line of a voucher (分录).
    pub struct VoucherLine {
        /// Account code, one of the 42.
        account "科目", "Account": String,
        sub [opt] "明细", "Sub-account": String,
        side "借贷", "Side": Side,
        /// Negative only in a red-letter voucher (红字), which names what it corrects.
        fen "金额", "Amount": i64,
    }
}

record! {
    /// A voucher (记账凭证).
    pub struct Voucher {
        /// `记-2026-03-001`.
        no "凭证号", "Voucher": String,
        date "日期", "Date": Date,
        summary "摘要", "Summary": String,
        lines "分录", "Entries": Vec<VoucherLine>,
        cash "收付", "Money": CashLine,
        /// The heading under which residents read it; needed when money comes in or goes out.
        item [opt] "公开科目", "Heading": String,
        counterparty [opt] "对方单位", "To or from": String,
        /// `JY-…`.
        decision [opt] "决议", "Decision": String,
        /// `HT-…`.
        contract [opt] "合同", "Contract": String,
        /// `ZB-…`.
        tender [opt] "招标", "Tender": String,
        /// `XM-…`.
        project [opt] "项目", "Project": String,
        /// Number of the asset card, `ZC-…`.
        asset [opt] "资产", "Asset": String,
        /// The earlier voucher that it puts right.
        corrects [opt] "更正的凭证", "Corrects": String,
        /// Kinds of documents kept on file.
        docs [opt] "附件", "Documents": Vec<String>,
    }
}

record! {
    /// The body of a month book.
    pub struct MonthBook {
        salt: Salt,
        title: String,
        period "月份", "Month": Period,
        /// In (account, sub-account) order, zero balances left out.
        opening "期初余额", "Opening balances": Vec<AccountBalance>,
        /// In number order.
        vouchers "记账凭证", "Vouchers": Vec<Voucher>,
        /// As `opening`.
        closing "期末余额", "Closing balances": Vec<AccountBalance>,
        attachments [opt]: Vec<Attachment>,
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = MonthBook;

    const SORT: Sort = Sort::Disclosure {
        periods: true,
        items: Items::Like("F04"),
        rels: &[Rel::Implements, Rel::Fulfils, Rel::About],
    };

    const EXAMPLE: Example = Example {
        code: None,
        period: Some("2026-01"),
        control: None,
        body: r#"{
  "title": "2026年1月记账凭证",
  "period": "2026-01",
  "opening": [{"account": "101", "fen": 186250}, {"account": "301", "fen": -186250}],
  "vouchers": [
    {
      "no": "记-2026-01-001", "date": "2026-01-05", "summary": "收三组承包费",
      "lines": [{"account": "101", "side": "D", "fen": 440000}, {"account": "113", "side": "C", "fen": 440000}],
      "cash": "in", "item": "发包收入", "counterparty": "示例村三组", "docs": ["收据"]
    },
    {
      "no": "记-2026-01-002", "date": "2026-01-06", "summary": "现金存入银行",
      "lines": [{"account": "102", "side": "D", "fen": 400000}, {"account": "101", "side": "C", "fen": 400000}],
      "cash": "internal", "docs": ["存款单"]
    },
    {
      "no": "记-2026-01-003", "date": "2026-01-20", "summary": "付村内道路养护费",
      "lines": [{"account": "514", "side": "D", "fen": 120000}, {"account": "102", "side": "C", "fen": 120000}],
      "cash": "out", "item": "公益支出", "counterparty": "示例县宏达市政工程有限公司", "decision": "JY-2026-001"
    }
  ],
  "closing": [
    {"account": "101", "fen": 226250}, {"account": "102", "fen": 280000}, {"account": "113", "fen": -440000},
    {"account": "301", "fen": -186250}, {"account": "514", "fen": 120000}
  ]
}"#,
    };

    fn attachments(body: &MonthBook) -> &[Attachment] {
        body.attachments.as_deref().unwrap_or_default()
    }

    fn number(_: &MonthBook) -> Option<&str> {
        None
    }

    fn admit<B: Books>(body: &MonthBook, on: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        on.same_period(&body.period, out);
        check(body, out);
        carried_forward(body, on, out)
    }
}

/// The opening balances are what the month before left, or the chain's opening.
fn carried_forward<B: Books>(book: &MonthBook, on: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
    let chain = &on.statement.chain;
    let before = match book.period.previous_month() {
        Some(previous) => on.books.month_book(chain, &previous)?.map(|m| m.closing),
        None => None,
    };
    let before = match before {
        Some(closing) => Some(closing),
        None => on.books.opening(chain)?.filter(|(month, _)| *month == book.period).map(|(_, balances)| balances),
    };
    match before {
        Some(before) => out.unless(before == book.opening, ErrorCode::Opening, "opening"),
        // Neither last month's book nor the chain's opening: a month has been left out.
        None => out.add(
            ErrorCode::BookMissing,
            book.period.previous_month().map_or("opening".into(), |p| String::from(p.as_str())),
        ),
    }
    Ok(())
}

/// The book on its own: numbers, dates, accounts, double entry, balances.
fn check(book: &MonthBook, out: &mut Findings) {
    out.unless(book.vouchers.len() <= VOUCHERS_MAX, ErrorCode::Length, "vouchers");
    check_balances(&book.opening, "opening", out);
    for (i, voucher) in book.vouchers.iter().enumerate() {
        let place = format!("vouchers[{i}] {}", voucher.no);
        check_voucher(voucher, &book.period, &place, out);
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
pub(super) fn check_balances(list: &[AccountBalance], place: &str, out: &mut Findings) {
    for (i, b) in list.iter().enumerate() {
        out.unless(account_of(&b.account).is_some(), ErrorCode::Account, format!("{place}[{i}].account"));
        out.unless(b.fen != 0 && (-FEN_MAX..=FEN_MAX).contains(&b.fen), ErrorCode::Amount, format!("{place}[{i}].fen"));
    }
    let ordered = list.windows(2).all(|w| matches!(w, [a, b] if (&a.account, &a.sub) < (&b.account, &b.sub)));
    out.unless(ordered, ErrorCode::Account, place);
}

fn check_voucher(v: &Voucher, period: &Period, place: &str, out: &mut Findings) {
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
