//! Entities in a given state, of a hundred thousand.

use std::time::Instant;

use chrono::{DateTime, Utc};
use eventsource_core::{EntityId, EntityOrder, PlainEvent, State};
use futures_util::stream::iter;
use sqlx::Row;

use super::{Bench, bytes};
use crate::measure::median;
use crate::report::{Report, Table};
use crate::sides::{Microcosm, Ours};
use crate::ticket::{TicketEvent, TicketEventType, event};

/// One ticket in a hundred is closed; those are asked for, the first twenty and their number.
const ENTITIES: u32 = 100_000;

/// As microcosm's store asks: each event with its rank in its stream, of which the first counts.
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
    let events = (1..=entities).flat_map(|n| ticket(n, Utc::now()));
    ours.tickets
        .import(iter(events.map(Ok)))
        .alone()
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
    bytes::run(report, &own, &theirs.pool, f64::from(entities) * 3.0).await;

    let closed = State::from_iter([TicketEventType::Closed]);
    let (mut fast, mut slow) = (Vec::new(), Vec::new());
    for _ in 0..bench.turns.rounds * 5 {
        let start = Instant::now();
        let search = ours.tickets.entities().state(closed);
        let page = search
            .sorted_by(EntityOrder::Updated)
            .descending()
            .await
            .unwrap();
        fast.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        let ranked = sqlx::query(RANKED).fetch_all(&theirs.pool).await.unwrap();
        slow.push(start.elapsed().as_secs_f64() * 1e3);
        let total = ranked[0].get::<i64, _>("total").unsigned_abs();
        assert_eq!((page.items.len(), page.total), (ranked.len(), total));
    }
    let (fast, slow) = (median(fast), median(slow));
    report.at_least(
        "entities in a given state, of 100k",
        "50x microcosm's `rank()` query",
        &[("microcosm's query", slow / fast, 50.0)],
    );
    report.table(Table {
        title: "Entities in a given state",
        about: format!(
            "Milliseconds until the first 20 of {entities} entities and their number are there."
        ),
        columns: vec!["ms".to_owned()],
        rows: vec![
            ("eventsource".to_owned(), vec![Some(fast)]),
            ("microcosm's `rank()`".to_owned(), vec![Some(slow)]),
        ],
        picture: None,
    });
}

fn ticket(number: u32, now: DateTime<Utc>) -> [PlainEvent; 3] {
    let id = EntityId::new();
    let last = if number.is_multiple_of(100) {
        TicketEvent::Closed
    } else {
        event(2)
    };
    [event(0), event(1), last].map(|event| PlainEvent::of(id, &event, now).unwrap())
}
