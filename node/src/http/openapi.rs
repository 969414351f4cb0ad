//! The OpenAPI 3.1 document, made of the handlers' own annotations.

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::App;
use super::api::exact;
use super::limits::CACHE_NONE;

/// The document without any path: each router adds its own.
#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "sanwu-node",
    description = "村级三务公开账本 · Village-affairs transparency ledger. Writes need no login: valid signatures by \
                   keys in the ring are the permission. Reads are anonymous. The C2SP tile API (/checkpoint, \
                   /tile/…) is described by c2sp.org/tlog-tiles.",
    license(name = "Apache-2.0", identifier = "Apache-2.0"),
))]
struct Head;

/// Routes `GET /openapi.json`: the document of these routers.
pub(super) fn router(documents: [OpenApi; 2]) -> Router<App> {
    let mut document = Head::openapi();
    documents.into_iter().for_each(|paths| document.merge(paths));
    let text = Bytes::from(document.to_pretty_json().unwrap_or_default());
    Router::new().route("/openapi.json", get(async move || exact("application/json", CACHE_NONE, text)))
}
