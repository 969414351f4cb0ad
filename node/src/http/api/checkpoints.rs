//! The retained published checkpoints.

use axum::Json;
use axum::extract::{Query, State};
use sanwu_schema::api::checkpoints::{CheckpointDoc, Checkpoints};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{number, rows};
use crate::http::App;
use crate::http::error::ApiError;

/// Routes the list of published checkpoints.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(checkpoints))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
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
async fn checkpoints(State(app): State<App>, Query(page): Query<Page>) -> Result<Json<Checkpoints>, ApiError> {
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
