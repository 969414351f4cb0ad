//! C2SP tlog-tiles: the checkpoint, hash tiles and entry bundles.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sanwu_schema::hash::Hash;
use sanwu_schema::log::tile::{Tile, TileKind, push_entry};

use super::App;
use super::error::ApiError;
use super::limits::{CACHE_IMMUTABLE, CACHE_NONE};
use crate::log::{ReadError, Reader};

/// The tile API, to be served under any prefix.
pub(super) fn router() -> Router<App> {
    Router::new().route("/checkpoint", get(checkpoint)).route("/tile/{*path}", get(tile))
}

/// The published checkpoint, as it was signed.
async fn checkpoint(State(app): State<App>) -> Result<Response, ApiError> {
    let published = app.reader().published().ok_or_else(|| ApiError::not_found("checkpoint"))?;
    Ok(answer("text/plain; charset=utf-8", CACHE_NONE, published.note.clone()))
}

/// A hash tile or an entry bundle of the committed tree.
async fn tile(State(app): State<App>, Path(path): Path<String>) -> Result<Response, ApiError> {
    let tile = Tile::parse(&format!("tile/{path}")).map_err(|_| ApiError::not_found("tile"))?;
    let bytes = match app.inner.tiles.get(&tile) {
        Some(ready) => ready,
        None => {
            let bytes = app.read(move |reader| content(reader, tile)).await?;
            let bytes = Bytes::from(bytes.ok_or_else(|| ApiError::not_found("tile"))?);
            app.inner.tiles.put(tile, bytes.clone());
            bytes
        }
    };
    Ok(answer("application/octet-stream", CACHE_IMMUTABLE, bytes))
}

/// The bytes of a tile, if the committed tree has it at that width.
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
            // Exactly: what is kept ready is counted by its length.
            bytes.reserve_exact(entries.iter().map(|entry| size_of::<u16>() + entry.len()).sum());
            for entry in entries {
                push_entry(&mut bytes, &entry).map_err(|_| ReadError::Record("entry is too long"))?;
            }
        }
    }
    Ok(Some(bytes))
}

fn answer(kind: &'static str, cache: &'static str, bytes: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, bytes).into_response()
}
