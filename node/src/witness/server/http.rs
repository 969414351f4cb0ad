//! A witness over HTTP: requests for cosignatures, what was cosigned, evidence, and a page for people.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::witness::{Refusal, RequestError, SIZE_TYPE, write_size};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::cors::{Any, CorsLayer};

use super::logs::LogStatus;
use super::state::{Outcome, WitnessState};
use crate::clock::beijing_time;
use crate::connections::Connections;
use crate::http::limits::{CACHE_NONE, OTHER_BYTES_MAX, READ_TIME_MAX, SHUTDOWN_TIME_MAX};

/// Requests that wait for the disk at the same time, each on a thread of its own; a disk that takes 10 ms per
/// record answers them within a second. More wait outside, holding 64 KiB each at most.
const WAITING_MAX: usize = 64;

/// The part of the path under which a node serves its witness.
pub const PREFIX: &str = "/witness";

const TEXT: &str = "text/plain; charset=utf-8";

/// A page of plain text and links: nothing is loaded, nothing runs.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Clone)]
struct Site {
    witness: Arc<WitnessState>,
    waiting: Arc<Semaphore>,
}

/// What a witness serves, to be put under any prefix.
fn router(witness: Arc<WitnessState>) -> Router {
    // Anyone may compare what a witness saw, from any page.
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::HEAD]);
    Router::new()
        .route("/", get(page))
        .route("/{log}/checkpoint", get(checkpoint))
        .route("/evidence/{name}", get(evidence))
        .layer(cors)
        .route("/add-checkpoint", post(add_checkpoint))
        .with_state(Site { witness, waiting: Arc::new(Semaphore::new(WAITING_MAX)) })
}

/// Routes a witness's server as a part of a node, under its prefix.
pub fn router_in_node(witness: Arc<WitnessState>) -> Router {
    let to_page = get(async || Redirect::permanent(PREFIX));
    Router::new().nest(PREFIX, router(witness)).route(&format!("{PREFIX}/"), to_page)
}

/// Serves a witness in a process of its own, until `shutdown` is done; requests under way are answered.
pub async fn serve(
    listener: TcpListener,
    witness: Arc<WitnessState>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = crate::http::around(router(witness).fallback(nothing_here));
    let (end, mut ended) = tokio::sync::watch::channel(false);
    let asked = async move {
        shutdown.await;
        // Nobody listening any more means that serving has ended by itself.
        _ = end.send(true);
    };
    let late = async {
        _ = ended.wait_for(|end| *end).await;
        tokio::time::sleep(SHUTDOWN_TIME_MAX).await;
    };
    tokio::select! {
        served = axum::serve(Connections::of(listener), router).with_graceful_shutdown(asked) => served,
        () = late => {
            tracing::warn!("connections were still open when the witness ended");
            Ok(())
        }
    }
}

/// C2SP tlog-witness, add-checkpoint.
async fn add_checkpoint(State(site): State<Site>, body: Body) -> Response {
    // A body that is only somewhat too long is read to its end: a client that still sends would not read the answer.
    let bytes = match tokio::time::timeout(READ_TIME_MAX, to_bytes(body, OTHER_BYTES_MAX)).await {
        Ok(Ok(bytes)) => bytes,
        // The limit, or a connection that broke.
        Ok(Err(_)) => return refused(&Refusal::Request(RequestError::TooLarge)),
        Err(_) => return failed(StatusCode::REQUEST_TIMEOUT, ErrorCode::Timeout, ""),
    };
    let Ok(_permit) = site.waiting.acquire().await else {
        return failed(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Stopped, "");
    };
    let witness = Arc::clone(&site.witness);
    match tokio::task::spawn_blocking(move || witness.add_checkpoint(&bytes)).await {
        Ok(outcome) => answer(&outcome),
        Err(_) => failed(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, ""),
    }
}

fn answer(outcome: &Outcome) -> Response {
    match outcome {
        Outcome::Cosigned(lines) => text(StatusCode::OK, TEXT, lines.clone()),
        Outcome::Refused(refusal) => refused(refusal),
        Outcome::Frozen(name) => failed(StatusCode::FORBIDDEN, ErrorCode::LogFork, &format!("evidence/{name}\n")),
        Outcome::TooOften(wait) => {
            let mut response = failed(StatusCode::TOO_MANY_REQUESTS, ErrorCode::Busy, "");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(*wait)));
            response
        }
        Outcome::ClockUnset => failed(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Clock, ""),
        // Logged where it happened; what the disk said stays inside.
        Outcome::Failed(_) => failed(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Stopped, ""),
    }
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::Conflict { recorded } => text(StatusCode::CONFLICT, SIZE_TYPE, write_size(*recorded)),
        other => {
            let status = StatusCode::from_u16(other.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            failed(status, other.code(), "")
        }
    }
}

/// A plain-text refusal: the code, in both languages, and more lines if there is more to say.
fn failed(status: StatusCode, code: ErrorCode, more: &str) -> Response {
    text(status, TEXT, format!("{} {} · {}\n{more}", code.as_str(), code.zh(), code.en()))
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE_NONE)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, body).into_response()
}

/// Rounded up: a client that comes back a moment too early would be refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// The note cosigned last of a log.
async fn checkpoint(State(site): State<Site>, Path(log): Path<String>) -> Response {
    match site.witness.checkpoint(&log) {
        Some(note) => text(StatusCode::OK, TEXT, note),
        None => failed(StatusCode::NOT_FOUND, ErrorCode::NotFound, ""),
    }
}

/// An evidence file, as it is handed over.
async fn evidence(State(site): State<Site>, Path(name): Path<String>) -> Response {
    match tokio::task::spawn_blocking(move || site.witness.evidence(&name)).await {
        Ok(Some(file)) => text(StatusCode::OK, TEXT, file),
        _ => failed(StatusCode::NOT_FOUND, ErrorCode::NotFound, ""),
    }
}

async fn nothing_here() -> Response {
    failed(StatusCode::NOT_FOUND, ErrorCode::NotFound, "")
}

#[derive(Template)]
#[template(path = "witness/witness.html")]
struct WitnessPage {
    name: String,
    prefix: String,
    keys: Vec<String>,
    list_error: Option<String>,
    logs: Vec<Row>,
}

struct Row {
    origin: String,
    log: String,
    listed: bool,
    contact: Option<String>,
    /// Size, and when.
    seen: Option<(u64, String)>,
    evidence: Vec<String>,
}

impl From<LogStatus> for Row {
    fn from(status: LogStatus) -> Self {
        let LogStatus { origin, log, listed, contact, size, time, frozen: _, evidence } = status;
        let seen = size.zip(time).map(|(size, time)| (size, beijing_time(time.saturating_mul(1_000))));
        Self { origin, log, listed, contact, seen, evidence }
    }
}

/// Who this is, which logs it follows, and what it found.
async fn page(State(site): State<Site>, OriginalUri(uri): OriginalUri) -> Response {
    let prefix = uri.path().trim_end_matches('/').to_owned();
    let rendered = tokio::task::spawn_blocking(move || {
        let witness = site.witness;
        let page = WitnessPage {
            name: witness.name().to_owned(),
            prefix,
            keys: witness.vkeys().iter().map(ToString::to_string).collect(),
            list_error: witness.list_error(),
            logs: witness.logs().into_iter().map(Row::from).collect(),
        };
        page.render()
    });
    let Ok(Ok(html)) = rendered.await else {
        return failed(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, "");
    };
    const HEADERS: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, CACHE_NONE),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (HEADERS, html).into_response()
}
