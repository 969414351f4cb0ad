//! The kinds of statement and what each of them says.

mod body;
mod control;
pub mod derive;
mod finance;
mod notice;

pub use body::*;
pub use control::*;

use crate::json::words;

words! {
    /// What a statement is.
    pub enum Kind {
        LogGenesis = "log_genesis", "账本开立", "log genesis";
        ChainGenesis = "chain_genesis", "村账开立", "chain genesis";
        Grant = "grant", "钥匙登记", "key granted";
        Revoke = "revoke", "钥匙注销", "key revoked";
        LogKey = "log_key", "总账签发钥匙", "log keys";
        Catalogue = "catalogue", "公开目录", "disclosure catalogue";
        Profile = "profile", "县级规则", "county profile";
        Rules = "rules", "改用新目录", "rules adopted";
        MonthBook = "month_book", "记账凭证", "month book";
        Receipts = "receipts", "各项收入逐笔明细", "receipts";
        Payments = "payments", "各项支出逐笔明细", "payments";
        CashStatement = "cash_statement", "货币资金收支结余表", "cash statement";
        Decision = "decision", "四议两公开决议", "decision";
        Contract = "contract", "经济合同", "contract";
        Notice = "notice", "公开事项", "notice";
        NilReturn = "nil_return", "零报告", "nil return";
        Correction = "correction", "更正", "correction";
        Erasure = "erasure", "个人信息删除", "erasure";
    }
}
