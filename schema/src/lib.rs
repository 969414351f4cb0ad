//! What a sanwu record is, and how anyone checks it.
//!
//! Pure: no I/O, no clock, no randomness, no async. The bytes are defined in `FORMAT.md`.
//!
//! ```text
//! json  crypto  date  lang            the ground: one JSON form, keys and digests, days, two languages,
//! error_code                          one table of errors
//! tlog                                the log's own formats, as C2SP has them: checkpoint, tile, note, proof, policy
//! record  kinds  catalogue            what is signed, what each kind says, which items a village owes
//! validity  admission                 may this entry be at this position; may this content be published
//! proof  verify                       the bundle that proves one entry; the verdict on it, in words
//! draft                               from contents to statements that only need their signatures
//! ```
#![no_std]
// Tests say what they expect by panicking.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

extern crate alloc;
// A browser module needs an allocator and a panic handler; the target's std brings both, and no import.
#[cfg(target_arch = "wasm32")]
extern crate std;

pub mod admission;
pub mod catalogue;
pub mod crypto;
pub mod date;
pub mod draft;
pub mod error_code;
pub mod json;
pub mod kinds;
pub mod lang;
pub mod proof;
pub mod record;
pub mod tlog;
pub mod validity;
pub mod verify;
pub mod wasm;
