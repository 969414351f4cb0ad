//! What is printed about a check.

pub mod verdict;
