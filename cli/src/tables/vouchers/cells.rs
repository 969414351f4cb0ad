//! Single cells: days, accounts, cash marks, lists of documents.

use sanwu_schema::catalogue::account::{ACCOUNTS, account_of};
use sanwu_schema::date::Date;
use sanwu_schema::kinds::CashLine;

use crate::tables::money::half_width;

/// Reads a day: `2026-03-05`, `2026/3/5`, `2026.3.5`, `2026年3月5日`, `20260305`.
pub fn date(cell: &str) -> Option<Date> {
    let text: String = cell.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).collect();
    let separators = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | '年' | '月' | '日'));
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if separators => (*year, *month, *day),
        [all] if separators && all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        _ => return None,
    };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    Date::parse(&format!("{year}-{month:0>2}-{day:0>2}"))
}

/// Reads an account: its code, its name, or both (`102 银行存款`, `102-银行存款`).
pub fn account(cell: &str) -> Option<String> {
    let text: String = cell.chars().map(half_width).collect();
    let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
    let name: String = text.trim().chars().skip(digits.len()).collect();
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | ':'));
    let by_name = ACCOUNTS.iter().find(|a| a.zh.chars().map(half_width).eq(name.chars()));
    match (digits.is_empty(), name.is_empty()) {
        (true, false) => by_name.map(|a| a.code.to_owned()),
        (false, true) => account_of(&digits).map(|a| a.code.to_owned()),
        (false, false) => {
            account_of(&digits).filter(|a| by_name.is_some_and(|b| b.code == a.code)).map(|a| a.code.to_owned())
        }
        (true, true) => None,
    }
}

/// Reads a cash column: 收, 付, 转 or 无.
pub fn cash(cell: &str) -> Option<CashLine> {
    match cell {
        "收" | "收入" | "收款" | "in" => Some(CashLine::In),
        "付" | "支出" | "付款" | "out" => Some(CashLine::Out),
        "转" | "划转" | "内部划转" | "internal" => Some(CashLine::Internal),
        "无" | "不涉及" | "none" => Some(CashLine::None),
        _ => None,
    }
}

/// Kinds of documents, separated by `、`, `;` or `|`.
pub fn docs(cell: &str) -> Option<Vec<String>> {
    let all: Vec<String> =
        cell.split(['、', ';', '；', '|']).map(str::trim).filter(|d| !d.is_empty()).map(str::to_owned).collect();
    (!all.is_empty()).then_some(all)
}
