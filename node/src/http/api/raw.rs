//! Raw leaves, in a test log for load generators (`init --admission open`).

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::tile::ENTRY_BYTES_MAX;

use crate::http::App;
use crate::http::error::ApiError;

/// Routes `POST /add`.
pub(in crate::http) fn router() -> Router<App> {
    Router::new().route("/add", post(add)).layer(DefaultBodyLimit::max(ENTRY_BYTES_MAX))
}

/// Appends the request's body as a leaf, 1 to 65,535 bytes, and answers with its index in decimal.
async fn add(State(app): State<App>, leaf: Result<Bytes, BytesRejection>) -> Result<String, ApiError> {
    app.log().writes_here()?;
    let leaf = leaf.ok().filter(|leaf| !leaf.is_empty()).ok_or_else(|| ApiError::new(ErrorCode::Length, "leaf"))?;
    let own = Arc::from(&leaf[..]);
    // The connection's read buffer is free again while the leaf waits.
    drop(leaf);
    let receipt = app.log().submit_raw(own).await?;
    let placed = receipt.placed.first().ok_or_else(|| ApiError::new(ErrorCode::Internal, "no place"))?;
    Ok(placed.index.to_string())
}
