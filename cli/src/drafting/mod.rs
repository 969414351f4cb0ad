//! What every command that drafts has in common: the chain's place, the earlier books, the checks before writing,
//! the file.

mod admit;
mod args;
mod context;
mod document;
mod file;
mod given;
pub mod keystore;
mod place;

pub use admit::admit;
pub use args::DraftArgs;
pub use context::DraftContext;
pub use document::document;
pub use file::{missing, read, save, told, write};
pub use given::{chain_id, item_code, period, record, role};
pub use place::SavedPlace;
