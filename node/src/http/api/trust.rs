//! What a client pins: the log's key and the trust file.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use sanwu_schema::json::to_canonical;

use super::exact;
use crate::http::App;
use crate::http::error::{ApiError, Problem};
use crate::http::limits::CACHE_NONE;
use crate::log::Reader;

/// `GET /api/v1/vkey` and `/api/v1/trust`.
pub(super) fn router() -> Router<App> {
    Router::new().route("/api/v1/vkey", get(vkey)).route("/api/v1/trust", get(trust))
}

/// The log's verifier keys in force, one a line; the first is of type 0x01 (Ed25519).
#[utoipa::path(
    get, path = "/api/v1/vkey", tag = "read",
    responses((status = 200, description = "C2SP verifier keys", content_type = "text/plain", body = String))
)]
pub(in crate::http) async fn vkey(State(app): State<App>) -> Result<Response, ApiError> {
    let vkeys = app.read(Reader::vkeys).await?;
    Ok(exact("text/plain; charset=utf-8", CACHE_NONE, vkeys.join("\n") + "\n"))
}

/// The trust file as this node would give it. A first look: who wants to rely on it compares it with a
/// copy from elsewhere (paper, the county's site).
#[utoipa::path(
    get, path = "/api/v1/trust", tag = "read",
    responses(
        (status = 200, description = "The trust file", content_type = "application/json", body = String),
        (status = 404, description = "The log has no first entry yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn trust(State(app): State<App>) -> Result<Response, ApiError> {
    let trust = app.read(|reader| Ok(reader.trust()?.map(|trust| to_canonical(&trust)))).await?;
    let trust = trust.ok_or_else(|| ApiError::not_found("log genesis"))?;
    Ok(exact("application/json", CACHE_NONE, trust))
}
