//! One log line per request, and the request id.
//!
//! No address, no query and no header is logged: the log must not tell who reads which notice.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::error::ProblemCode;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Counts requests of this process.
static REQUESTS: AtomicU64 = AtomicU64::new(1);

pub(super) async fn observe(request: Request, next: Next) -> Response {
    let id = REQUESTS.fetch_add(1, Ordering::Relaxed);
    let method = request.method().clone();
    // The route, not the path: the paths of pages tell what is read.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let started = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let code = response.extensions().get::<ProblemCode>().map_or("", |code| code.0);
    let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::warn!(request.id = id, %method, route, status, code, took_us, "{method} {route} {status} {code}");
    } else {
        tracing::debug!(request.id = id, %method, route, status, code, took_us, "{method} {route} {status} {code}");
    }
    if let Ok(value) = HeaderValue::try_from(format!("{:08x}-{id}", std::process::id())) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
