//! A record by the labels of its members, on the terminal.

use sanwu_schema::catalogue::account::account_of;
use sanwu_schema::labels::{Column, Field, Shown, Table};

use crate::tables::money::yuan;
use crate::text::Lang;
use crate::ui::table;

/// Returns the members of a body or a control, each under its label; lists of records as tables.
pub fn lines(lang: Lang, fields: &[Field<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    for field in fields {
        let name = lang.pick(field.column.label.zh, field.column.label.en);
        match &field.value {
            Shown::Table(records) if records.rows.is_empty() => {}
            Shown::Table(records) => out.extend([format!("  {name}"), lay_out(lang, records)]),
            Shown::Record(members) if field.column.name == "table" => {
                out.extend([format!("  {name}"), own_table(members)]);
            }
            Shown::Record(members) if members.iter().any(|m| matches!(m.value, Shown::Table(_) | Shown::List(_))) => {
                out.push(format!("  {name}"));
                out.extend(lines(lang, members));
            }
            Shown::List(paragraphs) => {
                out.extend(paragraphs.iter().map(|one| format!("  {name}  {}", words(lang, field.column, one))));
            }
            value => out.push(format!("  {name}  {}", words(lang, field.column, value))),
        }
    }
    out
}

/// Columns in which no record has a value are left out.
fn lay_out(lang: Lang, records: &Table<'_>) -> String {
    let used: Vec<(usize, &Column)> = records
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| records.rows.iter().any(|row| row.get(*at).is_some_and(Option::is_some)))
        .collect();
    let head: Vec<&str> = used.iter().map(|(_, column)| lang.pick(column.label.zh, column.label.en)).collect();
    let cell = |row: &[Option<Shown<'_>>], (at, column): &(usize, &Column)| {
        row.get(*at).and_then(Option::as_ref).map_or_else(String::new, |value| words(lang, column, value))
    };
    let rows: Vec<Vec<String>> =
        records.rows.iter().map(|row| used.iter().map(|place| cell(row, place)).collect()).collect();
    table(&head, &rows)
}

/// A notice's table, whose headings are content.
fn own_table(members: &[Field<'_>]) -> String {
    let list = |name: &str| {
        members.iter().find(|m| m.column.name == name).map_or(&[][..], |m| match &m.value {
            Shown::List(items) => items.as_slice(),
            _ => &[],
        })
    };
    let texts = |items: &[Shown<'_>]| -> Vec<String> {
        items
            .iter()
            .filter_map(|item| if let Shown::Text(text) = item { Some((*text).to_owned()) } else { None })
            .collect()
    };
    let rows = list("rows").iter().map(|row| if let Shown::List(cells) = row { texts(cells) } else { Vec::new() });
    let head = texts(list("columns"));
    table(&head.iter().map(String::as_str).collect::<Vec<_>>(), &rows.collect::<Vec<_>>())
}

/// A value on one line.
fn words(lang: Lang, column: &Column, value: &Shown<'_>) -> String {
    let joined = |items: &[Shown<'_>]| {
        items.iter().map(|item| words(lang, column, item)).collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    match value {
        Shown::Text(code) if column.name == "account" => match account_of(code) {
            Some(account) => format!("{code} {}", lang.pick(account.zh, account.en)),
            None => (*code).to_owned(),
        },
        Shown::Text(text) => (*text).to_owned(),
        Shown::Word(label) => lang.pick(label.zh, label.en).to_owned(),
        Shown::Date(date) => date.to_string(),
        Shown::Period(period) => period.to_string(),
        Shown::Fen(fen) => yuan(*fen),
        Shown::Count(count) => count.to_string(),
        Shown::Id(id) => id.clone(),
        Shown::List(items) => joined(items),
        Shown::Record(fields) => {
            let each = fields.iter().map(|field| {
                let name = lang.pick(field.column.label.zh, field.column.label.en);
                format!("{name} {}", words(lang, field.column, &field.value))
            });
            each.collect::<Vec<_>>().join(", ")
        }
        Shown::Table(records) => {
            let row = |row: &Vec<Option<Shown<'_>>>| {
                let values = records.columns.iter().zip(row).filter_map(|(c, v)| Some(words(lang, c, v.as_ref()?)));
                values.collect::<Vec<_>>().join(" ")
            };
            records.rows.iter().map(row).collect::<Vec<_>>().join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use sanwu_schema::kinds::Kind;

    use super::*;

    #[test]
    fn every_kind_is_shown_by_its_labels() {
        for kind in Kind::ALL.iter().copied() {
            let (body, control) = kind.example().read(kind).expect("an example");
            for (lang, is_zh) in [(Lang::Zh, true), (Lang::En, false)] {
                let fields = body.fields().into_iter().chain(control.iter().flat_map(|c| c.fields()));
                let fields: Vec<Field<'_>> = fields.collect();
                let text = lines(lang, &fields).join("\n");
                for field in &fields {
                    let label = field.column.label;
                    assert!(text.contains(if is_zh { label.zh } else { label.en }), "{kind} {label:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_decision_reads_as_on_paper() {
        let (body, _) = Kind::Decision.example().read(Kind::Decision).expect("an example");
        let text = lines(Lang::Zh, &body.fields()).join("\n");
        for line in ["  编号  JY-2026-001", "  批准金额  270,000.00", "  决议内容  同意立项, 预算27万元。"]
        {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(text.contains("村民代表会议") && text.contains("2026-01-22"), "{text}");
    }
}
