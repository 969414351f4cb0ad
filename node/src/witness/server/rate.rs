//! How often a log may be cosigned: a bucket of tokens, refilled evenly over the day.

use std::time::{Duration, Instant};

const DAY_SECONDS: f64 = 86_400.0;

/// The share of a day's requests that may come at once: an hour's worth.
const BURST_SHARE: f64 = 24.0;

/// At least so many may come at once: a log that publishes once a day may still try again.
const BURST_MIN: f64 = 10.0;

/// Tokens left of one log's allowance.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    state: Option<(f64, Instant)>,
}

impl Bucket {
    /// Takes a token, or tells how long to wait for one; `per_day` is positive.
    pub(super) fn take(&mut self, per_day: f64, now: Instant) -> Result<(), Duration> {
        let full = (per_day / BURST_SHARE).max(BURST_MIN);
        let per_second = per_day / DAY_SECONDS;
        let tokens = self.state.map_or(full, |(tokens, at)| {
            let since = now.saturating_duration_since(at).as_secs_f64();
            since.mul_add(per_second, tokens).min(full)
        });
        let left = tokens - 1.0;
        if left < 0.0 {
            self.state = Some((tokens, now));
            return Err(Duration::try_from_secs_f64(-left / per_second).unwrap_or(Duration::MAX));
        }
        self.state = Some((left, now));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_rate() {
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        // 8,640 a day are one in ten seconds, and 360 in an hour.
        let per_day = 8_640.0;
        for _ in 0..360 {
            bucket.take(per_day, start).unwrap();
        }
        let wait = bucket.take(per_day, start).unwrap_err();
        assert!((9.9..10.1).contains(&wait.as_secs_f64()), "{wait:?}");
        let later = start + Duration::from_secs(11);
        bucket.take(per_day, later).unwrap();
        assert!(bucket.take(per_day, later).is_err());
        // A day later the bucket is full, not fuller.
        let next = later + Duration::from_secs(86_400);
        assert_eq!((0..1_000).filter(|_| bucket.take(per_day, next).is_ok()).count(), 360);
    }

    #[test]
    fn a_slow_log_may_try_some_times() {
        let (mut bucket, now) = (Bucket::default(), Instant::now());
        assert_eq!((0..100).filter(|_| bucket.take(1.0, now).is_ok()).count(), 10);
        assert!(bucket.take(1.0, now).unwrap_err() > Duration::from_secs(80_000));
    }
}
