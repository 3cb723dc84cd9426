//! Import of a million events.

use std::time::Instant;

use sqlx::{AssertSqlSafe, PgPool};

use super::Bench;
use super::memory::{Child, child, lines_file};
use crate::measure::Measured;
use crate::report::{Report, Table};
use crate::server;

/// Bare COPY of the same rows: into a table without any index, with the primary key only, and with
/// the columns and indexes of the log but without its rules.
const BARE: [(&str, &str); 3] = [
    (
        "bare COPY, no index",
        "CREATE TABLE bare (LIKE ticket_event INCLUDING DEFAULTS INCLUDING GENERATED)",
    ),
    (
        "bare COPY, primary key",
        "CREATE TABLE bare (LIKE ticket_event INCLUDING DEFAULTS INCLUDING GENERATED,
            PRIMARY KEY (ticket_id, seq))",
    ),
    (
        "bare COPY, the same indexes",
        "CREATE TABLE bare (LIKE ticket_event INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING INDEXES)",
    ),
];

const COLUMNS: &str = "ticket_id, seq, event_id, event_type, prior_state, state, prior_version,
    version, recorded_at, data, metadata";

pub async fn run(bench: &Bench, report: &mut Report) {
    let events = if bench.quick { 20_000 } else { 1_000_000 };
    let file = lines_file(events);
    let rounds = if bench.quick { 1 } else { 2 };
    let mut seconds = vec![Vec::new(); 5];
    for round in 0..rounds {
        for (at, exclusive) in [(0, true), (1, false)] {
            // No target is about it, and it takes longest.
            if !exclusive && round > 0 {
                continue;
            }
            bench.server.drop_database("import").await;
            let url = bench.server.database("import").await;
            let done = child(&Child::import(&url, &file, exclusive)).await;
            assert_eq!(done.count, events);
            seconds[at].push(done.seconds);
            if exclusive {
                let pool = server::pool(&url, 2).await;
                let rows = copy_out(&pool).await;
                for (bare, (_, create)) in BARE.iter().enumerate() {
                    let took = copy_in(&pool, create, &rows, events).await;
                    seconds[2 + bare].push(took);
                }
            }
        }
    }
    let names = ["import, exclusive", "import, beside others"];
    let names = names.into_iter().chain(BARE.iter().map(|bare| bare.0));
    let rate = |seconds: f64| events as f64 / seconds;
    let rates = seconds
        .into_iter()
        .map(|all| Measured::known(all.into_iter().map(rate).collect()));
    let table = Table {
        title: "Import of a million events",
        about: format!(
            "Events a second, {events} events of ten an entity. An import reads lines of JSON, checks each \
             event by the rules, and all constraints of the tables check it too; an exclusive import locks \
             the tables and rebuilds their indexes. A bare COPY sends rows that are ready, in binary."
        ),
        columns: vec!["events a second".to_owned()],
        rows: names
            .map(str::to_owned)
            .zip(rates.map(|rate| vec![rate]))
            .collect(),
        picture: Some("import"),
    };
    let ratio = |other| table.ratio("import, exclusive", other, "events a second");
    report.at_least(
        "bulk import 1M",
        "0.55 of bare COPY into the same indexes",
        &[
            ("COPY into the same indexes", ratio(BARE[2].0), 0.55),
            ("COPY into a primary key", ratio(BARE[1].0), 0.0),
            ("COPY into no index", ratio(BARE[0].0), 0.0),
        ],
    );
    report.table(table);
}

async fn copy_out(pool: &PgPool) -> Vec<u8> {
    use futures_util::TryStreamExt;
    let mut connection = pool.acquire().await.unwrap();
    let copy = format!(
        "COPY (SELECT {COLUMNS} FROM ticket_event ORDER BY clock) TO STDOUT (FORMAT binary)"
    );
    let mut chunks = connection.copy_out_raw(&copy).await.unwrap();
    let mut rows = Vec::new();
    while let Some(chunk) = chunks.try_next().await.unwrap() {
        rows.extend_from_slice(&chunk);
    }
    rows
}

async fn copy_in(pool: &PgPool, create: &str, rows: &[u8], events: u64) -> f64 {
    let mut connection = pool.acquire().await.unwrap();
    let create = format!("DROP TABLE IF EXISTS bare; {create}; CHECKPOINT");
    sqlx::raw_sql(AssertSqlSafe(create))
        .execute(&mut *connection)
        .await
        .unwrap();
    let start = Instant::now();
    let copy = format!("COPY bare ({COLUMNS}) FROM STDIN (FORMAT binary)");
    let mut copy = connection.copy_in_raw(&copy).await.unwrap();
    for chunk in rows.chunks(1 << 20) {
        copy.send(chunk).await.unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), events);
    start.elapsed().as_secs_f64()
}
