//! The one replayer: what a log says, derived entry by entry from its bytes.
//!
//! ```text
//! bytes → read → ParsedLeaf → verify → VerifiedLeaf → place → Effect, next state → admit → findings
//!         └── stateless: any thread, any order ───┘   └─────── in index order ───────┘
//! ```
//!
//! The node places what it is given, rebuilds and checks its store, and copies another log; an auditor replays a whole
//! log; the tests make one. All of them feed these functions, and only the state below differs: [`LogState`] holds a
//! whole log in memory, [`Layer`] holds what is new over a committed store, over another layer, and so on.
//!
//! "Not valid" ([`Refused::Invalid`]) and "the past cannot be read" ([`Refused::History`]) are never the same error.

mod books;
mod layer;
mod state;
mod step;

pub use crate::validity::Refused;
pub use books::{BookKeeper, Shelf, ShelfOver};
pub use layer::{Layer, LayerParts};
pub use state::{Changes, Erasure, Growing, LogState, Past};
pub use step::{CheckedContent, Leaf, LeafRule, ParsedLeaf, VerifiedLeaf, admit, place, read, step};
