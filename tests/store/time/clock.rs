//! Which clock says when an event is recorded, and what time it is.

use std::time::Duration;

use chrono::{DateTime, Utc};
use eventsource_core::{Clock, EntityId, ManualClock, SystemClock};
use tasks::TaskEvent::{self, *};

use crate::support::database::Database;
use crate::support::machines::created;

on_every_database! {
    and sqlite_memory:
    manual_clock_tells_time_of_store,
    time_of_store_without_clock_passes,
}

on! {
    sqlite_file, sqlite_memory:
    events_are_recorded_at_time_of_manual_clock,
}

on_postgres! {
    events_are_recorded_at_time_of_server,
}

fn morning() -> DateTime<Utc> {
    "2031-05-01T09:00:00Z".parse().unwrap()
}

async fn manual_clock_tells_time_of_store(database: &Database) {
    let clock = ManualClock::new(morning());
    let options = database.store_options().clock(clock.clone());
    let store = options.connect().await.unwrap();

    clock.advance(Duration::from_mins(1));

    let later = morning() + Duration::from_mins(1);
    assert_eq!(store.clock().now(), later);
    assert_eq!(store.now().await.unwrap(), later);
}

async fn time_of_store_without_clock_passes(database: &Database) {
    let store = database.store();
    let before = store.now().await.unwrap();

    SystemClock
        .wait_until(SystemClock.now() + Duration::from_millis(2))
        .await;

    assert!(store.now().await.unwrap() > before);
}

async fn events_are_recorded_at_time_of_manual_clock(database: &Database) {
    let clock = ManualClock::new(morning());
    let options = database.store_options().clock(clock.clone());
    let tasks = options.connect().await.unwrap();
    let tasks = tasks.migrate::<TaskEvent>().await.unwrap();
    let id = EntityId::new();

    let first = tasks.append(id, created()).await.unwrap();
    clock.advance(Duration::from_hours(3 * 24));
    let second = tasks.append(id, Revised).await.unwrap();

    assert_eq!(first.events[0].recorded_at, morning());
    assert_eq!(
        second.events[0].recorded_at - morning(),
        chrono::TimeDelta::days(3)
    );
}

async fn events_are_recorded_at_time_of_server(database: &Database) {
    let clock = ManualClock::new(morning());
    let store = database
        .store_options()
        .clock(clock)
        .connect()
        .await
        .unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();

    let stored = tasks.append(EntityId::new(), created()).await.unwrap();

    assert!(stored.events[0].recorded_at < morning());
}
