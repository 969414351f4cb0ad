//! The retained published checkpoints.

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{number, rows};
use crate::http::App;
use crate::http::error::ApiError;

/// `GET /api/v1/checkpoints`.
pub(super) fn router() -> Router<App> {
    Router::new().route("/api/v1/checkpoints", get(checkpoints))
}

/// Published checkpoints, smallest first. A replica reads the same document.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Checkpoints {
    /// The checkpoints.
    pub(crate) checkpoints: Vec<CheckpointDoc>,
    /// `from` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// One published checkpoint.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct CheckpointDoc {
    /// The tree size.
    pub(crate) size: u64,
    /// When this node published it, in its own word: milliseconds since 1970.
    pub(crate) published_ms: u64,
    /// The signed note with its cosignatures.
    pub(crate) note: String,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Page {
    /// The smallest size wanted; 0 if absent.
    from: Option<String>,
    /// How many, 1 to 200; 100 if absent.
    count: Option<String>,
}

/// Lists the published checkpoints that this node retains.
#[utoipa::path(
    get, path = "/api/v1/checkpoints", tag = "read", params(Page),
    responses((status = 200, description = "A page of checkpoints", body = Checkpoints))
)]
pub(in crate::http) async fn checkpoints(
    State(app): State<App>,
    Query(page): Query<Page>,
) -> Result<Json<Checkpoints>, ApiError> {
    let from = page.from.as_deref().map_or(Ok(0), |from| number(from, "from"))?;
    let count = rows(page.count.as_deref())?;
    let mut found = app.read(move |reader| reader.published_from(from, count + 1)).await?;
    let next = found.get(count).map(|one| one.size);
    found.truncate(count);
    let checkpoints = found.into_iter().map(|one| CheckpointDoc {
        size: one.size,
        published_ms: one.published_ms,
        note: String::from_utf8_lossy(&one.note).into_owned(),
    });
    Ok(Json(Checkpoints { checkpoints: checkpoints.collect(), next }))
}
