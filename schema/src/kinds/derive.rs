//! What follows from a month's vouchers: closing balances, F02, F03, F04. Derived, never typed.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalogue::account::{BANK, CASH, is_money};
use crate::date::Period;
use crate::kinds::Kind;
use crate::kinds::{
    AccountBalance, CashAccount, CashFlow, CashLine, CashStatement, CashTotals, FlowLine, MonthBook, Salt, Side,
    Voucher, VoucherLine,
};

type Account = (String, Option<String>);

/// Returns a line's amount, debit positive. Sums of lines stay within i64: 10^13 fen times the lines of a body.
pub fn signed(line: &VoucherLine) -> i64 {
    match line.side {
        Side::Debit => line.fen,
        Side::Credit => line.fen.saturating_neg(),
    }
}

/// Returns what a voucher does to the money: its debits less its credits on 库存现金 and 银行存款.
pub fn money_delta(voucher: &Voucher) -> i64 {
    voucher.lines.iter().filter(|l| is_money(&l.account)).fold(0, |sum: i64, l| sum.saturating_add(signed(l)))
}

/// Returns the balances after the vouchers: accounts in order, zero balances left out.
pub fn closing(opening: &[AccountBalance], vouchers: &[Voucher]) -> Vec<AccountBalance> {
    let mut balances: BTreeMap<Account, i64> = BTreeMap::new();
    for b in opening {
        let balance = balances.entry((b.account.clone(), b.sub.clone())).or_default();
        *balance = balance.saturating_add(b.fen);
    }
    for line in vouchers.iter().flat_map(|v| &v.lines) {
        let balance = balances.entry((line.account.clone(), line.sub.clone())).or_default();
        *balance = balance.saturating_add(signed(line));
    }
    balances
        .into_iter()
        .filter(|(_, fen)| *fen != 0)
        .map(|((account, sub), fen)| AccountBalance { account, sub, fen })
        .collect()
}

/// Returns F02 各项收入逐笔明细; `None` when nothing came in, which is a nil return.
pub fn receipts(book: &MonthBook, salt: Salt) -> Option<CashFlow> {
    flow(book, CashLine::In, Kind::Receipts, salt)
}

/// Returns F03 各项支出逐笔明细; `None` when nothing went out.
pub fn payments(book: &MonthBook, salt: Salt) -> Option<CashFlow> {
    flow(book, CashLine::Out, Kind::Payments, salt)
}

fn flow(book: &MonthBook, way: CashLine, kind: Kind, salt: Salt) -> Option<CashFlow> {
    let lines: Vec<FlowLine> = book
        .vouchers
        .iter()
        .filter(|v| v.cash == way)
        .map(|v| FlowLine {
            no: v.no.clone(),
            date: v.date.clone(),
            summary: v.summary.clone(),
            item: v.item.clone().unwrap_or_default(),
            counterparty: v.counterparty.clone(),
            fen: if way == CashLine::In { money_delta(v) } else { money_delta(v).saturating_neg() },
            decision: v.decision.clone(),
            contract: v.contract.clone(),
            project: v.project.clone(),
            note: None,
        })
        .collect();
    let total_fen = lines.iter().fold(0, |sum: i64, l| sum.saturating_add(l.fen));
    let title = title(kind, &book.period);
    (!lines.is_empty()).then_some(CashFlow {
        salt,
        title,
        period: book.period.clone(),
        lines,
        total_fen,
        attachments: None,
    })
}

/// Returns F04 货币资金收支结余表.
///
/// Transfers between money accounts have columns of their own: they are neither income nor expense.
pub fn cash_statement(book: &MonthBook, salt: Salt) -> CashStatement {
    let mut accounts: BTreeMap<Account, CashAccount> = BTreeMap::new();
    // Both accounts are listed even when empty: residents look for them.
    for code in [CASH, BANK] {
        let has_subs = book.opening.iter().any(|b| b.account == code && b.sub.is_some());
        if !has_subs {
            row(&mut accounts, (code.into(), None));
        }
    }
    for b in book.opening.iter().filter(|b| is_money(&b.account)) {
        add(&mut row(&mut accounts, (b.account.clone(), b.sub.clone())).opening_fen, b.fen);
    }
    for voucher in &book.vouchers {
        for line in voucher.lines.iter().filter(|l| is_money(&l.account)) {
            let row = row(&mut accounts, (line.account.clone(), line.sub.clone()));
            match (voucher.cash, line.side) {
                (CashLine::In, _) => add(&mut row.receipts_fen, signed(line)),
                (CashLine::Out, _) => add(&mut row.payments_fen, signed(line).saturating_neg()),
                (_, Side::Debit) => add(&mut row.transfers_in_fen, line.fen),
                (_, Side::Credit) => add(&mut row.transfers_out_fen, line.fen),
            }
        }
    }
    let mut total = CashTotals { opening_fen: 0, receipts_fen: 0, payments_fen: 0, closing_fen: 0 };
    let accounts: Vec<CashAccount> = accounts
        .into_values()
        .map(|mut a| {
            a.closing_fen = a.opening_fen;
            for (more, less) in [(a.receipts_fen, a.payments_fen), (a.transfers_in_fen, a.transfers_out_fen)] {
                add(&mut a.closing_fen, more);
                add(&mut a.closing_fen, less.saturating_neg());
            }
            add(&mut total.opening_fen, a.opening_fen);
            add(&mut total.receipts_fen, a.receipts_fen);
            add(&mut total.payments_fen, a.payments_fen);
            add(&mut total.closing_fen, a.closing_fen);
            a
        })
        .collect();
    CashStatement {
        salt,
        title: title(Kind::CashStatement, &book.period),
        period: book.period.clone(),
        accounts,
        total,
        bank_statement: None,
        attachments: None,
    }
}

/// Adds, and stays within i64: a book that nobody admitted may hold any figures.
fn add(sum: &mut i64, fen: i64) {
    *sum = sum.saturating_add(fen);
}

fn row(accounts: &mut BTreeMap<Account, CashAccount>, key: Account) -> &mut CashAccount {
    accounts.entry(key.clone()).or_insert(CashAccount {
        account: key.0,
        sub: key.1,
        opening_fen: 0,
        receipts_fen: 0,
        payments_fen: 0,
        transfers_in_fen: 0,
        transfers_out_fen: 0,
        closing_fen: 0,
    })
}

/// Returns the title of a derived notice, `2026年3月各项收入逐笔明细`.
pub fn title(kind: Kind, period: &Period) -> String {
    format!("{}{}", period.zh(), kind.zh())
}
