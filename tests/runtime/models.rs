//! Read models and histories that several files use.

use eventsource_core::{
    EntityId, EventStore, Failure, Projection, Projects, RecordedEvent, Tables, Transaction,
};
use tasks::TaskEvent;

use crate::support::machines::until_started;

/// Writes a row for each event, and refuses one that comes twice or too early.
pub struct Seen;

/// Table of [`Seen`], with each entity's last sequence and number of events.
pub const SEEN: &str = "seen";

impl Projection for Seen {
    const NAME: &'static str = "seen";
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        let seen = tables.name(SEEN);
        format!(
            "CREATE TABLE {seen} (entity_id text PRIMARY KEY, last_seq bigint NOT NULL,
                last_position bigint NOT NULL)"
        )
    }
}

impl Projects<TaskEvent> for Seen {
    async fn apply(
        &self,
        event: &RecordedEvent<TaskEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let position = transaction.position().unwrap();
        let id = event.entity_id.to_string();
        let seq = i64::from(event.seq.get());
        let before = "SELECT last_seq, last_position FROM {seen} WHERE entity_id = $1";
        let rows = transaction.fetch(before, (&id,)).await?;
        let last = match rows.first() {
            Some(row) => row.get::<i64>(0)?,
            None => 0,
        };
        if last + 1 != seq {
            return Err(Failure::halt(format!("#{seq} of {id} comes after #{last}")));
        }
        let write = "INSERT INTO {seen} (entity_id, last_seq, last_position) VALUES ($1, $2, $3)
            ON CONFLICT (entity_id) DO UPDATE SET last_seq = excluded.last_seq,
                last_position = excluded.last_position";
        transaction.execute(write, (&id, seq, position)).await?;
        Ok(())
    }
}

/// Appends four events to each of so many new tasks.
pub async fn start_tasks(tasks: &EventStore<TaskEvent>, count: usize) -> Vec<EntityId> {
    let ids: Vec<_> = (0..count).map(|_| EntityId::new()).collect();
    for id in &ids {
        let [created, rest @ ..] = until_started();
        let first = tasks.append(*id, created);
        let all = rest
            .into_iter()
            .fold(first, eventsource_core::Append::event);
        all.await.unwrap();
    }
    ids
}
