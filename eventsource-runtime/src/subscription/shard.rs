//! Shard of a subscription that this worker owns.

use std::sync::Arc;

use eventsource_core::{Error, Position, Store, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::contract::faults::{Faults, Point};
use crate::contract::shard_id::ShardId;
use crate::contract::stop::{Halt, Stop};
use crate::tables::shards::{self, Move};

/// Shard that this worker owns, as long as its epoch is the one in the table.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    id: ShardId,
    shards: u16,
    epoch: u64,
    store: Store,
    connections: Arc<Semaphore>,
    stop: CancellationToken,
    faults: Faults,
}

/// Transaction, with the permit to use one of the runtime's connections.
pub(crate) struct Begun {
    /// Transaction itself.
    pub(crate) transaction: Transaction<'static>,
    _connection: Option<OwnedSemaphorePermit>,
}

impl Shard {
    /// Creates the handle of a shard that was claimed under this epoch.
    pub(crate) fn new(
        id: ShardId,
        shards: u16,
        epoch: u64,
        store: Store,
        connections: Arc<Semaphore>,
        stop: CancellationToken,
        faults: Faults,
    ) -> Self {
        Self {
            id,
            shards,
            epoch,
            store,
            connections,
            stop,
            faults,
        }
    }

    /// Returns the key of the shard.
    pub(crate) fn id(&self) -> &ShardId {
        &self.id
    }

    /// Returns the number of shards of the subscription, a power of two.
    pub(crate) fn shards(&self) -> u16 {
        self.shards
    }

    /// Returns the epoch under which this worker owns it.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns the store of the runtime.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the token that tells to stop: the worker is ending, or gives the shard back.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Begins a transaction, on one of the connections that subscriptions may use.
    ///
    /// # Errors
    /// [`Stop::Store`].
    pub(crate) async fn begin(&self) -> Result<Begun, Stop> {
        // The semaphore is never closed.
        let connection = self.connections.clone().acquire_owned().await.ok();
        let transaction = self.store.begin().await?;
        Ok(Begun {
            transaction,
            _connection: connection,
        })
    }

    /// Commits a transaction, which leaves the checkpoint where it is, if the shard is still this worker's.
    ///
    /// # Errors
    /// [`Stop::Lost`] if it is another worker's: nothing was committed. [`Stop::Store`].
    pub(crate) async fn commit(&self, begun: Begun) -> Result<(), Stop> {
        self.commit_with(begun, None).await
    }

    /// Commits a transaction and moves the checkpoint, if the shard is still this worker's and the
    /// checkpoint is where this worker left it.
    ///
    /// # Errors
    /// As of [`commit`](Self::commit).
    pub(crate) async fn advance(
        &self,
        begun: Begun,
        from: Position,
        to: Position,
    ) -> Result<(), Stop> {
        self.commit_with(begun, Some(Move { from, to })).await
    }

    async fn commit_with(&self, begun: Begun, step: Option<Move>) -> Result<(), Stop> {
        self.reach(Point::BeforeCommit).await?;
        shards::commit(begun.transaction, &self.id, self.epoch, step).await?;
        self.reach(Point::AfterCommit).await
    }

    /// Lets a test make the database fail at a point.
    async fn reach(&self, point: Point) -> Result<(), Stop> {
        let reached = self.faults.reach(point, &self.id.subscription).await;
        reached.map_err(|source| Stop::Store(Error::Unavailable { source }))
    }

    /// Notes that the shard has halted, if it is still this worker's.
    ///
    /// # Errors
    /// As of [`commit`](Self::commit).
    pub(crate) async fn halt(&self, from: Position, to: Position, halt: &Halt) -> Result<(), Stop> {
        shards::halt(&self.store, &self.id, self.epoch, from, to, halt).await
    }
}
