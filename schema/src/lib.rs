//! What a sanwu record is, and how anyone checks it.
//!
//! Pure: no I/O, no clock, no randomness, no async. The bytes are defined in `FORMAT.md`.
//!
//! ```text
//! json  crypto  date  lang  labels    the ground: one JSON form, keys and digests, days, what people read
//! error_code                          one table of errors
//! tlog                                the log's own formats, as C2SP has them: checkpoint, tile, note, proof, policy
//! record  kinds  catalogue            what is signed, what each kind says, which items a village owes
//! validity  admission                 may this entry be at this position; may this content be published
//! replay                              the one driver of both: every program that reads or writes a log feeds it
//! proof  verify                       the bundle that proves one entry; the verdict on it, in words
//! draft                               from contents to statements that only need their signatures
//! api                                 the documents of the node's API (feature `api`)
//! sample                              a village for tests and the demonstration (feature `sample`)
//! ```
#![no_std]
// Tests say what they expect by panicking.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

extern crate alloc;
// A browser module needs an allocator and a panic handler; the target's std brings both, and no import. What utoipa
// derives is written for std and its macros.
#[cfg(any(target_arch = "wasm32", feature = "openapi"))]
#[cfg_attr(feature = "openapi", macro_use)]
extern crate std;

pub mod admission;
#[cfg(feature = "api")]
pub mod api;
#[cfg(feature = "audit")]
pub mod audit;
pub mod catalogue;
pub mod crypto;
pub mod date;
pub mod draft;
pub mod error_code;
pub mod json;
pub mod kinds;
pub mod labels;
pub mod lang;
pub mod proof;
pub mod record;
pub mod replay;
#[cfg(feature = "sample")]
pub mod sample;
pub mod tlog;
pub mod validity;
pub mod verify;
pub mod wasm;
