//! What is printed: a month, a replay, a verdict.

pub mod month;
pub mod replay;
pub mod verdict;
