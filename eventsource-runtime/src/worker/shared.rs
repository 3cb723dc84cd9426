//! What all parts of a runtime share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use eventsource_core::{Error, Position, Store};
use tokio::sync::{Notify, Semaphore, watch};
use uuid::Uuid;

use crate::contract::faults::Faults;
use crate::contract::shard_id::ShardId;
use crate::error::RuntimeError;
use crate::feed::window::Readers;
use crate::subscription::builder::Subscription;
use crate::tables::workers;

/// What all parts of a runtime share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) program: String,
    pub(crate) subscriptions: Vec<Arc<Subscription>>,
    /// Connections that subscriptions may use at once.
    pub(crate) connections: Arc<Semaphore>,
    pub(crate) faults: Faults,
    /// Last position of the store, as far as it was seen.
    pub(crate) tip: watch::Sender<Position>,
    /// Held while an event is tried that may end this process.
    pub(crate) alone: tokio::sync::Mutex<()>,
    /// Tells the worker to look at the tables now.
    pub(crate) wake: Notify,
    /// Held by the shard that is being built while others append.
    pub(crate) rebuilding: tokio::sync::Mutex<()>,
    /// Positions up to which the shards that are worked on here are done.
    done: Mutex<HashMap<ShardId, Position>>,
    readers: Mutex<HashMap<(String, u32), Arc<Readers>>>,
    /// Generations that can be worked on here.
    knows: Mutex<Vec<String>>,
}

impl Shared {
    /// Creates what is shared by a runtime of these subscriptions.
    pub(crate) fn new(
        store: Store,
        program: String,
        subscriptions: Vec<Arc<Subscription>>,
        connections: usize,
        faults: Faults,
    ) -> Self {
        Self {
            store,
            program,
            subscriptions,
            connections: Arc::new(Semaphore::new(connections)),
            faults,
            tip: watch::Sender::new(Position::START),
            alone: tokio::sync::Mutex::default(),
            wake: Notify::new(),
            rebuilding: tokio::sync::Mutex::default(),
            done: Mutex::default(),
            readers: Mutex::default(),
            knows: Mutex::default(),
        }
    }

    /// Returns the subscription of this name.
    pub(crate) fn subscription(&self, name: &str) -> Option<&Arc<Subscription>> {
        self.subscriptions.iter().find(|known| known.name == name)
    }

    /// Checks that there is a subscription of this name.
    pub(crate) fn expect(&self, name: &str) -> Result<&Arc<Subscription>, RuntimeError> {
        self.subscription(name).ok_or_else(|| self.unknown(name))
    }

    /// Creates the error for a name that no subscription has.
    pub(crate) fn unknown(&self, name: &str) -> RuntimeError {
        let known: Vec<_> = self.subscriptions.iter().map(|it| it.name()).collect();
        RuntimeError::Unknown {
            name: name.to_owned(),
            known: known.join(", "),
        }
    }

    /// Returns the readers that all shards of a generation share.
    pub(crate) fn readers(&self, subscription: &Subscription, generation: u32) -> Arc<Readers> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers
            .entry((subscription.name.clone(), generation))
            .or_insert_with(|| Arc::new(Readers::new(&subscription.sources)))
            .clone()
    }

    /// Forgets the readers of a generation that is gone.
    pub(crate) fn forget_readers(&self, subscription: &str, generation: u32) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.remove(&(subscription.to_owned(), generation));
    }

    /// Notes which generations can be worked on here; tells whether others could before.
    pub(crate) fn set_knows(&self, generations: Vec<String>) -> bool {
        let mut knows = self.knows.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *knows != generations;
        *knows = generations;
        changed
    }

    /// Says that a worker lives, and what it can work on.
    pub(crate) async fn sign(&self, worker: Uuid) -> Result<(), Error> {
        let knows = self
            .knows
            .lock()
            .map_or_else(|knows| knows.into_inner().clone(), |knows| knows.clone());
        workers::sign(&self.store, worker, &self.program, &knows).await
    }

    /// Notes how far a shard is done.
    pub(crate) fn set_done(&self, id: &ShardId, position: Position) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.insert(id.clone(), position);
    }

    /// Forgets a shard that is no longer worked on here.
    pub(crate) fn forget(&self, id: &ShardId) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.remove(id);
    }

    /// Forgets how far the shards of a subscription are done: they have been put back.
    pub(crate) fn forget_all(&self, subscription: &str) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.retain(|id, _| id.subscription != subscription);
    }

    /// Returns how far a shard is done, if it is worked on here.
    pub(crate) fn done(&self, id: &ShardId) -> Option<Position> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.get(id).copied()
    }
}
