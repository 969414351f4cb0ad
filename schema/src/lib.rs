//! What a sanwu record is, and how anyone checks it.
//!
//! Pure: no I/O, no clock, no randomness, no async. The bytes are defined in `FORMAT.md`.
#![no_std]

extern crate alloc;

pub mod code;
pub mod hash;
pub mod key;
pub mod log;
