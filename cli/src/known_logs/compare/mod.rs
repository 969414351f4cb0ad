//! Views of one log from several places: the same, one the beginning of the other, or two histories.
//!
//! Every view is checked by its own signed checkpoint first. Two are then compared by the hashes of their trees, from
//! the root down: one path of tiles from each side finds the first entry that differs.

mod entry;
mod evidence;
mod relation;
mod view;

pub use entry::EntrySummary;
pub use evidence::{check, evidence};
pub use relation::{Relation, Split, SplitSide, compare};
pub use view::{CheckpointKeys, KeysFrom, View, other_log};
