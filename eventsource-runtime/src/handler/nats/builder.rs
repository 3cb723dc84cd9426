//! What a program says about the publication of events.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_nats::jetstream::Context;
use eventsource_core::{Event, EventStore, RecordedEvent};
use tokio::sync::Mutex;

use crate::contract::source::{Machine, Source};
use crate::error::BuildMistake;
use crate::handler::nats::message::Writer;
use crate::handler::nats::publisher::{NatsConsumer, State};
use crate::handler::target::Selection;
use crate::subscription::builder::{Start, Subscription};

/// Publishes events to a stream of NATS JetStream, each once and in the order of the feed.
///
/// The name is that of the subscription, and of the subject unless [`subject`](NatsBuilder::subject)
/// says otherwise. The stream must exist, and keep every message.
///
/// A message is the event as CloudEvents 1.0 in JSON, with the headers `Nats-Msg-Id` (the id of the
/// event), `Eventsource-Position` and `Eventsource-Subscription`.
pub fn nats(name: impl Into<String>, context: Context) -> NatsBuilder {
    let name = name.into();
    NatsBuilder {
        subject: name.clone(),
        name,
        context,
        allow_limits: false,
        start: Start::Beginning,
        sources: Vec::new(),
        writers: Vec::new(),
        unguarded: Vec::new(),
        last: PhantomData,
    }
}

/// Subscription that publishes to NATS: see [`nats`].
#[must_use = "a subscription does nothing until a runtime runs it"]
pub struct NatsBuilder<E = ()> {
    name: String,
    context: Context,
    subject: String,
    allow_limits: bool,
    start: Start,
    sources: Vec<Arc<dyn Source>>,
    writers: Vec<Box<dyn AnyWriter>>,
    unguarded: Vec<&'static str>,
    last: PhantomData<fn() -> E>,
}

/// Writer whose selection can still be changed by those who know its machine.
trait AnyWriter: Send + Sync {
    fn as_any(&mut self) -> &mut dyn std::any::Any;
    fn into_writer(self: Box<Self>) -> Arc<dyn Writer>;
}

impl<E: Event> AnyWriter for Selection<E> {
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }

    fn into_writer(self: Box<Self>) -> Arc<dyn Writer> {
        Arc::new(*self)
    }
}

impl<L> NatsBuilder<L> {
    /// Reads the events of a machine, as the reader of this handle may see them:
    /// [`EventStore::reading_as`] or [`EventStore::reading_anonymously`].
    ///
    /// What that reader may not see, an entity or the fields of an event, is not published.
    pub fn reads<E: Event>(mut self, events: &EventStore<E>) -> NatsBuilder<E> {
        let place = self.sources.len();
        self.sources.push(Arc::new(Machine::new(events, place)));
        self.writers.push(Box::new(Selection::<E>::default()));
        if !events.names_reader() {
            self.unguarded.push(E::ENTITY);
        }
        NatsBuilder {
            name: self.name,
            context: self.context,
            subject: self.subject,
            allow_limits: self.allow_limits,
            start: self.start,
            sources: self.sources,
            writers: self.writers,
            unguarded: self.unguarded,
            last: PhantomData,
        }
    }

    /// Sets the subject, which nobody else may publish to.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Allows a stream whose limits drop old messages.
    ///
    /// If it has dropped the last message of the subject when another worker takes over, what was
    /// published and not yet noted is published again.
    pub fn allow_limits(mut self) -> Self {
        self.allow_limits = true;
        self
    }

    /// Sets where a subscription that is new begins; by default with the first event.
    pub fn from(mut self, start: Start) -> Self {
        self.start = start;
        self
    }
}

impl<L> From<NatsBuilder<L>> for Subscription {
    fn from(builder: NatsBuilder<L>) -> Self {
        let name = builder.name;
        let unguarded = builder.unguarded.iter();
        let mistakes = unguarded.map(|entity| BuildMistake::NoReader {
            name: name.clone(),
            entity,
        });
        let mistakes = mistakes.collect();
        let consumer = NatsConsumer {
            context: builder.context,
            subscription: name.as_str().into(),
            subject: builder.subject,
            allow_limits: builder.allow_limits,
            writers: (builder.writers.into_iter())
                .map(AnyWriter::into_writer)
                .collect(),
            state: Mutex::new(State::default()),
        };
        let mut subscription = Self::new(name, Arc::new(consumer));
        subscription.sources = builder.sources;
        subscription.start = builder.start;
        subscription.mistakes = mistakes;
        subscription
    }
}

impl<E: Event> NatsBuilder<E> {
    /// Publishes only events of these types of the machine that was named last.
    pub fn only(self, types: &[E::Type]) -> Self {
        let types = types.to_vec();
        self.select(|selection| selection.only = Some(types))
    }

    /// Publishes only events of the machine that was named last for which `condition` is true.
    ///
    /// It must depend on nothing but the event.
    pub fn having(
        self,
        condition: impl Fn(&RecordedEvent<E>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.select(|selection| selection.having = Some(Arc::new(condition)))
    }

    fn select(mut self, change: impl FnOnce(&mut Selection<E>)) -> Self {
        let last = self.writers.last_mut();
        let selection = last.and_then(|last| last.as_any().downcast_mut());
        if let Some(selection) = selection {
            change(selection);
        }
        self
    }
}

impl<E> fmt::Debug for NatsBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsBuilder")
            .field("name", &self.name)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
