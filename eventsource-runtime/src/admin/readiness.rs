//! Whether people are needed: for a health endpoint.

use serde::Serialize;

use crate::admin::status::SubscriptionStatus;

/// What a health endpoint says about a runtime.
///
/// A process whose subscriptions have halted still serves requests: an alarm is better than to take it away.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Readiness {
    /// Subscriptions with a shard that has halted.
    pub halted: Vec<String>,
    /// Subscriptions that somebody has paused.
    pub paused: Vec<String>,
    /// Age of the oldest event that a subscription has not processed, in seconds.
    pub lag_seconds: f64,
}

impl Readiness {
    /// Returns whether all subscriptions run.
    #[must_use]
    pub fn all_run(&self) -> bool {
        self.halted.is_empty() && self.paused.is_empty()
    }

    pub(crate) fn of(all: &[SubscriptionStatus]) -> Self {
        let names = |is: fn(&SubscriptionStatus) -> bool| {
            let some = all.iter().filter(|status| is(status));
            some.map(|status| status.name.clone()).collect()
        };
        Self {
            halted: names(|status| status.halted().next().is_some()),
            paused: names(|status| status.paused),
            lag_seconds: all.iter().map(|it| it.lag_seconds).fold(0.0, f64::max),
        }
    }
}
