//! What the admission rules of a kind are written with: the content's surroundings, and the list of what is wrong.

use alloc::string::String;
use alloc::vec::Vec;

use super::month_book::{AccountBalance, MonthBook};
use crate::catalogue::Pii;
use crate::date::Period;
use crate::error_code::ErrorCode;
use crate::record::entry::Invalid;
use crate::record::statement::{ChainId, Statement};

/// Largest sum of money, fen: 10^13 (one hundred thousand million yuan).
pub const FEN_MAX: i64 = 10_000_000_000_000;

/// The chain's earlier books: what was published before, or is earlier in the same package.
pub trait Books {
    /// Why they could not be read.
    type Error;
    /// Returns the effective month book of a period.
    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Self::Error>;
    /// Returns the opening balances of the chain's genesis, and the month that they open.
    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Self::Error>;
}

/// What is wrong, in the order found.
#[derive(Default)]
pub(crate) struct Findings(pub(crate) Vec<Invalid>);

impl Findings {
    pub(crate) fn add(&mut self, code: ErrorCode, place: impl Into<String>) {
        self.0.push(Invalid { code, place: place.into() });
    }

    pub(crate) fn unless(&mut self, holds: bool, code: ErrorCode, place: impl Into<String>) {
        if !holds {
            self.add(code, place);
        }
    }
}

/// The statement that publishes a body, and what was published before it.
pub(crate) struct Context<'a, B> {
    pub statement: &'a Statement,
    /// The class of the item that it is published under.
    pub pii: Pii,
    pub books: &'a B,
}

impl<B: Books> Context<'_, B> {
    /// Checks that the body names the statement's period.
    pub fn same_period(&self, period: &Period, out: &mut Findings) {
        out.unless(Some(period) == self.statement.period.as_ref(), ErrorCode::Period, "period");
    }

    /// Returns the month book of the body's period, from which its figures follow.
    pub fn book(&self, period: &Period, out: &mut Findings) -> Result<Option<MonthBook>, B::Error> {
        self.same_period(period, out);
        let book = self.books.month_book(&self.statement.chain, period)?;
        out.unless(book.is_some(), ErrorCode::BookMissing, period.as_str());
        Ok(book)
    }
}
