//! `erasure` 个人信息删除: the body, or the list of people, of an earlier statement is no longer served.

use alloc::string::String;
use alloc::vec::Vec;

use super::Kind;
use super::admit::{Books, Context, Findings};
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::{Attachment, Salt};
use super::spec::{ControlRecord, KindSpec, Sort};
use crate::json::{JsonError, record, words};
use crate::record::statement::Role;

words! {
    /// What an erasure takes away.
    pub enum Erased {
        Body = "body", "内容", "body";
        Rows = "rows", "名单", "rows";
        Both = "both", "内容和名单", "body and rows";
    }
}

record! {
    /// The control of an erasure.
    pub struct ErasureOf {
        /// The kind of the statement erased from (of a correction: what it replaces).
        of "删除的是", "Erases from": Kind,
        what "删除什么", "What is erased": Erased,
    }
}

record! {
    /// The body of an erasure.
    pub struct ErasureNote {
        salt: Salt,
        title: String,
        basis "依据", "Legal basis": String,
        text "说明", "Explanation": Vec<String>,
    }
}

impl ControlRecord for ErasureOf {
    fn grants(&self) -> &[KeyGrant] {
        &[]
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        Ok(())
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = ErasureNote;

    const SORT: Sort = Sort::Amendment { more_roles: &[Role::Authority, Role::SupervisionChair] };

    const EXAMPLE: Example = Example {
        code: Some("V11"),
        period: None,
        control: Some(r#"{"of": "notice", "what": "both"}"#),
        body: r#"{
  "title": "删除: 低保确认结果名单",
  "basis": "个人信息保护法47",
  "text": ["公示期满, 名单不再公开。"]
}"#,
    };

    fn attachments(_: &ErasureNote) -> &[Attachment] {
        &[]
    }

    fn number(_: &ErasureNote) -> Option<&str> {
        None
    }

    fn admit<B: Books>(_: &ErasureNote, _: &Context<'_, B>, _: &mut Findings) -> Result<(), B::Error> {
        Ok(())
    }
}
