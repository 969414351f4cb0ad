//! The log server: sequencer, RocksDB store, HTTP, pages.
//!
//! Who may know whom: `http` and `web` know the log's handles and never the storage; `web` reads `views`, which read
//! the log's [`Reader`](log::Reader); `log` knows the storage contracts and neither HTTP nor an engine; RocksDB is in
//! `storage::rocks` only. `tests/it/layers.rs` holds that.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod clock;
#[cfg(feature = "server")]
mod commands;
#[cfg(feature = "server")]
mod connections;
#[cfg(feature = "server")]
mod demo;
#[cfg_attr(not(feature = "server"), allow(dead_code, reason = "most files are written by commands"))]
mod durable;
#[cfg(feature = "server")]
mod follow;
pub mod http;
pub mod log;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod settings;
pub mod storage;
#[cfg(feature = "server")]
mod telemetry;
#[cfg(feature = "server")]
mod text;
#[cfg(feature = "server")]
mod views;
#[cfg(feature = "server")]
pub mod web;
#[cfg(feature = "server")]
pub mod witness;

#[cfg(feature = "server")]
pub use commands::main_entry;
