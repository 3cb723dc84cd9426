//! Publication with many acknowledgements under way.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::publish::PublishAck;
use eventsource_core::{Position, UnreadableReason};
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::contract::event::SourceEvent;
use crate::contract::kind::Kind;
use crate::contract::source::BoxFuture;
use crate::contract::stop::{Halt, Progress, Stop};
use crate::handler::nats::message::{Writer, message};
use crate::handler::nats::stream::{Last, last};
use crate::subscription::consumer::{Batch, Consumer};

/// Most messages whose acknowledgement has not come.
const UNDER_WAY: usize = 256;

/// First pause after a failure of the server; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(100);

/// Longest pause after a failure of the server.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Consumer that publishes events, each once and in the order of the feed.
///
/// Each message names the sequence of the message before it on its subject, and the server refuses
/// one that does not follow. So a publisher that has been taken over, or messages that were delayed on
/// the way, add nothing that is not next. Who takes over, or does not know what has arrived, reads the
/// last message and goes on after its position.
pub(crate) struct NatsConsumer {
    pub(crate) context: Context,
    pub(crate) subscription: Arc<str>,
    pub(crate) subject: String,
    pub(crate) allow_limits: bool,
    pub(crate) writers: Vec<Arc<dyn Writer>>,
    pub(crate) state: Mutex<State>,
}

/// What is known of the subject.
#[derive(Debug)]
pub(crate) struct State {
    epoch: u64,
    /// Last message, if it is known for certain.
    last: Option<Last>,
    pause: Duration,
}

impl Default for State {
    fn default() -> Self {
        Self {
            epoch: 0,
            last: None,
            pause: PAUSE,
        }
    }
}

/// How far a publication has come.
struct Published {
    /// Number of events, from the first, that are in the stream.
    arrived: usize,
    /// Why not all are.
    failed: Option<Failed>,
}

enum Failed {
    /// The server has refused a message, for it was not next.
    NotNext,
    /// The server could not be reached, or something else went wrong on the way.
    Server(String),
    /// The event at this place can never be published.
    Event(usize, String),
}

impl NatsConsumer {
    async fn publish(&self, batch: &mut Batch<'_>) -> Result<Progress, Stop> {
        let shard = batch.shard();
        let mut state = self.state.lock().await;
        if state.epoch != shard.epoch() {
            *state = State {
                epoch: shard.epoch(),
                ..State::default()
            };
        }
        let events = self.selected(batch)?;
        let Some(before) = events.first().map(|event| event.position) else {
            return Ok(Progress::passed(batch.up_to()));
        };
        let known = match state.last {
            Some(known) => known,
            None => match self.read_last().await {
                Ok(known) => known,
                Err(error) if error.may_pass() => {
                    self.pause(&mut state, &error.to_string(), batch).await;
                    return Ok(Progress::passed(Position::START));
                }
                Err(error) => return Err(Stop::Halt(Halt::at(events[0], &error))),
            },
        };
        let missing = events.partition_point(|event| event.position <= known.position);
        let published = self.send(&events[missing..], known, &mut state).await;
        let arrived = missing + published.arrived;
        let done = match (published.failed, arrived == events.len()) {
            (None, true) => {
                state.pause = PAUSE;
                return Ok(Progress::done(self.end(batch, &events)));
            }
            (Some(Failed::Event(place, error)), _)
                if missing + place == arrived && arrived == 0 =>
            {
                let error: Box<dyn std::error::Error + Send + Sync> = error.into();
                return Err(Stop::Halt(Halt::at(events[0], &*error)));
            }
            (failed, _) => {
                if let Some(Failed::Server(error)) = failed {
                    self.pause(&mut state, &error, batch).await;
                }
                arrived.checked_sub(1).map(|place| events[place].position)
            }
        };
        match done {
            Some(done) if done >= before => Ok(Progress::done(done)),
            _ => Ok(Progress::passed(Position::START)),
        }
    }

    /// Returns the end of a batch of which these events were published.
    fn end(&self, batch: &Batch<'_>, events: &[&SourceEvent]) -> Position {
        let last = batch.events().last().map(|event| event.position);
        // A part of the batch may not have been looked at, because of an event that cannot be read.
        match last == events.last().map(|event| event.position) || self.is_readable(batch) {
            true => batch.up_to(),
            false => events
                .last()
                .map_or(Position::START, |event| event.position),
        }
    }

    fn is_readable(&self, batch: &Batch<'_>) -> bool {
        batch.events().iter().all(|event| readable(event).is_ok())
    }

    /// Returns the events to publish, up to the first that cannot be.
    fn selected<'b>(&self, batch: &Batch<'b>) -> Result<Vec<&'b SourceEvent>, Stop> {
        let mut events = Vec::new();
        for event in batch.events() {
            match readable(event) {
                Ok(true) => (),
                Ok(false) => continue,
                Err(stop) if events.is_empty() => return Err(stop),
                Err(_) => break,
            }
            let writer = self.writers.get(event.source);
            if writer.is_some_and(|writer| writer.selects(event)) {
                events.push(&**event);
            }
        }
        Ok(events)
    }

    async fn read_last(&self) -> Result<Last, crate::handler::nats::stream::StreamError> {
        let (subject, subscription) = (&self.subject, &self.subscription);
        last(&self.context, subject, subscription, self.allow_limits).await
    }

    /// Publishes events after the last message, and waits for all acknowledgements.
    async fn send(&self, events: &[&SourceEvent], known: Last, state: &mut State) -> Published {
        // Unknown until all acknowledgements have come.
        state.last = None;
        let mut last = known;
        // Where the stream takes other subjects, the sequence of a message is known once it is stored. One
        // that was guessed could be that of an earlier message, and what lies between would be left out.
        let most = if known.is_exclusive { UNDER_WAY } else { 1 };
        let mut expected = known.sequence;
        let mut next = 0;
        let mut acks = FuturesOrdered::new();
        let mut published = Published {
            arrived: 0,
            failed: None,
        };
        loop {
            while published.failed.is_none() && acks.len() < most && next < events.len() {
                let event = events[next];
                match self.request(event, expected).await {
                    Ok(ack) => acks.push_back(ack.into_future()),
                    Err(failed) => {
                        published.failed = Some(failed.at(next));
                        break;
                    }
                }
                next += 1;
                expected += 1;
            }
            let Some(ack) = acks.next().await else {
                break;
            };
            match ack {
                // After a failure what follows was refused too.
                _ if published.failed.is_some() => (),
                Ok(ack) if is_next(&ack, last) => {
                    last = Last {
                        sequence: ack.sequence,
                        position: events[published.arrived].position,
                        ..last
                    };
                    if !known.is_exclusive {
                        expected = ack.sequence;
                    }
                    published.arrived += 1;
                }
                Ok(_) => published.failed = Some(Failed::NotNext),
                Err(error) => published.failed = Some(Failed::of(&error).at(published.arrived)),
            }
        }
        if published.failed.is_none() {
            state.last = Some(last);
        }
        published
    }

    async fn request(
        &self,
        event: &SourceEvent,
        expected: u64,
    ) -> Result<async_nats::jetstream::context::PublishAckFuture, Failed> {
        let Some(writer) = self.writers.get(event.source) else {
            return Err(Failed::Event(0, "its machine is not read".to_owned()));
        };
        let payload = writer.payload(event);
        let payload = payload.map_err(|error| Failed::Event(0, error.to_string()))?;
        let message = message(&self.subscription, event, payload, expected);
        let sent = self
            .context
            .send_publish(self.subject.clone(), message)
            .await;
        sent.map_err(|error| Failed::of(&error))
    }

    /// Waits before the server is tried again.
    async fn pause(&self, state: &mut State, error: &str, batch: &Batch<'_>) {
        let subscription = &*self.subscription;
        tracing::warn!(subscription, error, "publication failed; trying again");
        let pause = state.pause;
        state.pause = MAX_PAUSE.min(pause * 2);
        tokio::select! {
            () = sleep(pause) => (),
            () = batch.shard().stop().cancelled() => (),
        }
    }
}

impl Failed {
    fn of(error: &PublishError) -> Self {
        match error.kind() {
            PublishErrorKind::WrongLastSequence | PublishErrorKind::WrongLastMessageId => {
                Self::NotNext
            }
            PublishErrorKind::MaxPayloadExceeded => Self::Event(0, error.to_string()),
            _ => Self::Server(error.to_string()),
        }
    }

    /// Tells the place of the event that has failed.
    fn at(self, place: usize) -> Self {
        match self {
            Self::Event(_, error) => Self::Event(place, error),
            other => other,
        }
    }
}

/// Tells whether a message was stored right after the last one.
fn is_next(ack: &PublishAck, last: Last) -> bool {
    match last.is_exclusive {
        true => ack.sequence == last.sequence + 1,
        false => !ack.duplicate,
    }
}

/// Tells whether an event can be published; one that is hidden from the reader is passed over.
fn readable(event: &SourceEvent) -> Result<bool, Stop> {
    let Some(unreadable) = event.unreadable() else {
        return Ok(true);
    };
    match unreadable.reason {
        UnreadableReason::Hidden => Ok(false),
        UnreadableReason::UnknownEventType { .. } => Err(Stop::Newer {
            entity: event.entity,
        }),
        _ => Err(Stop::Halt(Halt::at(event, unreadable))),
    }
}

impl Consumer for NatsConsumer {
    fn kind(&self) -> Kind {
        Kind::Handler
    }

    fn consume<'a>(&'a self, batch: &'a mut Batch<'_>) -> BoxFuture<'a, Result<Progress, Stop>> {
        Box::pin(self.publish(batch))
    }
}
