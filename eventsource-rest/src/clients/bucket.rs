//! Token bucket: a rate with a burst.

use std::time::Duration;

use tokio::time::Instant;

/// Tokens that one client may spend, which come back at a rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    tokens: f64,
    counted_at: Instant,
}

impl Bucket {
    /// Creates a full bucket: the tokens of one second.
    pub(super) fn full(rate: u32, now: Instant) -> Self {
        Self {
            tokens: rate.into(),
            counted_at: now,
        }
    }

    /// Takes a token; returns whether there was one.
    pub(super) fn take(&mut self, rate: u32, now: Instant) -> bool {
        let earned = now.saturating_duration_since(self.counted_at).as_secs_f64() * f64::from(rate);
        self.tokens = (self.tokens + earned).min(rate.into());
        self.counted_at = now;
        let there_is = self.tokens >= 1.0;
        if there_is {
            self.tokens -= 1.0;
        }
        there_is
    }

    /// Returns whether the bucket is full again, so that a new one would be the same.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.counted_at) >= Duration::from_secs(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_allows_a_burst_and_then_its_rate() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut bucket = Bucket::full(10, begin);
        let mut taken =
            |millis, tries: usize| (0..tries).filter(|_| bucket.take(10, at(millis))).count();
        assert_eq!(taken(0, 20), 10);
        assert_eq!(taken(50, 20), 0);
        assert_eq!(taken(100, 20), 1);
        assert_eq!(taken(600, 20), 5);
        assert_eq!(taken(60_000, 20), 10);
        assert!(!bucket.is_full(at(60_999)));
        assert!(bucket.is_full(at(61_000)));
    }
}
