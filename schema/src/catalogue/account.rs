//! The chart of accounts: 42 accounts of 《农村集体经济组织会计制度》 (财会〔2023〕14号, in force 2024-01-01).

use crate::json::words;

words! {
    /// Which element of the accounts.
    pub enum AccountClass {
        Asset = "asset", "资产", "assets";
        Liability = "liability", "负债", "liabilities";
        Equity = "equity", "所有者权益", "equity";
        Cost = "cost", "成本", "cost";
        Income = "income", "损益(收入)", "income";
        Expense = "expense", "损益(支出)", "expenses";
    }
}

/// One account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Three digits.
    pub code: &'static str,
    /// The official name.
    pub zh: &'static str,
    /// The English name.
    pub en: &'static str,
    /// Its element.
    pub class: AccountClass,
}

use AccountClass::{Asset, Cost, Equity, Expense, Income, Liability};

const fn account(code: &'static str, zh: &'static str, en: &'static str, class: AccountClass) -> Account {
    Account { code, zh, en, class }
}

/// 库存现金.
pub const CASH: &str = "101";
/// 银行存款.
pub const BANK: &str = "102";

/// The 42 accounts, by code.
pub const ACCOUNTS: &[Account] = &[
    account("101", "库存现金", "cash on hand", Asset),
    account("102", "银行存款", "bank deposits", Asset),
    account("111", "短期投资", "short-term investments", Asset),
    account("112", "应收款", "receivables", Asset),
    account("113", "内部往来", "accounts with members", Asset),
    account("121", "库存物资", "stores", Asset),
    account("131", "消耗性生物资产", "consumable biological assets", Asset),
    account("132", "生产性生物资产", "productive biological assets", Asset),
    account("133", "生产性生物资产累计折旧", "depreciation of productive biological assets", Asset),
    account("134", "公益性生物资产", "public-benefit biological assets", Asset),
    account("141", "长期投资", "long-term investments", Asset),
    account("151", "固定资产", "fixed assets", Asset),
    account("152", "累计折旧", "accumulated depreciation", Asset),
    account("153", "在建工程", "construction in progress", Asset),
    account("154", "固定资产清理", "disposal of fixed assets", Asset),
    account("161", "无形资产", "intangible assets", Asset),
    account("162", "累计摊销", "accumulated amortisation", Asset),
    account("171", "长期待摊费用", "long-term deferred expenses", Asset),
    account("181", "待处理财产损溢", "pending gains and losses", Asset),
    account("201", "短期借款", "short-term loans", Liability),
    account("211", "应付款", "payables", Liability),
    account("212", "应付工资", "wages payable", Liability),
    account("213", "应付劳务费", "labour fees payable", Liability),
    account("214", "应交税费", "taxes payable", Liability),
    account("221", "长期借款及应付款", "long-term loans and payables", Liability),
    account("231", "一事一议资金", "funds raised by vote", Liability),
    account("241", "专项应付款", "special payables", Liability),
    account("301", "资本", "capital", Equity),
    account("311", "公积公益金", "reserve and welfare funds", Equity),
    account("321", "本年收益", "income of the year", Equity),
    account("322", "收益分配", "distribution of income", Equity),
    account("401", "生产(劳务)成本", "production and labour cost", Cost),
    account("501", "经营收入", "operating income", Income),
    account("502", "投资收益", "investment income", Income),
    account("503", "补助收入", "subsidies", Income),
    account("504", "其他收入", "other income", Income),
    account("511", "经营支出", "operating expenses", Expense),
    account("512", "税金及附加", "taxes and surcharges", Expense),
    account("513", "管理费用", "administrative expenses", Expense),
    account("514", "公益支出", "public-benefit expenses", Expense),
    account("515", "其他支出", "other expenses", Expense),
    account("521", "所得税费用", "income tax", Expense),
];

/// Returns the account of that code.
pub fn account_of(code: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|a| a.code == code)
}

/// Returns whether this is money: 库存现金 or 银行存款.
pub fn is_money(code: &str) -> bool {
    code == CASH || code == BANK
}
