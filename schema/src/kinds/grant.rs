//! `grant` 钥匙登记: a key joins the chain's ring.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::example::Example;
use super::parts::{Attachment, Salt};
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::crypto::key::PublicKey;
use crate::json::{JsonError, record};
use crate::record::statement::{HolderId, Role, Scope};

record! {
    /// A key and what it may do in this chain. The control of a grant; a genesis has a list of them.
    pub struct KeyGrant {
        /// Suite byte ‖ raw key.
        key "公钥", "Public key": PublicKey,
        /// Sorted.
        roles "签字资格", "May sign as": Vec<Role>,
        /// Absent only for `root` keys, which act in no region.
        scope [opt] "地区", "Region": Scope,
        holder "持有人代号", "Holder": HolderId,
    }
}

record! {
    /// The body of a grant.
    pub struct GrantBody {
        salt: Salt,
        title: String,
        name "姓名", "Name": String,
        office "职务", "Office": String,
        /// How the holder came to the office.
        reason [opt] "事由", "Reason": String,
    }
}

impl ControlRecord for KeyGrant {
    fn grants(&self) -> &[KeyGrant] {
        core::slice::from_ref(self)
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        Ok(())
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = GrantBody;

    const SORT: Sort = Sort::Control { opens: false, own_keys: true, approval: Approval::Grant };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: Some(
            r#"{"key": "AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU", "roles": ["village_dir"], "scope": "379999100201", "holder": "00000000000000000000000000000004"}"#,
        ),
        body: r#"{"title": "钥匙登记: 村委会主任", "name": "主任(姓名)", "office": "村委会主任", "reason": "2026年换届选举当选"}"#,
    };

    fn attachments(_: &GrantBody) -> &[Attachment] {
        &[]
    }

    fn number(_: &GrantBody) -> Option<&str> {
        None
    }

    fn admit<B: Books>(_: &GrantBody, _: &Context<'_, B>, _: &mut Findings) -> Result<(), B::Error> {
        Ok(())
    }
}
