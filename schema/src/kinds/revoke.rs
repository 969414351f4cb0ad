//! `revoke` 钥匙注销: keys leave the chain's ring.

use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::control_note::ControlNote;
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::Attachment;
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::crypto::key::KeyId;
use crate::error_code::ErrorCode;
use crate::json::{JsonError, record};

record! {
    /// The control of a revocation.
    pub struct Revocation {
        /// Sorted, not empty.
        keys "钥匙", "Keys": Vec<KeyId>,
        /// From which place in the chain their statements are to be looked at again (a finding, never invalid).
        suspect_from [opt] "可疑起点", "Suspect from": u64,
    }
}

impl ControlRecord for Revocation {
    fn grants(&self) -> &[KeyGrant] {
        &[]
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        if self.keys.is_empty() || !self.keys.windows(2).all(|w| matches!(w, [a, b] if a < b)) {
            return Err(JsonError::new(ErrorCode::JsonValue, "control.keys"));
        }
        Ok(())
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = ControlNote;

    const SORT: Sort = Sort::Control { opens: false, own_keys: false, approval: Approval::Revocation };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: Some(r#"{"keys": ["b7aad8bfb5dfa91211a3e3f1be1a65bce503a7c436837f0f4875bb4d0774431c"]}"#),
        body: r#"{"title": "钥匙注销: 村委会主任", "text": ["任期届满, 钥匙停用。"]}"#,
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
