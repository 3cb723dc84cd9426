//! Hearing of batches that other processes put into the feed.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::task::AbortHandle;

use crate::store::contract::feed_notifier::{FeedNotifier, FeedReceiver};
use crate::store::contract::names::Names;
use crate::store::postgres::feed::channel::CHANNEL;

/// Until the server is asked again. Those who follow the feed look for themselves meanwhile.
const RETRY: Duration = Duration::from_millis(500);

/// One connection of its own while anybody follows the feed, none otherwise.
#[derive(Debug)]
pub(crate) struct Listener {
    notifier: FeedNotifier,
    pool: PgPool,
    listening: Mutex<Weak<Listening>>,
}

/// Ends when the last who holds it lets go.
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

    pub(crate) fn subscribe(&self, names: &Names) -> FeedReceiver {
        let mut kept = self
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let listening = kept.upgrade().unwrap_or_else(|| {
            let schema = names.schema().unwrap_or_default().to_owned();
            let task = tokio::spawn(listen(self.pool.clone(), schema, self.notifier.clone()));
            Arc::new(Listening(task.abort_handle()))
        });
        *kept = Arc::downgrade(&listening);
        self.notifier.subscribe_with(listening)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

async fn listen(pool: PgPool, schema: String, notifier: FeedNotifier) {
    while !pool.is_closed() {
        // It is the same to those who wait whether the connection is lost or not there yet.
        let _ = hear(&pool, &schema, &notifier).await;
        tokio::time::sleep(RETRY).await;
    }
}

async fn hear(pool: &PgPool, schema: &str, notifier: &FeedNotifier) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What was told before is not heard.
    notifier.notify();
    while let Some(told) = listener.try_recv().await? {
        if told.payload() == schema {
            notifier.notify();
        }
    }
    Ok(())
}
