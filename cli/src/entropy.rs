//! Randomness and time: the only place that asks the machine for either.

use std::time::{SystemTime, UNIX_EPOCH};

use sanwu_schema::date::{IssuedAt, UNIX_MAX};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Salt;
use sanwu_schema::record::statement::HolderId;

use crate::error::Error;
use crate::text::text;

pub fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| {
        Error::new(ErrorCode::Internal)
            .because(text!("系统给不出随机数", "the system gives no random numbers"))
            .at(e.to_string())
    })?;
    Ok(bytes)
}

/// Returns 128 random bits as hex.
pub fn hex128() -> Result<String, Error> {
    Ok(sanwu_schema::crypto::hash::hex_encode(&bytes::<16>()?))
}

pub fn salt() -> Result<Salt, Error> {
    Salt::parse(&hex128()?).ok_or_else(|| Error::new(ErrorCode::Internal).at("salt"))
}

pub fn holder() -> Result<HolderId, Error> {
    HolderId::parse(&hex128()?).ok_or_else(|| Error::new(ErrorCode::Internal).at("holder"))
}

/// Returns the current time as statements write it: +08:00, to the second.
pub fn now() -> IssuedAt {
    IssuedAt::from_unix(now_seconds())
}

/// Returns the current time in seconds since 1970.
pub fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Returns a time of a witness for people: `2026-10-12 08:00`, +08:00.
pub fn show_time(unix: u64) -> String {
    if unix > UNIX_MAX {
        return unix.to_string();
    }
    IssuedAt::from_unix(unix).as_str().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
