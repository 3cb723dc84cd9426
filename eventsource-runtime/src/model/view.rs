//! Read models of keyed values.

use std::marker::PhantomData;
use std::sync::Arc;

use eventsource_core::{Event, EventStore, Reads, Transaction, View, ViewTable};

use crate::contract::event::SourceEvent;
use crate::contract::kind::Kind;
use crate::contract::source::{BoxFuture, Machine, Source};
use crate::contract::stop::{Progress, Stop};
use crate::subscription::builder::Subscription;
use crate::subscription::consumer::{Batch, Consumer};

/// Events of a batch; each key is read and written once for all of them.
const BATCH: usize = 2000;

/// Begins a subscription that keeps a [`View`] level with the feed.
///
/// Add the machines that it reads with [`reads`](CatchUp::reads), and give it to
/// [`Runtime::add`](crate::Runtime::add).
pub fn catch_up<V: View>() -> CatchUp<V> {
    CatchUp {
        machines: Vec::new(),
        sources: Vec::new(),
        shards: 1,
        view: PhantomData,
    }
}

/// Subscription that keeps a [`View`] level with the feed; [`catch_up`] begins it.
#[must_use = "a subscription does nothing until a runtime runs it"]
pub struct CatchUp<V: View> {
    machines: Vec<Arc<dyn ReadBy<V>>>,
    sources: Vec<Arc<dyn Source>>,
    shards: u16,
    view: PhantomData<V>,
}

impl<V: View> CatchUp<V> {
    /// Adds a machine that the view reads.
    pub fn reads<E: Event>(mut self, events: &EventStore<E>) -> Self
    where
        V: Reads<E>,
    {
        self.sources
            .push(Arc::new(Machine::new(events, self.sources.len())));
        self.machines.push(Arc::new(PhantomData::<fn(E)>));
        self
    }

    /// Splits the view into shards by its keys: a power of two, up to 256; 1 by default.
    ///
    /// The number is fixed when the view is first built.
    pub fn shards(mut self, shards: u16) -> Self {
        self.shards = shards;
        self
    }
}

impl<V: View> From<CatchUp<V>> for Subscription {
    fn from(view: CatchUp<V>) -> Self {
        let consumer = ViewConsumer {
            machines: view.machines,
        };
        let mut subscription = Self::new(V::NAME, Arc::new(consumer));
        subscription.version = V::VERSION;
        subscription.sources = view.sources;
        subscription.shards = view.shards;
        subscription.batch = BATCH;
        subscription
    }
}
