//! Oracles that are not ours: crates of other people that speak the same formats. What one side writes the other
//! reads, and what one side refuses the other refuses, but for the differences that each module lists by name.

mod checkpoints;
mod merkle;
mod notes;
mod paths;
mod tiles;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// An oracle's answer; one that panics on hostile input has refused it.
fn refusing_panics<T>(ask: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_default()
}
