//! Month book (记账凭证), receipts and payments (F02, F03), cash statement (F04).

use alloc::string::String;
use alloc::vec::Vec;

use super::body::{Attachment, Salt};
use crate::crypto::hash::Hash;
use crate::date::{Date, Period};
use crate::json::{record, words};

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
    /// A balance, debit positive.
    pub struct AccountBalance {
        /// Account code.
        account: String,
        /// Sub-account (明细).
        sub [opt]: String,
        /// Fen.
        fen: i64,
    }
}

record! {
    /// One line of a voucher (分录).
    pub struct VoucherLine {
        /// Account code, one of the 42.
        account: String,
        /// Sub-account (明细).
        sub [opt]: String,
        /// 借 or 贷.
        side: Side,
        /// Fen; negative only in a red-letter voucher (红字), which names what it corrects.
        fen: i64,
    }
}

record! {
    /// A voucher (记账凭证).
    pub struct Voucher {
        /// 凭证号, `记-2026-03-001`.
        no: String,
        /// Its day.
        date: Date,
        /// 摘要.
        summary: String,
        /// 分录.
        lines: Vec<VoucherLine>,
        /// What it does to the money.
        cash: CashLine,
        /// 公开科目: under which heading residents read it; needed when money comes in or goes out.
        item [opt]: String,
        /// 对方单位.
        counterparty [opt]: String,
        /// Number of the decision it rests on (JY-…).
        decision [opt]: String,
        /// Number of the contract (HT-…).
        contract [opt]: String,
        /// Number of the tender (ZB-…).
        tender [opt]: String,
        /// Number of the project (XM-…).
        project [opt]: String,
        /// Number of the asset card (ZC-…).
        asset [opt]: String,
        /// The earlier voucher that it puts right.
        corrects [opt]: String,
        /// 附件: kinds of documents kept on file.
        docs [opt]: Vec<String>,
    }
}

record! {
    /// Body of a month book: the month's vouchers and the balances before and after.
    pub struct MonthBook {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// The month.
        period: Period,
        /// Balances before, accounts in code order, debit positive, zero balances left out.
        opening: Vec<AccountBalance>,
        /// The vouchers, in number order.
        vouchers: Vec<Voucher>,
        /// Balances after, likewise.
        closing: Vec<AccountBalance>,
        /// Files.
        attachments [opt]: Vec<Attachment>,
    }
}

record! {
    /// One line of F02 or F03.
    pub struct FlowLine {
        /// 凭证号.
        no: String,
        /// Its day.
        date: Date,
        /// 摘要.
        summary: String,
        /// 公开科目.
        item: String,
        /// 对方单位.
        counterparty [opt]: String,
        /// Fen received or paid.
        fen: i64,
        /// Decision.
        decision [opt]: String,
        /// Contract.
        contract [opt]: String,
        /// Project.
        project [opt]: String,
        /// A remark, such as where a mistake was made good.
        note [opt]: String,
    }
}

record! {
    /// Body of F02 (各项收入逐笔明细) or F03 (各项支出逐笔明细).
    pub struct CashFlow {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// The month.
        period: Period,
        /// Every receipt, or every payment, one by one.
        lines: Vec<FlowLine>,
        /// Their sum, fen.
        total_fen: i64,
        /// Files.
        attachments [opt]: Vec<Attachment>,
    }
}

record! {
    /// One money account in F04.
    pub struct CashAccount {
        /// Account code, 101 or 102.
        account: String,
        /// Sub-account.
        sub [opt]: String,
        /// 上期结余.
        opening_fen: i64,
        /// 本期收入.
        receipts_fen: i64,
        /// 本期支出.
        payments_fen: i64,
        /// 内部转入.
        transfers_in_fen: i64,
        /// 内部转出.
        transfers_out_fen: i64,
        /// 本期结余.
        closing_fen: i64,
    }
}

record! {
    /// The sums of F04; internal transfers cancel out and stand apart.
    pub struct CashTotals {
        /// 上期结余.
        opening_fen: i64,
        /// 本期收入.
        receipts_fen: i64,
        /// 本期支出.
        payments_fen: i64,
        /// 本期结余.
        closing_fen: i64,
    }
}

record! {
    /// Body of F04 (货币资金收支结余表).
    pub struct CashStatement {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// The month.
        period: Period,
        /// Per account.
        accounts: Vec<CashAccount>,
        /// Together.
        total: CashTotals,
        /// SHA-256 of the bank statement (银行对账单) on file.
        bank_statement [opt]: Hash,
        /// Files.
        attachments [opt]: Vec<Attachment>,
    }
}
