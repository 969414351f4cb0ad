//! Support for the tests and benchmarks that cross crates: a village with real keys, the real programs as
//! processes, a plain HTTP client, a plain web server, witnesses and what they witness, and logs that exist on paper only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod client;
pub mod fuzz;
pub mod paper;
pub mod process;
pub mod village;
pub mod webserver;
pub mod witness;
