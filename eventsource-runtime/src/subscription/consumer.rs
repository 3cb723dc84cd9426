//! What everything on shards implements: read models, handlers, processes and timers.

use std::sync::Arc;

use eventsource_core::{Position, Transaction};

use crate::contract::event::SourceEvent;
#[cfg(feature = "testing")]
use crate::contract::faults::Faults;
use crate::contract::kind::Kind;
use crate::contract::source::BoxFuture;
use crate::contract::stop::{Progress, Stop};
use crate::subscription::shard::{Begun, Shard};

/// Consumer of the events of a subscription, one shard at a time.
pub(crate) trait Consumer: Send + Sync + 'static {
    /// Returns what the subscription is.
    fn kind(&self) -> Kind;

    /// Tells whether an event concerns a shard; by default the one of the event's entity.
    fn concerns(&self, event: &SourceEvent, shard: u16, shards: u16) -> bool {
        event.shard_by_entity(shards) == shard
    }

    /// Takes the next events of one shard, in order; returns how far everything is done.
    ///
    /// Effects that belong to the database of the store are written in
    /// [`Batch::transaction`], which commits together with the checkpoint, and only if the shard is still
    /// this worker's.
    fn consume<'a>(&'a self, batch: &'a mut Batch<'_>) -> BoxFuture<'a, Result<Progress, Stop>>;

    /// Lets things go wrong in the work of this consumer, for a test.
    #[cfg(feature = "testing")]
    fn arm(&self, faults: &Faults) {
        let _ = faults;
    }

    /// Does what is due on a shard without events, such as retries and timers.
    ///
    /// Called about once a second for each shard that this worker owns, and whenever it has become level.
    fn tick<'a>(&'a self, shard: &'a Shard) -> BoxFuture<'a, Result<(), Stop>> {
        let _ = shard;
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Events of one shard, and the transaction of their effects.
pub(crate) struct Batch<'a> {
    shard: &'a Shard,
    events: &'a [Arc<SourceEvent>],
    up_to: Position,
    transaction: Option<Begun>,
}

impl<'a> Batch<'a> {
    /// Creates a batch of all events that concern the shard up to a position.
    pub(crate) fn new(shard: &'a Shard, events: &'a [Arc<SourceEvent>], up_to: Position) -> Self {
        Self {
            shard,
            events,
            up_to,
            transaction: None,
        }
    }

    /// Returns the shard.
    pub(crate) fn shard(&self) -> &'a Shard {
        self.shard
    }

    /// Returns the events, oldest first; at least one.
    pub(crate) fn events(&self) -> &'a [Arc<SourceEvent>] {
        self.events
    }

    /// Returns the position up to which these are all events that concern the shard.
    pub(crate) fn up_to(&self) -> Position {
        self.up_to
    }

    /// Returns the transaction that commits with the checkpoint; the first call begins it.
    ///
    /// # Errors
    /// [`Stop::Store`].
    pub(crate) async fn transaction(&mut self) -> Result<&mut Transaction<'static>, Stop> {
        let begun = match self.transaction.take() {
            Some(begun) => begun,
            None => self.shard.begin().await?,
        };
        Ok(&mut self.transaction.insert(begun).transaction)
    }

    /// Commits this transaction with the checkpoint, in place of one that was begun before.
    pub(crate) fn commits(&mut self, begun: Begun) {
        self.transaction = Some(begun);
    }

    /// Returns the transaction, if one was begun.
    pub(crate) fn into_transaction(self) -> Option<Begun> {
        self.transaction
    }
}
