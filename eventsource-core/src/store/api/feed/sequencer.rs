//! Background task that gives events their positions.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::{Error, Retry, Store};

/// Background task that gives events their positions as they are committed, so that subscribers of
/// the feed get them at once.
///
/// Several may run, in one process or in many: they take turns, and when one stops the others go
/// on. Without any, a read of the feed gives the positions. On SQLite an append gives the position
/// itself, and the sequencer only waits for its end.
///
/// On Postgres the sequencer needs a writer's rights to all machines of the schema; with fewer
/// rights it gives no positions and reports no error, like a read of the feed.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), eventsource_core::Error> {
/// # let store = eventsource_core::Store::connect("sqlite::memory:").await?;
/// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
/// let sequencer = store.sequencer().run_until(async { stopped.await.unwrap_or_default() });
/// let running = tokio::spawn(sequencer);
/// // .. serve ..
/// stop.send(()).unwrap();
/// running.await.unwrap()
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a sequencer does nothing until it runs"]
pub struct Sequencer {
    store: Store,
    interval: Duration,
}

/// Longest wait between two attempts while the database is unavailable.
const MAX_WAIT: Duration = Duration::from_secs(2);

impl Store {
    /// Returns a sequencer, which gives events their positions once it runs.
    pub fn sequencer(&self) -> Sequencer {
        Sequencer {
            store: self.clone(),
            interval: Duration::from_millis(10),
        }
    }
}

impl Sequencer {
    /// Sets how often to look for events of other processes: 1 ms or more; the default is 10 ms.
    ///
    /// Events that this process appends are seen at once.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Runs until `stop` completes; retries while the database is unavailable.
    ///
    /// Events that were committed before `stop` completed have their positions then, if the
    /// database can be reached.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let mut stop = pin!(stop);
        let mut changes = self.store.subscribe();
        let mut failures = 0;
        loop {
            changes.mark_seen();
            let wait = match self.store.catch_up().await {
                Ok(_) => {
                    failures = 0;
                    self.interval
                }
                Err(error) if error.retry() == Retry::Never => return Err(error),
                Err(_) => {
                    failures += 1;
                    MAX_WAIT.min(self.interval.saturating_mul(2_u32.saturating_pow(failures)))
                }
            };
            let pause = async {
                if failures > 0 {
                    tokio::time::sleep(wait).await;
                } else {
                    changes.wait(wait).await;
                }
            };
            if let Either::Left(_) = select(stop.as_mut(), pin!(pause)).await {
                break;
            }
        }
        match self.store.catch_up().await {
            Err(error) if error.retry() == Retry::Never => Err(error),
            _ => Ok(()),
        }
    }
}
