//! The checks that a server makes of a draft's bodies, made here first.

use sanwu_schema::admission::{self, Books, Rejected};
use sanwu_schema::catalogue::Pii;
use sanwu_schema::date::Period;
use sanwu_schema::draft::Draft;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{AccountBalance, Body, MonthBook};
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::record::statement::{ChainId, Statement};
use sanwu_schema::validity::ChainFacts;

use crate::error::Error;
use crate::names::label;
use crate::text::Text;

/// The books of a package: an earlier statement of the package comes before what is published.
pub struct PackageBooks<'a, B> {
    earlier: Vec<MonthBook>,
    outside: &'a B,
}

impl<B: Books> Books for PackageBooks<'_, B> {
    type Error = B::Error;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, B::Error> {
        match self.earlier.iter().rev().find(|b| b.period == *period) {
            Some(book) => Ok(Some(book.clone())),
            None => self.outside.month_book(chain, period),
        }
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, B::Error> {
        self.outside.opening(chain)
    }
}

/// Checks every body of a draft as the server will; tells all that is wrong.
pub fn admit<B: Books<Error = Error>>(
    draft: &Draft,
    facts: Option<&ChainFacts>,
    books: &B,
) -> Result<Vec<Body>, Error> {
    let mut package = PackageBooks { earlier: Vec::new(), outside: books };
    let mut bodies = Vec::new();
    for entry in &draft.entries {
        let statement = entry.parse()?;
        let pii = facts.map_or(Pii::None, |f| f.catalogue.pii_of(&statement));
        match admission::check(&statement, entry.body.as_bytes(), pii, &package) {
            Ok(body) => {
                if let Body::MonthBook(book) = body.clone().effective(&statement)? {
                    package.earlier.push(book);
                }
                bodies.push(body);
            }
            Err(Rejected::Books(e)) => return Err(e),
            Err(Rejected::Findings(findings)) => return Err(not_admitted(&statement, &findings)),
        }
    }
    Ok(bodies)
}

/// An error that tells every finding about a body.
pub fn not_admitted(statement: &Statement, findings: &[Invalid]) -> Error {
    let what = label(statement);
    let code = findings.first().map_or(ErrorCode::Internal, |f| f.code);
    findings.iter().fold(Error::new(code).at(what), |error, f| {
        let (place, word) = (&f.place, f.code.as_str());
        error.detail(Text {
            zh: format!("{place}  {} ({word})", f.code.zh()),
            en: format!("{place}  {} ({word})", f.code.en()),
        })
    })
}
