//! Tasks in a state that tests begin with.

use eventsource_core::{EntityId, EventStore};
use tasks::TaskEvent::{self, *};
use tasks::TaskEventType;

use super::machines::{assigned, created, deadline, reassigned, scheduled, until_started};

/// Makes an event of a type, with some payload.
pub fn some_event(event_type: TaskEventType) -> TaskEvent {
    match event_type {
        TaskEventType::Created => created(),
        TaskEventType::Assigned => assigned("zoe"),
        TaskEventType::Scheduled => scheduled(),
        TaskEventType::Started => Started,
        TaskEventType::Reassigned => reassigned("zoe"),
        TaskEventType::Rescheduled => Rescheduled {
            deadline: deadline(),
        },
        TaskEventType::Revised => Revised,
        TaskEventType::Canceled => Canceled,
        TaskEventType::Completed => Completed,
        TaskEventType::Ended => Ended,
    }
}

/// Makes a started task: four events, in one append.
pub async fn started(tasks: &EventStore<TaskEvent>) -> EntityId {
    let id = EntityId::new();
    let [created, rest @ ..] = until_started();
    let first = tasks.append(id, created);
    rest.into_iter()
        .fold(first, eventsource_core::Append::event)
        .await
        .unwrap();
    id
}

/// Makes a started task by an append for each event. On the connections that it used, the call for a
/// single event is prepared then.
pub async fn started_stepwise(tasks: &EventStore<TaskEvent>) -> EntityId {
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    id
}
