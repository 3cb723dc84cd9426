//! Subscription of a process: its own log, and the machines that it reacts to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Actor, Event, EventStore, IdFormat};

use crate::contract::faults::Faults;
use crate::contract::kind::Kind;
use crate::contract::source::{Machine, Source};
use crate::failure::breaker::Breaker;
use crate::failure::on_failure::OnFailure;
use crate::failure::retry_policy::RetryPolicy;
use crate::handler::executor::consumer::HandlerConsumer;
use crate::handler::executor::work::Work;
use crate::handler::target::Target;
use crate::process::process::{Process, ReactsTo};
use crate::process::running::Running;
use crate::process::target::{OwnEvents, SourceEvents};
use crate::subscription::builder::{Start, Subscription};

/// Shards of a process, unless the program says otherwise.
const SHARDS: u16 = 16;

/// Time in which all commands that an event leads to must be executed, unless the program says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Begins the subscription of a process, whose events are stored in `events`.
///
/// Say next what it [reacts to](ProcessBuilder::reacts_to).
pub fn process<P: Process>(process: P, events: &EventStore<P::Event>) -> ProcessBuilder<P> {
    const {
        assert!(
            !matches!(P::Event::ID, IdFormat::Counter { .. }),
            "the id of an instance is made from its key: the machine of a process has no counted ids"
        );
    }
    ProcessBuilder {
        process,
        events: events.clone(),
    }
}

/// Process that reacts to nothing yet.
#[must_use = "a process that reacts to nothing never begins: call `reacts_to`"]
pub struct ProcessBuilder<P: Process> {
    process: P,
    events: EventStore<P::Event>,
}

impl<P: Process> ProcessBuilder<P> {
    /// Lets the process react to the events of a machine.
    pub fn reacts_to<S: Event>(self, events: &EventStore<S>) -> ProcessSubscription<P>
    where
        P: ReactsTo<S>,
    {
        let Self {
            process,
            events: own,
        } = self;
        ProcessSubscription {
            sources: vec![Arc::new(Machine::new(&own, 0))],
            running: Running {
                process,
                events: own,
                actor: Actor::new(format!("process:{}", P::NAME)),
                faults: Faults::default(),
            },
            reactions: Vec::new(),
            shards: SHARDS,
            start: Start::default(),
            retry: RetryPolicy::default(),
            on_failure: OnFailure::default(),
        }
        .reacts_to(events)
    }
}

/// Subscription of a process, to be [added](crate::RuntimeBuilder::add) to a runtime.
#[must_use = "a subscription does nothing until a runtime runs it"]
pub struct ProcessSubscription<P: Process> {
    running: Running<P>,
    sources: Vec<Arc<dyn Source>>,
    reactions: Vec<Reaction<P>>,
    shards: u16,
    start: Start,
    retry: RetryPolicy,
    on_failure: OnFailure,
}

/// Makes what takes the events of a machine to the process.
type Reaction<P> = Box<dyn FnOnce(&Arc<Running<P>>) -> Arc<dyn Target> + Send>;

impl<P: Process> ProcessSubscription<P> {
    /// Lets the process react to the events of another machine, too.
    pub fn reacts_to<S: Event>(mut self, events: &EventStore<S>) -> Self
    where
        P: ReactsTo<S>,
    {
        let place = self.sources.len();
        self.sources.push(Arc::new(Machine::new(events, place)));
        let events = events.clone();
        self.reactions.push(Box::new(move |running| {
            Arc::new(SourceEvents::new(running, &events, place))
        }));
        self
    }

    /// Lets the process act in a role, for events whose rules say `by(..)`.
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.running.actor = self.running.actor.with_role(role);
        self
    }

    /// Sets the number of shards, a power of two up to 256, which cannot be changed once the
    /// subscription exists; by default 16.
    ///
    /// All events of an instance are in one shard.
    pub fn shards(mut self, shards: u16) -> Self {
        self.shards = shards;
        self
    }

    /// Sets where a process that is new begins; by default with the first event of the store.
    ///
    /// In a store with a history, [`Start::Now`] lets it begin with what happens from now on.
    pub fn from(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Sets how often an event is tried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets what follows when an event has failed as often as it may in place; by default the instance is
    /// set aside, and others go on.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }
}

impl<P: Process> From<ProcessSubscription<P>> for Subscription {
    fn from(process: ProcessSubscription<P>) -> Self {
        let running = Arc::new(process.running);
        let own: Arc<dyn Target> = Arc::new(OwnEvents(Arc::clone(&running)));
        let reactions = process.reactions.into_iter();
        let reactions = reactions.map(|reaction| reaction(&running));
        let work = Work {
            kind: Kind::Process,
            subscription: P::NAME.into(),
            targets: [own].into_iter().chain(reactions).collect(),
            retry: process.retry,
            on_failure: process.on_failure,
            timeout: TIMEOUT,
            in_transaction: false,
            breaker: Breaker::default(),
            faults: running.faults.clone(),
        };
        let mut subscription = Self::new(P::NAME, Arc::new(HandlerConsumer::new(work)));
        subscription.sources = process.sources;
        (subscription.shards, subscription.start) = (process.shards, process.start);
        subscription
    }
}

impl<P: Process> fmt::Debug for ProcessBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProcessBuilder").field(&P::NAME).finish()
    }
}

impl<P: Process> fmt::Debug for ProcessSubscription<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reads: Vec<_> = self.sources.iter().map(|source| source.entity()).collect();
        f.debug_struct("ProcessSubscription")
            .field("name", &P::NAME)
            .field("reads", &reads)
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}
