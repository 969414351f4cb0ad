//! Everything that crosses a crate, in one binary: one folder of modules, one link, one run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod api;
mod browser;
mod cli;
mod corpus;
mod demo;
mod durability;
mod fsck;
mod go;
mod help;
mod open_log;
mod oracles;
mod readme;
mod refusals;
mod support;
mod tamper;
mod tidy;
mod tiles;
mod verifier;
