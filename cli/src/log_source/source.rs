//! Where a log's bytes come from: a server, or a folder that holds a mirror.
//!
//! Nothing here is trusted: the reader checks every byte against a root.

use std::path::{Path, PathBuf};

use sanwu_schema::api::checkpoints::Checkpoints;
use sanwu_schema::api::version::VersionDoc;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, parse_bundle};
use sanwu_schema::verify::trust::PinnedLog;

use crate::error::Error;
use crate::files;
use crate::log_source::client::{Client, Content, DOCUMENT_BYTES_MAX, TILE_BYTES_MAX};
use crate::log_source::head::SignedHead;
use crate::log_source::trust::ask_trust;

/// The folder of retained checkpoints in a mirror, named by their size.
pub const RETAINED: &str = "checkpoints";
/// Retained checkpoints asked for in one page; the server gives no more.
const RETAINED_PAGE: usize = 200;

/// A checkpoint that a source says it once published.
pub struct Retained {
    /// The tree size, as the source says.
    pub size: u64,
    pub note: Vec<u8>,
}

/// A log's bytes.
pub trait Source: Sync {
    /// Returns its name for people: an address or a folder.
    fn name(&self) -> String;
    /// Returns whether it is a mirror: a folder, or a web server that serves one and so has no API.
    ///
    /// A mirror may be older than what this machine has seen.
    fn is_copy(&self) -> bool;
    /// Returns the newest signed checkpoint.
    fn checkpoint(&self) -> Result<Vec<u8>, Error>;
    /// Returns a tile of hashes or an entry bundle; `None` if it is not there.
    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error>;
    /// Returns a body by its digest; the reader checks that it has that digest.
    fn blob(&self, digest: &Hash) -> Result<Content, Error>;
    /// Returns earlier published checkpoints of at least `from` leaves, smallest first, in pages.
    ///
    /// A page is empty at the end, and where none are kept. The next page begins above the largest size given.
    fn retained(&self, from: u64) -> Result<Vec<Retained>, Error>;
    /// Returns what the source itself says is to be trusted; `None` where it says nothing.
    fn own_trust(&self) -> Result<Option<PinnedLog>, Error>;
}

/// Returns a source by what a person typed: an existing folder, or else a server's address.
pub fn open(place: &str) -> Result<Box<dyn Source>, Error> {
    match Path::new(place) {
        folder if !place.contains("://") && folder.is_dir() => Ok(Box::new(FolderSource::new(folder))),
        // No host's name begins like that.
        path if place.starts_with(['.', '/', '\\']) => {
            Err(Error::new(ErrorCode::FileMissing).at(path.display().to_string()))
        }
        _ => Ok(Box::new(Remote::new(Client::new(place)?))),
    }
}

/// Returns a tile's bytes; where a partial one is gone, the beginning of the full one.
///
/// A web server may answer with a page of its own instead of saying that it is gone.
pub fn tile_or_full(source: &dyn Source, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
    let found = source.tile(tile)?;
    if !tile.is_partial() || found.as_ref().is_some_and(|bytes| is_tile(tile, bytes)) {
        return Ok(found);
    }
    Ok(source.tile(tile.full())?.map(|full| beginning(tile, full)).or(found))
}

fn is_tile(tile: Tile, bytes: &[u8]) -> bool {
    match tile.kind() {
        TileKind::Hashes(_) => tile.hashes(bytes).is_ok(),
        TileKind::Entries => parse_bundle(bytes, tile.width()).is_ok(),
    }
}

/// The elements of a full tile that the partial one has; a malformed tile is returned as it is.
fn beginning(tile: Tile, mut full: Vec<u8>) -> Vec<u8> {
    let width = usize::from(tile.width());
    let length = match tile.kind() {
        TileKind::Hashes(_) => Some(width * size_of::<Hash>()),
        TileKind::Entries => parse_bundle(&full, TILE_WIDTH)
            .ok()
            .map(|entries| entries.iter().take(width).map(|entry| size_of::<u16>() + entry.len()).sum()),
    };
    full.truncate(length.unwrap_or(full.len()));
    full
}

/// A mirror: `checkpoint`, `tile/…`, `blobs/<sha256>`, `checkpoints/<size>`.
pub struct FolderSource {
    root: PathBuf,
}

impl FolderSource {
    /// Returns the mirror in this folder.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    fn read(&self, relative: &str) -> Result<Option<Vec<u8>>, Error> {
        match files::read(&self.root.join(relative)) {
            Err(e) if e.code == ErrorCode::FileMissing => Ok(None),
            read => read.map(Some),
        }
    }
}

impl Source for FolderSource {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn is_copy(&self) -> bool {
        true
    }

    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        self.read("checkpoint")?
            .ok_or_else(|| Error::new(ErrorCode::FileMissing).at(self.root.join("checkpoint").display().to_string()))
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        self.read(&tile.path())
    }

    fn blob(&self, digest: &Hash) -> Result<Content, Error> {
        Ok(match self.read(&format!("blobs/{}", digest.to_hex()))? {
            Some(bytes) => Content::Here(bytes),
            None => Content::Missing,
        })
    }

    fn retained(&self, from: u64) -> Result<Vec<Retained>, Error> {
        let names = std::fs::read_dir(self.root.join(RETAINED)).into_iter().flatten().flatten();
        let mut sizes: Vec<u64> =
            names.filter_map(|file| file.file_name().to_str()?.parse().ok()).filter(|size| *size >= from).collect();
        sizes.sort_unstable();
        sizes.truncate(RETAINED_PAGE);
        let read = |size: u64| Ok(self.read(&format!("{RETAINED}/{size}"))?.map(|note| Retained { size, note }));
        sizes.into_iter().filter_map(|size| read(size).transpose()).collect()
    }

    fn own_trust(&self) -> Result<Option<PinnedLog>, Error> {
        Ok(None)
    }
}

/// A server: one of this ledger's, or any that serves a mirror's folder.
pub struct Remote {
    client: Client,
}

impl Remote {
    /// Returns the log behind a server.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Source for Remote {
    fn name(&self) -> String {
        self.client.base().to_owned()
    }

    fn is_copy(&self) -> bool {
        // A server of files may answer anything under a name that it does not know.
        let document = found(self.client.get("/version", DOCUMENT_BYTES_MAX));
        let is_node = |bytes: Vec<u8>| serde_json::from_slice::<VersionDoc>(&bytes).is_ok();
        document.is_ok_and(|found| !found.is_some_and(is_node))
    }

    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        self.client.get("/checkpoint", DOCUMENT_BYTES_MAX)
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        found(self.client.get(&format!("/{}", tile.path()), TILE_BYTES_MAX))
    }

    fn blob(&self, digest: &Hash) -> Result<Content, Error> {
        self.client.blob_unchecked(digest)
    }

    fn retained(&self, from: u64) -> Result<Vec<Retained>, Error> {
        let path = format!("/api/v1/checkpoints?from={from}&count={RETAINED_PAGE}");
        let Some(bytes) = found(self.client.get(&path, DOCUMENT_BYTES_MAX))? else { return Ok(Vec::new()) };
        // A server of files may answer anything under a name that it does not know.
        let Ok(page) = serde_json::from_slice::<Checkpoints>(&bytes) else { return Ok(Vec::new()) };
        let retained: Vec<Retained> =
            page.checkpoints.into_iter().map(|one| Retained { size: one.size, note: one.note.into_bytes() }).collect();
        // A page that goes backwards would be asked for again and again.
        let grows = retained.is_sorted_by(|a, b| a.size < b.size);
        if !grows || retained.first().is_some_and(|first| first.size < from) {
            return Err(self.client.nonsense(&path, "checkpoints"));
        }
        Ok(retained)
    }

    fn own_trust(&self) -> Result<Option<PinnedLog>, Error> {
        found(ask_trust(&self.client))
    }
}

/// A source as it was at a checkpoint that has been checked; what it has published since is left out.
pub struct At<'a> {
    source: &'a dyn Source,
    head: &'a SignedHead,
}

impl<'a> At<'a> {
    /// Returns the source up to this checkpoint.
    pub fn new(source: &'a dyn Source, head: &'a SignedHead) -> Self {
        Self { source, head }
    }
}

impl Source for At<'_> {
    fn name(&self) -> String {
        self.source.name()
    }

    fn is_copy(&self) -> bool {
        self.source.is_copy()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        Ok(self.head.note.clone().into_bytes())
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        tile_or_full(self.source, tile)
    }

    fn blob(&self, digest: &Hash) -> Result<Content, Error> {
        self.source.blob(digest)
    }

    fn retained(&self, from: u64) -> Result<Vec<Retained>, Error> {
        let mut page = self.source.retained(from)?;
        page.retain(|one| one.size <= self.head.checkpoint.size);
        Ok(page)
    }

    fn own_trust(&self) -> Result<Option<PinnedLog>, Error> {
        self.source.own_trust()
    }
}

/// Returns `None` for what the server does not have.
fn found<T>(asked: Result<T, Error>) -> Result<Option<T>, Error> {
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(e) if e.exit() == ErrorCode::NotFound.kind().exit() => Ok(None),
        Err(e) => Err(e),
    }
}
