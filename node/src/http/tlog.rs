//! C2SP tlog-tiles: the checkpoint, hash tiles and entry bundles.
//!
//! Served is the *committed* tree, at every width up to the current one: each receipt carries the log's signature over a
//! committed head, so a client may have a checkpoint of any such size before it is published. No partial tile is stored:
//! each is cut from the current tile, so that every tile any checkpoint names can be read for ever, and the full tile is
//! there as soon as its last hash is.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::tile::{Tile, TileKind, push_entry};

use super::api::exact;
use super::error::ApiError;
use super::limits::{CACHE_IMMUTABLE, CACHE_NONE};
use super::{App, Incompressible};
use crate::log::{ReadError, Reader};

/// The content type of tiles and bundles.
const OCTETS: &str = "application/octet-stream";

/// Returns the tile API, to be served under any prefix.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile", get(tile))
        .route("/tile/", get(tile))
        .route("/tile/{*path}", get(tile))
}

/// The published checkpoint, as it was signed.
async fn checkpoint(State(app): State<App>) -> Result<Response, ApiError> {
    let published = app.reader().published().ok_or_else(|| ApiError::not_found("checkpoint"))?;
    Ok(incompressible(exact("text/plain; charset=utf-8", CACHE_NONE, published.note.clone())))
}

/// A hash tile or an entry bundle of the committed tree.
///
/// The path is read as it was sent, without percent-decoding: a tile has one spelling.
async fn tile(State(app): State<App>, uri: Uri) -> Result<Response, ApiError> {
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    let tile = Tile::parse(path).map_err(|_| ApiError::not_found("tile"))?;
    let bytes = match app.inner.tiles.get(&tile) {
        Some(ready) => ready,
        None => {
            let bytes = read_tile(&app, tile).await?.ok_or_else(|| ApiError::not_found("tile"))?;
            app.inner.tiles.put(tile, bytes.clone());
            bytes
        }
    };
    let response = exact(OCTETS, CACHE_IMMUTABLE, bytes);
    Ok(if tile.kind() == TileKind::Entries { response } else { incompressible(response) })
}

/// Reads a tile from the store. A hash tile has 8 KiB at most; entry bundles are counted as large answers.
async fn read_tile(app: &App, tile: Tile) -> Result<Option<Bytes>, ApiError> {
    if tile.kind() == TileKind::Entries {
        return app.read_large(move |reader| content(reader, tile)).await;
    }
    Ok(app.read(move |reader| content(reader, tile)).await?.map(Bytes::from))
}

pub(super) fn incompressible(mut response: Response) -> Response {
    response.extensions_mut().insert(Incompressible);
    response
}

/// Returns the bytes of a tile, or `None` if the committed tree does not have it at that width.
fn content(reader: &Reader, tile: Tile) -> Result<Option<Vec<u8>>, ReadError> {
    let size = reader.committed().position.size;
    let width = usize::from(tile.width());
    match Tile::at_size(tile.kind(), tile.index(), size) {
        Some(there) if there.width() >= tile.width() => {}
        _ => return Ok(None),
    }
    let mut bytes = Vec::new();
    match tile.kind() {
        TileKind::Hashes(level) => {
            let hashes = reader.tile(level, tile.index())?;
            let hashes = hashes.get(..width).ok_or(ReadError::Record("tile is too short"))?;
            bytes.reserve_exact(width * size_of::<Hash>());
            bytes.extend(hashes.iter().flat_map(|hash| hash.0));
        }
        TileKind::Entries => {
            let entries = reader.entries_bytes(tile.index() * u64::from(Tile::full(&tile).width()), width)?;
            if entries.len() != width {
                return Err(ReadError::Record("entries are missing"));
            }
            // Exactly: the cache counts by length, not by capacity.
            bytes.reserve_exact(entries.iter().map(|entry| size_of::<u16>() + entry.len()).sum());
            for entry in entries {
                push_entry(&mut bytes, &entry).map_err(|_| ReadError::Record("entry is too long"))?;
            }
        }
    }
    Ok(Some(bytes))
}
