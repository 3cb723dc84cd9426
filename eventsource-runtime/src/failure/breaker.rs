//! Circuit breaker: tells an outage from an event that cannot be handled.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Different keys that fail in a row before this is an outage.
const KEYS_IN_A_ROW: usize = 5;

/// Shortest pause between two probes.
const MIN_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause between two probes, unless the receiver has asked for a longer one.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// Circuit breaker of one subscription in this process.
///
/// While it is open, one event at a time is tried, and no key is set aside. The pause between two
/// probes is a sixteenth of the outage so far, so work begins again soon after a short outage, and a
/// long one is not hammered at.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Keys that have failed since the last success; more than a few are not remembered.
    failed: HashSet<String>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    next_probe: Instant,
    probing: bool,
}

/// What may be started now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Anything.
    All,
    /// One event, the probe.
    Probe,
    /// Nothing before this time.
    NotBefore(Instant),
}

impl Breaker {
    /// Returns what may be started now; a probe is given to one who asks, who reports what came of it.
    pub(crate) fn permit(&self, now: Instant) -> Permit {
        let mut state = self.state();
        match &mut state.open {
            None => Permit::All,
            Some(open) if open.probing || now < open.next_probe => {
                Permit::NotBefore(open.next_probe.max(now + MIN_PAUSE / 4))
            }
            Some(open) => {
                open.probing = true;
                Permit::Probe
            }
        }
    }

    /// Returns whether there is an outage.
    pub(crate) fn is_open(&self) -> bool {
        self.state().open.is_some()
    }

    /// Takes note that a delivery has succeeded.
    pub(crate) fn succeeded(&self) {
        let mut state = self.state();
        state.failed.clear();
        state.open = None;
    }

    /// Takes note that a delivery of this key has failed, and of the wait that the receiver asked for.
    pub(crate) fn failed(&self, key: &str, after: Option<Duration>, now: Instant) {
        let mut state = self.state();
        if state.failed.len() < KEYS_IN_A_ROW {
            state.failed.insert(key.to_owned());
        }
        let outage = state.failed.len() >= KEYS_IN_A_ROW;
        match &mut state.open {
            Some(open) => {
                let part = now.duration_since(open.since) / 16;
                let pause = part.clamp(MIN_PAUSE, MAX_PAUSE);
                let wait = pause.max(after.unwrap_or_default());
                open.next_probe = open.next_probe.max(now + wait);
            }
            None if outage => {
                state.open = Some(Open {
                    since: now,
                    next_probe: now + MIN_PAUSE.max(after.unwrap_or_default()),
                    probing: false,
                });
            }
            None => (),
        }
    }

    /// Takes note that the probe has ended, whatever came of it.
    pub(crate) fn probed(&self) {
        if let Some(open) = &mut self.state().open {
            open.probing = false;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second() -> Duration {
        Duration::from_secs(1)
    }

    #[tokio::test(start_paused = true)]
    async fn one_key_that_fails_is_no_outage() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..20 {
            breaker.failed("a", None, now);
        }
        assert_eq!(breaker.permit(now), Permit::All);
        for key in ["b", "c", "d"] {
            breaker.failed(key, None, now);
        }
        breaker.succeeded();
        breaker.failed("e", None, now);
        assert_eq!(breaker.permit(now), Permit::All);
    }

    #[tokio::test(start_paused = true)]
    async fn five_keys_in_a_row_are_an_outage_with_one_probe_at_a_time() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for key in ["a", "b", "c", "d", "e"] {
            breaker.failed(key, None, now);
        }
        assert!(matches!(breaker.permit(now), Permit::NotBefore(_)));
        let later = now + second();
        assert_eq!(breaker.permit(later), Permit::Probe);
        assert!(matches!(breaker.permit(later), Permit::NotBefore(_)));
        breaker.failed("a", None, later);
        breaker.probed();
        assert!(matches!(breaker.permit(later), Permit::NotBefore(_)));
        assert_eq!(breaker.permit(later + second()), Permit::Probe);
        breaker.succeeded();
        breaker.probed();
        assert_eq!(breaker.permit(later + second()), Permit::All);
    }

    #[tokio::test(start_paused = true)]
    async fn probes_come_within_a_sixteenth_of_the_outage_and_after_a_minute_at_most() {
        let (breaker, begin) = (Breaker::default(), Instant::now());
        for key in ["a", "b", "c", "d", "e"] {
            breaker.failed(key, None, begin);
        }
        let mut now = begin;
        for _ in 0..200 {
            let before = now;
            while breaker.permit(now) != Permit::Probe {
                now += Duration::from_millis(100);
            }
            let waited = now - before;
            assert!(waited <= (before - begin) / 16 + second() + Duration::from_millis(100));
            assert!(waited <= MAX_PAUSE + Duration::from_millis(100));
            breaker.failed("a", None, now);
            breaker.probed();
        }
        assert!(now - begin > Duration::from_hours(1));
        breaker.permit(now + MAX_PAUSE);
        breaker.failed("a", Some(Duration::from_mins(30)), now + MAX_PAUSE);
        breaker.probed();
        let asked = now + MAX_PAUSE + Duration::from_mins(29);
        assert!(matches!(breaker.permit(asked), Permit::NotBefore(_)));
    }
}
