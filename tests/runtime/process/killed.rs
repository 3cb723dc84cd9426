//! Workers that are killed at each point of their work: whatever they were about to do, or had just done,
//! is done once.
//!
//! `EVENTSOURCE_CRASHES` says how often a worker is killed at each point, twice if it is not set.

use std::sync::atomic::{AtomicU32, Ordering};

use eventsource_core::StoreOptions;
use eventsource_runtime::testing::{Faults, Point};
use eventsource_tests::waiting::LIMIT;
use fulfilment::payment::LIMIT_CENTS;
use fulfilment::shipment::LIMIT_GRAMS;
use tokio::task::JoinSet;

use super::books::{Books, PATIENCE};
use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::waiting::within;

const KILLED: &str = "killed here";
const SETTLED: &str = "settled";

fn crashes() -> u32 {
    match std::env::var("EVENTSOURCE_CRASHES") {
        Ok(crashes) => crashes.parse().expect("EVENTSOURCE_CRASHES is a number"),
        Err(_) => 2,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn command_is_executed_once_wherever_workers_are_killed_on_postgres() {
    const TEST: &str =
        "process::killed::command_is_executed_once_wherever_workers_are_killed_on_postgres";
    if let Some(role) = child::role() {
        return work(&role).await;
    }
    let mut points = JoinSet::new();
    for point in Point::ALL {
        points.spawn(async move {
            let database = Database::postgres().await;
            kill_at(point, TEST, &database).await;
            database.remove().await;
        });
    }
    points.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn command_is_executed_once_wherever_workers_are_killed_on_sqlite() {
    const TEST: &str =
        "process::killed::command_is_executed_once_wherever_workers_are_killed_on_sqlite";
    if let Some(role) = child::role() {
        return work(&role).await;
    }
    let mut points = JoinSet::new();
    for point in Point::ALL {
        points.spawn(async move {
            let database = Database::sqlite_file().await;
            kill_at(point, TEST, &database).await;
            database.remove().await;
        });
    }
    points.join_all().await;
}

/// Lets workers be killed at a point until one of them comes through, and looks at the books.
async fn kill_at(point: Point, test: &str, database: &Database) {
    let books = Books::open(database).await;
    let orders = [
        books.place().await,
        books.place_for(250, LIMIT_CENTS + 1).await,
        books.place_for(LIMIT_GRAMS + 1, 890).await,
        books.place().await,
    ];
    let mut killed = 0;
    for step in 0..3 {
        for crash in 1..=crashes() + 1 {
            // The last one comes through; the others stop at another event each.
            let survives = crash > crashes();
            let skip = if survives { u32::MAX } else { crash + step };
            let schema = database.schema().unwrap_or_default();
            let role = format!("{point} {skip} {step} {schema} {}", database.url());
            let mut worker = Process::start(test, &role);
            match within(worker.line()).await.as_deref() {
                Some(KILLED) => killed += 1,
                Some(SETTLED) => break,
                line => panic!("{point}: the worker says {line:?}"),
            }
            worker.signal("KILL").await;
            worker.ended().await;
        }
        if step == 0 {
            assert!(books.dispatch(orders[0]).await, "{point}");
        }
    }
    assert!(killed >= crashes(), "{point}: only {killed} were killed");
    for order in orders {
        books.assert_settled(order).await;
    }
}

/// Runs the process until nothing is left to do, or the point is reached for the last time.
async fn work(role: &str) {
    let [point, skip, step, schema, url] = role.splitn(5, ' ').collect::<Vec<_>>()[..] else {
        panic!("{role}");
    };
    let mut options = StoreOptions::new(url)
        .acquire_timeout(LIMIT)
        .lock_timeout(LIMIT);
    if !schema.is_empty() {
        options = options.schema(schema);
    }
    let books = Books::of(options).await;
    // The third step is after the timeout.
    if step == "2" {
        books.clock.advance(PATIENCE);
    }
    let (point, left) = (point.to_owned(), AtomicU32::new(skip.parse().unwrap()));
    let faults = Faults::new(move |reached, _| {
        let here = reached.to_string() == point;
        let stops = here && left.fetch_sub(1, Ordering::SeqCst) == 1;
        async move {
            if stops {
                child::send(KILLED);
                std::future::pending::<()>().await;
            }
            Ok(())
        }
    });
    books.failing_runtime(faults).await.settle().await.unwrap();
    child::send(SETTLED);
}
