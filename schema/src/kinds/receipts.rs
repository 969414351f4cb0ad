//! `receipts` 各项收入逐笔明细: F02, every receipt of a month. Follows from the month book.

use super::admit::{Books, Context, Findings};
use super::cash_flow::{self, CashFlow};
use super::derive;
use super::example::Example;
use super::parts::Attachment;
use super::spec::{Items, KindSpec, Sort};
use crate::record::statement::Rel;

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = CashFlow;

    const SORT: Sort = Sort::Disclosure { periods: true, items: Items::Only(&["F02"]), rels: &[Rel::About] };

    const EXAMPLE: Example = Example {
        code: Some("F02"),
        period: Some("2026-01"),
        control: None,
        body: r#"{
  "title": "2026年1月各项收入逐笔明细",
  "period": "2026-01",
  "lines": [
    {"no": "记-2026-01-001", "date": "2026-01-05", "summary": "收三组承包费", "item": "发包收入", "counterparty": "示例村三组", "fen": 440000}
  ],
  "total_fen": 440000
}"#,
    };

    fn attachments(body: &CashFlow) -> &[Attachment] {
        body.attachments.as_deref().unwrap_or_default()
    }

    fn number(_: &CashFlow) -> Option<&str> {
        None
    }

    fn admit<B: Books>(body: &CashFlow, on: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        if let Some(book) = on.book(&body.period, out)? {
            cash_flow::check(body, derive::receipts(&book, body.salt.clone()), out);
        }
        Ok(())
    }
}
