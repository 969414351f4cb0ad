//! Bodies and attachments by their SHA-256.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sanwu_schema::api::problem::Problem;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::exact;
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::limits::CACHE_IMMUTABLE;
use crate::http::tlog::incompressible;

/// Routes the contents that statements name.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(blob))
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
async fn blob(State(app): State<App>, Path(sha256): Path<String>) -> Result<Response, ApiError> {
    let digest = Hash::from_hex(&sha256).or_else(|| Hash::from_text(&sha256));
    let digest = digest.ok_or_else(|| ApiError::new(ErrorCode::Parameter, "sha256"))?;
    let bytes = app.read_large(move |reader| reader.blob(&digest)).await?;
    let bytes = bytes.ok_or_else(|| ApiError::not_found(digest.to_text()))?;
    // A browser never shows an upload as a page of this site.
    let safe =
        [(header::CONTENT_DISPOSITION, "attachment"), (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")];
    // A body is JSON; scans and pictures are compressed as they are.
    let is_body = bytes.first() == Some(&b'{');
    let answer = exact("application/octet-stream", CACHE_IMMUTABLE, bytes);
    Ok((safe, if is_body { answer } else { incompressible(answer) }).into_response())
}
