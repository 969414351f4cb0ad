//! Chains: which there are, where each stands, what a drafter needs, their entries.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_canonical;
use sanwu_schema::record::check_code;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::validity::ChainHead;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{exact, number, rows};
use crate::http::App;
use crate::http::error::{ApiError, Problem};
use crate::http::limits::CACHE_NONE;
use crate::log::{LoggedEntry, ReadError, Reader};

/// The reads below `/api/v1/chains`.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/chains", get(chains))
        .route("/api/v1/chains/{chain}", get(chain))
        .route("/api/v1/chains/{chain}/entries", get(entries))
}

/// A page of chains, in byte order of their ids.
#[derive(Serialize, ToSchema)]
pub struct Chains {
    /// The chains.
    chains: Vec<ChainRow>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One chain.
#[derive(Serialize, ToSchema)]
pub struct ChainRow {
    /// Its id.
    chain: String,
    /// Where it stands.
    head: HeadDoc,
}

/// A chain's head.
#[derive(Serialize, ToSchema)]
pub struct HeadDoc {
    /// Place of the last statement.
    seq: u64,
    /// Its id.
    id: String,
    /// Its index in the log.
    index: u64,
    /// The size in its `seen`.
    seen: u64,
}

/// A page of a chain's entries.
#[derive(Serialize, ToSchema)]
pub struct ChainEntries {
    /// The chain.
    chain: String,
    /// The entries, by place.
    entries: Vec<EntryRow>,
    /// `from` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// One entry of a chain.
#[derive(Serialize, ToSchema)]
pub struct EntryRow {
    /// Its index in the log.
    index: u64,
    /// Its place in the chain.
    seq: u64,
    /// Its statement id.
    id: String,
    /// The check code that is printed on paper.
    check_code: String,
    /// The statement as it was signed.
    #[schema(value_type = Object)]
    statement: serde_json::Value,
    /// The statement that corrected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<String>,
}

/// Which page of chains.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ChainsPage {
    /// The last id of the page before.
    after: Option<String>,
    /// How many, 1 to 200; 100 if absent.
    count: Option<String>,
}

/// Which page of entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct EntriesPage {
    /// The first place wanted; 0 if absent.
    from: Option<String>,
    /// How many, 1 to 200; 100 if absent.
    count: Option<String>,
}

/// Lists the chains.
#[utoipa::path(
    get, path = "/api/v1/chains", tag = "read", params(ChainsPage),
    responses((status = 200, description = "A page of chains", body = Chains))
)]
pub(in crate::http) async fn chains(
    State(app): State<App>,
    Query(page): Query<ChainsPage>,
) -> Result<Json<Chains>, ApiError> {
    let after = page.after.as_deref().map(chain_id).transpose()?;
    let count = rows(page.count.as_deref())?;
    let mut found = app.read(move |reader| reader.chains(after.as_ref(), count + 1)).await?;
    let more = found.len() > count;
    found.truncate(count);
    let next = found.last().filter(|_| more).map(|(chain, _)| chain.as_str().to_owned());
    let chains =
        found.into_iter().map(|(chain, head)| ChainRow { chain: chain.as_str().to_owned(), head: head.into() });
    Ok(Json(Chains { chains: chains.collect(), next }))
}

/// What a drafter must know of a chain: head, facts in force with the public keys, names, the newest
/// published checkpoint. Canonical JSON, `sanwu-chain-v1`. `root` is answered before it is open, too.
#[utoipa::path(
    get, path = "/api/v1/chains/{chain}", tag = "read",
    params(("chain" = String, Path)),
    responses(
        (status = 200, description = "The chain", content_type = "application/json", body = String),
        (status = 404, description = "No such chain", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn chain(State(app): State<App>, Path(chain): Path<String>) -> Result<Response, ApiError> {
    let id = chain_id(&chain)?;
    let info = app.read(move |reader| reader.chain_info(&id)).await?;
    if info.head.is_none() && !info.chain.is_root() {
        return Err(ApiError::new(ErrorCode::ChainMissing, chain));
    }
    Ok(exact("application/json", CACHE_NONE, to_canonical(&info)))
}

/// A chain's entries in order.
#[utoipa::path(
    get, path = "/api/v1/chains/{chain}/entries", tag = "read",
    params(("chain" = String, Path), EntriesPage),
    responses(
        (status = 200, description = "A page of entries", body = ChainEntries),
        (status = 404, description = "No such chain", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn entries(
    State(app): State<App>,
    Path(chain): Path<String>,
    Query(page): Query<EntriesPage>,
) -> Result<Json<ChainEntries>, ApiError> {
    let id = chain_id(&chain)?;
    let from = page.from.as_deref().map_or(Ok(0), |from| number(from, "from"))?;
    let count = rows(page.count.as_deref())?;
    let found = app
        .read(move |reader| {
            if reader.chain(&id)?.is_none() {
                return Ok(None);
            }
            let mut found = reader.chain_entries(&id, from, count + 1)?;
            let next = found.get(count).map(|one| one.entry.statement.seq);
            found.truncate(count);
            let rows = found.into_iter().map(|one| entry_row(reader, one)).collect::<Result<Vec<_>, _>>()?;
            Ok(Some((rows, next)))
        })
        .await?;
    let (entries, next) = found.ok_or_else(|| ApiError::new(ErrorCode::ChainMissing, chain.clone()))?;
    Ok(Json(ChainEntries { chain, entries, next }))
}

fn entry_row(reader: &Reader, LoggedEntry { index, entry }: LoggedEntry) -> Result<EntryRow, ReadError> {
    let superseded_by = reader.superseded(&entry.id)?.map(|superseded| superseded.by.to_string());
    let statement = serde_json::from_slice(&entry.envelope.payload).map_err(|_| ReadError::Record("statement"))?;
    let (seq, id, check_code) = (entry.statement.seq, entry.id.to_string(), check_code::of(&entry.id));
    Ok(EntryRow { index, seq, id, check_code, statement, superseded_by })
}

fn chain_id(text: &str) -> Result<ChainId, ApiError> {
    ChainId::parse(text).ok_or_else(|| ApiError::new(ErrorCode::Parameter, "chain"))
}

impl From<ChainHead> for HeadDoc {
    fn from(head: ChainHead) -> Self {
        Self { seq: head.seq, id: head.id.to_string(), index: head.index, seen: head.seen }
    }
}
