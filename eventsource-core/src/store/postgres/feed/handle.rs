//! Feed of a schema: gives positions, and knows when there may be new events.
//!
//! An event is new to the feed if its transaction has finished since the snapshot that the
//! sequencer saved last. So no event that commits late is missed, and nobody waits for a transaction
//! that stays open. An append sees the committed event before its own: a snapshot that contains an
//! event contains the earlier ones of its stream, and within one snapshot the log sequence, drawn
//! under the lock of the entity, is their order.

use std::sync::atomic::{AtomicU64, Ordering};

use backon::Retryable;
use sqlx::postgres::PgConnectOptions;

use crate::store::contract::feed_notifier::{FeedNotifier, FeedReceiver};
use crate::store::contract::layout;
use crate::store::contract::names::Names;
use crate::store::contract::options::Connections;
use crate::store::postgres::errors::{failed, has_code};
use crate::store::postgres::feed::listen::Listener;
use crate::store::postgres::feed::single_flight::SingleFlight;
use crate::store::postgres::feed::{catch_up, committed, read};
use crate::store::postgres::pool::Pool;
use crate::store::postgres::retry;
use crate::store::sql::statements::FEED;
use crate::{Error, Position};

/// Feed of a schema, as one store holds it.
#[derive(Debug)]
pub(crate) struct FeedState {
    notifier: FeedNotifier,
    single_flight: SingleFlight,
    /// Single flight of the callers that need all committed events.
    committed: SingleFlight,
    /// Highest position that this process has seen given.
    given: AtomicU64,
    listener: Option<Listener>,
    /// Most events in a batch.
    max_batch: u32,
}

impl FeedState {
    /// Creates the feed; without a listener behind a PgBouncer, which forwards no notices.
    pub(crate) fn new(connect: &PgConnectOptions, connections: &Connections) -> Self {
        let notifier = FeedNotifier::default();
        Self {
            listener: (!connections.pgbouncer)
                .then(|| Listener::new(connect.clone(), notifier.clone())),
            notifier,
            single_flight: SingleFlight::default(),
            committed: SingleFlight::default(),
            given: AtomicU64::new(0),
            max_batch: connections.feed_batch,
        }
    }

    /// Notifies the subscribers that this process has appended events.
    pub(crate) fn appended(&self) {
        self.notifier.notify();
    }

    /// Returns a receiver of notices: appends of this process, and batches of any process.
    pub(crate) fn subscribe(&self, names: &Names) -> FeedReceiver {
        match &self.listener {
            Some(listener) => listener.subscribe(names),
            None => self.notifier.subscribe(),
        }
    }

    /// Closes the connection of the listener.
    pub(crate) async fn close(&self) {
        if let Some(listener) = &self.listener {
            listener.close().await;
        }
    }

    /// Gives all events committed before this call a position; returns the last position.
    ///
    /// If another process is giving positions right now, returns the last one so far.
    pub(crate) async fn catch_up(&self, pool: &Pool, names: &Names) -> Result<Position, Error> {
        let run = || async {
            match catch_up::run(pool, names, self.max_batch).await {
                // On a standby, without the right to write, or while a table is locked: only read.
                Err(error) if has_code(&error, &["25006", "42501", "55P03"]) => {
                    read::last_position(pool, names).await
                }
                // The function came with the second layout.
                Err(error) if has_code(&error, &["42883"]) => {
                    Err(layout::mismatch(FEED, layout::FIRST))
                }
                run => run.map_err(failed),
            }
        };
        // A batch is one statement, which can be repeated if its answer is lost.
        let retried = || run.retry(retry::backoff(pool)).when(retry::is_lost);
        let position = self.single_flight.run(retried).await?;
        self.given.fetch_max(position.get(), Ordering::Relaxed);
        Ok(position)
    }

    /// Returns a position at or after all events committed before this call.
    ///
    /// # Errors
    /// [`Error::CannotSequence`] on a standby, and without the right to give positions.
    pub(crate) async fn committed_position(
        &self,
        pool: &Pool,
        names: &Names,
    ) -> Result<Position, Error> {
        let run = || committed::run(pool, names, self.max_batch);
        let retried = || run.retry(retry::backoff(pool)).when(retry::is_lost);
        let position = self.committed.run(retried).await?;
        self.given.fetch_max(position.get(), Ordering::Relaxed);
        Ok(position)
    }

    /// Returns whether this process has seen this position given.
    pub(crate) fn has_given(&self, position: Position) -> bool {
        self.given.load(Ordering::Relaxed) >= position.get()
    }
}
