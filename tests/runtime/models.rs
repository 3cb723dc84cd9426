//! Read models and histories that several files use.

use eventsource_core::{
    EntityId, EventStore, Failure, Projection, Projects, RecordedEvent, Store, Tables, Transaction,
};
use tasks::TaskEvent;

use crate::support::machines::until_started;

/// Keeps the last sequence of each entity, and halts at an event that comes twice or too early.
pub struct SeenAs<const N: usize>;

/// First of four projections that do the same.
pub type Seen = SeenAs<0>;

#[allow(
    non_upper_case_globals,
    reason = "it is written like a struct without fields"
)]
pub const Seen: Seen = SeenAs;

impl<const N: usize> Projection for SeenAs<N> {
    const NAME: &'static str = ["seen", "seen_b", "seen_c", "seen_d"][N];
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        let seen = tables.name(Self::NAME);
        format!(
            "CREATE TABLE {seen} (entity_id text PRIMARY KEY, last_seq bigint NOT NULL,
                last_position bigint NOT NULL)"
        )
    }
}

impl<const N: usize> Projects<TaskEvent> for SeenAs<N> {
    async fn apply(
        &self,
        event: &RecordedEvent<TaskEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let position = transaction.position().unwrap();
        let id = event.entity_id.to_string();
        let seq = i64::from(event.seq.get());
        let table = Self::NAME;
        let before = format!("SELECT last_seq FROM {{{table}}} WHERE entity_id = $1");
        let rows = transaction.fetch(&before, (&id,)).await?;
        let last = match rows.first() {
            Some(row) => row.get::<i64>(0)?,
            None => 0,
        };
        if last + 1 != seq {
            return Err(Failure::halt(format!("#{seq} of {id} comes after #{last}")));
        }
        let write = format!(
            "INSERT INTO {{{table}}} (entity_id, last_seq, last_position) VALUES ($1, $2, $3)
            ON CONFLICT (entity_id) DO UPDATE SET last_seq = excluded.last_seq,
                last_position = excluded.last_position"
        );
        transaction.execute(&write, (&id, seq, position)).await?;
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

/// Returns the first column of a query, a number, in the tables of the first generation.
pub async fn rows(store: &Store, query: &str) -> Vec<i64> {
    let mut tx = store.begin().await.unwrap();
    let tables = tx.tables().of_generation(1);
    tx.scope(tables, None);
    let rows = tx.fetch(query, ()).await.unwrap();
    tx.commit().await.unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// Tells whether the long forms of tests are asked for.
pub fn is_long() -> bool {
    std::env::var_os("EVENTSOURCE_LONG").is_some()
}
