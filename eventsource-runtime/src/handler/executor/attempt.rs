//! Tries of one event in place.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use eventsource_core::{Failure, Position, Store};
use tokio::time::{Instant, sleep};

use crate::contract::event::SourceEvent;
use crate::contract::stop::{Halt, with_sources};
use crate::failure::on_failure::OnFailure;
use crate::failure::parked::FailedTry;
use crate::failure::set_aside::SetAside;
use crate::handler::executor::within::{self, Within};
use crate::handler::executor::work::Work;

/// End of the tries of one event in place.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) position: Position,
    pub(crate) key: String,
    /// Tries so far, also of earlier turns.
    pub(crate) attempts: u32,
    pub(crate) end: End,
}

/// What came of the tries.
#[derive(Debug)]
pub(crate) enum End {
    /// The event was delivered.
    Delivered,
    /// Its key is to be set aside.
    Park(FailedTry),
    /// There is an outage: the event waits.
    Waits,
    /// Nothing more is to be delivered.
    Halt(Halt),
}

/// Tries an event until it is delivered or its tries are used up.
///
/// A probe of the breaker is one try.
pub(crate) async fn attempt(
    work: &Work,
    store: &Store,
    mut within: Option<&mut Within>,
    event: Arc<SourceEvent>,
    key: String,
    earlier: u32,
    probe: bool,
) -> Tried {
    let begun = Instant::now();
    let mut tries = 0;
    let end = loop {
        tries += 1;
        let delivered = within::deliver(work, &event, earlier + tries, within.as_deref_mut());
        let Err(failure) = delivered.await else {
            work.breaker.succeeded();
            break End::Delivered;
        };
        if let Failure::Halt(error) = &failure {
            break End::Halt(Halt::at(&event, &**error));
        }
        let (error, after, in_place) = match failure {
            Failure::Retry { error, after } => {
                let in_place = !error.is::<SetAside>() && !probe;
                (error, Some(after), in_place)
            }
            Failure::Park(error) | Failure::Halt(error) => (error, None, false),
            // Failures that this version does not know are tried again.
            other => (other.to_string().into(), Some(None), !probe),
        };
        let after_wait = after.flatten();
        work.breaker.failed(&key, after_wait, Instant::now());
        if work.breaker.is_open() {
            break End::Waits;
        }
        let pause = work.retry.pause_in_place(tries, begun.elapsed());
        let pause = pause.map(|pause| pause.max(after_wait.unwrap_or_default()));
        let longest = work.retry.time_in_place();
        match pause.filter(|pause| in_place && begun.elapsed() + *pause <= longest) {
            Some(pause) => {
                sleep(pause).await;
                if work.breaker.is_open() {
                    break End::Waits;
                }
            }
            None if work.on_failure == OnFailure::Halt => {
                break End::Halt(Halt::at(&event, &*error));
            }
            None => {
                // Without a time to wait for it is one that only a person can help.
                let wait = after.and_then(|after| {
                    let wait = work.retry.wait_after(1)?;
                    Some(wait.max(after.unwrap_or_default()))
                });
                break End::Park(FailedTry {
                    attempts: 1,
                    next: wait.map(|wait| later(store, wait)),
                    error: with_sources(&*error),
                });
            }
        }
    };
    Tried {
        position: event.position,
        key,
        attempts: earlier + tries,
        end,
    }
}

/// Returns the time that lies this far ahead by the store's clock.
pub(crate) fn later(store: &Store, wait: Duration) -> DateTime<Utc> {
    store.clock().now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1))
}
