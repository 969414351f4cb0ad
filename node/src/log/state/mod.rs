//! What is read.

pub(in crate::log) mod documents;
pub(in crate::log) mod reader;
pub(in crate::log) mod shared;
pub(in crate::log) mod tree;
