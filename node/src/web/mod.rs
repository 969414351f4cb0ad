//! The resident-facing pages: server-rendered, Chinese first, readable without JavaScript.
//!
//! The verdict is not computed here: a page brings the verifier (WASM built from `sanwu-schema`) to the
//! reader's phone. Reads the log through [`Reader`] only: no storage, no engine, no writing.

mod assets;
mod content;
mod error;
mod format;
mod frame;
mod help;
mod home;
mod owed;
mod qr;
mod record;
mod shelf;
mod site;
mod text;
mod transparency;
mod verify;
mod village;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::log::Reader;
use crate::witness::WitnessState;
use error::Trouble;
use shelf::Shelves;
use visitor::{PageText, Visitor};

pub use site::Site;

/// What a page needs of the server.
#[derive(Clone)]
struct Web {
    reader: Reader,
    site: Arc<Site>,
    /// The witness that this node is for other logs, if it is one.
    witness: Option<Arc<WitnessState>>,
    shelves: Arc<Shelves>,
}

/// The pages and their assets. A path that nobody else serves ends in a plain page, too.
pub fn router(reader: Reader, site: Site, witness: Option<Arc<WitnessState>>) -> Router {
    let web = Web { reader, site: Arc::new(site), witness, shelves: Arc::default() };
    Router::new()
        .route("/", get(home::handle))
        .route("/v/{chain}", get(village::handle))
        .route("/r/{index}", get(record::handle))
        // Upper case keeps the QR code of a notice one size smaller.
        .route("/R/{index}", get(record::handle_scanned))
        .route("/verify", get(verify::handle))
        .route("/transparency", get(transparency::handle))
        .route("/help", get(help::handle))
        .route("/assets/{digest}/{name}", get(assets::handle))
        .fallback(error::handle)
        .with_state(web)
        .layer(map_response(protect))
}

impl Web {
    /// Answers with a page, built on the blocking pool because the reader may wait for a disk.
    async fn answer(
        self,
        visitor: Visitor,
        build: impl FnOnce(&Web, &Visitor) -> Result<String, Trouble> + Send + 'static,
    ) -> Response {
        let built = tokio::task::spawn_blocking(move || {
            let page = match build(&self, &visitor) {
                Ok(html) => Ok((StatusCode::OK, html)),
                Err(trouble) => error::page(&self, &visitor, trouble),
            };
            (page, visitor)
        });
        match built.await {
            Ok((Ok((status, html)), visitor)) => page_response(status, html, &visitor),
            // Not even the error page came out.
            Ok((Err(_), _)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

fn page_response(status: StatusCode, html: String, visitor: &Visitor) -> Response {
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Language"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visitor.lang.text().html_lang));
    for cookie in visitor.cookies_to_set() {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
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
