//! The replay: every entry of a log checked again from its bytes, as if nobody had ever looked at it.
//!
//! ```text
//! pipeline  parse and verify signatures in parallel, then check position by position
//! history   the log's past in memory: what `schema::chain::check` asks
//! books     bodies: digests, vouchers, money rules
//! report    what was found, what was checked, what was not
//! ```
//!
//! Nothing is taken over from the log but its bytes: leaves, tree, ids, links, rings, roles, `seen` and every
//! figure are derived anew. Whoever wants to replay from elsewhere implements [`Source`](crate::source::Source).

mod books;
mod history;
mod parallel;
mod pipeline;
mod report;

pub use history::Past;
pub use parallel::map;
pub use pipeline::{Options, Replayed, replay, run};
pub use report::{ChainSum, Finding, Level, MonthSum, Report};
