//! `log_genesis` 账本开立: the log's first entry. It appoints the root keys and puts the catalogue in force.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::{Attachment, PersonName, Salt};
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::catalogue::Catalogue;
use crate::json::{JsonError, record, words};

words! {
    /// What a log is for; fixed by its first entry.
    pub enum Purpose {
        Live = "live", "正式", "live";
        Test = "test", "演示", "test";
    }
}

record! {
    /// The control of a log genesis.
    pub struct LogGenesis {
        purpose "用途", "Purpose": Purpose,
        /// How many root keys of different persons must sign changes of roots, log keys and catalogue.
        threshold "根钥匙签字数", "Root keys that must sign": u64,
        /// Suite bytes of the signatures that entries may have.
        suites "签名算法", "Signature suites": Vec<u64>,
        /// The root keys, sorted by key id.
        keys "根钥匙", "Root keys": Vec<KeyGrant>,
        /// The keys that sign the log's checkpoints (C2SP vkey text).
        log_vkeys "总账签发钥匙", "Log keys": Vec<String>,
        catalogue "公开目录", "Catalogue": Catalogue,
    }
}

record! {
    /// The body of a log genesis.
    pub struct LogGenesisBody {
        salt: Salt,
        title: String,
        operator "主办单位", "Operated by": String,
        /// Who holds the root keys.
        keys "谁有资格签字", "Who may sign": Vec<PersonName>,
        text [opt] "说明", "Explanation": Vec<String>,
    }
}

impl ControlRecord for LogGenesis {
    fn grants(&self) -> &[KeyGrant] {
        &self.keys
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        self.catalogue.check_shape()
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = LogGenesisBody;

    const SORT: Sort = Sort::Control { opens: true, own_keys: true, approval: Approval::Roots };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: Some(
            r#"{
  "purpose": "test",
  "threshold": 1,
  "suites": [1],
  "keys": [
    {"key": "Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR", "roles": ["root"], "holder": "00000000000000000000000000000001"}
  ],
  "log_vkeys": ["sanwu.example/379999100+502f5f7e+Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"],
  "catalogue": {
    "version": 1,
    "items": [
      {"code": "V08", "frequency": "quarterly", "roles": ["supervision_chair", "village_dir"], "issuers": ["village_committee"], "audience": "public", "pii": "none", "days": 15}
    ],
    "kinds": [{"kind": "notice", "rels": ["about"]}]
  }
}"#,
        ),
        body: r#"{
  "title": "账本开立",
  "operator": "示例县清河镇",
  "keys": [
    {"keyid": "29befc63bb643231c43ab92e1adcf9ffd3be9cdb8ab27795b6e11f3ad3951a69", "name": "根钥匙保管人(姓名)", "office": "镇长"}
  ]
}"#,
    };

    fn attachments(_: &LogGenesisBody) -> &[Attachment] {
        &[]
    }

    fn number(_: &LogGenesisBody) -> Option<&str> {
        None
    }

    fn admit<B: Books>(_: &LogGenesisBody, _: &Context<'_, B>, _: &mut Findings) -> Result<(), B::Error> {
        Ok(())
    }
}
