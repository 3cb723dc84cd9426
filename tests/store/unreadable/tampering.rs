//! Logs with events that cannot be read.

use std::collections::BTreeMap;

use eventsource_core::{EntityId, EventStore, Seq, UnreadableReason};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::{reassigned, until_started};
use crate::support::plain_sql::{execute, unguarded};

/// Event that was tampered with: its entity and its sequence.
pub type Place = (EntityId, Seq);

/// Log of some hundred events, in the order of the log, and what some of them have become.
pub struct Tampered {
    pub tasks: EventStore<TaskEvent>,
    /// All events, in the order of the log.
    pub log: Vec<Place>,
    /// Event that cannot be read, with a word of the reason.
    pub unreadable: BTreeMap<Place, &'static str>,
}

impl Tampered {
    /// Returns a word of the reason why an event cannot be read.
    pub fn word(&self, id: EntityId, seq: Seq) -> Option<&'static str> {
        self.unreadable.get(&(id, seq)).copied()
    }
}

/// Names the kind of a reason.
pub fn word(reason: &UnreadableReason) -> &'static str {
    match reason {
        UnreadableReason::Payload { .. } => "payload",
        UnreadableReason::UnknownEventType { .. } => "type",
        UnreadableReason::Column { column, .. } if column == "metadata" => "metadata",
        UnreadableReason::Column { column, .. } if column == "recorded_at" => "time",
        other => panic!("{other}"),
    }
}

/// Writes a payload that gives every field of a task this value.
pub fn payload(value: &str) -> String {
    format!(r#"{{"assignee": {value}, "deadline": {value}, "description": {value}}}"#)
}

/// Changes of the event at a place, each with a word of the reason.
fn changes(is_postgres: bool) -> Vec<(String, &'static str)> {
    let data = |value: &str| format!("data = '{}'", payload(value));
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    let mut changes = vec![
        (data("5"), "payload"),
        (data(&deep), "payload"),
        (data("1e999"), "payload"),
        ("data = '[1]'".to_owned(), "payload"),
        ("event_type = 63".to_owned(), "type"),
        (r#"metadata = '{"actor": 5}'"#.to_owned(), "metadata"),
    ];
    let own = match is_postgres {
        true => [("recorded_at = 'infinity'", "time")].as_slice(),
        false => [
            ("data = 'no JSON'", "payload"),
            ("recorded_at = 'yesterday'", "time"),
        ]
        .as_slice(),
    };
    changes.extend(own.iter().map(|(sql, word)| ((*sql).to_owned(), *word)));
    changes
}

/// Appends 60 tasks of five events each in turn, and tampers with the events at these places of the log.
pub async fn tampered(database: &Database, places: &[usize]) -> Tampered {
    let tasks = database.events::<TaskEvent>().await;
    let ids: Vec<EntityId> = (0..60).map(|_| EntityId::new()).collect();
    let mut log = Vec::new();
    let events: Vec<TaskEvent> = until_started()
        .into_iter()
        .chain([reassigned("ann")])
        .collect();
    for (event, seq) in events.iter().zip(1..) {
        for id in &ids {
            tasks.append(*id, event.clone()).await.unwrap();
            log.push((*id, Seq::new(seq)));
        }
    }
    let triggers = triggers(database).await;
    let pool = unguarded(database).await;
    let mut unreadable = BTreeMap::new();
    let changes = changes(database.is_postgres());
    for (place, (change, word)) in places.iter().zip(changes.iter().cycle()) {
        let (id, seq) = log[*place];
        let sql = format!("UPDATE task_event SET {change} WHERE task_id = '{id}' AND seq = {seq}");
        execute(&pool, &sql).await.unwrap();
        unreadable.insert((id, seq), *word);
    }
    for trigger in triggers {
        execute(&pool, &trigger).await.unwrap();
    }
    Tampered {
        tasks,
        log,
        unreadable,
    }
}

/// Returns the statements that make the triggers of SQLite again, which move heads and fill the feed; on
/// Postgres nothing is dropped that an append needs.
async fn triggers(database: &Database) -> Vec<String> {
    if database.is_postgres() {
        return Vec::new();
    }
    let sql = "SELECT sql FROM sqlite_master WHERE type = 'trigger'";
    let pool = database.sql().await;
    sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap()
}
