//! What this machine has seen of each log, and comparing it with what a log shows now.

pub mod compare;
pub mod memory;
pub mod server;
