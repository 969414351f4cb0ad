//! `rules` 改用新目录: a chain adopts the catalogue that is in force in `root`.

use super::admit::{Books, Context, Findings};
use super::control_note::ControlNote;
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::Attachment;
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::crypto::hash::Hash;
use crate::json::{JsonError, record};

record! {
    /// The control of an adoption.
    pub struct Adoption {
        /// Digest of the catalogue.
        catalogue "公开目录", "Catalogue": Hash,
    }
}

impl ControlRecord for Adoption {
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
        control: Some(r#"{"catalogue": "sha256:50d858e0985ecc7f60418aaf0cc5ab587f42c2570a884095a9e8ccacd0f6545c"}"#),
        body: r#"{"title": "改用公开目录第2版", "text": ["本村自下月起按新目录公开。"]}"#,
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
