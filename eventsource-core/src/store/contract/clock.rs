//! Clock of a store: the time of the system, or one that a test sets.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

/// Longest sleep of a [`Clock`] that does not say how to wait, in case that it is set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Clock that a [`Store`](crate::Store) asks for the time.
///
/// A store uses [`SystemClock`] unless
/// [`StoreOptions::clock`](crate::StoreOptions::clock) gives it another, such as a [`ManualClock`].
///
/// ```
/// use chrono::{DateTime, Utc};
/// use eventsource_core::{Clock, SystemClock};
///
/// let before = Utc::now();
/// assert!(SystemClock.now() >= before);
/// ```
pub trait Clock: Send + Sync + Debug + 'static {
    /// Returns the time.
    fn now(&self) -> DateTime<Utc>;

    /// Waits until the clock shows this time or a later one.
    fn wait_until<'a>(
        &'a self,
        time: DateTime<Utc>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            while let Ok(left) = (time - self.now()).to_std()
                && !left.is_zero()
            {
                tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
            }
        })
    }
}

/// Clock of the system.
///
/// ```
/// use eventsource_core::{Clock, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let time = SystemClock.now() + chrono::TimeDelta::milliseconds(5);
/// SystemClock.wait_until(time).await;
/// assert!(SystemClock.now() >= time);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Clock that stands still until a test moves it. Clones show the same time.
///
/// ```
/// use std::time::Duration;
///
/// use eventsource_core::{Clock, ManualClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = ManualClock::new("2026-12-01T09:00:00Z".parse().unwrap());
/// let hand = clock.clone();
/// let noon = "2026-12-01T12:00:00Z".parse().unwrap();
///
/// let alarm = tokio::spawn(async move { clock.wait_until(noon).await });
/// hand.advance(Duration::from_secs(3 * 60 * 60));
/// alarm.await.unwrap();
/// assert_eq!(hand.now(), noon);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    time: watch::Sender<DateTime<Utc>>,
}

impl ManualClock {
    /// Creates a clock that shows this time.
    #[must_use]
    pub fn new(time: DateTime<Utc>) -> Self {
        Self {
            time: watch::Sender::new(time),
        }
    }

    /// Moves the clock forward, up to the end of time.
    pub fn advance(&self, by: Duration) {
        let by = chrono::TimeDelta::from_std(by).unwrap_or(chrono::TimeDelta::MAX);
        self.time.send_modify(|time| {
            *time = time
                .checked_add_signed(by)
                .unwrap_or(DateTime::<Utc>::MAX_UTC);
        });
    }

    /// Sets the clock, also back.
    pub fn set(&self, time: DateTime<Utc>) {
        self.time.send_replace(time);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.time.borrow()
    }

    fn wait_until<'a>(
        &'a self,
        time: DateTime<Utc>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        let mut shown = self.time.subscribe();
        Box::pin(async move {
            // The sender is in `self`, so it cannot be gone.
            let _ = shown.wait_for(|now| *now >= time).await;
        })
    }
}
