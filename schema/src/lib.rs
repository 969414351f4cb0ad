//! What a sanwu record is, and how anyone checks it.
//!
//! Pure: no I/O, no clock, no randomness, no async. The bytes are defined in `FORMAT.md`.
#![no_std]
// Tests say what they expect by panicking.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

extern crate alloc;
// A browser module needs an allocator and a panic handler; the target's std brings both, and no import.
#[cfg(target_arch = "wasm32")]
extern crate std;

pub mod account;
pub mod admission;
pub mod approval;
pub mod body;
pub mod bundle;
pub mod canon;
pub mod catalogue;
pub mod chain;
pub mod check_code;
pub mod code;
pub mod control;
pub mod derive;
pub mod draft;
pub mod dsse;
pub mod entry;
pub mod hash;
pub mod key;
pub mod log;
pub mod ring;
pub mod rows;
pub mod statement;
pub mod story;
pub mod trust;
pub mod verify;
pub mod wasm;
