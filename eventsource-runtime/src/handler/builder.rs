//! Which events go to a handler, and how.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Event, EventStore, RecordedEvent};

use crate::contract::faults::Faults;
use crate::contract::kind::Kind;
use crate::contract::source::{Machine, Source};
use crate::error::BuildMistake;
use crate::failure::breaker::Breaker;
use crate::failure::on_failure::OnFailure;
use crate::failure::retry_policy::RetryPolicy;
use crate::handler::executor::consumer::HandlerConsumer;
use crate::handler::executor::in_transaction::TransactionConsumer;
use crate::handler::executor::work::Work;
use crate::handler::handler_trait::Handler;
use crate::handler::log::Log;
use crate::handler::target::{Selection, Target, TypedTarget};
use crate::subscription::builder::{Start, Subscription};
use crate::subscription::consumer::Consumer;

/// Shards of a handler, unless the program says otherwise.
const SHARDS: u16 = 16;

/// Time that a handler has for one event, unless the program says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Delivers events to a handler, at least once and in order for each entity.
///
/// The name is that of the subscription: a lower-case letter, then up to 47 lower-case letters,
/// digits and underscores. A handler that is new gets all events since the first, unless
/// [`from`](HandlerBuilder::from) says otherwise.
pub fn handler<H>(name: impl Into<String>, handler: H) -> HandlerBuilder<H> {
    HandlerBuilder::new(name, handler)
}

/// Writes what happens to the log of the program, without payloads.
pub fn log(name: impl Into<String>) -> HandlerBuilder<Log> {
    HandlerBuilder::new(name, Log)
}

/// Subscription of a handler: which events it gets, and how.
///
/// [`handler`], `webhook` and `log` make one; [`reads`](Self::reads) names a machine, and what is said
/// after it, such as [`only`](Self::only), holds for that machine.
#[must_use = "a subscription does nothing until a runtime runs it"]
pub struct HandlerBuilder<H, E = ()> {
    pub(crate) name: String,
    pub(crate) handler: Arc<H>,
    pub(crate) machines: Machines,
    pub(crate) settings: Settings,
    /// Makes the handler ready once all is said.
    pub(crate) prepare: Option<Prepare<H>>,
    /// Whether the events go to others, so that it must be said as whom they are read.
    pub(crate) needs_reader: bool,
    last: PhantomData<fn() -> E>,
}

/// Function that makes a handler ready.
pub(crate) type Prepare<H> = fn(&H) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Machines that a handler reads.
#[derive(Default)]
pub(crate) struct Machines {
    pub(crate) sources: Vec<Arc<dyn Source>>,
    pub(crate) targets: Vec<Box<dyn AnyTarget>>,
    /// Names of machines that are read as the program, which sees everything.
    pub(crate) unguarded: Vec<&'static str>,
}

/// How a handler gets its events.
pub(crate) struct Settings {
    pub(crate) shards: u16,
    pub(crate) start: Start,
    pub(crate) retry: RetryPolicy,
    pub(crate) on_failure: OnFailure,
    pub(crate) timeout: Duration,
    pub(crate) in_transaction: bool,
}

/// Target whose selection can still be changed by those who know its machine.
pub(crate) trait AnyTarget: Send + Sync {
    fn as_any(&mut self) -> &mut dyn std::any::Any;
    fn into_target(self: Box<Self>) -> Arc<dyn Target>;
}

impl<E: Event, H: Handler<E>> AnyTarget for TypedTarget<E, H> {
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        &mut self.selection
    }

    fn into_target(self: Box<Self>) -> Arc<dyn Target> {
        Arc::new(*self)
    }
}

impl<H> HandlerBuilder<H> {
    pub(crate) fn new(name: impl Into<String>, handler: H) -> Self {
        Self {
            name: name.into(),
            handler: Arc::new(handler),
            machines: Machines::default(),
            settings: Settings {
                shards: SHARDS,
                start: Start::Beginning,
                retry: RetryPolicy::default(),
                on_failure: OnFailure::default(),
                timeout: TIMEOUT,
                in_transaction: false,
            },
            prepare: None,
            needs_reader: false,
            last: PhantomData,
        }
    }
}

impl<H, L> HandlerBuilder<H, L> {
    /// Reads the events of a machine, as the reader of this handle may see them.
    ///
    /// What a reader may not see, an entity or the fields of an event, is not delivered.
    pub fn reads<E: Event>(mut self, events: &EventStore<E>) -> HandlerBuilder<H, E>
    where
        H: Handler<E>,
    {
        let place = self.machines.sources.len();
        self.machines
            .sources
            .push(Arc::new(Machine::new(events, place)));
        if !events.names_reader() {
            self.machines.unguarded.push(E::ENTITY);
        }
        self.machines.targets.push(Box::new(TypedTarget {
            events: events.clone(),
            place,
            selection: Selection::default(),
            handler: Arc::clone(&self.handler),
        }));
        HandlerBuilder {
            name: self.name,
            handler: self.handler,
            machines: self.machines,
            settings: self.settings,
            prepare: self.prepare,
            needs_reader: self.needs_reader,
            last: PhantomData,
        }
    }

    /// Sets the number of shards, a power of two up to 256, which cannot be changed once the
    /// subscription exists; by default 16.
    pub fn shards(mut self, shards: u16) -> Self {
        self.settings.shards = shards;
        self
    }

    /// Sets where a subscription that is new begins; by default with the first event.
    pub fn from(mut self, start: Start) -> Self {
        self.settings.start = start;
        self
    }

    /// Sets how often an event is tried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sets what follows when an event has failed as often as it may in place.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.settings.on_failure = on_failure;
        self
    }

    /// Lets the handler write in the transaction that moves the checkpoint, which
    /// [`Delivery::transaction`](crate::Delivery::transaction) returns: exactly once in effect.
    ///
    /// Events are delivered one after the other in each shard, many in one transaction. It is held while
    /// the handler works, so the handler should do nothing slow in it; what it does elsewhere, such as a
    /// request, still happens at least once.
    pub fn in_transaction(mut self) -> Self {
        self.settings.in_transaction = true;
        self
    }

    /// Sets how long the handler may take for one event; by default 30 seconds.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.settings.timeout = limit;
        self
    }
}

/// Handler that reaches others, and cannot be in a transaction.
#[derive(Debug, thiserror::Error)]
#[error(
    "it sends events to others, which a transaction does not cover: leave `.in_transaction()` out"
)]
struct OutsideOnly;

impl<H, E: Event> HandlerBuilder<H, E> {
    /// Delivers only events of these types of the machine that was named last.
    pub fn only(self, types: &[E::Type]) -> Self {
        let types = types.to_vec();
        self.select(|selection| selection.only = Some(types))
    }

    /// Delivers only events of the machine that was named last for which `condition` is true.
    ///
    /// It must depend on nothing but the event.
    pub fn having(
        self,
        condition: impl Fn(&RecordedEvent<E>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.select(|selection| selection.having = Some(Arc::new(condition)))
    }

    /// Keeps events of the machine that was named last in order by this key; by default by entity.
    ///
    /// It must depend on nothing but the event, and is 255 bytes at most.
    pub fn keyed_by(
        self,
        key: impl Fn(&RecordedEvent<E>) -> String + Send + Sync + 'static,
    ) -> Self {
        self.select(|selection| selection.keyed_by = Some(Arc::new(key)))
    }

    fn select(mut self, change: impl FnOnce(&mut Selection<E>)) -> Self {
        let last = self.machines.targets.last_mut();
        let selection = last.and_then(|last| last.as_any().downcast_mut());
        if let Some(selection) = selection {
            change(selection);
        }
        self
    }
}

impl<H, E> From<HandlerBuilder<H, E>> for Subscription {
    fn from(builder: HandlerBuilder<H, E>) -> Self {
        let HandlerBuilder {
            name,
            handler,
            machines,
            settings,
            prepare,
            needs_reader,
            ..
        } = builder;
        let mut mistakes = Vec::new();
        if let Some(Err(source)) = prepare.map(|prepare| prepare(&handler)) {
            let name = name.clone();
            mistakes.push(BuildMistake::Settings { name, source });
        }
        if needs_reader && settings.in_transaction {
            let (name, source) = (name.clone(), Box::new(OutsideOnly));
            mistakes.push(BuildMistake::Settings { name, source });
        }
        if needs_reader {
            let name = || name.clone();
            mistakes.extend(
                (machines.unguarded.iter()).map(|entity| BuildMistake::NoReader {
                    name: name(),
                    entity,
                }),
            );
        }
        let targets = machines.targets.into_iter();
        let work = Work {
            kind: Kind::Handler,
            subscription: name.as_str().into(),
            targets: targets.map(AnyTarget::into_target).collect(),
            retry: settings.retry,
            on_failure: settings.on_failure,
            timeout: settings.timeout,
            in_transaction: settings.in_transaction,
            breaker: Breaker::default(),
            faults: Faults::default(),
        };
        let consumer: Arc<dyn Consumer> = match settings.in_transaction {
            true => Arc::new(TransactionConsumer::new(work)),
            false => Arc::new(HandlerConsumer::new(work)),
        };
        let mut subscription = Subscription::new(name, consumer);
        subscription.sources = machines.sources;
        subscription.shards = settings.shards;
        subscription.start = settings.start;
        subscription.mistakes = mistakes;
        subscription
    }
}

impl<H, E> fmt::Debug for HandlerBuilder<H, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerBuilder")
            .field("name", &self.name)
            .field("shards", &self.settings.shards)
            .field("retry", &self.settings.retry)
            .finish_non_exhaustive()
    }
}
