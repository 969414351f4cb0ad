//! The kinds of statement and what each of them says.
//!
//! A **body** is what residents read: JSON, outside the log, addressed by SHA-256 in the statement. Every body starts with
//! a random `salt` and a `title`. Money is integer 分 (fen), areas integer 千分之一亩. A **control** is a member of the
//! statement itself: with it every ring is computable from tiles alone.
//!
//! # A new kind
//!
//! 1. A file `kinds/<kind>.rs` with its body (a [`record!`](crate::json), labels for what people read), its control if it
//!    has one, and `impl KindSpec for Spec`: what it does in a chain, its files, its admission rules, an example.
//! 2. Its `mod` line and its line in the table below.
//! 3. `FORMAT.md`: Kinds, Controls, Bodies, Admission.
//! 4. Its word in `tests/verifier/sanwu/statement.py`: the second verifier refuses a catalogue that names a kind which it
//!    does not know, as any older program does.
//!
//! The table gives [`Kind`], [`Body`] and [`Control`], parsing and every question about a kind. What the kind's file leaves
//! out does not compile; tests read and admit the example of every kind in the table, and look for its labels and for
//! its lines in `FORMAT.md`. The vectors stay as they are: their catalogue names its kinds. Pages and programs show a body
//! that they have no layout for by its labels ([`Body::fields`]). A control kind also needs its arm in `validity`.

pub mod admit;
mod cash_flow;
mod cash_statement;
mod catalogue;
mod chain_genesis;
mod contract;
mod control_note;
mod correction;
mod decision;
pub mod derive;
mod erasure;
pub mod example;
mod grant;
mod log_genesis;
mod log_key;
mod month_book;
mod nil_return;
mod notice;
mod parts;
mod payments;
mod profile;
mod receipts;
mod revoke;
mod rules;
mod spec;
mod table;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use self::admit::{Books, Context, Findings};
use self::spec::{ControlRecord, KindSpec};
use crate::error_code::ErrorCode;
use crate::json::{Canon, JsonError, Value, from_canonical, from_json, to_canonical, to_text, words};
use crate::labels::{Field, Labelled};
use crate::record::statement::{Statement, roles_sorted};

pub use cash_flow::{CashFlow, FlowLine};
pub use cash_statement::{CashAccount, CashStatement, CashTotals};
pub use catalogue::NewCatalogue;
pub use chain_genesis::{ChainGenesis, ChainGenesisBody, Opening, OrgName};
pub use contract::{Contract, ContractKind};
pub use control_note::ControlNote;
pub use correction::{Change, Correction, CorrectionOf};
pub use decision::{Decision, Meeting, Step, StepKind};
pub use erasure::{Erased, ErasureNote, ErasureOf};
pub use example::Example;
pub use grant::{GrantBody, KeyGrant};
pub use log_genesis::{LogGenesis, LogGenesisBody, Purpose};
pub use log_key::LogKeys;
pub use month_book::{AccountBalance, CashLine, MonthBook, Side, VOUCHERS_MAX, Voucher, VoucherLine};
pub use nil_return::NilReturn;
pub use notice::{Notice, Table};
pub use parts::{Attachment, PersonName, Salt};
pub use profile::NewProfile;
pub use revoke::Revocation;
pub use rules::Adoption;
pub use spec::{Approval, Items, Sort};

/// Largest body: 2,000 vouchers of some 400 bytes, and half as much again.
pub const BODY_BYTES_MAX: usize = 1_200_000;

// file: Kind(Body) with Control = word, Chinese, English. The order is that of `FORMAT.md`, and of every catalogue.
table::kinds! {
    log_genesis: LogGenesis(LogGenesisBody) with LogGenesis = "log_genesis", "账本开立", "log genesis";
    chain_genesis: ChainGenesis(ChainGenesisBody) with ChainGenesis = "chain_genesis", "村账开立", "chain genesis";
    grant: Grant(GrantBody) with KeyGrant = "grant", "钥匙登记", "key granted";
    revoke: Revoke(ControlNote) with Revocation = "revoke", "钥匙注销", "key revoked";
    log_key: LogKey(ControlNote) with LogKeys = "log_key", "总账签发钥匙", "log keys";
    catalogue: Catalogue(ControlNote) with NewCatalogue = "catalogue", "公开目录", "disclosure catalogue";
    profile: Profile(ControlNote) with NewProfile = "profile", "县级规则", "county profile";
    rules: Rules(ControlNote) with Adoption = "rules", "改用新目录", "rules adopted";
    month_book: MonthBook(MonthBook) = "month_book", "记账凭证", "month book";
    receipts: Receipts(CashFlow) = "receipts", "各项收入逐笔明细", "receipts";
    payments: Payments(CashFlow) = "payments", "各项支出逐笔明细", "payments";
    cash_statement: CashStatement(CashStatement) = "cash_statement", "货币资金收支结余表", "cash statement";
    decision: Decision(Decision) = "decision", "四议两公开决议", "decision";
    contract: Contract(Contract) = "contract", "经济合同", "contract";
    notice: Notice(Notice) = "notice", "公开事项", "notice";
    nil_return: NilReturn(NilReturn) = "nil_return", "零报告", "nil return";
    correction: Correction(Correction) with CorrectionOf = "correction", "更正", "correction";
    erasure: Erasure(ErasureNote) with ErasureOf = "erasure", "个人信息删除", "erasure";
}

impl Body {
    /// Parses the exact bytes of a body of that kind.
    pub fn parse(kind: Kind, bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.len() > BODY_BYTES_MAX {
            return Err(JsonError::new(ErrorCode::Length, "body"));
        }
        Self::from_bytes(kind, bytes)
    }

    /// Returns the body as a JSON value, for checks that look at every text.
    pub fn to_value(&self) -> Result<Value, JsonError> {
        crate::json::parse(&self.to_bytes())
    }

    /// Returns the content in force: of a correction its replacement, otherwise the body itself.
    pub fn effective(self, statement: &Statement) -> Result<Self, JsonError> {
        match &self {
            Self::Correction(correction) => correction.replacement(statement.content_kind()),
            _ => Ok(self),
        }
    }
}

impl Control {
    /// Reads the control of a statement of that kind.
    pub fn read(kind: Kind, value: &Value) -> Result<Self, JsonError> {
        let control = Self::from_value(kind, value)?.ok_or_else(|| JsonError::new(ErrorCode::Control, "control"))?;
        let bad = |place: &str| Err(JsonError::new(ErrorCode::JsonValue, place));
        let grants = control.grants();
        if grants.iter().any(|g| g.roles.is_empty() || !roles_sorted(&g.roles)) {
            return bad("control.keys.roles");
        }
        if !grants.windows(2).all(|w| matches!(w, [a, b] if a.key.key_id() < b.key.key_id())) {
            return bad("control.keys");
        }
        control.check_shape()?;
        Ok(control)
    }
}
