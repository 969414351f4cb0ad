//! The resident-facing pages: server-rendered, Chinese first, readable without JavaScript.
//!
//! The verdict is not computed here: a page brings the verifier (WASM built from `sanwu-schema`) to the reader's
//! phone. Pages read the log through [`Reader`] and [`Views`]: no storage, no engine, no writing.
//!
//! [`pages`] has one folder for each page, [`parts`] what pages share. Parts know no page, and no page knows another.
//! How to add a page: see [`pages`].

mod pages;
mod parts;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;

use crate::log::Reader;
use crate::views::Views;
use crate::witness::WitnessState;
use parts::answer::nothing_here;
use parts::assets;
use parts::context::Web;
use parts::visitor::Visitor;

pub use parts::site::Site;

/// Returns the pages and their assets. A path that nobody else serves ends in a plain page, too.
pub fn router(reader: Reader, site: Site, witness: Option<Arc<WitnessState>>) -> Router {
    let views = Arc::new(Views::new(reader.clone()));
    let web = Web { reader, views, site: Arc::new(site), witness };
    pages::router()
        .route("/assets/{digest}/{name}", get(assets::handle))
        .fallback(|State(web): State<Web>, visitor: Visitor| nothing_here(web, visitor))
        .with_state(web)
        .layer(map_response(protect))
}

/// Nothing from elsewhere, no inline script, no frame around us. `wasm-unsafe-eval` is what a browser
/// asks for before it runs WASM; it allows no JavaScript `eval`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

async fn protect(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
