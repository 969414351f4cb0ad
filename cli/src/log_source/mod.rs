//! Reading a log from a server, a mirror's folder or a file: all of it checked.

pub mod client;
pub mod head;
pub mod ledger;
pub mod source;
pub mod tree;
pub mod trust;
