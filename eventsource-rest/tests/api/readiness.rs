//! Whether the service runs, and whether it can serve.

use axum::http::StatusCode;
use eventsource_core::{Event, Store};
use eventsource_rest::Service;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqlitePool;
use tasks::TaskEvent;
use tempfile::TempDir;

use crate::client::Api;

/// A file for a database, and its URL.
fn file() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    (folder, url)
}

async fn unready(api: &Api, check: &str) {
    let ready = api.get("/api/ready").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.body["type"], format!("/problems/{check}"));
    assert_eq!(ready.body["checks"]["task"], check, "{}", ready.body);
    assert_eq!(ready.header("retry-after"), "1");
    assert_eq!(api.get("/api/health").await.status, StatusCode::OK);
}

async fn ready(api: &Api) {
    let ready = api.get("/api/ready").await;
    assert_eq!(
        (ready.status, &ready.body["checks"]["task"]),
        (StatusCode::OK, &json!("ok"))
    );
}

#[tokio::test]
async fn a_database_that_has_gone_is_told_and_health_does_not_care() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let api = Api::of(Service::new().mount(store.migrate::<TaskEvent>().await.unwrap()));
    ready(&api).await;
    store.close().await;
    unready(&api, "database-unavailable").await;
}

#[tokio::test]
async fn a_database_that_was_put_in_the_place_of_another_is_not_migrated() {
    let (_folder, url) = file();
    let store = Store::connect(&url).await.unwrap();
    let api = Api::of(Service::new().mount(store.migrate::<TaskEvent>().await.unwrap()));
    ready(&api).await;
    let pool = SqlitePool::connect(&url).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    for statement in [
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM eventsource_machine",
    ] {
        sqlx::query(statement)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    unready(&api, "not-migrated").await;
}

/// The task list with other rules.
mod other {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[machine(entity = "task")]
    pub enum TaskEvent {
        Created,
        #[event(follows = Created, terminal)]
        Ended,
    }
}

#[tokio::test]
async fn a_program_whose_rules_were_replaced_is_not_ready() {
    let (_folder, url) = file();
    let store = Store::connect(&url).await.unwrap();
    let old = store.migrate::<other::TaskEvent>().await.unwrap();
    let old = Api::of(Service::new().mount(old));
    ready(&old).await;
    let new = store.migrate::<TaskEvent>().await.unwrap();
    unready(&old, "drift").await;
    ready(&Api::of(Service::new().mount(new))).await;
}
