//! The replay: every entry of a log checked again from its bytes alone.
//!
//! ```text
//! pipeline  parse and verify signatures in parallel, then place entry after entry
//! judge     what `schema::replay` says of each entry and content, as findings
//! report    what was found, what was checked, what was not
//! ```
//!
//! Nothing is taken over from the log but its bytes: leaves, tree, ids, links, rings, roles, `seen` and every figure are
//! derived again. To replay from elsewhere, implement [`Source`](crate::log_source::source::Source).

mod parallel;
mod pipeline;
mod report;

pub use parallel::{jobs, map};
pub use pipeline::{Options, ReplayedLog, replay, run};
pub use report::{Finding, Level, Report};
