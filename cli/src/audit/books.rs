//! The money side of a replay: effective month books, opening balances, totals.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use sanwu_schema::admission::Books;
use sanwu_schema::date::Period;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{AccountBalance, Body, MonthBook, Salt};
use sanwu_schema::record::statement::{ChainId, Statement};

use super::report::MonthSum;

/// What has been published so far.
#[derive(Default)]
pub struct Shelf {
    months: BTreeMap<(ChainId, Period), MonthBook>,
    openings: HashMap<ChainId, (Period, Vec<AccountBalance>)>,
}

impl Shelf {
    /// Keeps what later bodies are checked against.
    pub fn keep(&mut self, statement: &Statement, body: Body) {
        match body.effective(statement) {
            Ok(Body::MonthBook(book)) => {
                if let Some(period) = &statement.period {
                    self.months.insert((statement.chain.clone(), period.clone()), book);
                }
            }
            Ok(Body::ChainGenesis(genesis)) => {
                if let Some(month) = genesis.opening.month() {
                    self.openings.insert(statement.chain.clone(), (month, genesis.opening.balances));
                }
            }
            _ => {}
        }
    }

    /// Totals of every effective month.
    pub fn sums(&self) -> Vec<MonthSum> {
        // The salt is part of the derived body only, not of its figures.
        let Some(salt) = Salt::parse("00000000000000000000000000000000") else { return Vec::new() };
        self.months
            .iter()
            .map(|((chain, period), book)| {
                let total = derive::cash_statement(book, salt.clone()).total;
                MonthSum { chain: chain.clone(), period: period.clone(), vouchers: book.vouchers.len() as u64, total }
            })
            .collect()
    }
}

impl Books for Shelf {
    type Error = Infallible;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Infallible> {
        Ok(self.months.get(&(chain.clone(), period.clone())).cloned())
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Infallible> {
        Ok(self.openings.get(chain).cloned())
    }
}
