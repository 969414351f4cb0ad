//! Bodies and attachments by their SHA-256.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;

use super::exact;
use crate::http::App;
use crate::http::error::{ApiError, Problem};
use crate::http::limits::CACHE_IMMUTABLE;
use crate::http::tlog::incompressible;

/// `GET /api/v1/blobs/{sha256}`.
pub(super) fn router() -> Router<App> {
    Router::new().route("/api/v1/blobs/{sha256}", get(blob))
}

/// The bytes with this SHA-256 (64 hex digits, with or without `sha256:`), as they were handed in.
#[utoipa::path(
    get, path = "/api/v1/blobs/{sha256}", tag = "read",
    params(("sha256" = String, Path)),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream", body = String),
        (status = 404, description = "No such blob", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn blob(State(app): State<App>, Path(sha256): Path<String>) -> Result<Response, ApiError> {
    let digest = Hash::from_hex(&sha256).or_else(|| Hash::from_text(&sha256));
    let digest = digest.ok_or_else(|| ApiError::new(ErrorCode::Parameter, "sha256"))?;
    let bytes = app.read_large(move |reader| reader.blob(&digest)).await?;
    let bytes = bytes.ok_or_else(|| ApiError::not_found(digest.to_text()))?;
    // Never shown by the browser as a page of this site, whatever somebody has uploaded.
    let safe =
        [(header::CONTENT_DISPOSITION, "attachment"), (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")];
    // A body is JSON; scans and pictures are compressed as they are.
    let is_body = bytes.first() == Some(&b'{');
    let answer = exact("application/octet-stream", CACHE_IMMUTABLE, bytes);
    Ok((safe, if is_body { answer } else { incompressible(answer) }).into_response())
}
