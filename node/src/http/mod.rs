//! HTTP: the API, the C2SP tiles, health; the pages are merged in from `web`.
//!
//! Handlers turn requests into calls of the log and answers into bytes. They never touch the storage.

pub mod api;
pub mod error;
mod large;
pub mod limits;
mod observe;
mod openapi;
mod ready;
mod tlog;
mod uploads;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Extensions, HeaderMap, Method, StatusCode, Version};
use axum::middleware::{self, Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use sanwu_schema::api::version::{API, VersionDoc};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::Origin;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::cors::{Any, CorsLayer};

use self::error::ApiError;
use self::large::LargeAnswers;
use self::ready::ReadyTiles;
use self::uploads::Uploads;
use crate::log::{Log, ReadError, Reader};

/// The state of every handler. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    log: Log,
    uploads: Uploads,
    large: LargeAnswers,
    tiles: ReadyTiles,
}

impl App {
    /// Returns the state over an open log.
    pub fn new(log: Log) -> Self {
        let (uploads, large) = (Uploads::new(), LargeAnswers::new());
        Self { inner: Arc::new(Inner { log, uploads, large, tiles: ReadyTiles::default() }) }
    }

    /// Returns the reading side of the log; all that pages need.
    pub fn reader(&self) -> &Reader {
        self.inner.log.reader()
    }

    /// Runs a read on the blocking pool.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let reader = self.reader().clone();
        match tokio::task::spawn_blocking(move || read(&reader)).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(ApiError::new(ErrorCode::Internal, "a read ended unexpectedly")),
        }
    }

    fn log(&self) -> &Log {
        &self.inner.log
    }
}

/// Routes everything that this node serves; `pages` are the routes beside the API.
pub fn router(app: App, pages: Router) -> Router {
    let origin = app.reader().origin().clone();
    router_of(&origin, app, pages)
}

fn router_of(origin: &Origin, app: App, pages: Router) -> Router {
    // Reads are open to every origin: a page opened from a file, another node, a monitor. Outermost of the reads'
    // layers, so that a script can read errors, too.
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::HEAD]);
    let (reads, read_paths) = api::reader().split_for_parts();
    let (writes, write_paths) = api::entries::writer().split_for_parts();
    let reads = reads.merge(openapi::router([read_paths, write_paths]));
    // A segment of an origin may begin with a colon, which axum 0.7 took for a parameter and axum 0.8 refuses unless
    // told not to; each merge turns the check on again.
    let mut reads = reads.merge(tlog::router()).without_v07_checks();
    if let Some((_, path)) = origin.as_str().split_once('/') {
        // C2SP: the prefix of a log is its origin.
        reads = reads.nest(&format!("/{path}"), tlog::router());
    }
    // One layer of three, the outermost first: axum clones and boxes every layer below for each request.
    let reads = reads.route("/api/{*path}", any(nothing_here)).method_not_allowed_fallback(other_method).layer((
        cors,
        CatchPanicLayer::custom(panicked),
        from_fn_with_state(limits::READ_TIME_MAX, in_time),
    ));
    let mut all = writes.layer(from_fn_with_state(limits::UPLOAD_TIME_MAX, in_time)).merge(health());
    if app.log().takes_raw_leaves() {
        all = all.merge(api::raw::router());
    }
    let all = all.without_v07_checks().merge(reads);
    around(all.method_not_allowed_fallback(other_method).with_state(app).merge(pages))
}

/// Returns the layers around everything that is served, a witness's own server included.
///
/// One log line per request, an answer after a panic, compression, a bound on bodies.
pub fn around(router: Router) -> Router {
    // One layer of four, the outermost first, as above.
    router.layer((
        middleware::from_fn(observe::observe),
        CatchPanicLayer::custom(panicked),
        CompressionLayer::new().compress_when(DefaultPredicate::new().and(compressible)),
        DefaultBodyLimit::max(limits::OTHER_BYTES_MAX),
    ))
}

/// Marks an answer that gzip cannot make smaller: hashes and signatures are random.
#[derive(Clone, Copy, Debug)]
struct Incompressible;

fn compressible(_: StatusCode, _: Version, _: &HeaderMap, left: &Extensions) -> bool {
    left.get::<Incompressible>().is_none()
}

/// Ends a request that takes too long.
async fn in_time(State(time_max): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(time_max, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(ErrorCode::Timeout, "request").into_response(),
    }
}

fn health() -> Router<App> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready)).route("/version", get(version))
}

/// Whether the process answers at all.
async fn live() -> &'static str {
    "ok\n"
}

/// Whether the log takes submissions; the reason if not.
async fn ready(State(app): State<App>) -> Response {
    match app.log().status() {
        crate::log::Status::Running => "ok\n".into_response(),
        crate::log::Status::ReadOnly(why) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("read-only: {why}\n")).into_response()
        }
        crate::log::Status::Stopped(why) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("stopped: {why}\n")).into_response()
        }
    }
}

/// Which program answers, and which API.
async fn version() -> Json<VersionDoc> {
    Json(VersionDoc { name: "sanwu-node".into(), version: env!("CARGO_PKG_VERSION").into(), api: API })
}

async fn nothing_here() -> ApiError {
    ApiError::not_found("path")
}

async fn other_method() -> ApiError {
    ApiError::new(ErrorCode::Method, "method")
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    // The panic hook has logged the message, which is not for the client.
    ApiError::new(ErrorCode::Internal, "internal").into_response()
}

#[cfg(test)]
mod tests;
