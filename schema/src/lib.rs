//! What a sanwu record is, and how anyone checks it.
//!
//! Pure: no I/O, no clock, no randomness, no async. The bytes are defined in `FORMAT.md`.
#![no_std]

extern crate alloc;

pub mod account;
pub mod admission;
pub mod approval;
pub mod body;
pub mod canon;
pub mod catalogue;
pub mod chain;
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
pub mod statement;
