//! `payments` 各项支出逐笔明细: F03, every payment of a month. Follows from the month book.

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

    const SORT: Sort = Sort::Disclosure { periods: true, items: Items::Only(&["F03"]), rels: &[Rel::About] };

    const EXAMPLE: Example = Example {
        code: Some("F03"),
        period: Some("2026-01"),
        control: None,
        body: r#"{
  "title": "2026年1月各项支出逐笔明细",
  "period": "2026-01",
  "lines": [
    {"no": "记-2026-01-003", "date": "2026-01-20", "summary": "付村内道路养护费", "item": "公益支出", "counterparty": "示例县宏达市政工程有限公司", "fen": 120000, "decision": "JY-2026-001"}
  ],
  "total_fen": 120000
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
            cash_flow::check(body, derive::payments(&book, body.salt.clone()), out);
        }
        Ok(())
    }
}
