//! What a program does at a time, or again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use eventsource_core::{Clock, ManualClock, Store};
use eventsource_runtime::{BuildMistake, Runtime, Tick};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::machines::{DAY, HOUR, clocked};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_memory, sqlite_file, postgres:
    cron_runs_at_its_times_and_once_for_those_missed,
    time_has_its_turn_once,
    failed_turn_is_tried_again_with_the_same_id,
    wrong_pattern_is_a_mistake,
}

on! { sqlite_file, postgres:
    several_workers_run_each_turn_once,
}

type Ran = Arc<Mutex<Vec<Tick>>>;
type Done = Result<(), Box<dyn std::error::Error + Send + Sync>>;
type Doing = std::pin::Pin<Box<dyn Future<Output = Done> + Send>>;

/// Remembers the turns that it had.
fn remember(ran: &Ran) -> impl Fn(Tick) -> Doing + Send + Sync + 'static + use<> {
    let ran = ran.clone();
    move |tick| {
        let ran = ran.clone();
        Box::pin(async move {
            ran.lock().await.push(tick);
            Ok(())
        })
    }
}

async fn at_nine(database: &Database) -> (Store, ManualClock, DateTime<Utc>) {
    let (store, clock) = clocked(database).await;
    let nine = "2031-05-01T09:00:00Z".parse().unwrap();
    clock.set(nine);
    (store, clock, nine)
}

async fn cron_runs_at_its_times_and_once_for_those_missed(database: &Database) {
    let (store, clock, nine) = at_nine(database).await;
    let ran = Ran::default();
    let runtime =
        Runtime::new(&store).cron("nightly", "0 3 * * *", "Europe/Berlin", remember(&ran));
    let runtime = runtime.build().await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(ran.lock().await.len(), 0);

    // Three o'clock in Berlin is one o'clock in summer.
    clock.set(nine + 16 * HOUR);
    runtime.settle().await.unwrap();
    runtime.settle().await.unwrap();
    let turns = ran.lock().await.clone();
    assert_eq!(turns.len(), 1);
    assert_eq!(turns[0].at, nine + 16 * HOUR);
    assert_eq!(turns[0].id(), "schedule/nightly/2031-05-02T01:00:00+00:00");

    clock.advance(4 * DAY);
    runtime.settle().await.unwrap();
    assert_eq!(
        ran.lock().await.len(),
        2,
        "once for the four that were missed"
    );
    clock.advance(DAY);
    runtime.settle().await.unwrap();
    assert_eq!(
        ran.lock().await.last().unwrap().at,
        nine + 5 * DAY + 16 * HOUR
    );
}

async fn time_has_its_turn_once(database: &Database) {
    let (store, clock, nine) = at_nine(database).await;
    let ran = Ran::default();
    let runtime = async || {
        let runtime = Runtime::new(&store).at("launch", nine + HOUR, remember(&ran));
        runtime.build().await.unwrap()
    };
    runtime().await.settle().await.unwrap();
    clock.advance(2 * HOUR);
    runtime().await.settle().await.unwrap();
    // A program that starts later does not begin again.
    runtime().await.settle().await.unwrap();
    assert_eq!(ran.lock().await.len(), 1);

    let later = Runtime::new(&store).at("launch", nine + 3 * HOUR, remember(&ran));
    let later = later.build().await.unwrap();
    clock.advance(2 * HOUR);
    later.settle().await.unwrap();
    assert_eq!(ran.lock().await.len(), 2, "another time is another turn");
}

async fn failed_turn_is_tried_again_with_the_same_id(database: &Database) {
    let (store, clock, nine) = at_nine(database).await;
    let ran = Ran::default();
    let (tries, remembered) = (Arc::new(AtomicU32::new(0)), ran.clone());
    let runtime = Runtime::new(&store).at("launch", nine, move |tick| {
        let (tries, remembered) = (tries.clone(), remembered.clone());
        async move {
            remembered.lock().await.push(tick);
            match tries.fetch_add(1, Ordering::SeqCst) {
                0 => Err("no connection".into()),
                _ => Ok(()),
            }
        }
    });
    let runtime = runtime.build().await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(ran.lock().await.len(), 1);
    clock.advance(Duration::from_secs(11));
    runtime.settle().await.unwrap();
    clock.advance(HOUR);
    runtime.settle().await.unwrap();

    let turns = ran.lock().await.clone();
    let attempts: Vec<u32> = turns.iter().map(|tick| tick.attempt).collect();
    assert_eq!(attempts, [1, 2]);
    assert_eq!(turns[0].id(), turns[1].id());
}

async fn wrong_pattern_is_a_mistake(database: &Database) {
    let (store, ..) = at_nine(database).await;
    let ran = Ran::default();
    let runtime = Runtime::new(&store)
        .cron("nightly", "0 3 * *", "Europe/Berlin", remember(&ran))
        .cron("daily", "0 3 * * *", "Berlin", remember(&ran))
        .at("Launch", Utc::now(), remember(&ran));
    let refused = runtime.build().await.unwrap_err();
    assert!(
        matches!(
            refused.mistakes.as_slice(),
            [
                BuildMistake::Name { .. },
                BuildMistake::Settings { .. },
                BuildMistake::Settings { .. }
            ]
        ),
        "{refused}"
    );
}

async fn several_workers_run_each_turn_once(database: &Database) {
    let (store, clock, nine) = at_nine(database).await;
    let ran = Ran::default();
    let stop = CancellationToken::new();
    let mut workers = Vec::new();
    for _ in 0..4 {
        let runtime = Runtime::new(&store).cron("hourly", "0 * * * *", "UTC", remember(&ran));
        let runtime = runtime.build().await.unwrap();
        workers.push(tokio::spawn(
            runtime.run_until(stop.clone().cancelled_owned()),
        ));
    }
    for hour in 1..=3 {
        clock.set(nine + hour * HOUR);
        until(async || ran.lock().await.len() >= hour as usize).await;
    }
    stop.cancel();
    for worker in workers {
        worker.await.unwrap();
    }
    let hours: Vec<DateTime<Utc>> = ran.lock().await.iter().map(|tick| tick.at).collect();
    assert_eq!(hours, [nine + HOUR, nine + 2 * HOUR, nine + 3 * HOUR]);
    assert!(clock.now() > nine);
}
