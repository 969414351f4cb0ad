//! Entry bundles and the tiles of hashes over them. Each bundle is checked by the signed root on its own, so that
//! they may come in any order, several at a time, and none is kept in memory.

use std::sync::atomic::{AtomicBool, Ordering};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{Control, Erased};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{Rel, StatementId};
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, parse_bundle};

use super::job::Mirror;
use crate::error::Error;
use crate::log_source::source::{Source, tile_or_full};
use crate::log_source::tree::SignedTree;
use crate::text::text;

/// Bundles asked for together, which is enough to keep every job busy: 65,536 entries.
const BUNDLES_PER_BATCH: u64 = 256;

/// What a bundle's entries ask for beside themselves.
#[derive(Default)]
pub(super) struct Asks {
    /// Some entry names a body.
    pub bodies: bool,
    /// Statements whose body an entry says to erase. Only a replay of the whole log tells whether it is valid.
    pub erased: Vec<StatementId>,
}

impl Asks {
    fn of(bundle: &[u8], width: u16) -> Self {
        let mut asks = Self::default();
        // An entry that cannot be read is copied all the same; the replay will tell.
        for entry in parse_bundle(bundle, width).into_iter().flatten().filter_map(|bytes| Entry::parse(bytes).ok()) {
            asks.bodies |= entry.statement.body.is_some();
            // Lists of people are not copied: of `rows` there is nothing to take away.
            if matches!(&entry.statement.control, Some(Control::Erasure(erasure)) if erasure.what != Erased::Rows) {
                asks.erased.extend(entry.statement.reference(Rel::Erases));
            }
        }
        asks
    }
}

impl Mirror<'_> {
    /// Brings every bundle into the folder, with the tile of its leaf hashes. Returns what each asks for.
    pub(super) fn bundles(&self, remote: &dyn Source, tree: &SignedTree<'_>) -> Result<Vec<Asks>, Error> {
        let bar = self.ui.progress(tree.size(), &text!("记录", "entries"));
        let stop = AtomicBool::new(false);
        let bundles = tree.size().div_ceil(u64::from(TILE_WIDTH));
        let (mut from, mut all) = (0, Vec::new());
        // A batch at a time: the size is what the log has signed; its entries have not been seen yet.
        while from < bundles {
            let to = bundles.min(from.saturating_add(BUNDLES_PER_BATCH));
            let done = crate::audit::map(self.jobs, (from..to).collect(), |n| {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let asks = self.bundle(remote, tree, n);
                stop.fetch_or(asks.is_err(), Ordering::Relaxed);
                bar.inc(u64::from(TILE_WIDTH));
                asks.map(Some)
            });
            let asks: Result<Vec<Option<Asks>>, Error> = done.into_iter().collect();
            // After an error the others were left out; that error has been returned by now.
            all.extend(asks?.into_iter().flatten());
            from = to;
        }
        bar.finish_and_clear();
        Ok(all)
    }

    fn bundle(&self, remote: &dyn Source, tree: &SignedTree<'_>, n: u64) -> Result<Asks, Error> {
        let size = tree.size();
        let place =
            |kind| Tile::at_size(kind, n, size).ok_or_else(|| Error::new(ErrorCode::TreeRange).at(n.to_string()));
        let (tile, leaves) = (place(TileKind::Entries)?, place(TileKind::Hashes(0))?);
        let here = self.folder.read(&tile.path());
        let checked = match here {
            Some(bytes) => self.covered(tree, tile, bytes)?,
            None => None,
        };
        let (bytes, hashes) = match checked {
            Some(checked) => checked,
            None => {
                let fetched = tile_or_full(remote, tile)?;
                let bytes = fetched
                    .ok_or_else(|| Error::new(ErrorCode::BlobMissing).at(format!("{}/{tile}", remote.name())))?;
                let checked = self.covered(tree, tile, bytes)?.ok_or_else(|| {
                    Error::new(ErrorCode::Inclusion)
                        .because(text!(
                            "服务器给的记录和签发的总数对不上",
                            "the server's entries are not those that its signed checkpoint covers"
                        ))
                        .at(format!("{}/{tile}", remote.name()))
                })?;
                self.folder.write(&tile.path(), &checked.0)?;
                checked
            }
        };
        self.hash_tile(leaves, &hashes)?;
        Ok(Asks::of(&bytes, tile.width()))
    }

    /// The bundle with its leaf hashes, if it is the one that the root covers.
    fn covered(&self, tree: &SignedTree<'_>, tile: Tile, bytes: Vec<u8>) -> Result<Option<Checked>, Error> {
        let hashes = tree.covers(tile, &bytes).map_err(|e| e.at(self.client.base()))?;
        Ok(hashes.map(|hashes| (bytes, hashes)))
    }

    /// Writes the tiles above the leaves, as they were checked.
    pub(super) fn hash_tiles(&self, tree: &SignedTree<'_>) -> Result<(), Error> {
        for level in 1..8u8 {
            let tiles = (0u64..).map_while(|n| Tile::at_size(TileKind::Hashes(level), n, tree.size()));
            for tile in tiles {
                let hashes = tree.tile(level, tile.index()).map_err(|e| e.at(self.client.base()))?;
                self.hash_tile(tile, &hashes)?;
            }
        }
        Ok(())
    }

    fn hash_tile(&self, tile: Tile, hashes: &[Hash]) -> Result<(), Error> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|h| h.0).collect();
        match self.folder.read(&tile.path()) {
            Some(old) if old == bytes => Ok(()),
            _ => self.folder.write(&tile.path(), &bytes),
        }
    }
}

/// A bundle and its leaf hashes, checked by the root.
type Checked = (Vec<u8>, Vec<Hash>);
