//! Events of a shard, whole or bisected down to the one at fault.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Error, Position, UnreadableReason};
use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use crate::contract::event::SourceEvent;
use crate::contract::stop::{Halt, Progress, Stop, is_of_database};
use crate::subscription::consumer::{Batch, Consumer};
use crate::subscription::shard::Shard;

/// Tries of an event that fails, after which its shard halts.
const TRIES: u32 = 5;

/// Time in which the tries are made.
const PATIENCE: Duration = Duration::from_secs(10);

/// First pause between two tries; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(100);

/// Checkpoint of a shard, in the table and in this worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checkpoint {
    /// Position in the table.
    pub(crate) saved: Position,
    /// Position up to which nothing is left to do.
    pub(crate) done: Position,
}

/// Lets a consumer work on all events of a window that concern the shard.
///
/// The checkpoint moves with every batch that is committed, also if a later one stops the work.
pub(crate) async fn work(
    consumer: &dyn Consumer,
    shard: &Shard,
    checkpoint: &mut Checkpoint,
    mut events: &[Arc<SourceEvent>],
    up_to: Position,
) -> Result<(), Stop> {
    // Length of the beginning of `events` that is known to fail, and of the next part.
    let (mut failing, mut size) = (None, events.len());
    while !events.is_empty() {
        if shard.stop().is_cancelled() {
            return Err(Stop::Lost);
        }
        let mut part = &events[..size.clamp(1, events.len())];
        if consumer.kind().is_model() {
            part = readable(part)?;
        }
        let end = match part.len() == events.len() {
            true => up_to,
            false => part[part.len() - 1].position,
        };
        let before = checkpoint.done;
        match attempt(consumer, shard, checkpoint, part, end).await {
            Ok(()) if checkpoint.done <= before => return Ok(()),
            Ok(()) => {
                let done = events.partition_point(|event| event.position <= checkpoint.done);
                events = &events[done..];
                failing = failing.and_then(|length: usize| length.checked_sub(done));
                size = match failing {
                    None | Some(0) => events.len(),
                    Some(length) => (length / 2).max(1),
                };
            }
            Err(Stop::Failed { error, .. }) if is_of_database(&*error) => {
                return Err(Stop::Store(Error::Unavailable { source: error }));
            }
            Err(Stop::Failed { error, .. }) if part.len() == 1 => {
                retry(consumer, shard, checkpoint, part, end, error).await?;
                events = &events[1..];
                (failing, size) = (None, events.len());
            }
            Err(Stop::Failed { at, .. }) => {
                // What comes before the event, if the consumer knows it, can be done at once.
                let known = at.and_then(|at| part.iter().position(|event| event.position == at));
                (failing, size) = match known {
                    Some(place) => (Some(place + 1), place.max(1)),
                    None => (Some(part.len()), part.len() / 2),
                };
            }
            Err(stop) => return Err(stop),
        }
    }
    if checkpoint.done < up_to {
        checkpoint.done = up_to;
    }
    Ok(())
}

/// Runs a batch once, and commits what it did with its checkpoint.
async fn attempt(
    consumer: &dyn Consumer,
    shard: &Shard,
    checkpoint: &mut Checkpoint,
    events: &[Arc<SourceEvent>],
    up_to: Position,
) -> Result<(), Stop> {
    let mut batch = Batch::new(shard, events, up_to);
    let consumed = AssertUnwindSafe(consumer.consume(&mut batch));
    let Progress { done, effects } = consumed.catch_unwind().await.unwrap_or_else(|panic| {
        Err(Stop::Failed {
            at: None,
            error: panicked(&*panic).into(),
        })
    })?;
    let done = done.min(up_to);
    match batch.into_transaction() {
        Some(begun) => shard.advance(begun, checkpoint.saved, done).await?,
        None if effects && done > checkpoint.saved => {
            let begun = shard.begin().await?;
            shard.advance(begun, checkpoint.saved, done).await?;
        }
        None => {
            checkpoint.done = done.max(checkpoint.done);
            return Ok(());
        }
    }
    *checkpoint = Checkpoint { saved: done, done };
    Ok(())
}

/// Tries one event again until it succeeds, or halts at it.
async fn retry(
    consumer: &dyn Consumer,
    shard: &Shard,
    checkpoint: &mut Checkpoint,
    event: &[Arc<SourceEvent>],
    up_to: Position,
    mut error: Box<dyn std::error::Error + Send + Sync>,
) -> Result<(), Stop> {
    let begun = Instant::now();
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        tokio::select! {
            () = sleep(pause) => (),
            () = shard.stop().cancelled() => return Err(Stop::Lost),
        }
        match attempt(consumer, shard, checkpoint, event, up_to).await {
            Err(Stop::Failed { error: again, .. }) => error = again,
            other => return other,
        }
        if begun.elapsed() + pause * 2 > PATIENCE {
            break;
        }
        pause *= 2;
    }
    Err(Stop::Halt(Halt::at(&event[0], &*error)))
}

/// Returns the events before the first that cannot be read, or why there are none.
fn readable(events: &[Arc<SourceEvent>]) -> Result<&[Arc<SourceEvent>], Stop> {
    let unreadable = events.iter().position(|event| event.unreadable().is_some());
    let Some(place) = unreadable else {
        return Ok(events);
    };
    match events[place].unreadable() {
        Some(error) if place == 0 => Err(match error.reason {
            UnreadableReason::UnknownEventType { .. } => Stop::Newer {
                entity: events[0].entity,
            },
            _ => Stop::Halt(Halt::at(&events[0], error)),
        }),
        _ => Ok(&events[..place]),
    }
}

/// Returns the text of a panic.
fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without a text"))
}
