//! Read models with SQL of their own.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Dialect, Event, EventStore, Failure, Projection, Projects, Transaction};
use tokio::time::Instant;

use crate::contract::event::SourceEvent;
use crate::contract::kind::Kind;
use crate::contract::source::{BoxFuture, Machine, Source};
use crate::contract::stop::{Halt, Progress, Stop};
use crate::subscription::builder::{Model, Subscription};
use crate::subscription::consumer::{Batch, Consumer};

/// Begins a subscription that keeps a [`Projection`] level with the feed.
///
/// Add the machines that it reads with [`reads`](CatchUpProjection::reads), and give it to
/// [`RuntimeBuilder::add`](crate::RuntimeBuilder::add). It is applied to all events in the order of the feed,
/// unless it has several [`shards`](CatchUpProjection::shards).
pub fn projection<P: Projection>(projection: P) -> CatchUpProjection<P> {
    CatchUpProjection {
        projection: Arc::new(projection),
        machines: Vec::new(),
        sources: Vec::new(),
        shards: 1,
    }
}

/// Subscription that keeps a [`Projection`] level with the feed; [`projection`] begins it.
#[must_use = "a subscription does nothing until a runtime runs it"]
pub struct CatchUpProjection<P: Projection> {
    projection: Arc<P>,
    machines: Vec<Arc<dyn ProjectedBy<P>>>,
    sources: Vec<Arc<dyn Source>>,
    shards: u16,
}

impl<P: Projection> CatchUpProjection<P> {
    /// Adds a machine that the projection reads.
    pub fn reads<E: Event>(mut self, events: &EventStore<E>) -> Self
    where
        P: Projects<E>,
    {
        let place = self.sources.len();
        self.sources.push(Arc::new(Machine::new(events, place)));
        self.machines.push(Arc::new(Of::<E>(PhantomData)));
        self
    }

    /// Splits the events into shards by their entity, which several processes work on at once: a power
    /// of two, up to 256; 1 by default.
    ///
    /// With more than one, the events of an entity are still in order, those of different entities are
    /// not. The number is fixed when the projection is first built.
    pub fn shards(mut self, shards: u16) -> Self {
        self.shards = shards;
        self
    }
}

impl<P: Projection> From<CatchUpProjection<P>> for Subscription {
    fn from(builder: CatchUpProjection<P>) -> Self {
        let model = Tables(builder.projection.clone());
        let consumer = ProjectionConsumer {
            projection: builder.projection,
            machines: builder.machines,
        };
        let mut subscription = Self::new(P::NAME, Arc::new(consumer));
        subscription.version = P::VERSION;
        subscription.model = Some(Arc::new(model));
        subscription.sources = builder.sources;
        subscription.shards = builder.shards;
        subscription
    }
}

impl<P: Projection> std::fmt::Debug for CatchUpProjection<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CatchUpProjection")
            .field("name", &P::NAME)
            .finish_non_exhaustive()
    }
}

/// Machine that a projection reads, behind a type without the events.
trait ProjectedBy<P>: Send + Sync {
    /// Applies an event of this machine.
    fn apply<'a>(
        &self,
        projection: &'a P,
        event: &'a SourceEvent,
        transaction: &'a mut Transaction<'static>,
    ) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Machine of `E`.
struct Of<E>(PhantomData<fn() -> E>);

impl<E: Event, P: Projects<E>> ProjectedBy<P> for Of<E> {
    fn apply<'a>(
        &self,
        projection: &'a P,
        event: &'a SourceEvent,
        transaction: &'a mut Transaction<'static>,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            match event.typed::<E>() {
                Some(event) => projection.apply(event, transaction).await,
                None => Ok(()),
            }
        })
    }
}

/// Tables of a projection.
struct Tables<P>(Arc<P>);

impl<P: Projection> Model for Tables<P> {
    fn definition(&self) -> eventsource_core::Model<'_> {
        eventsource_core::Model::projection(&*self.0)
    }
}

/// Consumer that applies a projection.
struct ProjectionConsumer<P> {
    projection: Arc<P>,
    machines: Vec<Arc<dyn ProjectedBy<P>>>,
}

/// Longest time of a batch, after which others get the database.
pub(crate) fn longest(dialect: Dialect) -> Duration {
    match dialect {
        // There is one writer.
        Dialect::Sqlite => Duration::from_millis(50),
        _ => Duration::from_millis(250),
    }
}

impl<P: Projection> Consumer for ProjectionConsumer<P> {
    fn kind(&self) -> Kind {
        Kind::Projection
    }

    fn consume<'a>(&'a self, batch: &'a mut Batch<'_>) -> BoxFuture<'a, Result<Progress, Stop>> {
        Box::pin(async move {
            let events = batch.events();
            let up_to = batch.up_to();
            let generation = batch.shard().id().generation;
            let transaction = batch.transaction().await?;
            let tables = transaction.tables().of_generation(generation);
            let begun = Instant::now();
            let longest = longest(transaction.dialect());
            for (count, event) in events.iter().enumerate() {
                if count > 0 && begun.elapsed() > longest {
                    return Ok(Progress::done(events[count - 1].position));
                }
                transaction.scope(tables.clone(), Some(event.position));
                let applied =
                    self.machines[event.source].apply(&self.projection, event, transaction);
                if let Err(failure) = applied.await {
                    return Err(stop(failure, event, count));
                }
            }
            Ok(Progress::done(up_to))
        })
    }
}

/// Returns what a failure of the event with this place in its batch means.
fn stop(failure: Failure, event: &SourceEvent, place: usize) -> Stop {
    match failure {
        // The events before it are done first.
        Failure::Park(error) | Failure::Halt(error) if place == 0 => {
            Stop::Halt(Halt::at(event, &*error))
        }
        Failure::Retry { error, .. } | Failure::Park(error) | Failure::Halt(error) => {
            Stop::Failed {
                at: Some(event.position),
                error,
            }
        }
        other => Stop::Failed {
            at: Some(event.position),
            error: other.to_string().into(),
        },
    }
}
