//! Migrations that run at the same time.

use std::future::IntoFuture;

use eventsource_core::EntityId;
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::machines::created;
use crate::support::machines::light::{first, longer};
use crate::support::waiting::until_not_busy;

on_every_database! {
    concurrent_rule_changes_lose_no_append,
}

on_every_database! {
    and postgres_outbox:
    concurrent_migrates_succeed,
}

on_postgres! {
    concurrent_migrates_under_other_isolation_succeed,
}

/// Migrates on a server whose transactions see what was there when they began.
async fn concurrent_migrates_under_other_isolation_succeed(database: &Database) {
    for level in ["serializable", "repeatable%5c%20read"] {
        let mut migrations = JoinSet::new();
        for _ in 0..4 {
            let store = database
                .connect_set(&format!("default_transaction_isolation={level}"))
                .await;
            migrations.spawn(async move {
                let tasks = store.migrate::<TaskEvent>().await.unwrap();
                tasks.append(EntityId::new(), created()).await.unwrap();
            });
        }
        migrations.join_all().await;
    }
}

async fn concurrent_migrates_succeed(database: &Database) {
    let mut migrations = JoinSet::new();
    for number in 0..8 {
        let store = database.another_store().await;
        migrations.spawn(async move {
            let tasks = || store.migrate::<TaskEvent>();
            until_not_busy(tasks).await.unwrap();
            if number % 2 == 0 {
                let lights = || store.migrate::<first::LightEvent>();
                until_not_busy(lights).await.unwrap();
            }
        });
    }
    migrations.join_all().await;
    let tasks = database.events::<TaskEvent>().await;
    tasks.append(EntityId::new(), created()).await.unwrap();
}

/// Migrates while events are appended under the rules that both have.
async fn concurrent_rule_changes_lose_no_append(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let mut migrations = JoinSet::new();
    for _ in 0..6 {
        let store = database.another_store().await;
        let lights = lights.clone();
        migrations.spawn(async move {
            let migrate = || store.migrate::<longer::LightEvent>();
            until_not_busy(migrate).await.unwrap();
            for _ in 0..5 {
                let id = EntityId::new();
                let append = || lights.append(id, first::LightEvent::Wired).into_future();
                until_not_busy(append).await.unwrap();
            }
        });
    }
    migrations.join_all().await;
    let lights = database.events::<longer::LightEvent>().await;
    let found = lights.search().await.unwrap();
    assert_eq!(found.total, Some(30));
    let registered = database.store().registered::<longer::LightEvent>();
    let registered = registered.await.unwrap().unwrap();
    let names: Vec<&str> = registered.event_types().map(|(name, _)| name).collect();
    assert_eq!(names, ["WIRED", "LIT", "PUT_OUT", "DIMMED"]);
}
