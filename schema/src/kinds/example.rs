//! Contents that are admitted, one per kind: for tests, documents, drafts to fill in, and seeds of the fuzzer.
//!
//! They belong to one village and one month, so that what follows from the month book follows from its example.

use alloc::string::String;
use alloc::vec::Vec;

use super::admit::Books;
use super::month_book::{AccountBalance, MonthBook};
use super::{Body, Control, Kind};
use crate::date::Period;
use crate::json::{JsonError, Value, parse};
use crate::record::statement::ChainId;

/// A content, and the members of its statement that go with it. JSON as a clerk writes it: members in any order, and
/// without the salt, which nobody should have to type.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The item.
    pub code: Option<&'static str>,
    /// The period.
    pub period: Option<&'static str>,
    /// The control member.
    pub control: Option<&'static str>,
    /// The body.
    pub body: &'static str,
}

impl Example {
    /// Reads the example of a kind; its salt is 32 zeros.
    pub fn read(&self, kind: Kind) -> Result<(Body, Option<Control>), JsonError> {
        let mut body = parse(self.body.as_bytes())?;
        salt(&mut body);
        if let Value::Object(members) = &mut body
            && let Some((_, replacement)) = members.iter_mut().find(|(name, _)| name == "replacement")
        {
            salt(replacement);
        }
        let control = match self.control {
            Some(text) => Some(Control::read(kind, &parse(text.as_bytes())?)?),
            None => None,
        };
        Ok((Body::read(kind, &body)?, control))
    }
}

fn salt(body: &mut Value) {
    if let Value::Object(members) = body {
        members.insert(0, (String::from("salt"), Value::String("0".repeat(32))));
    }
}

/// The books of the examples' village: its opening balances, and its one month.
#[derive(Clone, Copy, Debug)]
pub struct ExampleBooks;

impl Books for ExampleBooks {
    type Error = JsonError;

    fn month_book(&self, _: &ChainId, period: &Period) -> Result<Option<MonthBook>, JsonError> {
        Ok(match Kind::MonthBook.example().read(Kind::MonthBook)?.0 {
            Body::MonthBook(book) if book.period == *period => Some(book),
            _ => None,
        })
    }

    fn opening(&self, _: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, JsonError> {
        Ok(match Kind::ChainGenesis.example().read(Kind::ChainGenesis)?.0 {
            Body::ChainGenesis(genesis) => genesis.opening.month().map(|month| (month, genesis.opening.balances)),
            _ => None,
        })
    }
}
