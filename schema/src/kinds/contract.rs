//! `contract` 经济合同: a contract of the collective.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, FEN_MAX, Findings};
use super::example::Example;
use super::parts::{Attachment, Salt};
use super::spec::{Items, KindSpec, Sort};
use crate::date::Date;
use crate::error_code::ErrorCode;
use crate::json::{record, words};
use crate::record::statement::{Rel, Uscc};

words! {
    /// 合同类别.
    pub enum ContractKind {
        Contracting = "contracting", "发包", "contracting out";
        Lease = "lease", "租赁", "lease";
        Works = "works", "施工", "works";
        Purchase = "purchase", "采购", "purchase";
        Investment = "investment", "投资", "investment";
        Other = "other", "其他", "other";
    }
}

record! {
    /// The body of a contract.
    pub struct Contract {
        salt: Salt,
        title: String,
        /// `HT-2026-002`.
        no "编号", "Number": String,
        kind "合同类别", "Kind of contract": ContractKind,
        subject "标的", "Subject": String,
        counterparty "对方", "To or from": String,
        /// Of the counterparty.
        uscc [opt] "统一社会信用代码", "Credit code": Uscc,
        start "开始", "From": Date,
        end "到期", "Until": Date,
        total_fen [opt] "总价", "Price": i64,
        annual_fen [opt] "每年", "Per year": i64,
        /// When the yearly sums are due, in words.
        due [opt] "付款日", "Payable on": String,
        award_mode "怎么定的", "How awarded": String,
        /// `JY-…`.
        decision [opt] "决议", "Decision": String,
        /// `ZB-…`.
        tender [opt] "招标", "Tender": String,
        /// `XM-…`.
        project [opt] "项目", "Project": String,
        attachments [opt]: Vec<Attachment>,
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = Contract;

    const SORT: Sort =
        Sort::Disclosure { periods: false, items: Items::Like("F17"), rels: &[Rel::Implements, Rel::About] };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: None,
        body: r#"{
  "title": "村内道路硬化二期施工合同",
  "no": "HT-2026-002",
  "kind": "works",
  "subject": "村内道路硬化二期",
  "counterparty": "示例县宏达市政工程有限公司",
  "start": "2026-03-05",
  "end": "2026-05-10",
  "total_fen": 26800000,
  "award_mode": "镇小型工程平台公开比选(3家)",
  "decision": "JY-2026-001",
  "project": "XM-2026-01"
}
"#,
    };

    fn attachments(body: &Contract) -> &[Attachment] {
        body.attachments.as_deref().unwrap_or_default()
    }

    fn number(body: &Contract) -> Option<&str> {
        Some(&body.no)
    }

    fn admit<B: Books>(body: &Contract, _: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        out.unless(body.start <= body.end, ErrorCode::Date, "end");
        for (fen, place) in [(body.total_fen, "total_fen"), (body.annual_fen, "annual_fen")] {
            out.unless(fen.is_none_or(|f| (1..=FEN_MAX).contains(&f)), ErrorCode::Amount, place);
        }
        Ok(())
    }
}
