//! A month's vouchers from a table: one row per voucher line, rows with the same 凭证号 are one voucher.
//!
//! ```csv
//! 凭证号,日期,摘要,科目,明细,借方,贷方,收付,公开科目,对方单位,决议,合同,招标,项目,资产,更正,附件
//! 记-2026-03-001,2026-03-04,收三组机动地承包费,101,,"4,400.00",,收,发包收入,柳溪村三组,,HT-2024-003,,,,,收据
//! 记-2026-03-001,,,113,,,"4,400.00",,,,,,,,,,
//! ```
//!
//! All mistakes are reported at once, each with its row and column.

mod cells;
mod columns;

use std::path::Path;

use sanwu_schema::catalogue::account::is_money;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::derive::signed;
use sanwu_schema::kinds::{CashLine, Side, Voucher, VoucherLine};

use crate::error::Error;
use crate::files;
use crate::text::{Text, text};
use cells::{account, cash, date, docs};
use columns::{Column, Header};

/// Rows above the headings: a title, the unit, a blank line.
const HEADING_ROW_MAX: usize = 10;
/// Mistakes reported at once; more than fit a screen are not read.
const MISTAKES_MAX: usize = 50;

/// Reads a table of vouchers from a CSV file: UTF-8 (with or without BOM) or GB18030, commas or tabs.
pub fn read(path: &Path) -> Result<Vec<Voucher>, Error> {
    let text = decode(&files::read(path)?).map_err(|e| e.within(&path.display().to_string()))?;
    parse(&text).map_err(|e| e.within(&path.display().to_string()))
}

/// Returns the text of a file in one of the two encodings that spreadsheets here write.
pub fn decode(bytes: &[u8]) -> Result<String, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let (text, _, broken) = encoding_rs::GB18030.decode(bytes);
    if broken {
        return Err(Error::new(ErrorCode::VoucherTable)
            .because(text!("文件的文字编码认不出来", "the file's encoding is not recognised"))
            .remedy(text!("另存为 UTF-8 的 CSV", "save it as CSV in UTF-8")));
    }
    Ok(text.into_owned())
}

pub fn parse(text: &str) -> Result<Vec<Voucher>, Error> {
    let mut table = Table { mistakes: Vec::new(), open: None, done: Vec::new() };
    let mut header: Option<Header> = None;
    for (at, record) in records(text)?.iter().enumerate() {
        if record.cells.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        match &header {
            None => match Header::recognise(&record.cells) {
                Some(found) => {
                    for (column, name) in &found.unknown {
                        table.mistakes.push(text!(
                            "第 {} 行 {} 列  不认识的栏目 {name:?}",
                            "row {} column {}  unknown heading {name:?}",
                            record.row,
                            columns::letter(*column)
                        ));
                    }
                    header = Some(found);
                }
                None if at >= HEADING_ROW_MAX => break,
                None => {}
            },
            Some(header) => table.row(&Row { number: record.row, header, cells: &record.cells }),
        }
    }
    let Some(header) = header else {
        return Err(Error::new(ErrorCode::VoucherTable)
            .because(text!("找不到表头", "the headings are not found"))
            .remedy(text!("第一行写: {}", "the first row must be: {}", columns::FULL_HEADING)));
    };
    for missing in header.missing() {
        table.mistakes.push(text!("缺少栏目 {}", "heading {} is missing", missing.zh()));
    }
    table.finish()
}

struct Record {
    row: u64,
    cells: Vec<String>,
}

fn records(text: &str) -> Result<Vec<Record>, Error> {
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains('\t') && !first.contains(',') { b'\t' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| Error::new(ErrorCode::VoucherTable).at(e.to_string()))?;
        let row = record.position().map_or(0, csv::Position::line);
        records.push(Record { row, cells: record.iter().map(str::to_owned).collect() });
    }
    Ok(records)
}

/// One row under its headings.
struct Row<'a> {
    number: u64,
    header: &'a Header,
    cells: &'a [String],
}

impl Row<'_> {
    /// The cell's text, trimmed; empty where there is none.
    fn cell(&self, column: Column) -> &str {
        self.header.position(column).and_then(|at| self.cells.get(at)).map_or("", |c| c.trim())
    }

    fn some(&self, column: Column) -> Option<String> {
        let cell = self.cell(column);
        (!cell.is_empty()).then(|| cell.to_owned())
    }

    fn mistake(&self, column: Column, zh: &str, en: &str) -> Text {
        let letter = self.header.position(column).map(columns::letter).unwrap_or_default();
        let (row, cell, name) = (self.number, self.cell(column), column.zh());
        Text {
            zh: format!("第 {row} 行 {letter} 列 {name}  \"{cell}\" {zh}"),
            en: format!("row {row} column {letter} {name}  \"{cell}\" {en}"),
        }
    }
}

/// A voucher being put together from its rows.
struct Open {
    voucher: Voucher,
    first_row: u64,
    cash_given: bool,
    whole: bool,
}

struct Table {
    mistakes: Vec<Text>,
    open: Option<Open>,
    done: Vec<Open>,
}

impl Table {
    fn row(&mut self, row: &Row<'_>) {
        let no = row.cell(Column::No);
        let summing =
            |c: &str| matches!(c.replace(' ', "").as_str(), "合计" | "小计" | "总计" | "本月合计" | "本页合计");
        if summing(no) || (no.is_empty() && summing(row.cell(Column::Summary))) {
            return;
        }
        let continues = match &self.open {
            Some(open) => no.is_empty() || no == open.voucher.no,
            None => false,
        };
        if !continues {
            self.close();
            if no.is_empty() {
                self.mistakes.push(row.mistake(Column::No, "没有凭证号", "has no voucher number"));
                return;
            }
            if let Some(earlier) = self.done.iter().find(|o| o.voucher.no == no) {
                let first = earlier.first_row;
                self.mistakes.push(row.mistake(
                    Column::No,
                    &format!("和第 {first} 行的凭证号重复, 同一张凭证的行要放在一起"),
                    &format!("is in row {first} already; rows of one voucher belong together"),
                ));
            }
            self.start(row);
        } else {
            self.same(row);
        }
        self.line(row);
    }

    /// A voucher's first row gives what the voucher as a whole says.
    fn start(&mut self, row: &Row<'_>) {
        let mut whole = true;
        let mut keep = |mistake: Text| {
            self.mistakes.push(mistake);
            whole = false;
        };
        let date = date(row.cell(Column::Date));
        if date.is_none() {
            keep(row.mistake(Column::Date, "不是日期, 或没有这一天", "is not a day"));
        }
        if row.cell(Column::Summary).is_empty() {
            keep(row.mistake(Column::Summary, "没有写摘要", "is empty"));
        }
        let cash_cell = row.cell(Column::Cash);
        let cash = cash(cash_cell);
        if cash.is_none() && !cash_cell.is_empty() {
            keep(row.mistake(Column::Cash, "只能写 收、付、转、无", "must be one of 收 付 转 无"));
        }
        let Some(day) = date.or_else(|| sanwu_schema::date::Date::parse("2000-01-01")) else { return };
        let voucher = Voucher {
            no: row.cell(Column::No).to_owned(),
            date: day,
            summary: row.cell(Column::Summary).to_owned(),
            lines: Vec::new(),
            cash: cash.unwrap_or(CashLine::None),
            item: row.some(Column::Item),
            counterparty: row.some(Column::Counterparty),
            decision: row.some(Column::Decision),
            contract: row.some(Column::Contract),
            tender: row.some(Column::Tender),
            project: row.some(Column::Project),
            asset: row.some(Column::Asset),
            corrects: row.some(Column::Corrects),
            docs: docs(row.cell(Column::Docs)),
        };
        self.open = Some(Open { voucher, first_row: row.number, cash_given: cash.is_some(), whole });
    }

    /// A later row of the voucher leaves these cells empty, or repeats them.
    fn same(&mut self, row: &Row<'_>) {
        let Some(open) = &self.open else { return };
        let v = &open.voucher;
        let texts: [(Column, Option<&str>); 10] = [
            (Column::Summary, Some(v.summary.as_str())),
            (Column::Item, v.item.as_deref()),
            (Column::Counterparty, v.counterparty.as_deref()),
            (Column::Decision, v.decision.as_deref()),
            (Column::Contract, v.contract.as_deref()),
            (Column::Tender, v.tender.as_deref()),
            (Column::Project, v.project.as_deref()),
            (Column::Asset, v.asset.as_deref()),
            (Column::Corrects, v.corrects.as_deref()),
            (Column::Date, None),
        ];
        for (column, first) in texts {
            let cell = row.cell(column);
            let same = match column {
                Column::Date => cell.is_empty() || date(cell).as_ref() == Some(&v.date),
                _ => cell.is_empty() || Some(cell) == first,
            };
            // A first row whose day could not be read has been reported already.
            if !same && (column != Column::Date || open.whole) {
                let first_row = open.first_row;
                self.mistakes.push(row.mistake(
                    column,
                    &format!("和同一凭证的第 {first_row} 行不一样"),
                    &format!("differs from row {first_row} of the same voucher"),
                ));
            }
        }
    }

    /// The row's own line: account, side, amount.
    fn line(&mut self, row: &Row<'_>) {
        let account = account(row.cell(Column::Account));
        if account.is_none() {
            self.mistakes.push(row.mistake(Column::Account, "不是会计科目", "is no account"));
        }
        let mut amounts = Vec::new();
        for (column, side) in [(Column::Debit, Side::Debit), (Column::Credit, Side::Credit)] {
            let cell = row.cell(column);
            if cell.is_empty() {
                continue;
            }
            match crate::tables::money::parse_yuan(cell) {
                Ok(0) => {}
                Ok(fen) => amounts.push((side, fen)),
                Err(e) => {
                    let (zh, en) = e.words();
                    self.mistakes.push(row.mistake(column, &zh, &en));
                    if let Some(open) = &mut self.open {
                        open.whole = false;
                    }
                    return;
                }
            }
        }
        let [(side, fen)] = amounts.as_slice() else {
            self.mistakes.push(row.mistake(
                Column::Debit,
                "借方和贷方要写一个, 只写一个",
                "give either the debit or the credit",
            ));
            if let Some(open) = &mut self.open {
                open.whole = false;
            }
            return;
        };
        if let (Some(open), Some(account)) = (&mut self.open, account) {
            open.voucher.lines.push(VoucherLine { account, sub: row.some(Column::Sub), side: *side, fen: *fen });
        }
    }

    /// Ends a voucher: does it balance, and what does it do to the money?
    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let v = &mut open.voucher;
        let sum = v.lines.iter().fold(0i64, |s, l| s.saturating_add(signed(l)));
        if open.whole && sum != 0 {
            let total = |side| {
                crate::tables::money::yuan(
                    v.lines.iter().filter(|l| l.side == side).fold(0i64, |s, l| s.saturating_add(l.fen)),
                )
            };
            let (debit, credit, row, no) = (total(Side::Debit), total(Side::Credit), open.first_row, &v.no);
            self.mistakes.push(text!(
                "第 {row} 行 {no}  借贷不平: 借方 {debit}, 贷方 {credit}",
                "row {row} {no}  debits {debit} and credits {credit} differ"
            ));
        }
        if !open.cash_given {
            v.cash = derived_cash(&v.lines);
        }
        if matches!(v.cash, CashLine::In | CashLine::Out) && v.item.is_none() {
            let (row, no) = (open.first_row, &v.no);
            self.mistakes.push(text!(
                "第 {row} 行 {no}  收付款要写公开科目",
                "row {row} {no}  a receipt or payment needs 公开科目"
            ));
        }
        self.done.push(open);
    }

    fn finish(mut self) -> Result<Vec<Voucher>, Error> {
        self.close();
        if self.mistakes.is_empty() && self.done.is_empty() {
            return Ok(Vec::new());
        }
        if self.mistakes.is_empty() {
            let mut vouchers: Vec<Voucher> = self.done.into_iter().map(|o| o.voucher).collect();
            vouchers.sort_by(|a, b| a.no.cmp(&b.no));
            return Ok(vouchers);
        }
        let count = self.mistakes.len();
        let mut error = Error::new(ErrorCode::VoucherTable).because(text!(
            "凭证表有 {} 处要改, 还没有生成草稿",
            "{} mistakes in the table; no draft was made",
            count
        ));
        for mistake in self.mistakes.into_iter().take(MISTAKES_MAX) {
            error = error.detail(mistake);
        }
        Err(error)
    }
}

/// What lines do to the money where the table does not say: only transfers leave the sum as it was.
fn derived_cash(lines: &[VoucherLine]) -> CashLine {
    let money: Vec<&VoucherLine> = lines.iter().filter(|l| is_money(&l.account)).collect();
    let delta: i64 = money.iter().fold(0, |s, l| s.saturating_add(signed(l)));
    match delta {
        _ if money.is_empty() => CashLine::None,
        0 => CashLine::Internal,
        d if d > 0 => CashLine::In,
        _ => CashLine::Out,
    }
}

#[cfg(test)]
mod tests;
