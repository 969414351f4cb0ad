//! The log server: sequencer, RocksDB store, HTTP, pages.
//!
//! Who may know whom: `http` and `web` know the log's handles and never the storage; `log` knows the
//! storage contract and neither HTTP nor RocksDB; RocksDB stands in `storage::rocks` only.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod clock;
mod commands;
pub mod config;
pub mod data;
mod demo;
mod follow;
pub mod http;
pub mod log;
pub mod server;
pub mod storage;
mod telemetry;
mod text;
pub mod web;
pub mod witness;

pub use commands::main_entry;
