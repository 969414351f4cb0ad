//! `profile` 县级规则: a new county profile: deadlines, thresholds, additional signatures (not in `root`).

use super::admit::{Books, Context, Findings};
use super::control_note::ControlNote;
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::Attachment;
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::catalogue::Profile;
use crate::json::{JsonError, record};

record! {
    /// The control of a new profile.
    pub struct NewProfile {
        profile "县级规则", "County profile": Profile,
    }
}

impl ControlRecord for NewProfile {
    fn grants(&self) -> &[KeyGrant] {
        &[]
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        Ok(())
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = ControlNote;

    const SORT: Sort = Sort::Control { opens: false, own_keys: false, approval: Approval::Authority };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: Some(
            r#"{
  "profile": {
    "version": 2,
    "cash_limit_fen": 1000000,
    "major_amount_fen": 1000000,
    "month_due_days": 15,
    "quarter_due_days": 15,
    "event_due_days": 10,
    "display_days": 15,
    "reply_days": 7
  }
}"#,
        ),
        body: r#"{"title": "县级规则第2版", "text": ["大额支出起点改为1万元。"]}"#,
    };

    fn attachments(_: &ControlNote) -> &[Attachment] {
        &[]
    }

    fn number(_: &ControlNote) -> Option<&str> {
        None
    }

    fn admit<B: Books>(_: &ControlNote, _: &Context<'_, B>, _: &mut Findings) -> Result<(), B::Error> {
        Ok(())
    }
}
