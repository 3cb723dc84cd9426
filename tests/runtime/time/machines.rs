//! Machines with timers, and a store whose clock a test moves.

use std::time::Duration;

use chrono::{DateTime, Utc};
use eventsource_core::{EntityId, Event, EventStore, ManualClock, Store, Timers};
use serde::{Deserialize, Serialize};

use crate::support::database::Database;

pub const HOUR: Duration = Duration::from_hours(1);
pub const DAY: Duration = Duration::from_hours(24);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "offer", eventually(Expired | Accepted))]
pub enum OfferEvent {
    Made,
    #[event(follows = Made, accumulate = keep())]
    Seen {
        by: String,
    },
    #[event(follows = Made)]
    Paused,
    #[event(follows = Paused, accumulate = alias(Made))]
    Resumed,
    #[event(follows = Made, accumulate = alias(Made), restarting)]
    Renewed,
    #[event(follows = Made, after = "3 days", terminal)]
    Expired,
    #[event(follows = Made, terminal)]
    Accepted,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "loan")]
pub enum LoanEvent {
    Lent {
        until: DateTime<Utc>,
    },
    #[event(follows = Lent, accumulate = keep())]
    Extended {
        until: DateTime<Utc>,
    },
    #[event(follows = Lent, accumulate = keep(), at = until)]
    Reminded {
        note: Option<String>,
    },
    #[event(follows = Lent, terminal)]
    Returned,
}

/// Opens a store on the database of the test that goes by a clock of its own, which shows the present.
pub async fn clocked(database: &Database) -> (Store, ManualClock) {
    let clock = ManualClock::new(Utc::now());
    // In memory there is no second store on the same database.
    let options = database.store_options().clock(clock.clone());
    let store = options.connect().await.unwrap();
    (store, clock)
}

/// Names the events of an entity.
pub async fn history<E: Event>(events: &EventStore<E>, id: EntityId) -> Vec<String> {
    let recorded = events.history(id).await.unwrap();
    let names = recorded
        .iter()
        .map(|event| event.event.event_type().to_string());
    names.collect()
}

/// Returns the rows of the timers, as entity, sequence and time.
pub async fn rows(store: &Store) -> Vec<(EntityId, i64, DateTime<Utc>)> {
    let mut tx = store.begin().await.unwrap();
    let select = "SELECT entity_id, since_seq, due_at FROM {eventsource_deadline} ORDER BY 1, 2, 3";
    let rows = tx.fetch(select, ()).await.unwrap();
    tx.commit().await.unwrap();
    let row = |row: &eventsource_core::Row| {
        (
            row.get(0).unwrap(),
            row.get(1).unwrap(),
            row.get(2).unwrap(),
        )
    };
    rows.iter().map(row).collect()
}

/// Returns the rows that the events of these entities call for.
pub async fn expected<E: Event>(
    events: &EventStore<E>,
    ids: &[EntityId],
) -> Vec<(EntityId, i64, DateTime<Utc>)> {
    let mut expected = Vec::new();
    for id in ids {
        let folded = events.fold::<Timers<E>>(*id).await.unwrap();
        let due = folded.map(|folded| folded.value.due()).unwrap_or_default();
        expected.extend(
            due.iter()
                .map(|due| (*id, i64::from(due.since.get()), due.at)),
        );
    }
    expected.sort_unstable();
    expected
}
