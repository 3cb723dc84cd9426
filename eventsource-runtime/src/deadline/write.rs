//! What is due for one entity, and writing it.

use chrono::{DateTime, TimeDelta, Utc};
use eventsource_core::{
    EntityId, Error, Event, EventStore, EventType, Fold, Retry, Timers, from_payload,
};
use serde_json::Map;

use crate::contract::stop::{Stop, with_sources};
use crate::deadline::rows::TimerRow;

/// Actor of the events that are written by themselves.
const ACTOR: &str = "process:timer";

/// Looks at an entity that others write to at the same moment.
const LOOKS: u32 = 5;

/// Time after which an entity is looked at again whose event was refused.
const POSTPONED: TimeDelta = TimeDelta::minutes(1);

/// Returns the timers that run for an entity; none if it has an event that cannot be read.
pub(super) async fn read<E: Event>(
    events: &EventStore<E>,
    id: EntityId,
) -> Result<Vec<TimerRow>, Stop> {
    match events.fold::<Timers<E>>(id).await {
        Ok(Some(folded)) => Ok(rows(&folded.value)),
        Ok(None) => Ok(Vec::new()),
        Err(error) => unreadable::<E>(id, error),
    }
}

/// Writes what is due for an entity, each event once, and returns the timers that run then.
pub(super) async fn write<E: Event>(
    events: &EventStore<E>,
    id: EntityId,
    now: DateTime<Utc>,
) -> Result<Vec<TimerRow>, Stop> {
    let mut looks = 0;
    loop {
        let (mut timers, mut seq) = match events.fold::<Timers<E>>(id).await {
            Ok(Some(folded)) => (folded.value, folded.head.seq),
            Ok(None) => return Ok(Vec::new()),
            Err(error) => return unreadable::<E>(id, error),
        };
        looks += 1;
        let mut written = Vec::new();
        let conflict = loop {
            let mut due = timers.due().into_iter();
            let due = due.find(|due| due.at <= now && !written.contains(&due.event));
            let Some(due) = due else {
                return Ok(rows(&timers));
            };
            written.push(due.event);
            let event = match from_payload::<E>(due.event, Map::new()) {
                Ok(event) => event,
                Err(error) => return Ok(postponed(&timers, id, now, &error)),
            };
            // The same for whoever writes it for this wait.
            let key = format!("deadline/{id}/{}/{}", due.event.name(), due.since);
            let append = events.append(id, event).expected_seq(seq);
            match append.by(ACTOR).idempotency_key(key).await {
                Ok(appended) if appended.replayed => break true,
                Ok(appended) => {
                    for event in &appended.events {
                        timers.apply(event);
                    }
                    seq = appended.last().seq;
                }
                Err(Error::Conflict { .. }) => break true,
                Err(error) if error.retry() == Retry::Later => return Err(Stop::Store(error)),
                Err(error) => return Ok(postponed(&timers, id, now, &error)),
            }
        };
        // Somebody else wrote to it: what is due now may be something else, or nothing.
        if conflict && looks == LOOKS {
            return Ok(rows(&timers));
        }
    }
}

fn rows<E: Event>(timers: &Timers<E>) -> Vec<TimerRow> {
    let due = timers.due().into_iter();
    due.map(|due| TimerRow {
        event: due.event.index().get() as i16,
        since: due.since,
        due_at: due.at,
    })
    .collect()
}

/// Returns the timers of an entity whose event cannot be written now, so that others get their turn.
fn postponed<E: Event>(
    timers: &Timers<E>,
    id: EntityId,
    now: DateTime<Utc>,
    error: &(dyn std::error::Error + 'static),
) -> Vec<TimerRow> {
    let error = with_sources(error);
    tracing::warn!(entity = E::ENTITY, %id, error, "an event that is due cannot be written; trying again in a minute");
    let mut rows = rows(timers);
    for row in &mut rows {
        row.due_at = row.due_at.max(now + POSTPONED);
    }
    rows
}

fn unreadable<E: Event>(id: EntityId, error: Error) -> Result<Vec<TimerRow>, Stop> {
    match error {
        Error::Unreadable { .. } => {
            let error = with_sources(&error);
            tracing::warn!(entity = E::ENTITY, %id, error, "no timers run for an entity with an unreadable event");
            Ok(Vec::new())
        }
        error => Err(Stop::Store(error)),
    }
}
