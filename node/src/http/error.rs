//! The one place where errors become HTTP answers: RFC 9457 problem details with a stable code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sanwu_schema::api::problem::{Problem, ProblemFinding, ProblemHead};
use sanwu_schema::error_code::{ErrorCode, ErrorKind};

use crate::log::{RETRY_AFTER, ReadError, SubmitError, SubmitRefusal};
use crate::storage;

/// An answer that is an error.
#[derive(Clone, Debug)]
pub struct ApiError {
    code: ErrorCode,
    problem: Box<Problem>,
}

impl ApiError {
    /// Returns an error with its code and place; the code decides the status.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, problem: Box::new(Problem::new(code, status(code).as_u16(), detail)) }
    }

    /// Returns the error for an address at which there is nothing.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, what)
    }

    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        self.code.as_str()
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        status(self.code)
    }

    fn refused(refusal: SubmitRefusal) -> Self {
        let mut error = Self::new(refusal.code, refusal.place);
        error.problem.envelope = Some(refusal.envelope);
        error.problem.findings = refusal.findings.into_iter().map(ProblemFinding::from).collect();
        error.problem.head = refusal.head.map(ProblemHead::from);
        error
    }
}

/// The status of a code: by its kind, except for the few that HTTP has a status of its own for.
fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Busy => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Multipart | ErrorCode::Parameter => StatusCode::BAD_REQUEST,
        ErrorCode::Timeout => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::Method => StatusCode::METHOD_NOT_ALLOWED,
        code => match code.kind() {
            ErrorKind::Invalid | ErrorKind::Mismatch | ErrorKind::Undecided => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Denied => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Limit => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::Network => StatusCode::BAD_GATEWAY,
            ErrorKind::Storage => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        // Logged here: the answer does not show what the disk holds.
        match error {
            ReadError::Range => Self::new(ErrorCode::NotFound, "beyond the committed head"),
            ReadError::Store(storage::Error::Damaged { family, .. }) => {
                tracing::error!(%error, "{error}");
                Self::new(ErrorCode::StoreDamaged, format!("family {family}"))
            }
            ReadError::Store(_) => {
                tracing::error!(%error, "{error}");
                Self::new(ErrorCode::Store, "store")
            }
            ReadError::Entry(_) | ReadError::Record(_) => {
                tracing::error!(%error, "{error}");
                Self::new(ErrorCode::StoreDamaged, "stored record")
            }
        }
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusal) => Self::refused(*refusal),
            SubmitError::Busy => Self::new(ErrorCode::Busy, "queue"),
            SubmitError::Follower(upstream) => Self::new(ErrorCode::Follower, upstream),
            SubmitError::ReadOnly(why) => Self::new(ErrorCode::ReadOnly, why.to_string()),
            SubmitError::Stopped(why) => Self::new(ErrorCode::Stopped, why.to_string()),
            SubmitError::Read(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(&self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code == ErrorCode::Busy {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER.as_secs()));
        }
        response.extensions_mut().insert(ProblemCode(self.code()));
        response
    }
}

/// Marks an error response with its code, for the log line.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProblemCode(pub(super) &'static str);
