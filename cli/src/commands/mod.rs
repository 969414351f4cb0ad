//! One file per command.

pub mod audit;
pub mod chain;
pub mod correct;
pub mod draft;
pub mod explain;
pub mod key;
pub mod mirror;
pub mod publish;
pub mod receipt;
pub mod show;
pub mod sign;
pub mod trust;
pub mod verify;
