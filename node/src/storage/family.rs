//! The kinds of record, and what reading all of a kind has found.

#![allow(missing_docs, reason = "a field is described where its name leaves something open")]

use std::fmt;

/// A kind of record; damage reports and `fsck` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Format version, signed head, and how far an incomplete index is derived.
    Meta,
    /// Envelopes by index.
    Entry,
    /// Statement id → its place in the log.
    Statement,
    /// Chain → its head.
    Chain,
    /// Chain and seq → the facts in force after that entry.
    Facts,
    /// Chain and seq → index.
    ChainEntry,
    /// Slot (chain, code, period) → statement id.
    Slot,
    /// Chain and key → granted once.
    Grant,
    /// Statement → the one that corrects it.
    Corrected,
    /// Hashes of tiles that are not full yet.
    Edge,
    /// Full tiles.
    Tile,
    /// Bodies, rows, attachments by SHA-256.
    Blob,
    /// Published checkpoints by size.
    Checkpoint,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 13] = [
        Self::Meta,
        Self::Entry,
        Self::Statement,
        Self::Chain,
        Self::Facts,
        Self::ChainEntry,
        Self::Slot,
        Self::Grant,
        Self::Corrected,
        Self::Edge,
        Self::Tile,
        Self::Blob,
        Self::Checkpoint,
    ];

    /// Returns whether the [`Index`](super::Index) keeps it; the others are the [`Journal`](super::Journal)'s.
    pub const fn is_derived(self) -> bool {
        match self {
            Self::Statement
            | Self::Chain
            | Self::Facts
            | Self::ChainEntry
            | Self::Slot
            | Self::Grant
            | Self::Corrected => true,
            Self::Meta | Self::Entry | Self::Edge | Self::Tile | Self::Blob | Self::Checkpoint => false,
        }
    }

    /// Returns the stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Entry => "entry",
            Self::Statement => "statement",
            Self::Chain => "chain",
            Self::Facts => "facts",
            Self::ChainEntry => "chain_entry",
            Self::Slot => "slot",
            Self::Grant => "grant",
            Self::Corrected => "corrected",
            Self::Edge => "edge",
            Self::Tile => "tile",
            Self::Blob => "blob",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a full read of one family found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyCheck {
    pub family: Family,
    /// Records read.
    pub records: u64,
    /// The first damages met, at most [`DAMAGES_MAX`].
    pub damages: Vec<String>,
}

/// The most damages a [`FamilyCheck`] lists: enough to see a pattern, never a report of gigabytes.
pub const DAMAGES_MAX: usize = 100;
