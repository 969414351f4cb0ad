//! Spreadsheets: the voucher table, and amounts as people write them.

pub mod money;
pub mod vouchers;
