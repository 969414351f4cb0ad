//! Pages for when something is not there or does not work, in plain words.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::Web;
use super::frame::Frame;
use super::record::Strip;
use super::visitor::Visitor;
use crate::log::ReadError;

/// Why a page cannot be shown.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no such thing.
    NotFound(Missing),
    /// The log could not be read.
    Read(ReadError),
    /// The template failed.
    Template(askama::Error),
}

/// What is not there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Missing {
    Page,
    /// No notice has this number.
    Record(u64),
    Village,
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    f: Frame<'a>,
    heading: &'static str,
    text: &'static str,
    status: u16,
    /// For a notice that is not there: its number, and what a phone needs that has seen it.
    missing: Option<(u64, Strip)>,
}

/// The page for a trouble.
pub(super) fn page(web: &Web, visitor: &Visitor, trouble: Trouble) -> Result<(StatusCode, String), Trouble> {
    let f = Frame::new(web, visitor, "")?;
    let t = f.t;
    let mut gone = None;
    let (status, heading, text) = match trouble {
        Trouble::NotFound(missing) => {
            let text = match missing {
                Missing::Page => t.not_found_text,
                Missing::Record(index) => {
                    gone = Some((index, Strip::new(visitor.lang, "missing.js")));
                    t.not_found_record
                }
                Missing::Village => t.not_found_village,
            };
            (StatusCode::NOT_FOUND, t.not_found, text)
        }
        Trouble::Read(error) => {
            tracing::error!(%error, "a page could not read the log");
            (StatusCode::INTERNAL_SERVER_ERROR, t.internal, t.internal_text)
        }
        Trouble::Template(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, t.internal, t.internal_text)
        }
    };
    let html = ErrorPage { f, heading, text, status: status.as_u16(), missing: gone }.render()?;
    Ok((status, html))
}

/// Every path that nobody serves.
pub(super) async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    web.answer(visitor, |_, _| Err(Trouble::NotFound(Missing::Page))).await
}
