//! A leaf as the jobs hand it to the judge.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::date::Period;
use sanwu_schema::kinds::Kind;
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::replay::VerifiedLeaf;
use sanwu_schema::validity::Located;

use crate::names::{label, label_of};
use crate::text::Text;

/// What an entry says it is, kept for findings about it.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub chain: ChainId,
    pub period: Option<Period>,
    pub what: Text,
}

impl About {
    pub fn of(entry: &Entry) -> Self {
        Self {
            chain: entry.statement.chain.clone(),
            period: entry.statement.period.clone(),
            what: label(&entry.statement),
        }
    }

    /// Returns the same facts of an entry that was placed before.
    pub fn located(located: &Located) -> Self {
        let kind = if located.correction { Kind::Correction } else { located.kind };
        Self {
            chain: located.chain.clone(),
            period: located.period.clone(),
            what: label_of(kind, located.code.as_ref(), located.period.as_ref()),
        }
    }
}

/// An entry's body, compared with its digest.
pub(super) enum FetchedBody {
    /// The statement names none.
    Unnamed,
    /// The bytes that were signed.
    Right(Vec<u8>),
    /// Other bytes than those that were signed.
    Wrong,
    /// Said to be erased.
    Gone,
    /// Not there.
    Missing,
}

/// A leaf with everything that can be said without its position.
pub(super) struct ReadyLeaf {
    pub index: u64,
    pub hash: Hash,
    pub about: Option<About>,
    pub entry: Result<(VerifiedLeaf, FetchedBody), Invalid>,
}
