//! The feed on Postgres: a sequencer that compares snapshots.
//!
//! An event is new to the feed when the transaction that wrote it has finished since the snapshot
//! that the sequencer saved last. So nothing that commits late is missed, and nobody waits for a
//! transaction that stays open. Who appends to an entity has seen the event before it committed:
//! a snapshot that contains an event contains those before it in its stream, and within one
//! snapshot the clock, drawn under the lock of the entity, is their order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use backon::Retryable;
use sqlx::postgres::PgConnectOptions;

use crate::store::contract::feed_notifier::{FeedNotifier, FeedReceiver};
use crate::store::contract::names::Names;
use crate::store::contract::options::Connections;
use crate::store::postgres::errors::{failed, has_code};
use crate::store::postgres::feed::listen::Listener;
use crate::store::postgres::feed::single_flight::SingleFlight;
use crate::store::postgres::feed::snapshot_sequencer::BatchOutcome;
use crate::store::postgres::feed::sources::Sources;
use crate::store::postgres::feed::{read, resync, snapshot_sequencer};
use crate::store::postgres::pool::Pool;
use crate::store::postgres::retry;
use crate::{Error, Position};

/// What one store keeps about the feed of its schema.
#[derive(Debug)]
pub(crate) struct Feed {
    notifier: FeedNotifier,
    single_flight: SingleFlight,
    listener: Option<Listener>,
    /// The statement of a batch, made for the entities that there were.
    batch: Mutex<Option<Arc<snapshot_sequencer::Batch>>>,
    /// The most events in one.
    max_batch: u32,
}

impl Feed {
    /// Through a PgBouncer nobody is told anything.
    pub(crate) fn new(connect: &PgConnectOptions, connections: &Connections) -> Self {
        let notifier = FeedNotifier::default();
        Self {
            listener: (!connections.pgbouncer)
                .then(|| Listener::new(connect.clone(), notifier.clone())),
            notifier,
            single_flight: SingleFlight::default(),
            batch: Mutex::default(),
            max_batch: connections.feed_batch,
        }
    }

    /// Something was appended by this process.
    pub(crate) fn appended(&self) {
        self.notifier.notify();
    }

    /// Tells of appends by this process, and of batches by any.
    pub(crate) fn subscribe(&self, names: &Names) -> FeedReceiver {
        match &self.listener {
            Some(listener) => listener.subscribe(names),
            None => self.notifier.subscribe(),
        }
    }

    pub(crate) async fn close(&self) {
        if let Some(listener) = &self.listener {
            listener.close().await;
        }
    }

    /// Gives what was committed before this call its position, unless another process is about it.
    /// Returns the last position there is.
    pub(crate) async fn catch_up(&self, pool: &Pool, names: &Names) -> Result<Position, Error> {
        let run = || async {
            match self.run(pool, names).await {
                // On a standby, without the right to write, or while a table is locked: read what is
                // there.
                Err(error) if has_code(&error, &["25006", "42501", "55P03"]) => {
                    read::last_position(pool, names).await
                }
                run => run.map_err(failed),
            }
        };
        // A batch is one statement: if its answer is lost it was done or not, and either is well.
        let again = || run.retry(retry::backoff(pool)).when(retry::is_lost);
        self.single_flight.take(again).await
    }

    async fn run(&self, pool: &Pool, names: &Names) -> Result<Position, sqlx::Error> {
        loop {
            let Some(batch) = self.batch(pool, names).await? else {
                return Ok(Position::START);
            };
            match batch.run(pool).await? {
                BatchOutcome::Position(position) => return Ok(position),
                BatchOutcome::Conflict | BatchOutcome::More => {}
                BatchOutcome::UnknownEntities => *self.batch_kept() = None,
                BatchOutcome::OtherCluster => {
                    if let Some(position) = resync::resync(pool, names, batch.sources()).await? {
                        return Ok(position);
                    }
                }
            }
        }
    }

    /// The statement for the entities that there are; `None` before the first migration.
    async fn batch(
        &self,
        pool: &Pool,
        names: &Names,
    ) -> Result<Option<Arc<snapshot_sequencer::Batch>>, sqlx::Error> {
        if let Some(batch) = &*self.batch_kept() {
            return Ok(Some(Arc::clone(batch)));
        }
        let Some(sources) = Sources::load(pool, names).await? else {
            return Ok(None);
        };
        let batch = Arc::new(snapshot_sequencer::Batch::new(
            names,
            sources,
            self.max_batch,
        ));
        *self.batch_kept() = Some(Arc::clone(&batch));
        Ok(Some(batch))
    }

    /// A panic elsewhere leaves the old statement or the new one.
    fn batch_kept(&self) -> MutexGuard<'_, Option<Arc<snapshot_sequencer::Batch>>> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
