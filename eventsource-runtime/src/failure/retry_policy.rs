//! How often an event is tried.

use std::time::Duration;

/// How often an event is tried, and when again.
///
/// First in place: the later events of its key wait, those of others go on. Then, with
/// [`OnFailure::Park`](crate::OnFailure::Park), its key is set aside and tried again after waits that
/// double; after the last try it waits for a person.
///
/// ```
/// use std::time::Duration;
/// use eventsource_runtime::RetryPolicy;
///
/// let policy = RetryPolicy::default().in_place(5, Duration::from_secs(10)).parked(3);
/// assert_eq!(policy.wait_after(1), Some(Duration::from_secs(10)));
/// assert_eq!(policy.wait_after(3), None);
/// assert_eq!(RetryPolicy::default().wait_after(11), Some(Duration::from_hours(1)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    in_place: u32,
    within: Duration,
    parked: u32,
    first_wait: Duration,
    longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// 3 tries in place within 2 seconds; then 12 tries, 10 seconds to an hour apart.
    fn default() -> Self {
        Self {
            in_place: 3,
            within: Duration::from_secs(2),
            parked: 12,
            first_wait: Duration::from_secs(10),
            longest_wait: Duration::from_hours(1),
        }
    }
}

impl RetryPolicy {
    /// Sets how many tries are made in place, 1 or more, and within what time.
    #[must_use]
    pub fn in_place(mut self, tries: u32, within: Duration) -> Self {
        (self.in_place, self.within) = (tries.max(1), within);
        self
    }

    /// Sets how many tries are made of a key that was set aside.
    #[must_use]
    pub fn parked(mut self, tries: u32) -> Self {
        self.parked = tries;
        self
    }

    /// Sets the waits between the tries of a key that was set aside.
    #[must_use]
    pub fn waits(mut self, first: Duration, longest: Duration) -> Self {
        (self.first_wait, self.longest_wait) = (first, longest.max(first));
        self
    }

    /// Returns how long a key that was set aside waits after its `tries`th failure, the one that set
    /// it aside being the first; `None` if it waits for a person.
    #[must_use]
    pub fn wait_after(&self, tries: u32) -> Option<Duration> {
        if tries >= self.parked {
            return None;
        }
        let doubled = 2_u32.saturating_pow(tries.saturating_sub(1).min(31));
        Some(
            self.first_wait
                .saturating_mul(doubled)
                .min(self.longest_wait),
        )
    }

    /// Returns the time in which tries are made in place.
    pub(crate) fn time_in_place(&self) -> Duration {
        self.within
    }

    /// Returns the pause before the next try in place, after `tries` failures in `elapsed`; `None` if
    /// there is none.
    pub(crate) fn pause_in_place(&self, tries: u32, elapsed: Duration) -> Option<Duration> {
        if tries >= self.in_place {
            return None;
        }
        // Evenly apart, the first soon.
        let pause = self.within / 2_u32.saturating_mul(self.in_place).max(1) * tries;
        (elapsed + pause <= self.within).then_some(pause)
    }
}
