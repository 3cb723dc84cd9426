//! Events to import, and the lines of an export.

use chrono::{DateTime, TimeDelta, Utc};
use eventsource_core::{EntityId, Error, Event, EventStore, ExportedEvent};
use futures_util::stream::iter;
use tasks::TaskEvent;

use super::machines::{deadline, until_started};

pub async fn lines_of<E: Event>(events: &EventStore<E>) -> String {
    let mut lines = Vec::new();
    let count = events.export().lines(&mut lines).await.unwrap();
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(count, lines.lines().count() as u64);
    lines
}

/// Returns the time this many seconds after the first event of these tests.
pub fn at_second(seconds: i64) -> DateTime<Utc> {
    deadline() + TimeDelta::seconds(seconds)
}

pub fn plain_event(id: EntityId, event: &TaskEvent, seconds: i64) -> ExportedEvent {
    ExportedEvent::of(id, event, at_second(seconds)).unwrap()
}

/// Makes the events of a started task, one a second.
pub fn started_events(id: EntityId) -> Vec<ExportedEvent> {
    let events = until_started();
    let timed = events.iter().zip(0..);
    timed
        .map(|(event, second)| plain_event(id, event, second))
        .collect()
}

pub fn all_ok(
    events: Vec<ExportedEvent>,
) -> impl futures_util::Stream<Item = Result<ExportedEvent, Error>> + Send {
    iter(events.into_iter().map(Ok))
}
