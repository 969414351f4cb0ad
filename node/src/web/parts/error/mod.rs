//! Pages for when something is not there or does not work, in plain words.

mod words;

use askama::Template;
use axum::http::StatusCode;

use super::context::Web;
use super::frame::Frame;
use super::verdict::Strip;
use super::visitor::Visitor;
use crate::log::ReadError;
use words::Words;

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum PageError {
    /// What was asked for does not exist.
    NotFound(NotThere),
    /// The log could not be read.
    Read(ReadError),
    Template(askama::Error),
}

/// What does not exist.
#[derive(Clone, Copy, Debug)]
pub enum NotThere {
    Page,
    /// The notice at this index.
    Record(u64),
    Village,
}

impl From<ReadError> for PageError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

#[derive(Template)]
#[template(path = "web/parts/error/error.html")]
struct ErrorPage<'a> {
    f: Frame<'a>,
    heading: &'static str,
    text: &'static str,
    status: u16,
    /// For a notice that is not there: its number, and what a phone needs that has seen it.
    missing: Option<(u64, Strip)>,
}

/// Returns the page that says why there is none, with its status.
pub fn page(web: &Web, visitor: &Visitor, trouble: PageError) -> Result<(StatusCode, String), PageError> {
    let f = Frame::new(web, visitor, "")?;
    let t = Words::of(visitor.lang);
    let mut gone = None;
    let (status, heading, text) = match trouble {
        PageError::NotFound(missing) => {
            let text = match missing {
                NotThere::Page => t.not_found_text,
                NotThere::Record(index) => {
                    gone = Some((index, Strip::new(visitor.lang, "missing.js")));
                    t.not_found_record
                }
                NotThere::Village => t.not_found_village,
            };
            (StatusCode::NOT_FOUND, t.not_found, text)
        }
        PageError::Read(error) => {
            tracing::error!(%error, "a page could not read the log");
            (StatusCode::INTERNAL_SERVER_ERROR, t.internal, t.internal_text)
        }
        PageError::Template(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, t.internal, t.internal_text)
        }
    };
    let html = ErrorPage { f, heading, text, status: status.as_u16(), missing: gone }.render()?;
    Ok((status, html))
}
