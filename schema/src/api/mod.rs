//! The documents of the API, for the node that writes them and the clients that read them.
//!
//! Which endpoint gives which document, the node's `/openapi.json` says. What is signed or pinned is canonical JSON or
//! text, and has its type where it is checked:
//!
//! | endpoint | document |
//! |---|---|
//! | `GET /api/v1/entries/{index}` | the envelope's bytes, [`Envelope`](crate::record::dsse::Envelope) |
//! | `…/{index}/proof` | [`TlogProof`](crate::tlog::tlog_proof::TlogProof) |
//! | `…/{index}/bundle` | [`Bundle`](crate::proof::bundle::Bundle) |
//! | `GET /api/v1/chains/{chain}` | [`ChainInfo`](crate::draft::ChainInfo) |
//! | `GET /api/v1/trust` | [`Trust`](crate::verify::trust::Trust) |
//! | `GET /api/v1/vkey` | one [`Vkey`](crate::tlog::vkey::Vkey) a line |
//!
//! The documents here are general JSON: they hold notes with line ends, which the canonical form has no way to write,
//! and a reader passes over members that it does not know.

pub mod chains;
pub mod checkpoints;
pub mod entries;
mod exact;
pub mod problem;
pub mod version;

pub use exact::Exact;

#[cfg(test)]
mod tests;
