//! Chains: which there are, their heads, what a drafter needs, their entries.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sanwu_schema::api::Exact;
use sanwu_schema::api::chains::{ChainEntries, ChainRow, Chains, EntryRow};
use sanwu_schema::api::problem::Problem;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_canonical;
use sanwu_schema::record::check_code;
use sanwu_schema::record::statement::ChainId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{exact, number, rows};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::limits::CACHE_NONE;
use crate::log::{LoggedEntry, ReadError, Reader};

/// Routes the chains and their entries.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(chains)).routes(routes!(chain)).routes(routes!(entries))
}

/// Which page of chains.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChainsPage {
    /// The last id of the page before.
    after: Option<String>,
    /// How many, 1 to 200; 100 if absent.
    count: Option<String>,
}

/// Which page of entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EntriesPage {
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
async fn chains(State(app): State<App>, Query(page): Query<ChainsPage>) -> Result<Json<Chains>, ApiError> {
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
        (status = 200, description = "The chain", content_type = "application/json", body = Object),
        (status = 404, description = "No such chain", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn chain(State(app): State<App>, Path(chain): Path<String>) -> Result<Response, ApiError> {
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
async fn entries(
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
    let statement = Exact::from_bytes(&entry.envelope.payload).map_err(|_| ReadError::Record("statement"))?;
    let (seq, id, check_code) = (entry.statement.seq, entry.id.to_string(), check_code::of(&entry.id));
    Ok(EntryRow { index, seq, id, check_code, statement, superseded_by })
}

fn chain_id(text: &str) -> Result<ChainId, ApiError> {
    ChainId::parse(text).ok_or_else(|| ApiError::new(ErrorCode::Parameter, "chain"))
}
