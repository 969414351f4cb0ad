//! What is printed: a record by its labels, a month, a replay, a verdict.

pub mod labelled;
pub mod month;
pub mod replay;
pub mod verdict;
