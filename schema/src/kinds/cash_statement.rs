//! `cash_statement` 货币资金收支结余表: F04, cash and bank of a month. Follows from the month book.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::derive;
use super::example::Example;
use super::parts::{Attachment, Salt};
use super::spec::{Items, KindSpec, Sort};
use crate::crypto::hash::Hash;
use crate::date::Period;
use crate::error_code::ErrorCode;
use crate::json::record;
use crate::record::statement::Rel;

record! {
    /// One money account in F04.
    pub struct CashAccount {
        /// Account code, 101 or 102.
        account "账户", "Account": String,
        sub [opt] "明细", "Sub-account": String,
        opening_fen "上期结余", "Opening": i64,
        receipts_fen "本期收入", "Received": i64,
        payments_fen "本期支出", "Paid": i64,
        transfers_in_fen "内部转入", "Moved in": i64,
        transfers_out_fen "内部转出", "Moved out": i64,
        closing_fen "本期结余", "Closing": i64,
    }
}

record! {
    /// The sums of F04; internal transfers cancel out and are left out.
    pub struct CashTotals {
        opening_fen "上期结余", "Opening": i64,
        receipts_fen "本期收入", "Received": i64,
        payments_fen "本期支出", "Paid": i64,
        closing_fen "本期结余", "Closing": i64,
    }
}

record! {
    /// The body of F04.
    pub struct CashStatement {
        salt: Salt,
        title: String,
        period "月份", "Month": Period,
        accounts "账户", "Accounts": Vec<CashAccount>,
        total "合计", "Total": CashTotals,
        /// SHA-256 of the bank statement on file.
        bank_statement [opt] "银行对账单", "Bank statement": Hash,
        attachments [opt]: Vec<Attachment>,
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = CashStatement;

    const SORT: Sort = Sort::Disclosure { periods: true, items: Items::Only(&["F04"]), rels: &[Rel::About] };

    const EXAMPLE: Example = Example {
        code: Some("F04"),
        period: Some("2026-01"),
        control: None,
        body: r#"{
  "title": "2026年1月货币资金收支结余表",
  "period": "2026-01",
  "accounts": [
    {"account": "101", "opening_fen": 186250, "receipts_fen": 440000, "payments_fen": 0, "transfers_in_fen": 0, "transfers_out_fen": 400000, "closing_fen": 226250},
    {"account": "102", "opening_fen": 0, "receipts_fen": 0, "payments_fen": 120000, "transfers_in_fen": 400000, "transfers_out_fen": 0, "closing_fen": 280000}
  ],
  "total": {"opening_fen": 186250, "receipts_fen": 440000, "payments_fen": 120000, "closing_fen": 506250}
}"#,
    };

    fn attachments(body: &CashStatement) -> &[Attachment] {
        body.attachments.as_deref().unwrap_or_default()
    }

    fn number(_: &CashStatement) -> Option<&str> {
        None
    }

    fn admit<B: Books>(body: &CashStatement, on: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        if let Some(book) = on.book(&body.period, out)? {
            let want = derive::cash_statement(&book, body.salt.clone());
            out.unless(want.accounts == body.accounts, ErrorCode::Derived, "accounts");
            out.unless(want.total == body.total, ErrorCode::Derived, "total");
        }
        Ok(())
    }
}
