//! Where a log's bytes come from. Nothing here is trusted: the replay checks every byte against the root.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sanwu_schema::code::Code;
use sanwu_schema::hash::Hash;
use sanwu_schema::log::tile::Tile;

use crate::client::{Blob, Client, DOCUMENT_BYTES_MAX, TILE_BYTES_MAX};
use crate::error::Error;
use crate::files;

/// What is found under a digest; whether it has that digest is for the replay to say.
pub enum Bytes {
    /// Bytes.
    Here(Vec<u8>),
    /// Erased, the source says.
    Gone,
    /// Nothing.
    Missing,
}

/// A log's bytes.
pub trait Source: Sync {
    /// Its name for people: an address or a folder.
    fn name(&self) -> String;
    /// The newest signed checkpoint.
    fn checkpoint(&self) -> Result<Vec<u8>, Error>;
    /// A tile of hashes or an entry bundle; `None` if it is not there.
    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error>;
    /// A body by its digest.
    fn blob(&self, digest: &Hash) -> Result<Bytes, Error>;
}

/// A mirror: `checkpoint`, `tile/…`, `blobs/<sha256>`.
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The mirror in this folder.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    fn read(&self, relative: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.root.join(relative);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(files::io_error(&path, &e)),
        }
    }
}

impl Source for Folder {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        self.read("checkpoint")?
            .ok_or_else(|| Error::new(Code::FileMissing).at(self.root.join("checkpoint").display().to_string()))
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        self.read(&tile.path())
    }

    fn blob(&self, digest: &Hash) -> Result<Bytes, Error> {
        Ok(match self.read(&format!("blobs/{}", digest.to_hex()))? {
            Some(bytes) => Bytes::Here(bytes),
            None => Bytes::Missing,
        })
    }
}

/// A server.
pub struct Remote {
    client: Client,
}

impl Remote {
    /// The log behind a server.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Source for Remote {
    fn name(&self) -> String {
        self.client.base().to_owned()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        self.client.get("/checkpoint", DOCUMENT_BYTES_MAX)
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        match self.client.get(&format!("/{}", tile.path()), TILE_BYTES_MAX) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.exit() == 5 => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn blob(&self, digest: &Hash) -> Result<Bytes, Error> {
        Ok(match self.client.blob_unchecked(digest)? {
            Blob::Here(bytes) => Bytes::Here(bytes),
            Blob::Gone => Bytes::Gone,
            Blob::Missing => Bytes::Missing,
        })
    }
}
