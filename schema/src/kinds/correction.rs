//! `correction` 更正: why, what changes, and the full body that takes the place of an earlier one.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::{Attachment, Salt};
use super::spec::{ControlRecord, KindSpec, Sort};
use super::{Body, Kind};
use crate::error_code::ErrorCode;
use crate::json::{JsonError, Value, record};

record! {
    /// The control of a correction.
    pub struct CorrectionOf {
        /// The kind of the replacement.
        of "更正的是", "Corrects": Kind,
    }
}

record! {
    /// One change that a correction makes.
    pub struct Change {
        /// Such as a voucher number and a column.
        place "哪一处", "Where": String,
        before "原来写的", "Before": String,
        after "更正为", "After": String,
    }
}

record! {
    /// The body of a correction.
    pub struct Correction {
        salt: Salt,
        title: String,
        reason "为什么更正", "Why": String,
        changes "改了什么", "What changed": Vec<Change>,
        /// A full body of the kind that the control names.
        replacement: Value,
    }
}

impl Correction {
    /// Returns the replacement, understood by the kind that it replaces (the statement's `control.of`).
    pub fn replacement(&self, of: Kind) -> Result<Body, JsonError> {
        Body::parse(of, &crate::json::to_canonical(&self.replacement)).map_err(|e| e.within("replacement"))
    }
}

impl ControlRecord for CorrectionOf {
    fn grants(&self) -> &[KeyGrant] {
        &[]
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        Ok(())
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = Correction;

    const SORT: Sort = Sort::Amendment { more_roles: &[] };

    const EXAMPLE: Example = Example {
        code: Some("D03"),
        period: Some("2026-Q1"),
        control: Some(r#"{"of": "notice"}"#),
        body: r#"{
  "title": "更正: 2026年第一季度三会一课开展情况",
  "reason": "支委会次数漏记一次。",
  "changes": [{"place": "内容", "before": "支委会3次", "after": "支委会4次"}],
  "replacement": {
    "title": "2026年第一季度三会一课开展情况",
    "text": ["本季度开展党员大会1次、支委会4次、党课1次。"]
  }
}"#,
    };

    fn attachments(_: &Correction) -> &[Attachment] {
        &[]
    }

    fn number(_: &Correction) -> Option<&str> {
        None
    }

    /// The replacement is checked like a body of its own, by [`crate::admission::check`].
    fn admit<B: Books>(body: &Correction, _: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        out.unless(!body.changes.is_empty(), ErrorCode::Changes, "changes");
        Ok(())
    }
}
