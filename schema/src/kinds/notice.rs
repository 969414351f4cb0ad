//! `notice` 公开事项: text and a table, for every item that has no form of its own.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::example::Example;
use super::parts::{Attachment, Salt};
use super::spec::{Items, KindSpec, Sort};
use crate::date::Date;
use crate::error_code::ErrorCode;
use crate::json::record;
use crate::record::statement::Rel;

record! {
    /// A table of texts.
    pub struct Table {
        columns "栏目", "Columns": Vec<String>,
        /// Each as long as `columns`.
        rows "各行", "Rows": Vec<Vec<String>>,
    }
}

record! {
    /// The body of a notice.
    pub struct Notice {
        salt: Salt,
        title: String,
        /// Paragraphs.
        text "内容", "Text": Vec<String>,
        table [opt] "附表", "Table": Table,
        display_start [opt] "公示起", "On display from": Date,
        display_end [opt] "公示止", "On display until": Date,
        attachments [opt]: Vec<Attachment>,
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = Notice;

    const SORT: Sort =
        Sort::Disclosure { periods: true, items: Items::Rest, rels: &[Rel::Implements, Rel::Fulfils, Rel::About] };

    const EXAMPLE: Example = Example {
        code: Some("D03"),
        period: Some("2026-Q1"),
        control: None,
        body: r#"{
  "title": "2026年第一季度三会一课开展情况",
  "text": ["本季度开展党员大会1次、支委会3次、党课1次。"],
  "table": {"columns": ["日期", "内容"], "rows": [["2026-01-15", "党员大会"], ["2026-02-10", "党课"]]},
  "display_start": "2026-04-01",
  "display_end": "2026-04-16"
}
"#,
    };

    fn attachments(body: &Notice) -> &[Attachment] {
        body.attachments.as_deref().unwrap_or_default()
    }

    fn number(_: &Notice) -> Option<&str> {
        None
    }

    fn admit<B: Books>(body: &Notice, _: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        out.unless(!body.text.is_empty() || body.table.is_some(), ErrorCode::Text, "text");
        if let Some(table) = &body.table {
            out.unless(!table.columns.is_empty(), ErrorCode::TableShape, "table.columns");
            for (i, row) in table.rows.iter().enumerate() {
                out.unless(row.len() == table.columns.len(), ErrorCode::TableShape, format!("table.rows[{i}]"));
            }
        }
        if let (Some(start), Some(end)) = (&body.display_start, &body.display_end) {
            out.unless(start <= end, ErrorCode::Date, "display_end");
        }
        Ok(())
    }
}
