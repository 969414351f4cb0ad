//! The books that a content is checked against: effective month books and opening balances.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;

use crate::admission::Books;
use crate::date::Period;
use crate::kinds::{AccountBalance, Body, MonthBook};
use crate::record::statement::{ChainId, Statement};

/// The month that opening balances open, and the balances.
type Opening = (Period, Vec<AccountBalance>);

/// Books to which contents are added as they are replayed.
pub trait BookKeeper: Books {
    /// Keeps what later contents are checked against: a month book, also one that a correction puts in place, and the
    /// opening balances of a chain's genesis.
    ///
    /// Called for every published content, admitted or not: later months are measured against what was published.
    fn keep(&mut self, statement: &Statement, body: Body);
}

/// Books in memory.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    months: BTreeMap<ChainId, BTreeMap<Period, MonthBook>>,
    openings: BTreeMap<ChainId, Opening>,
}

impl Shelf {
    /// Returns the effective month book of a period.
    pub fn month(&self, chain: &ChainId, period: &Period) -> Option<&MonthBook> {
        self.months.get(chain)?.get(period)
    }

    /// Returns all effective month books, by chain and period.
    pub fn months(&self) -> impl Iterator<Item = (&ChainId, &Period, &MonthBook)> {
        self.months.iter().flat_map(|(chain, months)| months.iter().map(move |(period, book)| (chain, period, book)))
    }

    /// Returns a chain's opening balances.
    pub fn opened(&self, chain: &ChainId) -> Option<&(Period, Vec<AccountBalance>)> {
        self.openings.get(chain)
    }

    /// Lays later books over these.
    pub fn merge(&mut self, later: Self) {
        for (chain, months) in later.months {
            self.months.entry(chain).or_default().extend(months);
        }
        self.openings.extend(later.openings);
    }
}

impl Books for Shelf {
    type Error = Infallible;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Infallible> {
        Ok(self.month(chain, period).cloned())
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<Opening>, Infallible> {
        Ok(self.opened(chain).cloned())
    }
}

impl BookKeeper for Shelf {
    fn keep(&mut self, statement: &Statement, body: Body) {
        match body.effective(statement) {
            Ok(Body::MonthBook(book)) => {
                if let Some(period) = &statement.period {
                    self.months.entry(statement.chain.clone()).or_default().insert(period.clone(), book);
                }
            }
            Ok(Body::ChainGenesis(genesis)) => {
                if let Some(month) = genesis.opening.month() {
                    self.openings.insert(statement.chain.clone(), (month, genesis.opening.balances));
                }
            }
            // Of a correction that cannot be read nothing is known but that; admission says so.
            _ => {}
        }
    }
}

/// The books of a package over those published before it.
pub struct ShelfOver<'a, B> {
    below: &'a B,
    shelf: Shelf,
}

impl<'a, B: Books> ShelfOver<'a, B> {
    /// Returns an empty package over published books.
    pub fn new(below: &'a B) -> Self {
        Self { below, shelf: Shelf::default() }
    }
}

impl<B: Books> Books for ShelfOver<'_, B> {
    type Error = B::Error;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, B::Error> {
        month_over(&self.shelf, self.below, chain, period)
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<Opening>, B::Error> {
        opening_over(&self.shelf, self.below, chain)
    }
}

impl<B: Books> BookKeeper for ShelfOver<'_, B> {
    fn keep(&mut self, statement: &Statement, body: Body) {
        self.shelf.keep(statement, body);
    }
}

pub(super) fn month_over<B: Books>(
    shelf: &Shelf,
    below: &B,
    chain: &ChainId,
    period: &Period,
) -> Result<Option<MonthBook>, B::Error> {
    match shelf.month(chain, period) {
        Some(book) => Ok(Some(book.clone())),
        None => below.month_book(chain, period),
    }
}

pub(super) fn opening_over<B: Books>(shelf: &Shelf, below: &B, chain: &ChainId) -> Result<Option<Opening>, B::Error> {
    match shelf.opened(chain) {
        Some(opening) => Ok(Some(opening.clone())),
        None => below.opening(chain),
    }
}
