//! The checks that a server makes of a draft's bodies, made here first.

use sanwu_schema::admission::Books;
use sanwu_schema::draft::Draft;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::record::statement::Statement;
use sanwu_schema::replay::{self, BookKeeper as _, ShelfOver};
use sanwu_schema::validity::ChainFacts;

use crate::error::Error;
use crate::names::label;
use crate::text::Text;

/// Checks every body of a draft as the server will; tells all that is wrong.
pub fn admit<B: Books<Error = Error>>(
    draft: &Draft,
    facts: Option<&ChainFacts>,
    books: &B,
) -> Result<Vec<Body>, Error> {
    let mut package = ShelfOver::new(books);
    let mut bodies = Vec::new();
    for entry in &draft.entries {
        let statement = entry.parse()?;
        let content = replay::admit(&statement, entry.body.as_bytes(), facts, &package)?;
        let Some(body) = content.body.filter(|_| content.findings.is_empty()) else {
            return Err(not_admitted(&statement, &content.findings));
        };
        package.keep(&statement, body.clone());
        bodies.push(body);
    }
    Ok(bodies)
}

/// Returns an error that tells every finding about a body.
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
