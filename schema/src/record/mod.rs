//! What is signed and stored: the statement, its DSSE envelope, the entry, lists of people, the check code on paper.

pub mod check_code;
pub mod dsse;
pub mod entry;
pub mod rows;
pub mod statement;
