//! What a client pins: the log's key and the trust file.

use axum::extract::State;
use axum::response::Response;
use sanwu_schema::api::problem::Problem;
use sanwu_schema::json::to_canonical;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::exact;
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::limits::CACHE_NONE;
use crate::log::Reader;

/// Routes the log's keys and the trust file.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(vkey)).routes(routes!(trust))
}

/// The log's verifier keys in force, one a line; the first is of type 0x01 (Ed25519).
#[utoipa::path(
    get, path = "/api/v1/vkey", tag = "read",
    responses((status = 200, description = "C2SP verifier keys", content_type = "text/plain", body = String))
)]
async fn vkey(State(app): State<App>) -> Result<Response, ApiError> {
    let vkeys = app.read(Reader::vkeys).await?;
    Ok(exact("text/plain; charset=utf-8", CACHE_NONE, vkeys.join("\n") + "\n"))
}

/// The trust file as this node gives it, for trust on first use. To rely on it, compare it with a copy from
/// elsewhere (paper, the county's site).
#[utoipa::path(
    get, path = "/api/v1/trust", tag = "read",
    responses(
        (status = 200, description = "The trust file", content_type = "application/json", body = Object),
        (status = 404, description = "The log has no first entry yet", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn trust(State(app): State<App>) -> Result<Response, ApiError> {
    let trust = app.read(|reader| Ok(reader.trust()?.map(|trust| to_canonical(&trust)))).await?;
    let trust = trust.ok_or_else(|| ApiError::not_found("log genesis"))?;
    Ok(exact("application/json", CACHE_NONE, trust))
}
