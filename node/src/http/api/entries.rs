//! Publishing, and reading single entries with their proofs.

use axum::Json;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sanwu_schema::api::Exact;
use sanwu_schema::api::entries::{RECEIPT_FORMAT, ReceiptDoc, ReceiptEntry, SubmissionForm};
use sanwu_schema::api::problem::Problem;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_canonical;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::check_code;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{exact, number};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::limits::{CACHE_IMMUTABLE, CACHE_NONE, WITNESSED_TIME_MAX};
use crate::http::uploads::{REQUEST_BYTES_MAX, Reserve, read_form};
use crate::log::{Appended, Placed, ReadError, Reader};

/// Routes submissions.
pub(in crate::http) fn writer() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(publish)).layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
}

/// Routes single entries and their proofs.
pub(super) fn reader() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(entry)).routes(routes!(proof)).routes(routes!(bundle))
}

/// What to wait for before the answer.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PublishQuery {
    /// `witnessed`: until a published checkpoint with the witness quorum covers the entries, at most half a minute.
    wait: Option<String>,
}

/// Publishes entries: one, or several linked ones as a package, all or nothing.
///
/// No login: valid signatures by keys in the ring are the permission. The same statement again gives its
/// place again. Answers when the entries are durable and provable.
#[utoipa::path(
    post, path = "/api/v1/entries", tag = "publish",
    request_body(content = SubmissionForm, content_type = "multipart/form-data"),
    params(PublishQuery, ("Prefer" = Option<String>, Header, description = "`return=minimal`: tlog-proofs instead of bundles")),
    responses(
        (status = 201, description = "Published", body = ReceiptDoc),
        (status = 200, description = "All of it was in the log already", body = ReceiptDoc),
        (status = "4XX", description = "Refused, nothing stored", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "A replica; names the server of the writing log", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Queue full (Retry-After), or read-only", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn publish(
    State(app): State<App>,
    Query(query): Query<PublishQuery>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let wait = match query.wait.as_deref() {
        None => false,
        Some("witnessed") => true,
        Some(_) => return Err(ApiError::new(ErrorCode::Parameter, "wait")),
    };
    let mut reserve = Reserve::open(&app, &headers)?;
    let read = match form {
        Ok(form) => read_form(form, &mut reserve).await,
        Err(_) => Err(ApiError::new(ErrorCode::Multipart, "content-type")),
    };
    // Only now: a client that sends much does not hear an answer given before all of it was read.
    app.log().writes_here()?;
    let submission = read?;
    let receipt = app.log().submit(submission).await?;
    // Its bytes are on the disk; waiting for witnesses takes no memory.
    drop(reserve);
    let new = receipt.placed.iter().any(|placed| placed.new);
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    let witnessed = if wait { Some(witnessed(&app, &receipt).await) } else { None };
    let minimal = minimal(&headers);
    let origin = app.reader().origin().as_str().to_owned();
    let entries = receipt_entries(&app, receipt, minimal).await?;
    let document = ReceiptDoc { format: RECEIPT_FORMAT.to_owned(), origin, entries, witnessed };
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Json(document)).into_response())
}

/// Waits for the witness quorum and returns whether it was reached in time.
///
/// Without a policy that asks for witnesses it is not waited for.
async fn witnessed(app: &App, receipt: &Appended) -> bool {
    let last = receipt.placed.iter().map(|placed| placed.index).max().unwrap_or(0);
    app.reader().witness_policy().requires_witnesses()
        && tokio::time::timeout(WITNESSED_TIME_MAX, app.reader().until_witnessed(last)).await.is_ok()
}

/// Whether the client wants the short answer (RFC 7240).
fn minimal(headers: &HeaderMap) -> bool {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .any(|preference| preference.trim().eq_ignore_ascii_case("return=minimal"))
}

/// Returns one answer per statement.
///
/// Minimal ones are made of what is in memory if they can: the hop to the blocking pool costs more than the proof.
async fn receipt_entries(app: &App, receipt: Appended, minimal: bool) -> Result<Vec<ReceiptEntry>, ApiError> {
    if minimal && let Some(entries) = from_memory(app.reader(), &receipt) {
        return Ok(entries);
    }
    app.read(move |reader| {
        receipt.placed.iter().map(|placed| receipt_entry(reader, &receipt, placed, minimal)).collect()
    })
    .await
}

fn from_memory(reader: &Reader, receipt: &Appended) -> Option<Vec<ReceiptEntry>> {
    let committed = &receipt.committed;
    let entry = |placed: &Placed| {
        let proof = reader.tlog_proof_from_memory(placed.index, committed.position.size, &committed.note)?;
        Some(entry_of(placed, Some(proof.to_text()), None))
    };
    receipt.placed.iter().map(entry).collect()
}

fn receipt_entry(
    reader: &Reader,
    receipt: &Appended,
    placed: &Placed,
    minimal: bool,
) -> Result<ReceiptEntry, ReadError> {
    if minimal {
        let committed = &receipt.committed;
        let proof = reader.tlog_proof(placed.index, committed.position.size, &committed.note)?;
        return Ok(entry_of(placed, Some(proof.to_text()), None));
    }
    let found = reader.bundle(placed.index, None)?.ok_or(ReadError::Record("entry"))?;
    let bundle = Exact::new(&found).map_err(|_| ReadError::Record("bundle"))?;
    Ok(entry_of(placed, None, Some(bundle)))
}

fn entry_of(placed: &Placed, proof: Option<String>, bundle: Option<Exact<Bundle>>) -> ReceiptEntry {
    let (index, id, new, check_code) = (placed.index, placed.id.to_string(), placed.new, check_code::of(&placed.id));
    ReceiptEntry { index, id, new, check_code, bundle, proof }
}

/// The leaf's exact bytes: the DSSE envelope.
#[utoipa::path(
    get, path = "/api/v1/entries/{index}", tag = "read",
    params(("index" = u64, Path)),
    responses(
        (status = 200, description = "The envelope's exact bytes", content_type = "application/json", body = Object),
        (status = 404, description = "No such entry", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn entry(State(app): State<App>, Path(index): Path<String>) -> Result<Response, ApiError> {
    let index = number(&index, "index")?;
    let bytes = app.read(move |reader| reader.entry_bytes(index)).await?;
    let bytes = bytes.ok_or_else(|| ApiError::not_found(format!("entry {index}")))?;
    Ok(exact("application/json", CACHE_IMMUTABLE, bytes))
}

/// Which checkpoint to prove to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProofQuery {
    /// Size of a published checkpoint; the newest that covers the entry if absent.
    size: Option<String>,
}

/// The entry's inclusion proof with the signed checkpoint, as C2SP tlog-proof.
#[utoipa::path(
    get, path = "/api/v1/entries/{index}/proof", tag = "read",
    params(("index" = u64, Path), ProofQuery),
    responses(
        (status = 200, description = "C2SP tlog-proof", content_type = "text/plain", body = String),
        (status = 404, description = "No such entry or checkpoint", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn proof(
    State(app): State<App>,
    Path(index): Path<String>,
    Query(query): Query<ProofQuery>,
) -> Result<Response, ApiError> {
    let index = number(&index, "index")?;
    let size = query.size.as_deref().map(|size| number(size, "size")).transpose()?;
    let text = app.read(move |reader| proof_text(reader, index, size)).await?;
    let text = text.ok_or_else(|| ApiError::not_found(format!("entry {index}")))?;
    Ok(exact("text/plain; charset=utf-8", CACHE_NONE, text))
}

fn proof_text(reader: &Reader, index: u64, size: Option<u64>) -> Result<Option<String>, ReadError> {
    let Some((size, note)) = reader.checkpoint_covering(index, size, None)? else { return Ok(None) };
    Ok(Some(reader.tlog_proof(index, size, &note)?.to_text()))
}

/// What the client remembers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BundleQuery {
    /// A tree size that the client remembers; the bundle then proves consistency from there.
    since: Option<String>,
}

/// The proof bundle: all that an offline check of the entry needs, in one JSON.
#[utoipa::path(
    get, path = "/api/v1/entries/{index}/bundle", tag = "read",
    params(("index" = u64, Path), BundleQuery),
    responses(
        (status = 200, description = "The proof bundle", content_type = "application/json", body = Object),
        (status = 404, description = "No such entry", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn bundle(
    State(app): State<App>,
    Path(index): Path<String>,
    Query(query): Query<BundleQuery>,
) -> Result<Response, ApiError> {
    let index = number(&index, "index")?;
    let since = query.since.as_deref().map(|since| number(since, "since")).transpose()?;
    let bundle = app.read(move |reader| Ok(reader.bundle(index, since)?.map(|bundle| to_canonical(&bundle)))).await?;
    let bundle = bundle.ok_or_else(|| ApiError::not_found(format!("entry {index}")))?;
    Ok(exact("application/json", CACHE_NONE, bundle))
}
