//! Tiles, C2SP tlog-tiles: the tree and its entries as files that never change.
//!
//! ```text
//! tile/0/x001/x234/067          256 leaf hashes, from leaf 1234067 · 256
//! tile/1/000.p/17               17 hashes, each over a full tile of level 0
//! tile/entries/000.p/5          five entries, each with its length before it
//! ```
//!
//! Only coordinates and bytes are here; the node decides where tiles are kept.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use thiserror::Error;

use super::decimal;
use super::merkle::{Node, SIZE_MAX};
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;

/// Hashes or entries in a full tile.
pub const TILE_WIDTH: u16 = 256;
/// Levels of the binary tree in one tile.
const TILE_HEIGHT: u8 = 8;
/// The highest tile level that a path may name.
const LEVEL_MAX: u8 = 63;
/// The longest entry: its length is written in two bytes.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// Why a tile or its path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TileError {
    /// Not a tile path in its one spelling.
    #[error("not a tile path")]
    Path,
    /// The bytes are not as many hashes or entries as the width says.
    #[error("the tile has the wrong length")]
    Content,
    /// An entry of more than 65,535 bytes.
    #[error("the entry is too long for a bundle")]
    EntryTooLong,
}

impl TileError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Path => ErrorCode::Tile,
            Self::Content => ErrorCode::EntryBundle,
            Self::EntryTooLong => ErrorCode::Length,
        }
    }
}

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes; level 0 has leaf hashes, each level above the roots of full tiles below.
    Hashes(u8),
    /// The entries themselves (an entry bundle).
    Entries,
}

impl TileKind {
    /// Returns log2 of the number of leaves below one element of the tile; 64 and more never occur in a tree.
    fn shift(self) -> u32 {
        match self {
            Self::Hashes(level) => u32::from(level) * u32::from(TILE_HEIGHT),
            Self::Entries => 0,
        }
    }

    /// How many elements this kind has in a tree of `size` leaves.
    fn elements(self, size: u64) -> u64 {
        size.checked_shr(self.shift()).unwrap_or(0)
    }
}

/// Which tile, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl Tile {
    /// Returns a tile by its coordinates; `width` is 1 to 256, the level at most 63.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Option<Self> {
        let level_ok = !matches!(kind, TileKind::Hashes(level) if level > LEVEL_MAX);
        (level_ok && (1..=TILE_WIDTH).contains(&width)).then_some(Self { kind, index, width })
    }

    /// Returns the tile as it is in a tree of `size` leaves: full, partial, or not there.
    pub fn at_size(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let before = index.checked_mul(u64::from(TILE_WIDTH))?;
        let width = kind.elements(size).checked_sub(before)?.min(u64::from(TILE_WIDTH));
        Self::new(kind, index, width as u16)
    }

    /// Hashes or entries.
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// Returns the position within its level.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Returns the number of hashes or entries, 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Returns whether the tile has less than 256 elements.
    pub const fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH
    }

    /// Returns the same tile in full: what to ask for when a partial one is gone.
    pub const fn full(&self) -> Self {
        Self { kind: self.kind, index: self.index, width: TILE_WIDTH }
    }

    /// Returns the path under the log's prefix, without a leading slash.
    pub fn path(&self) -> String {
        format!("{self}")
    }

    /// Reads a path, `tile/…`, only in the spelling that [`path`](Self::path) gives.
    pub fn parse(path: &str) -> Result<Self, TileError> {
        let (level, rest) = path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(TileError::Path)?;
        let kind = match level {
            "entries" => TileKind::Entries,
            level => {
                let level = decimal(level).filter(|level| *level <= u64::from(LEVEL_MAX)).ok_or(TileError::Path)?;
                TileKind::Hashes(level as u8)
            }
        };
        let (index, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((index, width)) => {
                let width = decimal(width).filter(|width| (1..u64::from(TILE_WIDTH)).contains(width));
                (index, width.ok_or(TileError::Path)? as u16)
            }
        };
        let index = parse_index(index).ok_or(TileError::Path)?;
        Self::new(kind, index, width).ok_or(TileError::Path)
    }

    /// Returns the hashes of a hash tile's bytes.
    pub fn hashes(&self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || hashes.len() != usize::from(self.width) {
            return Err(TileError::Content);
        }
        Ok(hashes.iter().copied().map(Hash).collect())
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        // A u64 has at most seven groups of three digits; leading groups of zeros are left out.
        for group in (1..7).rev() {
            let above = self.index / 1000u64.pow(group);
            if above > 0 {
                write!(f, "x{:03}/", above % 1000)?;
            }
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.is_partial() { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

fn parse_index(text: &str) -> Option<u64> {
    let (groups, last) = match text.rsplit_once('/') {
        Some((groups, last)) => (Some(groups), last),
        None => (None, text),
    };
    let digits = |group: &str| match group.as_bytes() {
        [a, b, c] if [a, b, c].iter().all(|digit| digit.is_ascii_digit()) => group.parse::<u64>().ok(),
        _ => None,
    };
    let mut index = 0u64;
    for group in groups.into_iter().flat_map(|groups| groups.split('/')) {
        index = index.checked_mul(1000)?.checked_add(digits(group.strip_prefix('x')?)?)?;
        if index == 0 {
            return None;
        }
    }
    index.checked_mul(1000)?.checked_add(digits(last)?)
}

/// Returns the hash tiles that are new or wider after growth from `old` to `new` leaves, lowest level first.
pub fn tiles_of_growth(old: u64, new: u64) -> Vec<Tile> {
    (0..=LEVEL_MAX)
        .take_while(|level| TileKind::Hashes(*level).elements(new) > 0)
        .flat_map(|level| tiles_touched(TileKind::Hashes(level), old, new))
        .collect()
}

/// Returns the entry bundles that are new or wider after growth from `old` to `new` leaves.
pub fn bundles_of_growth(old: u64, new: u64) -> Vec<Tile> {
    tiles_touched(TileKind::Entries, old, new).collect()
}

fn tiles_touched(kind: TileKind, old: u64, new: u64) -> impl Iterator<Item = Tile> {
    let (from, to) = (kind.elements(old), kind.elements(new));
    let width = u64::from(TILE_WIDTH);
    let tiles = if from < to { from / width..to.div_ceil(width) } else { 0..0 };
    tiles.filter_map(move |index| Tile::at_size(kind, index, new))
}

/// Returns the tile that holds a complete subtree in a tree of `size` leaves, and which of its hashes the subtree is
/// made of.
///
/// `None` if the tree has no such complete subtree.
pub fn node_in_tile(node: Node, size: u64) -> Option<(Tile, Range<usize>)> {
    let (tile_level, height) = (node.level / TILE_HEIGHT, node.level % TILE_HEIGHT);
    let end = node.index.checked_add(1)?.checked_mul(1u64.checked_shl(u32::from(node.level))?)?;
    if end > size || size > SIZE_MAX {
        return None;
    }
    // A subtree lies within one tile: 2^height divides 256.
    let first = node.index << height;
    let tile = Tile::at_size(TileKind::Hashes(tile_level), first / u64::from(TILE_WIDTH), size)?;
    let first = (first % u64::from(TILE_WIDTH)) as usize;
    Some((tile, first..first + (1 << height)))
}

/// Splits an entry bundle into its entries, which have to be `width` many.
pub fn parse_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::with_capacity(usize::from(width.min(TILE_WIDTH)));
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(TileError::Content)?;
        if entries.len() >= usize::from(width) {
            return Err(TileError::Content);
        }
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() && entries.len() == usize::from(width) { Ok(entries) } else { Err(TileError::Content) }
}

/// Appends an entry to a bundle: two bytes of length, big endian, and the entry.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong)?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}
