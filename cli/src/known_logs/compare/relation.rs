//! Two views compared: by the hashes of their trees, from the root down.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::merkle::HashReader;
use sanwu_schema::tlog::merkle::build::{Node, root_nodes};

use super::entry::EntrySummary;
use super::view::View;
use crate::error::Error;
use crate::log_source::tree::TreeError;

/// The result of comparing two views.
pub enum Relation {
    Same,
    /// The first is the beginning of the second, or the other way round.
    Prefix {
        first_is_shorter: bool,
        /// How many entries the longer one has more.
        by: u64,
    },
    Split(Box<Split>),
}

/// Two histories: where the first entry differs.
pub struct Split {
    /// The first entry that differs.
    pub index: u64,
    /// What each has there, in the order compared.
    pub sides: [SplitSide; 2],
}

/// One side's entry at the first index that differs, proved by its signed checkpoint.
pub struct SplitSide {
    pub leaf: Hash,
    /// The inclusion proof, the leaf's sibling first.
    pub inclusion: Vec<Hash>,
    /// The entry's bytes; none if the source does not have them.
    pub entry: Option<Vec<u8>>,
    /// What it says it is; none if it cannot be read.
    pub about: Option<EntrySummary>,
}

pub fn compare(a: &View<'_>, b: &View<'_>) -> Result<Relation, Error> {
    let size = a.checkpoint.size.min(b.checkpoint.size);
    let root = |view: &View<'_>| view.tree.root_at(size).map_err(|e| view.trouble(e));
    if root(a)? == root(b)? {
        let by = a.checkpoint.size.abs_diff(b.checkpoint.size);
        return Ok(match by {
            0 => Relation::Same,
            by => Relation::Prefix { first_is_shorter: a.checkpoint.size < b.checkpoint.size, by },
        });
    }
    let index = first_difference(a, b, size)?;
    Ok(Relation::Split(Box::new(Split { index, sides: [side(a, index)?, side(b, index)?] })))
}

/// The first leaf that differs in two trees whose roots at `size` differ.
fn first_difference(a: &View<'_>, b: &View<'_>, size: u64) -> Result<u64, Error> {
    let differ = |node: &Node| -> Result<bool, Error> {
        let hash = |view: &View<'_>| view.tree.hash(node.level, node.index).map_err(|e| view.trouble(e));
        Ok(hash(a)? != hash(b)?)
    };
    for mut node in root_nodes(size) {
        if !differ(&node)? {
            continue;
        }
        while let Some(level) = node.level.checked_sub(1) {
            let left = Node { level, index: node.index << 1 };
            node = if differ(&left)? { left } else { Node { level, index: left.index + 1 } };
        }
        return Ok(node.index);
    }
    // Roots over equal subtrees are equal: not reached.
    Err(Error::new(ErrorCode::Internal).at("compare"))
}

fn side(view: &View<'_>, index: u64) -> Result<SplitSide, Error> {
    let asked = |e| view.trouble(e);
    let entry = match view.tree.entry(index) {
        // The hash alone proves the fork.
        Err(TreeError::Read(_) | TreeError::Missing(_)) => None,
        found => found.map_err(asked)?,
    };
    Ok(SplitSide {
        leaf: view.tree.hash(0, index).map_err(asked)?,
        inclusion: view.tree.inclusion(index).map_err(asked)?,
        about: entry.as_deref().and_then(|bytes| EntrySummary::of(view.source, bytes)),
        entry,
    })
}
