//! The one place where the node reads a clock. No validity rule depends on it.

use std::time::{SystemTime, UNIX_EPOCH};

use sanwu_schema::date::IssuedAt;

/// Milliseconds since 1970, UTC.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds since 1970, UTC.
#[cfg(feature = "server")]
pub fn now_seconds() -> u64 {
    now_ms() / 1_000
}

/// Returns a time as statements write it: RFC 3339 with seconds, +08:00.
pub fn beijing_time(ms: u64) -> String {
    IssuedAt::from_unix(ms / 1_000).to_string()
}
