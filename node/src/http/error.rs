//! The one place where errors become HTTP answers: RFC 9457 problem details with a stable code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::record::entry::Invalid;
use serde::Serialize;
use utoipa::ToSchema;

use crate::log::{RETRY_AFTER, ReadError, Refusal, SubmitError};
use crate::storage;

/// What is wrong, for programs and for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A page about this kind of problem.
    #[schema(example = "/help#E-SEQ")]
    r#type: String,
    /// What is wrong, in Chinese.
    #[schema(example = "账链已经往前走了, 序号不对")]
    title: &'static str,
    /// What is wrong, in English.
    title_en: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// The stable code.
    #[schema(example = "E-SEQ")]
    code: &'static str,
    /// Where, or which: a member path, a role, a digest.
    detail: String,
    /// What to do, in Chinese.
    hint: &'static str,
    /// What to do, in English.
    hint_en: &'static str,
    /// Which envelope of the package, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<usize>,
    /// Everything else that was found in the same content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<ProblemFinding>,
    /// Where the chain stands now; with conflicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<ProblemHead>,
}

/// One more thing that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemFinding {
    /// The stable code.
    code: &'static str,
    /// What is wrong, in Chinese.
    title: &'static str,
    /// What is wrong, in English.
    title_en: &'static str,
    /// Where.
    detail: String,
}

/// A chain's head.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemHead {
    /// Place of the last statement.
    seq: u64,
    /// Its id, `sha256:…`.
    id: String,
    /// Its index in the log.
    index: u64,
}

/// An answer that is an error.
#[derive(Clone, Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    retry: bool,
}

impl ApiError {
    /// An error with its code and place; the code decides the status.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        let problem = Problem {
            r#type: format!("/help#{}", code.as_str()),
            title: code.zh(),
            title_en: code.en(),
            status: status(code).as_u16(),
            code: code.as_str(),
            detail: detail.into(),
            hint: code.hint_zh(),
            hint_en: code.hint_en(),
            envelope: None,
            findings: Vec::new(),
            head: None,
        };
        Self { problem: Box::new(problem), retry: code == ErrorCode::Busy }
    }

    /// There is nothing at that place.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, what)
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.problem.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn refused(refusal: Refusal) -> Self {
        let mut error = Self::new(refusal.code, refusal.place);
        error.problem.envelope = Some(refusal.envelope);
        error.problem.findings = refusal.findings.into_iter().map(ProblemFinding::from).collect();
        error.problem.head =
            refusal.head.map(|head| ProblemHead { seq: head.seq, id: head.id.to_string(), index: head.index });
        error
    }
}

/// The status of a code: by its kind, but for the few that HTTP has an own word for.
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

impl From<Invalid> for ProblemFinding {
    fn from(Invalid { code, place }: Invalid) -> Self {
        Self { code: code.as_str(), title: code.zh(), title_en: code.en(), detail: place }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        // Logged here, since what is answered must not show the disk's inside.
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
        let status = self.status();
        let code = self.problem.code;
        let mut response = (status, Json(self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER.as_secs()));
        }
        response.extensions_mut().insert(ProblemCode(code));
        response
    }
}

/// Left on an error response for the log line at the boundary.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProblemCode(pub(super) &'static str);
