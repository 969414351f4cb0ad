//! What a record is laid out as: labelled facts, sums, paragraphs, tables.

use sanwu_schema::kinds::Table as NoticeTable;

use super::super::format::money;

/// A part of a record. A member that is empty is not shown.
#[derive(Default)]
pub struct Section {
    pub heading: Option<String>,
    pub sums: Vec<(String, String)>,
    pub facts: Vec<(String, Cell)>,
    pub paragraphs: Vec<String>,
    pub table: Option<TableView>,
}

/// A table; on a narrow screen each row becomes a card.
pub struct TableView {
    pub caption: String,
    pub columns: Vec<ColumnHead>,
    pub rows: Vec<Vec<Cell>>,
    pub foot: Option<(String, Vec<Cell>)>,
}

/// A column's heading, and whether its cells are numbers.
pub struct ColumnHead {
    pub name: String,
    pub number: bool,
}

/// A cell of a table, or the value of a fact.
#[derive(Default)]
pub struct Cell {
    pub text: String,
    pub href: Option<String>,
    pub number: bool,
    /// The heading of its column, for narrow screens.
    pub label: String,
    /// Not broken over two lines: dates, numbers of vouchers and contracts.
    pub keep: bool,
    /// `before` or `after` in a correction, else empty.
    pub tone: &'static str,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn fen(fen: i64) -> Self {
        Self { text: money(fen), number: true, ..Self::default() }
    }

    pub fn keep(text: impl Into<String>) -> Self {
        Self { keep: true, ..Self::text(text) }
    }

    pub fn tone(self, tone: &'static str) -> Self {
        Self { tone, ..self }
    }
}

/// Returns a table; each of `columns` is a heading and whether its cells are numbers.
pub fn table(caption: String, columns: &[(&str, bool)], rows: impl IntoIterator<Item = Vec<Cell>>) -> TableView {
    let columns: Vec<ColumnHead> =
        columns.iter().map(|(name, number)| ColumnHead { name: (*name).to_owned(), number: *number }).collect();
    let rows = rows.into_iter().map(|cells| labelled(&columns, cells)).collect();
    TableView { caption, columns, rows, foot: None }
}

/// Labels each cell with the heading of its column.
pub fn labelled(columns: &[ColumnHead], cells: Vec<Cell>) -> Vec<Cell> {
    let pairs = columns.iter().zip(cells);
    pairs.map(|(column, cell)| Cell { label: column.name.clone(), number: column.number, ..cell }).collect()
}

/// Returns the table that a notice brings along.
pub fn text_table(table: &NoticeTable) -> TableView {
    let columns: Vec<ColumnHead> =
        table.columns.iter().map(|c| ColumnHead { name: c.clone(), number: false }).collect();
    let rows = table.rows.iter().map(|row| labelled(&columns, row.iter().map(Cell::text).collect())).collect();
    TableView { caption: String::new(), columns, rows, foot: None }
}
