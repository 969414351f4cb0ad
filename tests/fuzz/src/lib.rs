//! The modules of `tests/src` that the fuzz targets need, compiled here once more: that crate cannot be depended
//! on, since it brings RocksDB.

#[path = "../../src/client.rs"]
pub mod client;
#[path = "../../src/fuzz/mod.rs"]
pub mod fuzz;
#[path = "../../src/village.rs"]
pub mod village;
