//! The sample village 柳溪村, for tests and the demonstration (feature `sample`): its offices, its genesis, five months
//! of its books, and the statements that a village usually makes. People, codes and amounts are made up.
//!
//! ```text
//! offices     who holds which key, for what
//! village     the unit, its organisations, its opening balances, its genesis
//! books       the vouchers, a month's book, and what follows from it
//! statements  notice, grant, revocation, decision, contract, correction, erasure
//! ```
//!
//! What differs from use to use is an argument: salts, keys, texts. Keys, salts and holders of tests come from texts by
//! [`secret`], [`salt`] and [`holder`]; the demonstration draws its own.
//!
//! # Panics
//! Every function here panics on a text that its type refuses: callers pass constants.

mod books;
mod offices;
mod statements;
mod village;

use crate::crypto::hash::Hash;
use crate::crypto::key::SecretKey;
use crate::date::{Date, Period};
use crate::kinds::Salt;
use crate::record::statement::{HolderId, ItemCode};

pub use books::{MONTHS, month, month_book, opening, vouchers};
pub use offices::{OFFICES, Office, office};
pub use statements::{
    contract, control_note, correction, decision, erasure, grant, log_genesis, notice, rows, with_rows,
};
pub use village::{
    ORGANISATIONS, Organisation, TOWNSHIP, UNIT, UNIT_NAME, genesis, genesis_body, genesis_control, issuer, profile,
};

/// Returns the value of a constant.
#[track_caller]
fn fixed<T>(parsed: Option<T>) -> T {
    match parsed {
        Some(value) => value,
        None => unreachable!("a constant of the sample village"),
    }
}

/// Returns the key of a text: its seed is the text's digest.
pub fn secret(text: &str) -> SecretKey {
    SecretKey::from_seed(Hash::digest(text.as_bytes()).0)
}

/// Returns the salt of a text: the first half of its digest.
pub fn salt(text: &str) -> Salt {
    fixed(Hash::digest(text.as_bytes()).to_hex().get(..32).and_then(Salt::parse))
}

/// Returns the holder of a text: the second half of its digest.
pub fn holder(text: &str) -> HolderId {
    fixed(Hash::digest(text.as_bytes()).to_hex().get(32..).and_then(HolderId::parse))
}

/// Returns the item of a code, such as `F03`.
#[track_caller]
pub fn item(code: &str) -> ItemCode {
    fixed(ItemCode::parse(code))
}

/// Returns a period, such as `2026-03`.
#[track_caller]
pub fn period(text: &str) -> Period {
    fixed(Period::parse(text))
}

/// Returns a day.
#[track_caller]
pub fn date(text: &str) -> Date {
    fixed(Date::parse(text))
}
