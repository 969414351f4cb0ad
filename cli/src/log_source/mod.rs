//! Reading a log from a server, a mirror's folder or a file: everything checked before anyone uses it.

pub mod client;
pub mod head;
pub mod ledger;
pub mod source;
pub mod tree;
pub mod trust;
