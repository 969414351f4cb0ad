//! Rows: lists of people, apart from the body, so that one household's line can be shown or erased alone.
//!
//! The statement carries the RFC 6962 root over the row leaves. Every row has a salt of its own, so that an
//! erased row cannot be guessed back from its hash.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;
use crate::json::{from_canonical, record, to_canonical};
use crate::kinds::Salt;
use crate::record::entry::Invalid;
use crate::record::statement::RowsRef;
use crate::tlog::merkle::{leaf_hash, root_of_leaves, verify_inclusion};

/// Most rows: 1,386 residents of the sample village, and a large township village of 10,000.
pub const ROWS_MAX: usize = 10_000;

record! {
    /// One person's or household's line.
    pub struct Row {
        /// Of this row alone.
        salt: Salt,
        /// As displayed.
        name "姓名", "Name": String,
        group [opt] "村民小组", "Group": String,
        /// With its unit.
        quantity [opt] "数量", "Quantity": String,
        fen [opt] "金额", "Amount": i64,
        note [opt] "备注", "Remark": String,
    }
}

/// Returns the leaf of a row: SHA-256(0x00 ‖ its canonical JSON).
pub fn leaf(row: &Row) -> Hash {
    leaf_hash(&to_canonical(row))
}

/// Returns the RFC 6962 root over rows.
pub fn root(rows: &[Row]) -> Hash {
    root_of_leaves(rows.iter().map(leaf))
}

/// Parses a rows file (a canonical JSON array) and checks it against the statement.
pub fn check(named: &RowsRef, bytes: &[u8]) -> Result<Vec<Row>, Invalid> {
    let rows: Vec<Row> = from_canonical(bytes)?;
    if rows.is_empty() || rows.len() > ROWS_MAX || rows.len() as u64 != named.count || root(&rows) != named.root {
        return Err(Invalid::new(ErrorCode::Rows, "rows"));
    }
    Ok(rows)
}

/// Checks one household's slip: its row is in the list that the statement names.
pub fn check_slip(named: &RowsRef, index: u64, row: &Row, path: &[Hash]) -> Result<(), Invalid> {
    verify_inclusion(index, named.count, &leaf(row), path, &named.root).map_err(|e| Invalid::new(e.code(), "rows"))
}
