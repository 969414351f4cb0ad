//! Words around records; the labels of their members are in `sanwu_schema`.

use super::super::visitor::Lang;

/// Words in one language.
pub struct Words {
    pub in_yuan: &'static str,
    pub rests_on: &'static str,
    pub transfers_note: &'static str,
    pub balances: &'static str,
    pub term: &'static str,
    pub until: &'static str,
    pub on_display: &'static str,
    pub full_replacement: &'static str,
    pub nil: &'static str,
}

impl Words {
    /// Returns the words in a language.
    pub fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

const ZH: Words = Words {
    in_yuan: "(单位: 元)",
    rests_on: "依据",
    transfers_note: "现金和银行之间倒账(提取备用金、缴存)不算收入, 也不算支出。",
    balances: "科目余额",
    term: "期限",
    until: "至",
    on_display: "公示期",
    full_replacement: "更正后的全表",
    nil: "零报告: 这一期没有",
};

const EN: Words = Words {
    in_yuan: "(yuan)",
    rests_on: "Based on",
    transfers_note: "Moving money between cash and bank is neither income nor expense.",
    balances: "Balances",
    term: "Term",
    until: "to",
    on_display: "On display",
    full_replacement: "The notice after correction",
    nil: "Nil return: nothing in this period",
};
