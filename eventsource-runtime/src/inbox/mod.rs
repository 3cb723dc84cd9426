//! Commands that were submitted to be executed later.
//!
//! An inbox is a loop around `EventStore::execute_submitted`, which claims one command at a time: any
//! number of workers may run the same.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Command, Error, Event, EventStore};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

/// Number of commands that are executed before the inbox looks whether it is to stop.
const AT_ONCE: u32 = 1;

/// Pause after which an inbox that has found nothing looks again.
const PAUSE: Duration = Duration::from_secs(1);

type Execute = Arc<dyn Fn() -> BoxFuture<'static, Result<u32, Error>> + Send + Sync>;

/// Submitted commands of one type.
#[derive(Clone)]
pub(crate) struct Inbox {
    command: &'static str,
    execute: Execute,
}

impl Inbox {
    /// Returns the inbox of the commands of this type.
    pub(crate) fn new<E, C>(events: &EventStore<E>) -> Self
    where
        E: Event,
        C: Command<E> + Serialize + DeserializeOwned + 'static,
        C::Refusal: Serialize,
    {
        let events = events.clone();
        Self {
            command: C::NAME,
            execute: Arc::new(move || {
                let events = events.clone();
                Box::pin(async move { events.execute_submitted::<C>(AT_ONCE).await })
            }),
        }
    }

    /// Executes commands until told to stop; one that has begun is finished.
    pub(crate) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match (self.execute)().await {
                Ok(executed) if executed > 0 => continue,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(command = self.command, %error, "cannot execute submitted commands");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Executes all that is due; returns whether there was something.
    pub(crate) async fn settle(&self) -> Result<bool, Error> {
        let mut any = false;
        while (self.execute)().await? > 0 {
            any = true;
        }
        Ok(any)
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inbox").field(&self.command).finish()
    }
}
