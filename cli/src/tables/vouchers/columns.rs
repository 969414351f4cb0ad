//! The table's columns: Chinese headings first, English aliases, any order.

use crate::tables::money::half_width;

/// The heading row in full.
pub const FULL_HEADING: &str =
    "凭证号,日期,摘要,科目,明细,借方,贷方,收付,公开科目,对方单位,决议,合同,招标,项目,资产,更正,附件";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// 凭证号
    No,
    /// 日期
    Date,
    /// 摘要
    Summary,
    /// 科目
    Account,
    /// 明细
    Sub,
    /// 借方
    Debit,
    /// 贷方
    Credit,
    /// 收付
    Cash,
    /// 公开科目
    Item,
    /// 对方单位
    Counterparty,
    /// 决议
    Decision,
    /// 合同
    Contract,
    /// 招标
    Tender,
    /// 项目
    Project,
    /// 资产
    Asset,
    /// 更正
    Corrects,
    /// 附件
    Docs,
}

/// Every column with its headings; the first is the one that messages use.
const HEADINGS: &[(Column, &[&str])] = &[
    (Column::No, &["凭证号", "凭证编号", "凭证字号", "no", "voucher"]),
    (Column::Date, &["日期", "凭证日期", "date"]),
    (Column::Summary, &["摘要", "summary"]),
    (Column::Account, &["科目", "科目编号", "科目代码", "会计科目", "account"]),
    (Column::Sub, &["明细", "明细科目", "sub"]),
    (Column::Debit, &["借方", "借方金额", "debit"]),
    (Column::Credit, &["贷方", "贷方金额", "credit"]),
    (Column::Cash, &["收付", "cash"]),
    (Column::Item, &["公开科目", "公开事项", "item"]),
    (Column::Counterparty, &["对方单位", "对方", "counterparty"]),
    (Column::Decision, &["决议", "决议编号", "decision"]),
    (Column::Contract, &["合同", "合同编号", "contract"]),
    (Column::Tender, &["招标", "招标编号", "tender"]),
    (Column::Project, &["项目", "项目编号", "project"]),
    (Column::Asset, &["资产", "资产编号", "asset"]),
    (Column::Corrects, &["更正", "更正凭证", "corrects"]),
    (Column::Docs, &["附件", "单据", "docs"]),
];

/// Without these there is no voucher.
const NEEDED: &[Column] = &[Column::No, Column::Date, Column::Summary, Column::Account, Column::Debit, Column::Credit];

impl Column {
    /// Returns the Chinese heading.
    pub fn zh(self) -> &'static str {
        HEADINGS.iter().find(|(c, _)| *c == self).and_then(|(_, names)| names.first()).copied().unwrap_or_default()
    }

    fn of(cell: &str) -> Option<Self> {
        let name: String =
            cell.chars().map(half_width).filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        HEADINGS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(c, _)| *c)
    }
}

/// The position of each column.
pub struct Header {
    positions: Vec<(Column, usize)>,
    /// Unknown headings, by their position.
    pub unknown: Vec<(usize, String)>,
}

impl Header {
    /// Recognises a heading row: one with the voucher number and the summary.
    pub fn recognise(cells: &[String]) -> Option<Self> {
        let mut header = Self { positions: Vec::new(), unknown: Vec::new() };
        for (at, cell) in cells.iter().enumerate() {
            match Column::of(cell) {
                Some(column) if header.position(column).is_none() => header.positions.push((column, at)),
                None if cell.trim().is_empty() => {}
                _ => header.unknown.push((at, cell.trim().to_owned())),
            }
        }
        (header.position(Column::No).is_some() && header.position(Column::Summary).is_some()).then_some(header)
    }

    pub fn position(&self, column: Column) -> Option<usize> {
        self.positions.iter().find(|(c, _)| *c == column).map(|(_, at)| *at)
    }

    /// Columns that must be there and are not.
    pub fn missing(&self) -> Vec<Column> {
        NEEDED.iter().copied().filter(|c| self.position(*c).is_none()).collect()
    }
}

/// Returns a column's letter in a spreadsheet.
pub fn letter(at: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = at + 1;
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(char::from(b'A' + u8::try_from(digit).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}
