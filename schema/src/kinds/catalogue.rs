//! `catalogue` 公开目录: a new disclosure catalogue (chain `root`).

use super::admit::{Books, Context, Findings};
use super::control_note::ControlNote;
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::Attachment;
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::catalogue::Catalogue;
use crate::json::{JsonError, record};

record! {
    /// The control of a new catalogue.
    pub struct NewCatalogue {
        catalogue "公开目录", "Catalogue": Catalogue,
    }
}

impl ControlRecord for NewCatalogue {
    fn grants(&self) -> &[KeyGrant] {
        &[]
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        self.catalogue.check_shape()
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = ControlNote;

    const SORT: Sort = Sort::Control { opens: false, own_keys: false, approval: Approval::Roots };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: Some(
            r#"{
  "catalogue": {
    "version": 2,
    "items": [
      {"code": "V08", "frequency": "monthly", "roles": ["supervision_chair", "village_dir"], "issuers": ["village_committee"], "audience": "public", "pii": "none", "days": 15}
    ],
    "kinds": [{"kind": "notice", "rels": ["about"]}]
  }
}"#,
        ),
        body: r#"{"title": "公开目录第2版", "text": ["补贴补助资金改为每月公开。"]}"#,
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
