//! Listener for notices of batches by other processes.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::task::AbortHandle;

use crate::store::contract::feed_notifier::{FeedNotifier, FeedReceiver};
use crate::store::contract::names::Names;
use crate::store::postgres::feed::channel::CHANNEL;

/// Wait before the next attempt to connect. Subscribers of the feed poll meanwhile.
const RETRY: Duration = Duration::from_millis(500);

/// Listener with a connection of its own while the feed has subscribers.
#[derive(Debug)]
pub(crate) struct Listener {
    notifier: FeedNotifier,
    pool: PgPool,
    listening: Mutex<Weak<Listening>>,
}

/// Task that listens; it ends when the last subscriber drops this.
#[derive(Debug)]
struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    pub(crate) fn new(connect: PgConnectOptions, notifier: FeedNotifier) -> Self {
        let pool = PgPoolOptions::new().max_connections(1);
        Self {
            notifier,
            pool: pool.connect_lazy_with(connect),
            listening: Mutex::default(),
        }
    }

    /// Returns a receiver of notices; starts the task unless it runs.
    pub(crate) fn subscribe(&self, names: &Names) -> FeedReceiver {
        let mut current = self
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let listening = current.upgrade().unwrap_or_else(|| {
            let schema = names.schema().unwrap_or_default().to_owned();
            let task = tokio::spawn(listen(self.pool.clone(), schema, self.notifier.clone()));
            Arc::new(Listening(task.abort_handle()))
        });
        *current = Arc::downgrade(&listening);
        self.notifier.subscribe_with(listening)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Listens, and connects again when the connection is lost.
async fn listen(pool: PgPool, schema: String, notifier: FeedNotifier) {
    while !pool.is_closed() {
        // Subscribers poll while there is no connection, whatever the reason.
        let _ = listen_once(&pool, &schema, &notifier).await;
        tokio::time::sleep(RETRY).await;
    }
}

/// Listens until the connection is lost.
async fn listen_once(
    pool: &PgPool,
    schema: &str,
    notifier: &FeedNotifier,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // Notices from before the connection are missed.
    notifier.notify();
    while let Some(notification) = listener.try_recv().await? {
        if notification.payload() == schema {
            notifier.notify();
        }
    }
    Ok(())
}
