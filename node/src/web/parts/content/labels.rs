//! Records by the labels that `sanwu_schema` gives their members.

use sanwu_schema::labels::{Column, Field, Label, Shown, Table};

use super::super::format::{day, money, period, yuan};
use super::super::visitor::Lang;
use super::super::words::Words;
use super::section::{Cell, ColumnHead, Section, TableView, labelled};

/// The label of a record's member in the language of `$layout`. A member without a label does not compile.
macro_rules! label {
    ($layout:ident, $record:ty, $member:literal) => {{
        const LABEL: sanwu_schema::labels::Label = $crate::web::parts::content::labels::label_of(
            <$record as sanwu_schema::labels::Labelled>::COLUMNS,
            $member,
        );
        $layout.lang.pick(LABEL.zh, LABEL.en)
    }};
}

pub(super) use label;

/// Returns the label of a member; only the compiler runs it, and it stops where there is none.
#[allow(clippy::indexing_slicing, reason = "run by the compiler only: beyond the end is an error of compilation")]
pub(super) const fn label_of(columns: &[Column], member: &str) -> Label {
    let mut i = 0;
    while !same(columns[i].name, member) {
        i += 1;
    }
    columns[i].label
}

#[allow(clippy::indexing_slicing, reason = "both have that length")]
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Lays out a record as it is declared: single values as facts, texts as paragraphs, records as parts with a heading,
/// lists of records as tables.
pub(super) fn by_labels(lang: Lang, fields: &[Field<'_>]) -> Vec<Section> {
    let mut first = Section::default();
    let mut rest = Vec::new();
    for field in fields {
        let name = pick(lang, field.column.label);
        match &field.value {
            Shown::List(values) if values.iter().all(|v| matches!(v, Shown::Text(_))) => {
                first.paragraphs.extend(values.iter().map(|v| in_words(lang, v)));
            }
            Shown::Record(fields) => {
                let mut parts = by_labels(lang, fields);
                if let Some(part) = parts.first_mut() {
                    part.heading = Some(name);
                }
                rest.extend(parts);
            }
            Shown::Table(table) => {
                rest.push(Section { table: Some(table_view(lang, name, table)), ..Section::default() });
            }
            Shown::Fen(fen) => first.facts.push((name, Cell::text(yuan(*fen)))),
            value => first.facts.push((name, Cell::text(in_words(lang, value)))),
        }
    }
    rest.insert(0, first);
    rest
}

fn table_view(lang: Lang, caption: String, table: &Table<'_>) -> TableView {
    let column = |i: usize| table.rows.iter().filter_map(move |row| row.get(i)?.as_ref());
    let columns: Vec<ColumnHead> = table
        .columns
        .iter()
        .enumerate()
        .map(|(i, c)| ColumnHead {
            name: pick(lang, c.label),
            number: column(i).any(|value| matches!(value, Shown::Fen(_) | Shown::Count(_))),
        })
        .collect();
    let rows = table.rows.iter().map(|row| labelled(&columns, row.iter().map(|value| cell(lang, value)).collect()));
    let rows = rows.collect();
    TableView { caption, columns, rows, foot: None }
}

fn cell(lang: Lang, value: &Option<Shown<'_>>) -> Cell {
    match value {
        None => Cell::default(),
        Some(Shown::Date(date)) => Cell::keep(day(lang, date.as_str())),
        Some(value) => Cell::text(in_words(lang, value)),
    }
}

/// A value in one line.
fn in_words(lang: Lang, value: &Shown<'_>) -> String {
    let join = |values: Vec<String>| values.join(Words::of(lang).comma);
    match value {
        Shown::Text(text) => (*text).to_owned(),
        Shown::Word(label) => pick(lang, *label),
        Shown::Date(date) => day(lang, date.as_str()),
        Shown::Period(p) => period(lang, p),
        Shown::Fen(fen) => money(*fen),
        Shown::Count(count) => count.to_string(),
        Shown::Id(id) => id.clone(),
        Shown::List(values) => join(values.iter().map(|v| in_words(lang, v)).collect()),
        Shown::Record(fields) => join(fields.iter().map(|f| in_words(lang, &f.value)).collect()),
        Shown::Table(table) => {
            let rows = table.rows.iter().map(|row| row.iter().flatten().map(|v| in_words(lang, v)).collect::<Vec<_>>());
            rows.map(|row| row.join(" ")).collect::<Vec<_>>().join("; ")
        }
    }
}

fn pick(lang: Lang, label: Label) -> String {
    lang.pick(label.zh, label.en).to_owned()
}
