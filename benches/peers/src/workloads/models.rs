//! Read models of tickets that several workloads keep.

use eventsource_core::{
    EntityId, Failure, Keys, Projection, Projects, Reads, RecordedEvent, Tables, Transaction, View,
};
use serde::{Deserialize, Serialize};

use crate::ticket::TicketEvent;

/// Statement of the models in SQL, of ours and of others; `{minutes}` is their table.
pub const UPSERT: &str = "INSERT INTO {minutes} AS kept VALUES ($1, $2) \
     ON CONFLICT (id) DO UPDATE SET minutes = kept.minutes + excluded.minutes";

/// Returns the SQL that creates the table of the models in SQL.
pub fn create(table: &str) -> String {
    format!("CREATE TABLE {table} (id uuid PRIMARY KEY, minutes bigint NOT NULL)")
}

/// Minutes of each ticket, by SQL.
pub struct MinutesInSql;

impl Projection for MinutesInSql {
    const NAME: &'static str = "minutes_in_sql";
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        create(&tables.name("minutes"))
    }
}

impl Projects<TicketEvent> for MinutesInSql {
    async fn apply(
        &self,
        event: &RecordedEvent<TicketEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let row = (event.entity_id, minutes(&event.event));
        transaction.execute(UPSERT, row).await?;
        Ok(())
    }
}

/// Minutes of each ticket, as a view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MinutesView {
    minutes: i64,
}

impl View for MinutesView {
    const NAME: &'static str = "minutes_view";
    const VERSION: u32 = 1;
    type Key = EntityId;
}

impl Reads<TicketEvent> for MinutesView {
    fn keys(event: &RecordedEvent<TicketEvent>) -> Keys<EntityId> {
        event.entity_id.into()
    }

    fn apply(&mut self, event: &RecordedEvent<TicketEvent>) {
        self.minutes += minutes(&event.event);
    }
}

fn minutes(event: &TicketEvent) -> i64 {
    match event {
        TicketEvent::Commented { minutes, .. } => i64::from(*minutes),
        _ => 0,
    }
}
