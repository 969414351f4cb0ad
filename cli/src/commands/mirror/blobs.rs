//! Bodies and attachments, a few bundles of entries at a time. An erasure reaches the copies, too, but only one that
//! a replay of the copy proves to be valid: an entry that only says so removes nothing.

use std::collections::HashSet;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::Kind;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::tlog::tile::{Tile, TileKind, parse_bundle};
use sanwu_schema::verify::trust::PinnedLog;

use super::bundles::Asks;
use super::job::Mirror;
use crate::audit::{self, Options};
use crate::error::Error;
use crate::log_source::client::Content;
use crate::log_source::source::{FolderSource, Retained, Source};
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
    /// What the entry names: its body and what that names in turn.
    named: Vec<Hash>,
}

/// What became of all contents.
#[derive(Default)]
pub(super) struct Contents {
    /// How many were fetched.
    pub fetched: u64,
    /// What the server does not give.
    pub missing: Vec<Missing>,
    /// Statements that an entry says to erase, without being valid: their contents stay.
    pub unproved: Vec<StatementId>,
}

/// The copied log, to be replayed for what it says of itself, without contents.
struct Entries<'a> {
    local: &'a FolderSource,
    note: &'a str,
}

impl Source for Entries<'_> {
    fn name(&self) -> String {
        self.local.name()
    }

    fn is_copy(&self) -> bool {
        true
    }

    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        Ok(self.note.as_bytes().to_vec())
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        self.local.tile(tile)
    }

    fn blob(&self, _: &Hash) -> Result<Content, Error> {
        Ok(Content::Missing)
    }

    fn retained(&self, _: u64) -> Result<Vec<Retained>, Error> {
        Ok(Vec::new())
    }

    fn own_trust(&self) -> Result<Option<PinnedLog>, Error> {
        Ok(None)
    }
}

impl Mirror<'_> {
    /// Brings every content into the folder that is not there, and takes away what valid erasures name.
    pub(super) fn blobs(&self, local: &FolderSource, size: u64, asks: &[Asks]) -> Result<Contents, Error> {
        let claimed: HashSet<StatementId> = asks.iter().flat_map(|a| &a.erased).copied().collect();
        let erased = if claimed.is_empty() { HashSet::new() } else { self.erasures(local)? };
        let with_bodies: Vec<u64> = (0u64..).zip(asks).filter(|(_, a)| a.bodies).map(|(n, _)| n).collect();
        let bar = self.ui.progress(with_bodies.len() as u64, &text!("内容", "contents"));
        let mut unproved: Vec<StatementId> = claimed.difference(&erased).copied().collect();
        unproved.sort_unstable();
        let mut contents = Contents { unproved, ..Contents::default() };
        let (mut gone, mut named) = (Vec::new(), HashSet::new());
        for batch in with_bodies.chunks(BUNDLES_PER_BATCH) {
            let mut wants = Vec::new();
            for bundle in audit::map(self.jobs, batch.to_vec(), |n| wanted(local, size, n)) {
                wants.extend(bundle?);
            }
            gone.extend(wants.extract_if(.., |want| erased.contains(&want.id)));
            for got in audit::map(self.jobs, wants, |want| self.content(&want)) {
                let got = got?;
                contents.fetched += got.fetched;
                contents.missing.extend(got.missing);
                if !erased.is_empty() {
                    named.extend(got.named);
                }
            }
            bar.inc(batch.len() as u64);
        }
        bar.finish_and_clear();
        gone.iter().try_for_each(|want| self.erase(want, &named))?;
        Ok(contents)
    }

    /// The statements whose bodies are erased, by every rule of a log: entries and links are replayed from the copy.
    fn erasures(&self, local: &FolderSource) -> Result<HashSet<StatementId>, Error> {
        let source = Entries { local, note: &self.head.note };
        let bar = self.ui.progress(self.head.checkpoint.size, &text!("核对删除记录", "checking erasures"));
        let options = Options { jobs: self.jobs, trust: Some(self.pinned), remember: false };
        let report = audit::run(&source, &options, &|count| bar.inc(count));
        bar.finish_and_clear();
        let report = report?;
        // Under another first entry other people decide.
        let is_other = report.findings.iter().any(|f| f.code == ErrorCode::OtherLog);
        Ok(if is_other { HashSet::new() } else { report.erasures })
    }

    /// A body and what it names in turn.
    fn content(&self, want: &Want) -> Result<Got, Error> {
        let mut got = Got { named: vec![want.digest], ..Got::default() };
        let Some(body) = self.blob(want.index, &want.digest, &mut got)? else { return Ok(got) };
        for digest in attachments(want.kind, &body) {
            self.blob(want.index, &digest, &mut got)?;
            got.named.push(digest);
        }
        Ok(got)
    }

    /// Takes an erased body away, and what only it names.
    fn erase(&self, want: &Want, named: &HashSet<Hash>) -> Result<(), Error> {
        let body = self.kept(&want.digest);
        let attached = body.map_or_else(Vec::new, |body| attachments(want.kind, &body));
        let alone = attached.iter().chain([&want.digest]).filter(|digest| !named.contains(digest));
        alone.map(path).try_for_each(|path| self.folder.remove(&path))
    }

    /// What the folder has, or else the server gives.
    fn blob(&self, index: u64, digest: &Hash, got: &mut Got) -> Result<Option<Vec<u8>>, Error> {
        if let Some(bytes) = self.kept(digest) {
            return Ok(Some(bytes));
        }
        match self.client.blob(digest)? {
            Content::Here(bytes) => {
                self.folder.write(&path(digest), &bytes)?;
                got.fetched += 1;
                Ok(Some(bytes))
            }
            Content::Gone | Content::Missing => {
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
fn wanted(local: &FolderSource, size: u64, n: u64) -> Result<Vec<Want>, Error> {
    let tile = Tile::at_size(TileKind::Entries, n, size).ok_or_else(|| Error::new(ErrorCode::TreeRange))?;
    let bytes = local.tile(tile)?.ok_or_else(|| Error::new(ErrorCode::BlobMissing).at(tile.path()))?;
    let entries = parse_bundle(&bytes, tile.width()).map_err(|e| Error::new(e.code()).at(tile.path()))?;
    let first = n * u64::from(tile.full().width());
    let named = entries.into_iter().zip(first..).filter_map(|(bytes, index)| {
        let entry = Entry::parse(bytes).ok()?;
        let body = entry.statement.body.as_ref()?;
        Some(Want { index, id: entry.id, digest: body.digest, kind: entry.statement.kind })
    });
    Ok(named.collect())
}
