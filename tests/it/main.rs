//! Everything that crosses a crate, in one binary: one folder of modules, one link, one run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod api;
mod browser;
mod cli;
mod compare;
mod corpus;
mod demo;
mod durability;
mod follow;
mod fsck;
mod fuzz_corpus;
mod go;
mod help;
mod layers;
mod log_keys;
mod mirror;
mod mirror_contents;
mod open_log;
mod oracles;
mod readme;
mod receipt;
mod refusals;
mod reindex;
mod remembered;
mod split_view;
mod support;
mod tamper;
mod tidy;
mod tiles;
mod verifier;
mod witness;
mod witnessed;
