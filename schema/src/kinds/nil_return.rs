//! `nil_return` 零报告: there was nothing in this period, and the signers answer for that.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::derive;
use super::example::Example;
use super::parts::{Attachment, Salt};
use super::spec::{Items, KindSpec, Sort};
use crate::date::Period;
use crate::error_code::ErrorCode;
use crate::json::record;
use crate::record::statement::Rel;

record! {
    /// The body of a nil return.
    pub struct NilReturn {
        salt: Salt,
        title: String,
        period "期间", "Period": Period,
        text "说明", "Explanation": Vec<String>,
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = NilReturn;

    const SORT: Sort = Sort::Disclosure { periods: true, items: Items::Any, rels: &[Rel::About] };

    const EXAMPLE: Example = Example {
        code: Some("V08"),
        period: Some("2026-Q1"),
        control: None,
        body: r#"{
  "title": "2026年第一季度政府拨付救灾救助资金物资(零报告)",
  "period": "2026-Q1",
  "text": ["2026年第一季度没有此项内容。"]
}"#,
    };

    fn attachments(_: &NilReturn) -> &[Attachment] {
        &[]
    }

    fn number(_: &NilReturn) -> Option<&str> {
        None
    }

    fn admit<B: Books>(body: &NilReturn, on: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        on.same_period(&body.period, out);
        let code = on.statement.code.as_ref().map(|c| c.as_str());
        if matches!(code, Some("F02" | "F03")) {
            let book = on.book(&body.period, out)?;
            let flow = book.and_then(|book| match code {
                Some("F02") => derive::receipts(&book, body.salt.clone()),
                _ => derive::payments(&book, body.salt.clone()),
            });
            out.unless(flow.is_none(), ErrorCode::NotNil, "period");
        }
        Ok(())
    }
}
