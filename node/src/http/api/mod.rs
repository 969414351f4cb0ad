//! The JSON API under `/api/v1`.
//!
//! Each handler is annotated with its method, path, parameters and documents; its module's router and the OpenAPI
//! document are made of that annotation. The documents are types of [`sanwu_schema::api`]. So a new endpoint is a handler
//! in one of these files, with its `routes!`, and its document there.

pub mod blobs;
pub mod chains;
pub mod checkpoints;
pub mod entries;
pub mod raw;
pub mod trust;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sanwu_schema::error_code::ErrorCode;
use utoipa_axum::router::OpenApiRouter;

use super::App;
use super::error::ApiError;
use super::limits::{ROWS_DEFAULT, ROWS_MAX};

/// Routes everything that only reads.
pub(super) fn reader() -> OpenApiRouter<App> {
    entries::reader().merge(chains::router()).merge(blobs::router()).merge(checkpoints::router()).merge(trust::router())
}

/// Reads a number of a path or query.
///
/// Decimal, without sign or leading zeros.
fn number(text: &str, what: &'static str) -> Result<u64, ApiError> {
    let canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    let parsed = if canonical { text.parse().ok() } else { None };
    parsed.ok_or_else(|| ApiError::new(ErrorCode::Parameter, what))
}

/// Returns how many rows a listing gives.
fn rows(asked: Option<&str>) -> Result<usize, ApiError> {
    let Some(asked) = asked else { return Ok(ROWS_DEFAULT) };
    let count = usize::try_from(number(asked, "count")?).unwrap_or(usize::MAX);
    Ok(count.clamp(1, ROWS_MAX))
}

/// Returns an answer of exact bytes.
pub(super) fn exact(kind: &'static str, cache: &'static str, bytes: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, bytes).into_response()
}
