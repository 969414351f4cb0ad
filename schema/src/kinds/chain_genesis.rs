//! `chain_genesis` 村账开立: a chain's first entry. It names the reporting unit, its organisations and first keys, and
//! the balances with which the books begin.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, Findings};
use super::example::Example;
use super::grant::KeyGrant;
use super::month_book::{self, AccountBalance};
use super::parts::{Attachment, PersonName, Salt};
use super::spec::{Approval, ControlRecord, KindSpec, Sort};
use crate::catalogue::Profile;
use crate::crypto::hash::Hash;
use crate::date::{Date, Period};
use crate::error_code::ErrorCode;
use crate::json::{JsonError, record};
use crate::record::statement::{Issuer, OrgKind, UnitCode};

record! {
    /// The control of a chain genesis.
    pub struct ChainGenesis {
        unit "单位代码", "Unit code": UnitCode,
        /// The year of the code list that has the unit's code.
        unit_year "代码年份", "Year of the code list": u64,
        /// Who may issue in this chain.
        organisations "公开主体", "Organisations": Vec<Issuer>,
        /// The initial ring, sorted by key id.
        keys "钥匙", "Keys": Vec<KeyGrant>,
        /// Digest of the catalogue in force.
        catalogue "公开目录", "Catalogue": Hash,
        profile "县级规则", "County profile": Profile,
    }
}

record! {
    /// An organisation's name.
    pub struct OrgName {
        kind "类别", "Kind": OrgKind,
        name "名称", "Name": String,
    }
}

record! {
    /// 期初余额: balances on the day the chain was opened.
    pub struct Opening {
        /// The day at whose end the balances were so.
        date "截止日", "At the end of": Date,
        /// Debit positive.
        balances "余额", "Balances": Vec<AccountBalance>,
    }
}

impl Opening {
    /// Returns the month that the balances open: the one after their day, which is the last of a month.
    pub fn month(&self) -> Option<Period> {
        self.date.month().next_month()
    }
}

record! {
    /// The body of a chain genesis.
    pub struct ChainGenesisBody {
        salt: Salt,
        title: String,
        /// In full, with county and township.
        unit_name "单位", "Unit": String,
        organisations "公开主体", "Organisations": Vec<OrgName>,
        /// Who holds the first keys.
        keys "谁有资格签字", "Who may sign": Vec<PersonName>,
        opening "开账时的余额", "Opening balances": Opening,
        /// An office's telephone.
        contact [opt] "不明白问谁", "Whom to ask": String,
        text [opt] "说明", "Explanation": Vec<String>,
    }
}

impl ControlRecord for ChainGenesis {
    fn grants(&self) -> &[KeyGrant] {
        &self.keys
    }

    fn check_shape(&self) -> Result<(), JsonError> {
        Ok(())
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = ChainGenesisBody;

    const SORT: Sort = Sort::Control { opens: true, own_keys: false, approval: Approval::Authority };

    const EXAMPLE: Example = Example {
        code: None,
        period: None,
        control: Some(
            r#"{
  "unit": "379999100201",
  "unit_year": 2026,
  "organisations": [
    {"kind": "village_committee", "uscc": "54379999ME000001X1"},
    {"kind": "collective", "uscc": "N2379999MF00000137"},
    {"kind": "party_organisation"},
    {"kind": "supervision_committee"}
  ],
  "keys": [
    {"key": "AYqHX/8es4RRV3rNWv7kBUVlaN18ieCQhjoFV7x69J8X", "roles": ["authority"], "scope": "379999100", "holder": "00000000000000000000000000000002"},
    {"key": "AcqTrBcFGHBx1nuDx/8O/oEI6OxFMFdddyaHkzPb2r58", "roles": ["chief_accountant"], "scope": "379999100201", "holder": "00000000000000000000000000000003"}
  ],
  "catalogue": "sha256:50d858e0985ecc7f60418aaf0cc5ab587f42c2570a884095a9e8ccacd0f6545c",
  "profile": {
    "version": 1, "cash_limit_fen": 1000000, "major_amount_fen": 1000000, "month_due_days": 15,
    "quarter_due_days": 15, "event_due_days": 10, "display_days": 15, "reply_days": 7
  }
}"#,
        ),
        body: r#"{
  "title": "村账开立",
  "unit_name": "示例县清河镇柳溪村",
  "organisations": [
    {"kind": "village_committee", "name": "柳溪村村民委员会"},
    {"kind": "collective", "name": "柳溪村股份经济合作社"},
    {"kind": "party_organisation", "name": "柳溪村党支部"},
    {"kind": "supervision_committee", "name": "柳溪村村务监督委员会"}
  ],
  "keys": [
    {"keyid": "85f9e8a6135224c7f1653ad9c8175dfc975555bd69093ff98d48030fd8ba106c", "name": "镇经管站", "office": "清河镇经管站"},
    {"keyid": "a07713a7619c511b4cc984ae9cc1e4d92cd7e6f88dc7f65fc1b53c774a7c76c5", "name": "会计(姓名)", "office": "村会计"}
  ],
  "opening": {"date": "2025-12-31", "balances": [{"account": "101", "fen": 186250}, {"account": "301", "fen": -186250}]},
  "contact": "清河镇经管站 0999-0000000"
}"#,
    };

    fn attachments(_: &ChainGenesisBody) -> &[Attachment] {
        &[]
    }

    fn number(_: &ChainGenesisBody) -> Option<&str> {
        None
    }

    fn admit<B: Books>(body: &ChainGenesisBody, _: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        let balances = &body.opening.balances;
        month_book::check_balances(balances, "opening.balances", out);
        let sum = balances.iter().fold(0i64, |s, b| s.saturating_add(b.fen));
        out.unless(sum == 0, ErrorCode::Balance, "opening.balances");
        Ok(())
    }
}
