//! The one place where the node reads a clock. No validity rule depends on it.

use std::time::{SystemTime, UNIX_EPOCH};

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

/// A time as statements write it: RFC 3339 with seconds, +08:00.
pub fn beijing_time(ms: u64) -> String {
    let seconds = i64::try_from(ms / 1_000).unwrap_or(i64::MAX).min(MAX_SECONDS);
    let shifted = jiff::Timestamp::from_second(seconds + 8 * 3_600).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    shifted.strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

/// The end of the year 9998; later years have five digits.
const MAX_SECONDS: i64 = 253_370_764_799;
