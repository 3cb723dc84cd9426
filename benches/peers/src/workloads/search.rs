//! Search for entities in a state, among a hundred thousand.

use std::time::Instant;

use chrono::{DateTime, Utc};
use eventsource_core::ddl::SchemaOptions;
use eventsource_core::{EntityId, EntityOrder, ExportedEvent, State};
use futures_util::stream::iter;
use sqlx::Row;

use super::Bench;
use super::bytes::{self, Stored};
use crate::cpu::ServerId;
use crate::measure::median;
use crate::report::{Report, Table};
use crate::sides::{Microcosm, Mire, Ours};
use crate::ticket::{TicketEvent, TicketEventType, event};

/// Number of tickets, one in a hundred of them closed; the search returns the first twenty of these
/// and their number.
const ENTITIES: u32 = 100_000;
const CLOSED: u32 = 100;

/// Query of microcosm's store: each event with its rank in its stream, of which the first counts.
const RANKED: &str = "SELECT id, ticket_id, count(*) OVER () AS total FROM (
    SELECT *, rank() OVER (PARTITION BY ticket_id ORDER BY clock DESC) AS place FROM ticket_event
) AS ranked WHERE place = 1 AND state = ARRAY['CLOSED']::varchar[]
ORDER BY clock DESC LIMIT 20";

const MICROCOSM: &str = "INSERT INTO ticket SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 0, 0
FROM generate_series(1, ENTITIES) AS n;
INSERT INTO ticket_event (id, created_at, updated_at, ticket_id, event_type, parent_id, version, state, data)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n * 4 + place), 12, '0'))::uuid, 0, 0,
    ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
    CASE WHEN place = 0 THEN 'OPENED' WHEN place = 2 AND n % 100 = 0 THEN 'CLOSED' ELSE 'COMMENTED' END,
    CASE WHEN place > 0
        THEN ('00000000-0000-7000-8000-' || lpad(to_hex(n * 4 + place - 1), 12, '0'))::uuid END,
    1, CASE WHEN place = 2 AND n % 100 = 0 THEN ARRAY['CLOSED'] ELSE ARRAY['OPENED'] END,
    CASE WHEN place = 0 THEN jsonb_build_object('title', 'TEXT')
        ELSE jsonb_build_object('text', 'TEXT', 'minutes', 5) END
FROM generate_series(1, ENTITIES) AS n, generate_series(0, 2) AS place ORDER BY n, place;
VACUUM ANALYZE ticket_event";

pub async fn run(bench: &Bench, report: &mut Report) {
    let entities = if bench.quick { 5_000 } else { ENTITIES };
    let ours = Ours::connect(&bench.server.database("search").await, 4).await;
    let theirs = Microcosm::connect(&bench.server.database("search_microcosm").await, 4).await;
    let mut ids = Vec::new();
    let events = (1..=entities).flat_map(|n| {
        let id = EntityId::new();
        if !n.is_multiple_of(CLOSED) {
            ids.push(id);
        }
        ticket(id, n, Utc::now())
    });
    ours.tickets
        .import(iter(events.map(Ok)))
        .exclusive()
        .await
        .unwrap();
    let text = MICROCOSM
        .replace("ENTITIES", &entities.to_string())
        .replace("TEXT", crate::ticket::TEXT);
    for statement in text.split(";\n") {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement)
            .execute(&theirs.pool)
            .await
            .unwrap();
    }
    let own = crate::server::pool(&bench.server.database("search").await, 4).await;
    sqlx::raw_sql("VACUUM ANALYZE ticket, ticket_event")
        .execute(&own)
        .await
        .unwrap();
    let mire = Mire::connect(&bench.server.database("bytes_mire").await, 1).await;
    let fewer = entities / 5;
    bytes::fill_mire(&mire, fewer).await;
    let stored = |pool, entities| Stored {
        pool,
        heads: "ticket",
        events: "ticket_event",
        entities,
    };
    let in_mire = Stored {
        heads: "es_streams",
        events: "es_events",
        ..stored(mire.pool(), fewer)
    };
    let (ours_stored, theirs_stored) = (stored(&own, entities), stored(&theirs.pool, entities));
    bytes::run(report, ours_stored, theirs_stored, in_mire).await;

    let server = ServerId::of(&bench.server.url()).await;
    let samples = bench.turns.rounds * 5;
    let (slow, total) = ranked(&theirs, samples).await;
    let fast = closed(&ours, samples, total).await;
    let (early, late) = ids.split_at(ids.len() / 2);
    let cost = appends(&ours, early, server).await;

    let url = bench.server.database("search").await;
    let indexed = Ours::connect_with(&url, 4, SchemaOptions::new().index_states()).await;
    let fast_indexed = closed(&indexed, samples, total).await;
    let cost_indexed = appends(&indexed, late, server).await;

    report.at_least(
        "entities in a given state, of 100k",
        "50x microcosm's `rank()` query",
        &[
            ("microcosm's query", slow / fast, 0.0),
            ("it with `index_states`", slow / fast_indexed, 50.0),
        ],
    );
    report.table(Table {
        title: "Entities in a given state",
        about: format!(
            "Milliseconds until the first 20 of {entities} entities and their number are there; and \
             the microseconds of the server's CPU time for an append, one event a call, whose event \
             changes the state of its entity, and for one whose event keeps it."
        ),
        columns: ["ms", "append, changes", "append, keeps"].map(str::to_owned).into(),
        rows: vec![
            (
                "eventsource".to_owned(),
                vec![Some(fast.into()), Some(cost.0.into()), Some(cost.1.into())],
            ),
            (
                "eventsource, `index_states`".to_owned(),
                vec![Some(fast_indexed.into()), Some(cost_indexed.0.into()), Some(cost_indexed.1.into())],
            ),
            ("microcosm's `rank()`".to_owned(), vec![Some(slow.into()), None, None]),
        ],
        picture: None,
    });
}

/// Returns the milliseconds of microcosm's query, and the number of matches.
async fn ranked(theirs: &Microcosm, samples: usize) -> (f64, u64) {
    let (mut times, mut total) = (Vec::new(), 0);
    for _ in 0..samples {
        let start = Instant::now();
        let rows = sqlx::query(RANKED).fetch_all(&theirs.pool).await.unwrap();
        times.push(start.elapsed().as_secs_f64() * 1e3);
        total = rows[0].get::<i64, _>("total").unsigned_abs();
        assert_eq!(rows.len(), 20);
    }
    (median(times), total)
}

/// Returns the milliseconds of the search of this project.
async fn closed(ours: &Ours, samples: usize, total: u64) -> f64 {
    let closed = State::from_iter([TicketEventType::Closed]);
    let mut times = Vec::new();
    for _ in 0..samples {
        let start = Instant::now();
        let search = ours.tickets.entities().state(closed);
        let page = search
            .order_by(EntityOrder::Updated)
            .descending()
            .await
            .unwrap();
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!((page.items.len(), page.total), (20, Some(total)));
    }
    median(times)
}

/// Returns the microseconds of the server for an event that changes the state of its ticket, and
/// for one that does not; each ticket has one of each.
async fn appends(ours: &Ours, ids: &[EntityId], server: ServerId) -> (f64, f64) {
    const MOST: usize = 3000;
    let ids: Vec<_> = ids.iter().take(MOST).collect();
    let cost = async |event: &dyn Fn() -> TicketEvent| {
        let before = server.used();
        for id in &ids {
            ours.tickets.append(**id, event()).await.unwrap();
        }
        (server.used() - before).server / ids.len() as f64 * 1e6
    };
    let assigned = || TicketEvent::Assigned {
        assignee: "ann".to_owned(),
    };
    (cost(&assigned).await, cost(&|| event(2)).await)
}

fn ticket(id: EntityId, number: u32, now: DateTime<Utc>) -> [ExportedEvent; 3] {
    let last = if number.is_multiple_of(CLOSED) {
        TicketEvent::Closed
    } else {
        event(2)
    };
    [event(0), event(1), last].map(|event| ExportedEvent::of(id, &event, now).unwrap())
}
