//! The OpenAPI 3.1 document, made of the handlers' own annotations.

use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;

use super::App;
use super::api::{blobs, chains, checkpoints, entries, trust};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "sanwu-node",
        description = "村级三务公开账本 · Village-affairs transparency ledger. Writes need no login: valid signatures by \
                       keys in the ring are the permission. Reads are anonymous. The C2SP tile API (/checkpoint, \
                       /tile/…) is described by c2sp.org/tlog-tiles.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        entries::publish,
        entries::entry,
        entries::proof,
        entries::bundle,
        chains::chains,
        chains::chain,
        chains::entries,
        blobs::blob,
        checkpoints::checkpoints,
        trust::vkey,
        trust::trust,
    )
)]
struct Api;

/// The document as JSON, as it is served.
pub fn document() -> String {
    Api::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /openapi.json`.
pub(super) fn router() -> Router<App> {
    Router::new().route("/openapi.json", get(openapi))
}

async fn openapi() -> axum::response::Response {
    super::api::exact("application/json", super::limits::CACHE_NONE, document())
}
