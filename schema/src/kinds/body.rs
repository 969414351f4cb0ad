//! The bodies: what residents read. JSON, outside the log, addressed by SHA-256 in the statement.
//!
//! Every body starts with a random `salt`, so that its digest tells nothing about a content one could guess,
//! and a `title`. Money is integer 分 (fen), areas integer 千分之一亩.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::crypto::key::KeyId;
use crate::date::{Date, Period};
use crate::error_code::ErrorCode;
use crate::json::{Canon, JsonError, Value, from_canonical, record, shaped_text, to_canonical};
use crate::kinds::Kind;
use crate::record::statement::{OrgKind, Statement};

pub use super::finance::{
    AccountBalance, CashAccount, CashFlow, CashLine, CashStatement, CashTotals, FlowLine, MonthBook, Side, Voucher,
    VoucherLine,
};
pub use super::notice::{
    Change, Contract, ContractKind, Correction, Decision, ErasureNote, Meeting, NilReturn, Notice, Step, StepKind,
    Table,
};

/// Largest body: 2,000 vouchers of some 400 bytes, and half as much again.
pub const BODY_BYTES_MAX: usize = 1_200_000;

shaped_text! {
    /// A random 128-bit salt: 32 hex digits.
    Salt, |t| t.len() == 32 && t.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

record! {
    /// A file that belongs to a body.
    pub struct Attachment {
        /// SHA-256 of what is stored: the file, or 16 random bytes and the file when personal data may stand in it.
        digest: Hash,
        /// Length of what is stored.
        size: u64,
        /// For example `application/pdf`.
        media_type: String,
        /// What it is called.
        name: String,
        /// Whether 16 random bytes stand before the file.
        salted: bool,
    }
}

record! {
    /// Name and office of a key's holder.
    pub struct PersonName {
        /// The key.
        keyid: KeyId,
        /// The name.
        name: String,
        /// The office.
        office: String,
    }
}

record! {
    /// An organisation's name.
    pub struct OrgName {
        /// Which body.
        kind: OrgKind,
        /// Its name.
        name: String,
    }
}

record! {
    /// Body of a log genesis.
    pub struct LogGenesisBody {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// Who runs the log.
        operator: String,
        /// The root key holders.
        keys: Vec<PersonName>,
        /// Remarks.
        text [opt]: Vec<String>,
    }
}

record! {
    /// 期初余额: balances on the day the chain was opened, debit positive.
    pub struct Opening {
        /// The day at whose end they stood.
        date: Date,
        /// The balances.
        balances: Vec<AccountBalance>,
    }
}

impl Opening {
    /// Returns the month that the balances open: the one after their day, which is the last of a month.
    pub fn month(&self) -> Option<Period> {
        self.date.month().next_month()
    }
}

record! {
    /// Body of a chain genesis.
    pub struct ChainGenesisBody {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// The unit's full name.
        unit_name: String,
        /// The organisations' names.
        organisations: Vec<OrgName>,
        /// The first key holders.
        keys: Vec<PersonName>,
        /// Opening balances.
        opening: Opening,
        /// Whom residents ask (an office's telephone).
        contact [opt]: String,
        /// Remarks.
        text [opt]: Vec<String>,
    }
}

record! {
    /// Body of a grant.
    pub struct GrantBody {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// The holder's name.
        name: String,
        /// The holder's office.
        office: String,
        /// How the holder came to the office.
        reason [opt]: String,
    }
}

record! {
    /// Body of the other control kinds (revoke, catalogue, profile, rules): words for people.
    pub struct ControlNote {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// Why.
        text: Vec<String>,
    }
}

/// A body, understood by its statement's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Body {
    LogGenesis(LogGenesisBody),
    ChainGenesis(ChainGenesisBody),
    Grant(GrantBody),
    Control(ControlNote),
    MonthBook(MonthBook),
    Receipts(CashFlow),
    Payments(CashFlow),
    CashStatement(CashStatement),
    Decision(Decision),
    Contract(Contract),
    Notice(Notice),
    NilReturn(NilReturn),
    Correction(Correction),
    Erasure(ErasureNote),
}

macro_rules! each_body {
    ($body:expr, $b:ident => $do:expr) => {
        match $body {
            Body::LogGenesis($b) => $do,
            Body::ChainGenesis($b) => $do,
            Body::Grant($b) => $do,
            Body::Control($b) => $do,
            Body::MonthBook($b) => $do,
            Body::Receipts($b) => $do,
            Body::Payments($b) => $do,
            Body::CashStatement($b) => $do,
            Body::Decision($b) => $do,
            Body::Contract($b) => $do,
            Body::Notice($b) => $do,
            Body::NilReturn($b) => $do,
            Body::Correction($b) => $do,
            Body::Erasure($b) => $do,
        }
    };
}

impl Body {
    /// Parses the exact bytes of a body of that kind.
    pub fn parse(kind: Kind, bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.len() > BODY_BYTES_MAX {
            return Err(JsonError::new(ErrorCode::Length, "body"));
        }
        Ok(match kind {
            Kind::LogGenesis => Self::LogGenesis(from_canonical(bytes)?),
            Kind::ChainGenesis => Self::ChainGenesis(from_canonical(bytes)?),
            Kind::Grant => Self::Grant(from_canonical(bytes)?),
            Kind::Revoke | Kind::LogKey | Kind::Catalogue | Kind::Profile | Kind::Rules => {
                Self::Control(from_canonical(bytes)?)
            }
            Kind::MonthBook => Self::MonthBook(from_canonical(bytes)?),
            Kind::Receipts => Self::Receipts(from_canonical(bytes)?),
            Kind::Payments => Self::Payments(from_canonical(bytes)?),
            Kind::CashStatement => Self::CashStatement(from_canonical(bytes)?),
            Kind::Decision => Self::Decision(from_canonical(bytes)?),
            Kind::Contract => Self::Contract(from_canonical(bytes)?),
            Kind::Notice => Self::Notice(from_canonical(bytes)?),
            Kind::NilReturn => Self::NilReturn(from_canonical(bytes)?),
            Kind::Correction => Self::Correction(from_canonical(bytes)?),
            Kind::Erasure => Self::Erasure(from_canonical(bytes)?),
        })
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        each_body!(self, b => to_canonical(b))
    }

    /// As a JSON value, for checks that look at every text.
    pub fn to_value(&self) -> Result<Value, JsonError> {
        crate::json::parse(&self.to_bytes())
    }

    /// The title.
    pub fn title(&self) -> &str {
        each_body!(self, b => &b.title)
    }

    /// Returns the content in force: of a correction its replacement, otherwise the body itself.
    pub fn effective(self, statement: &Statement) -> Result<Self, JsonError> {
        match &self {
            Self::Correction(correction) => correction.replacement(statement.content_kind()),
            _ => Ok(self),
        }
    }

    /// The attachments.
    pub fn attachments(&self) -> &[Attachment] {
        match self {
            Self::MonthBook(b) => b.attachments.as_deref(),
            Self::Receipts(b) | Self::Payments(b) => b.attachments.as_deref(),
            Self::CashStatement(b) => b.attachments.as_deref(),
            Self::Decision(b) => b.attachments.as_deref(),
            Self::Contract(b) => b.attachments.as_deref(),
            Self::Notice(b) => b.attachments.as_deref(),
            _ => None,
        }
        .unwrap_or_default()
    }
}

impl Correction {
    /// The replacement, understood by the kind that it replaces (the statement's `control.of`).
    pub fn replacement(&self, of: Kind) -> Result<Body, JsonError> {
        let mut text = String::new();
        self.replacement.write(&mut text);
        Body::parse(of, text.as_bytes()).map_err(|e| e.within("replacement"))
    }
}
