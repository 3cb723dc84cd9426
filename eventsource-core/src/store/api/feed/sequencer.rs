//! Giving positions in the background.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::{Error, Retry, Store};

/// Gives events their positions as they are committed, so that whoever follows the feed hears of
/// them at once. Several may run, in one process or in many: they take turns, and when one stops the
/// others go on.
///
/// Without one, whoever reads the feed does the same. On SQLite an append gives the position
/// itself, and this waits for its end.
///
/// On Postgres it needs a writer's rights to all machines of the schema; with fewer it gives no
/// positions and says nothing, as a reader of the feed does.
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

/// The longest wait when the database is not there.
const MAX_WAIT: Duration = Duration::from_secs(2);

impl Store {
    /// What gives positions in the background.
    pub fn sequencer(&self) -> Sequencer {
        Sequencer {
            store: self.clone(),
            interval: Duration::from_millis(10),
        }
    }
}

impl Sequencer {
    /// How often to look for what other processes have appended, 1 ms or more; 10 ms if not given.
    /// What this process appends is seen at once.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Runs until `stop` is done. What was committed before that has its position then, if the
    /// database can be reached. Tries again while it cannot.
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
