//! Admission: what a body must be before it may be published. Run where a body is drafted and where it is
//! admitted; a replay reports it as findings. Validity never depends on it.
//!
//! The rules of each kind are in its own file in [`crate::kinds`]; here are those of all bodies alike.

pub mod personal;
mod text;

use alloc::format;
use alloc::vec::Vec;

use crate::catalogue::Pii;
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;
use crate::kinds::admit::{Context, Findings};
use crate::kinds::{Body, Control, Correction};
use crate::record::entry::Invalid;
use crate::record::statement::Statement;

pub use crate::kinds::VOUCHERS_MAX;
pub use crate::kinds::admit::{Books, FEN_MAX};
pub use text::{TEXT_CHARS_MAX, TITLE_CHARS_MAX};

/// Why a body is not admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected<E> {
    /// What is wrong, all of it.
    Findings(Vec<Invalid>),
    /// The earlier books could not be read.
    Books(E),
}

/// Checks a statement's body. `pii` is the class of the item it is published under.
pub fn check<B: Books>(statement: &Statement, body: &[u8], pii: Pii, books: &B) -> Result<Body, Rejected<B::Error>> {
    let one = |e: Invalid| Rejected::Findings(alloc::vec![e]);
    match &statement.body {
        Some(named) if named.size == body.len() as u64 && named.digest == Hash::digest(body) => {}
        _ => return Err(one(Invalid::new(ErrorCode::BodyDigest, "body"))),
    }
    let parsed = Body::parse(statement.kind, body).map_err(|e| one(e.within("body").into()))?;
    let mut findings = Findings::default();
    let on = Context { statement, pii, books };
    content(&on, &parsed, &mut findings).map_err(Rejected::Books)?;
    if let Body::Correction(correction) = &parsed {
        replacement(&on, correction, &mut findings).map_err(Rejected::Books)?;
    }
    if findings.0.is_empty() { Ok(parsed) } else { Err(Rejected::Findings(findings.0)) }
}

/// Files that may hold personal data cannot be guessed back from their digest.
fn salted(body: &Body, pii: Pii, out: &mut Findings) {
    for (i, attachment) in body.attachments().iter().enumerate() {
        out.unless(pii == Pii::None || attachment.salted, ErrorCode::Personal, format!("attachments[{i}].salted"));
    }
}

/// The rules of every body, and those of its kind.
fn content<B: Books>(on: &Context<'_, B>, body: &Body, out: &mut Findings) -> Result<(), B::Error> {
    text::check(body, out);
    salted(body, on.pii, out);
    body.admit(on, out)
}

/// What a correction puts in place fulfils all that a body of its own does, and leaves later books as they are.
fn replacement<B: Books>(on: &Context<'_, B>, correction: &Correction, out: &mut Findings) -> Result<(), B::Error> {
    let Some(Control::Correction(control)) = &on.statement.control else {
        out.add(ErrorCode::Control, "control");
        return Ok(());
    };
    let replacement = match correction.replacement(control.of) {
        Ok(replacement) => replacement,
        Err(e) => {
            out.0.push(e.into());
            return Ok(());
        }
    };
    let mut inner = Findings::default();
    content(on, &replacement, &mut inner)?;
    // What is replaced is a content, never a correction of one.
    inner.unless(!matches!(replacement, Body::Correction(_)), ErrorCode::Control, "control");
    out.0.extend(inner.0.into_iter().map(|f| Invalid::new(f.code, format!("replacement.{}", f.place))));
    if let Body::MonthBook(book) = &replacement
        && let Some(next) = book.period.next_month()
        && let Some(carried) = on.books.month_book(&on.statement.chain, &next)?
    {
        out.unless(carried.opening == book.closing, ErrorCode::Carried, "replacement.closing");
    }
    Ok(())
}
