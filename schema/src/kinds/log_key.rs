//! `log_key` 总账签发钥匙: the keys that sign the log's checkpoints from here on (chain `root`).

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::control_note::ControlNote;
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::Attachment;
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::json::{JsonError, record};

record! {
    /// The control of a change of log keys. During a change old and new are both listed and both sign.
    pub struct LogKeys {
        /// All of the log's verifier keys (C2SP vkey text), the first of them of type 0x01.
        log_vkeys "总账签发钥匙", "Log keys": Vec<String>,
    }
}

impl ControlRecord for LogKeys {
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

    const SORT: Sort = Sort::Control { opens: false, own_keys: false, approval: Approval::Roots };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: Some(
            r#"{"log_vkeys": ["sanwu.example/379999100+502f5f7e+Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"]}"#,
        ),
        body: r#"{"title": "更换总账签发钥匙", "text": ["旧钥匙保管人离任, 换用新钥匙。"]}"#,
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
