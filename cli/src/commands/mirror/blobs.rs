//! Bodies and attachments, a few bundles of entries at a time. An erasure reaches the copies, too.

use std::collections::HashSet;

use sanwu_schema::body::Body;
use sanwu_schema::code::Code;
use sanwu_schema::entry::Entry;
use sanwu_schema::hash::Hash;
use sanwu_schema::log::tile::{Tile, TileKind, parse_bundle};
use sanwu_schema::statement::{Kind, StatementId};

use super::Mirror;
use super::bundles::Asks;
use crate::client::Blob;
use crate::error::Error;
use crate::source::{Folder, Source};
use crate::text::text;

/// Bundles whose contents are looked for together: 4,096 entries.
const BUNDLES_PER_BATCH: usize = 16;

/// An entry's index and the digest of a content that the server does not give.
pub(super) type Missing = (u64, Hash);

/// A body as an entry names it.
struct Want {
    index: u64,
    id: StatementId,
    digest: Hash,
    kind: Kind,
}

#[derive(Default)]
struct Got {
    fetched: u64,
    missing: Vec<Missing>,
}

impl Mirror<'_> {
    /// Brings every content into the folder that is not there. Gives how many were fetched, and which are missing.
    pub(super) fn blobs(&self, local: &Folder, size: u64, asks: &[Asks]) -> Result<(u64, Vec<Missing>), Error> {
        let erased: HashSet<StatementId> = asks.iter().flat_map(|a| &a.erased).copied().collect();
        let with_bodies: Vec<u64> = (0u64..).zip(asks).filter(|(_, a)| a.bodies).map(|(n, _)| n).collect();
        let bar = self.ui.progress(with_bodies.len() as u64, &text!("内容", "contents"));
        let (mut fetched, mut missing) = (0, Vec::new());
        for batch in with_bodies.chunks(BUNDLES_PER_BATCH) {
            let mut wants = Vec::new();
            for bundle in crate::replay::map(self.jobs, batch.to_vec(), |n| wanted(local, size, n)) {
                wants.extend(bundle?);
            }
            for got in crate::replay::map(self.jobs, wants, |want| self.content(&want, erased.contains(&want.id))) {
                let got = got?;
                fetched += got.fetched;
                missing.extend(got.missing);
            }
            bar.inc(batch.len() as u64);
        }
        bar.finish_and_clear();
        Ok((fetched, missing))
    }

    /// A body and what it names in turn.
    fn content(&self, want: &Want, erased: bool) -> Result<Got, Error> {
        let mut got = Got::default();
        if erased {
            if let Some(body) = self.kept(&want.digest) {
                attachments(want.kind, &body).iter().try_for_each(|digest| self.folder.remove(&path(digest)))?;
            }
            self.folder.remove(&path(&want.digest))?;
            return Ok(got);
        }
        let Some(body) = self.blob(want.index, &want.digest, &mut got)? else { return Ok(got) };
        for digest in attachments(want.kind, &body) {
            self.blob(want.index, &digest, &mut got)?;
        }
        Ok(got)
    }

    /// What the folder has, or else the server gives.
    fn blob(&self, index: u64, digest: &Hash, got: &mut Got) -> Result<Option<Vec<u8>>, Error> {
        if let Some(bytes) = self.kept(digest) {
            return Ok(Some(bytes));
        }
        match self.client.blob(digest)? {
            Blob::Here(bytes) => {
                self.folder.write(&path(digest), &bytes)?;
                got.fetched += 1;
                Ok(Some(bytes))
            }
            Blob::Gone | Blob::Missing => {
                got.missing.push((index, *digest));
                Ok(None)
            }
        }
    }

    fn kept(&self, digest: &Hash) -> Option<Vec<u8>> {
        self.folder.read(&path(digest)).filter(|bytes| Hash::digest(bytes) == *digest)
    }
}

fn path(digest: &Hash) -> String {
    format!("blobs/{}", digest.to_hex())
}

fn attachments(kind: Kind, body: &[u8]) -> Vec<Hash> {
    let body = Body::parse(kind, body).ok();
    body.iter().flat_map(|b| b.attachments().iter().map(|a| a.digest)).collect()
}

/// The bodies that a bundle's entries name.
fn wanted(local: &Folder, size: u64, n: u64) -> Result<Vec<Want>, Error> {
    let tile = Tile::at_size(TileKind::Entries, n, size).ok_or_else(|| Error::new(Code::TreeRange))?;
    let bytes = local.tile(tile)?.ok_or_else(|| Error::new(Code::BlobMissing).at(tile.path()))?;
    let entries = parse_bundle(&bytes, tile.width()).map_err(|e| Error::new(e.code()).at(tile.path()))?;
    let first = n * u64::from(tile.full().width());
    let named = entries.into_iter().zip(first..).filter_map(|(bytes, index)| {
        let entry = Entry::parse(bytes).ok()?;
        let body = entry.statement.body.as_ref()?;
        Some(Want { index, id: entry.id, digest: body.digest, kind: entry.statement.kind })
    });
    Ok(named.collect())
}
