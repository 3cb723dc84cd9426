//! Read models of keyed values.

use std::marker::PhantomData;
use std::sync::Arc;

use eventsource_core::{
    Event, EventStore, Position, Reads, View, ViewEvent, ViewKey, ViewTable, shard_of_key,
};

use crate::contract::event::SourceEvent;
use crate::contract::kind::Kind;
use crate::contract::source::{BoxFuture, Machine, Source};
use crate::contract::stop::{Progress, Stop};
use crate::subscription::builder::{Model, Subscription};
use crate::subscription::consumer::{Batch, Consumer};

/// Events of a batch: each key is read and written once for all of them.
const BATCH: usize = 2000;

/// Begins a subscription that keeps a [`View`] level with the feed.
///
/// Add the machines that it reads with [`reads`](CatchUp::reads), and give it to
/// [`RuntimeBuilder::add`](crate::RuntimeBuilder::add).
pub fn catch_up<V: View>() -> CatchUp<V> {
    CatchUp {
        machines: Vec::new(),
        sources: Vec::new(),
        shards: 1,
    }
}

/// Subscription that keeps a [`View`] level with the feed; [`catch_up`] begins it.
#[must_use = "a subscription does nothing until a runtime runs it"]
pub struct CatchUp<V: View> {
    machines: Vec<Arc<dyn ReadBy<V>>>,
    sources: Vec<Arc<dyn Source>>,
    shards: u16,
}

impl<V: View> CatchUp<V> {
    /// Adds a machine that the view reads.
    pub fn reads<E: Event>(mut self, events: &EventStore<E>) -> Self
    where
        V: Reads<E>,
    {
        let place = self.sources.len();
        self.sources.push(Arc::new(Machine::new(events, place)));
        self.machines.push(Arc::new(Of::<E>(PhantomData)));
        self
    }

    /// Splits the view into shards by its keys, which several processes work on at once: a power of
    /// two, up to 256; 1 by default. A view that is built anew gets four at least.
    pub fn shards(mut self, shards: u16) -> Self {
        self.shards = shards;
        self
    }
}

impl<V: View> From<CatchUp<V>> for Subscription {
    fn from(builder: CatchUp<V>) -> Self {
        let consumer = ViewConsumer {
            machines: builder.machines,
        };
        let mut subscription = Self::new(V::NAME, Arc::new(consumer));
        subscription.version = V::VERSION;
        subscription.model = Some(Arc::new(Tables(PhantomData::<fn() -> V>)));
        subscription.sources = builder.sources;
        subscription.shards = builder.shards;
        subscription.batch = BATCH;
        subscription
    }
}

impl<V: View> std::fmt::Debug for CatchUp<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CatchUp")
            .field("name", &V::NAME)
            .finish_non_exhaustive()
    }
}

/// Machine that a view reads, behind a type without the events.
trait ReadBy<V: View>: Send + Sync {
    /// Returns an event of this machine as the view gets it; `None` if it cannot be read.
    fn event<'a>(&self, event: &'a SourceEvent) -> Option<&'a dyn ViewEvent<V>>;
}

/// Machine of `E`.
struct Of<E>(PhantomData<fn() -> E>);

impl<E: Event, V: Reads<E>> ReadBy<V> for Of<E> {
    fn event<'a>(&self, event: &'a SourceEvent) -> Option<&'a dyn ViewEvent<V>> {
        let event = event.typed::<E>()?;
        Some(event)
    }
}

/// Tables of a view.
struct Tables<V>(PhantomData<fn() -> V>);

impl<V: View> Model for Tables<V> {
    fn definition(&self) -> eventsource_core::Model<'_> {
        eventsource_core::Model::view::<V>()
    }

    fn is_keyed(&self) -> bool {
        true
    }
}

/// Consumer that applies a view.
struct ViewConsumer<V: View> {
    machines: Vec<Arc<dyn ReadBy<V>>>,
}

impl<V: View> ViewConsumer<V> {
    fn event<'a>(&self, event: &'a SourceEvent) -> Option<&'a dyn ViewEvent<V>> {
        self.machines[event.source].event(event)
    }
}

impl<V: View> Consumer for ViewConsumer<V> {
    fn kind(&self) -> Kind {
        Kind::View
    }

    /// An event concerns the shards of its keys; one that cannot be read concerns all.
    fn concerns(&self, event: &SourceEvent, shard: u16, shards: u16) -> bool {
        let Some(event) = self.event(event) else {
            return true;
        };
        let keys = event.keys();
        keys.iter()
            .any(|key| shards == 1 || shard_of_key(&key.to_text(), shards) == shard)
    }

    fn consume<'a>(&'a self, batch: &'a mut Batch<'_>) -> BoxFuture<'a, Result<Progress, Stop>> {
        Box::pin(async move {
            let (shard, up_to) = (batch.shard(), batch.up_to());
            let events: Vec<(Option<Position>, &dyn ViewEvent<V>)> = batch
                .events()
                .iter()
                .filter_map(|event| Some((Some(event.position), self.event(event)?)))
                .collect();
            let table = ViewTable::<V>::generation(shard.id().generation)
                .shard(shard.id().shard, shard.shards());
            let transaction = batch.transaction().await?;
            match table.apply(transaction, &events).await {
                Ok(()) => Ok(Progress::done(up_to)),
                Err(error) => Err(Stop::Failed {
                    at: None,
                    error: Box::new(error),
                }),
            }
        })
    }
}
