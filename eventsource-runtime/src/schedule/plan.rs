//! When a schedule is due, and what it does.

use std::fmt;
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use croner::Cron;
use serde_json::{Value, json};

use crate::contract::source::BoxFuture;

/// Error of what a schedule does.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Time of a schedule that has come.
///
/// ```
/// use eventsource_core::Store;
/// use eventsource_runtime::{Runtime, Tick};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let runtime = Runtime::new(&store)
///     .cron("nightly", "0 3 * * *", "Europe/Berlin", |tick: Tick| async move {
///         println!("{} is due", tick.id());
///         Ok(())
///     })
///     .build()
///     .await?;
/// # let _ = runtime;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tick {
    /// Name of the schedule.
    pub name: String,
    /// Time at which it was due; of several that were missed, the first.
    pub at: DateTime<Utc>,
    /// Number of the try, from 1.
    pub attempt: u32,
}

impl Tick {
    /// Returns the id of this time of the schedule, the same at every try: a key for an append, or the id of
    /// a command, that makes a repeat harmless.
    #[must_use]
    pub fn id(&self) -> String {
        format!("schedule/{}/{}", self.name, self.at.to_rfc3339())
    }
}

/// What a schedule does.
type Action = Arc<dyn Fn(Tick) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>;

/// Schedule of a runtime.
#[derive(Clone)]
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) when: When,
    pub(crate) action: Action,
}

/// When a schedule is due.
#[derive(Clone, Debug)]
pub(crate) enum When {
    /// At one time.
    Once(DateTime<Utc>),
    /// At the times of a pattern in a time zone.
    Cron {
        pattern: String,
        cron: Box<Cron>,
        zone: Tz,
    },
}

impl Schedule {
    pub(crate) fn new<F>(
        name: impl Into<String>,
        when: When,
        action: impl Fn(Tick) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        Self {
            name: name.into(),
            when,
            action: Arc::new(move |tick| Box::pin(action(tick))),
        }
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule")
            .field("name", &self.name)
            .field("when", &self.when)
            .finish_non_exhaustive()
    }
}

impl When {
    /// Returns the times of a pattern in a zone, such as `0 3 * * *` in `Europe/Berlin`.
    pub(crate) fn cron(pattern: &str, zone: &str) -> Result<Self, BoxError> {
        let zone = Tz::from_str(zone).map_err(|_| format!("`{zone}` is no time zone"))?;
        let cron = Cron::from_str(pattern)
            .map_err(|error| format!("`{pattern}` is no cron pattern: {error}"))?;
        Ok(Self::Cron {
            pattern: pattern.to_owned(),
            cron: Box::new(cron),
            zone,
        })
    }

    /// Returns the first time after another; `None` if there is none.
    pub(crate) fn after(&self, time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        match (self, time) {
            (Self::Once(_), Some(_)) => None,
            (Self::Once(time), None) => Some(time.trunc_subsecs(6)),
            (Self::Cron { cron, zone, .. }, time) => {
                let time = time.unwrap_or_default().with_timezone(zone);
                let next = cron.find_next_occurrence(&time, false).ok()?;
                Some(next.with_timezone(&Utc))
            }
        }
    }

    /// Returns the description that tells whether a program has changed it.
    pub(crate) fn describe(&self) -> Value {
        match self {
            Self::Once(time) => json!({ "at": time.to_rfc3339() }),
            Self::Cron { pattern, zone, .. } => json!({ "cron": pattern, "zone": zone.name() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::When;

    #[test]
    fn times_are_those_of_the_zone() {
        let nightly = When::cron("0 3 * * *", "Europe/Berlin").unwrap();
        let next = |time: &str| {
            nightly
                .after(Some(time.parse().unwrap()))
                .unwrap()
                .to_rfc3339()
        };
        assert_eq!(next("2026-01-10T02:00:00Z"), "2026-01-11T02:00:00+00:00");
        assert_eq!(next("2026-07-10T00:00:00Z"), "2026-07-10T01:00:00+00:00");
        for (pattern, zone) in [("0 3 * *", "Europe/Berlin"), ("0 3 * * *", "Berlin")] {
            assert!(When::cron(pattern, zone).is_err(), "{pattern} {zone}");
        }
    }
}
