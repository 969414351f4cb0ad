//! Style, scripts and the verifier, under addresses that name their content.
//!
//! All files are in one folder named by the digest of them all: modules import each other by their plain names and
//! are served as they are written, and a browser may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};
use sanwu_schema::crypto::hash::Hash;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// The verifier, built by `build.rs`; empty where the wasm target was not installed.
static VERIFIER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/verifier.wasm"));

/// The name of the verifier among the assets.
const VERIFIER_NAME: &str = "verifier.wasm";

/// A file as a page refers to it.
#[derive(Clone, Debug)]
pub struct Asset {
    pub url: String,
    /// Subresource integrity.
    pub sri: String,
}

/// All files, sorted by name, and the name of their folder.
pub struct Assets {
    folder: String,
    files: Vec<AssetFile>,
}

struct AssetFile {
    name: &'static str,
    bytes: &'static [u8],
    digest: Hash,
}

/// The assets of this build.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut files: Vec<(&'static str, &'static [u8])> =
        FOLDER.files().filter_map(|f| Some((f.path().file_name()?.to_str()?, f.contents()))).collect();
    if !VERIFIER.is_empty() {
        files.push((VERIFIER_NAME, VERIFIER));
    }
    files.sort_unstable_by_key(|(name, _)| *name);
    let files: Vec<AssetFile> =
        files.into_iter().map(|(name, bytes)| AssetFile { name, bytes, digest: Hash::digest(bytes) }).collect();
    let all: Vec<u8> = files.iter().flat_map(|f| f.name.bytes().chain(f.digest.0)).collect();
    let folder: String = Hash::digest(&all).to_hex().chars().take(16).collect();
    Assets { folder, files }
});

impl Assets {
    /// Returns the address of a file.
    ///
    /// A name that does not exist gives an address that answers 404; the browser tests find it.
    pub fn get(&self, name: &str) -> Asset {
        let sri = self.file(name).map(|f| format!("sha256-{}", f.digest.to_base64())).unwrap_or_default();
        Asset { url: format!("/assets/{}/{name}", self.folder), sri }
    }

    /// Returns the verifier's SHA-256 in hex; `None` when it was not built in.
    pub fn verifier_digest(&self) -> Option<String> {
        self.file(VERIFIER_NAME).map(|f| f.digest.to_hex())
    }

    /// Returns the verifier, when it was built in.
    pub fn verifier(&self) -> Option<Asset> {
        self.file(VERIFIER_NAME).map(|f| self.get(f.name))
    }

    fn file(&self, name: &str) -> Option<&AssetFile> {
        self.files.iter().find(|f| f.name == name)
    }
}

/// `GET /assets/{digest}/{name}`
pub async fn handle(Path((folder, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let assets = &*ASSETS;
    let Some(file) = assets.file(&name).filter(|_| folder == assets.folder) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Weak, because the same bytes may travel compressed.
    let tag = format!("W/\"{}\"", file.digest.to_hex());
    let known = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&tag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { file.bytes.into_response() };
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(file.name)));
    out.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(ETAG, tag);
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
