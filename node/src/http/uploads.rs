//! Submissions as they come in: the form's parts, and the memory that they take.

use std::sync::Arc;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::{HeaderMap, StatusCode, header};
use sanwu_schema::error_code::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::App;
use super::error::ApiError;
use super::limits::{
    ATTACHMENT_BYTES_MAX, ENVELOPE_BYTES_MAX, PARTS_MAX, SMALL_UPLOAD_BYTES_MAX, SMALL_UPLOADS_BYTES_MAX,
    STATEMENT_BODY_BYTES_MAX, UPLOAD_BYTES_MAX, UPLOAD_GRAIN_BYTES, UPLOAD_SILENCE_MAX, UPLOADS_BYTES_MAX,
};
use crate::log::Submission;

/// Multipart framing around the parts: a boundary and three header lines each.
const FRAMING_BYTES_MAX: usize = PARTS_MAX * 1_024;

/// The largest request that is a submission.
pub(super) const REQUEST_BYTES_MAX: usize = UPLOAD_BYTES_MAX + FRAMING_BYTES_MAX;

/// The room for submissions that are being read, in steps of `UPLOAD_GRAIN_BYTES`.
pub(super) struct Uploads {
    /// For the first bytes of each.
    pub(super) small: Arc<Semaphore>,
    /// For larger submissions.
    pub(super) large: Arc<Semaphore>,
}

impl Uploads {
    pub(super) fn new() -> Self {
        let room = |bytes: usize| Arc::new(Semaphore::new(bytes / UPLOAD_GRAIN_BYTES));
        Self { small: room(SMALL_UPLOADS_BYTES_MAX), large: room(UPLOADS_BYTES_MAX) }
    }
}

/// The memory that a submission takes while it is read.
///
/// It is reserved as the bytes come in: a client that announces much and sends little keeps nobody out.
pub(super) struct Reserve {
    small: Share,
    large: Share,
    bytes: usize,
}

/// A submission's share of one of the pools.
struct Share {
    pool: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    fn of(pool: &Arc<Semaphore>) -> Self {
        Self { pool: Arc::clone(pool), held: None }
    }

    /// Grows to so many bytes.
    fn grow(&mut self, bytes: usize) -> Result<(), ApiError> {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.div_ceil(UPLOAD_GRAIN_BYTES).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.pool).try_acquire_many_owned(missing);
        let permit = permit.map_err(|_| ApiError::new(ErrorCode::Busy, "uploads"))?;
        match &mut self.held {
            Some(held) => held.merge(permit),
            None => self.held = Some(permit),
        }
        Ok(())
    }
}

impl Reserve {
    /// Refuses what announces more than is taken.
    pub(super) fn open(app: &App, headers: &HeaderMap) -> Result<Self, ApiError> {
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|bytes| bytes > REQUEST_BYTES_MAX as u64) {
            return Err(ApiError::new(ErrorCode::Length, "request"));
        }
        let uploads = &app.inner.uploads;
        let mut reserve = Self { small: Share::of(&uploads.small), large: Share::of(&uploads.large), bytes: 0 };
        reserve.grow(1)?;
        Ok(reserve)
    }

    /// Counts bytes that came in.
    fn grow(&mut self, more: usize) -> Result<(), ApiError> {
        self.bytes += more;
        if self.bytes > UPLOAD_BYTES_MAX {
            return Err(ApiError::new(ErrorCode::Length, "request"));
        }
        self.small.grow(self.bytes.min(SMALL_UPLOAD_BYTES_MAX))?;
        self.large.grow(self.bytes.saturating_sub(SMALL_UPLOAD_BYTES_MAX))
    }
}

/// Reads the parts, each within its limit.
pub(super) async fn read_form(mut form: Multipart, reserve: &mut Reserve) -> Result<Submission, ApiError> {
    let mut submission = Submission::default();
    let mut parts = 0;
    while let Some(field) = form.next_field().await.map_err(|error| broken_form(&error))? {
        parts += 1;
        if parts > PARTS_MAX {
            return Err(ApiError::new(ErrorCode::Length, "parts"));
        }
        let (name, bytes_max) = match field.name() {
            Some("envelope") => ("envelope", ENVELOPE_BYTES_MAX),
            Some("body") => ("body", STATEMENT_BODY_BYTES_MAX),
            Some("attachment") => ("attachment", ATTACHMENT_BYTES_MAX),
            // Lists of people come with erasure; until then they are refused by name.
            Some("rows") => return Err(ApiError::new(ErrorCode::Rows, "rows")),
            _ => return Err(ApiError::new(ErrorCode::Multipart, "part name")),
        };
        let bytes = read_part(field, name, bytes_max, reserve).await?;
        if name == "envelope" {
            submission.envelopes.push(bytes);
        } else {
            submission.blobs.push(bytes);
        }
    }
    Ok(submission)
}

async fn read_part(
    mut field: Field<'_>,
    name: &'static str,
    bytes_max: usize,
    reserve: &mut Reserve,
) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    loop {
        let Ok(chunk) = tokio::time::timeout(UPLOAD_SILENCE_MAX, field.chunk()).await else {
            return Err(ApiError::new(ErrorCode::Timeout, name));
        };
        let Some(chunk) = chunk.map_err(|error| broken_form(&error))? else { break };
        if bytes.len() + chunk.len() > bytes_max {
            return Err(ApiError::new(ErrorCode::Length, name));
        }
        reserve.grow(chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken_form(error: &MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(ErrorCode::Length, "request"),
        _ => ApiError::new(ErrorCode::Multipart, "form"),
    }
}
