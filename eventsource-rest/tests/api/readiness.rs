//! Health and readiness.

use axum::http::StatusCode;
use eventsource_core::{Event, Store};
use eventsource_rest::Service;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqlitePool;
use tasks::TaskEvent;
use tempfile::TempDir;

use crate::client::Api;

/// Creates a file for a database, and returns its URL.
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
async fn ready_is_503_without_database_while_health_is_200() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let api = Api::of(Service::new().mount(store.migrate::<TaskEvent>().await.unwrap()));
    ready(&api).await;
    store.close().await;
    unready(&api, "database-unavailable").await;
}

#[tokio::test]
async fn ready_is_503_not_migrated_without_registered_machine() {
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

/// Task list with other rules.
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
async fn ready_is_503_drift_after_rules_change() {
    let (_folder, url) = file();
    let store = Store::connect(&url).await.unwrap();
    let old = store.migrate::<other::TaskEvent>().await.unwrap();
    let old = Api::of(Service::new().mount(old));
    ready(&old).await;
    let new = store.migrate::<TaskEvent>().await.unwrap();
    unready(&old, "drift").await;
    ready(&Api::of(Service::new().mount(new))).await;
}
