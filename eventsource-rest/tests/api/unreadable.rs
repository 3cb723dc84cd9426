//! Stored events that cannot be read: pages and streams go on, and an answer that needs one names it.

use axum::http::StatusCode;
use eventsource_core::Store;
use eventsource_rest::Service;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, SqlitePool};
use tasks::TaskEvent;
use uuid::Uuid;

use crate::client::Api;
use crate::streams::Client;

/// Content of the events that nobody may see in an answer.
const SECRET: &str = "stored by nobody we know";

/// Service with three started tasks, of which the second event of the second cannot be read, and the
/// third event of the third has a type that the service does not have.
struct Tampered {
    api: Api,
    sql: SqlitePool,
    tasks: [Uuid; 3],
    _folder: tempfile::TempDir,
}

impl Tampered {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let store = Store::connect(&url).await.unwrap();
        let api = Api::of(Service::new().mount(store.migrate::<TaskEvent>().await.unwrap()));
        let tasks = [
            api.started().await,
            api.started().await,
            api.started().await,
        ];
        let sql = SqlitePool::connect(&url).await.unwrap();
        let this = Self {
            api,
            sql,
            tasks,
            _folder: folder,
        };
        let triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
        let triggers = sqlx::query_as(triggers).fetch_all(&this.sql).await.unwrap();
        let triggers: Vec<(String, String)> = triggers;
        for (name, _) in &triggers {
            this.execute(format!("DROP TRIGGER \"{name}\"")).await;
        }
        let payload = format!("{{\"assignee\": [\"{SECRET}\"]}}");
        this.change(tasks[1], 2, &format!("data = '{payload}'"))
            .await;
        this.change(tasks[2], 3, "event_type = 63").await;
        for (_, sql) in triggers {
            this.execute(sql).await;
        }
        this
    }

    async fn change(&self, task: Uuid, seq: u32, change: &str) {
        let sql =
            format!("UPDATE task_event SET {change} WHERE task_id = '{task}' AND seq = {seq}");
        self.execute(sql).await;
    }

    async fn execute(&self, sql: String) {
        let sql = format!("PRAGMA ignore_check_constraints = ON; {sql}");
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&self.sql)
            .await
            .unwrap();
    }
}

/// Checks the twelve events of a page or a stream, in the order of the log.
fn check(tasks: [Uuid; 3], events: &[Value]) {
    assert_eq!(events.len(), 12);
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event["clock"], at + 1);
        assert_eq!(event["taskId"], json!(tasks[at / 4]));
        assert_eq!(event["sequence"], at % 4 + 1);
        assert!(event["metadata"]["roles"].is_array() && event["version"] == 1);
        let unreadable = match at {
            5 => json!("The stored payload does not fit the event type."),
            10 => json!("The event type, or one in the state, is not known to this service."),
            _ => Value::Null,
        };
        assert_eq!(event["unreadable"], unreadable, "{event}");
        assert_eq!(event["assignee"].is_string(), at % 4 == 1 && at != 5);
    }
    assert_eq!(events[5]["eventType"], "ASSIGNED");
    assert_eq!(events[10]["eventType"], Value::Null);
    assert_eq!(events[10]["parentId"], events[9]["id"]);
    let page = json!(events).to_string();
    assert!(!page.contains(SECRET), "{page}");
}

#[tokio::test]
async fn page_and_streams_have_unreadable_event_in_its_place() {
    let tampered = Tampered::new().await;
    let Tampered { api, tasks, .. } = &tampered;
    let oldest = "/api/v1/task_event?sort_by_clock=true&sort_clock_in_ascending_order=true";
    let page = api.get(oldest).await;
    assert_eq!(
        (page.status, &page.body["count"]),
        (StatusCode::OK, &json!(12))
    );
    check(*tasks, page.body["items"].as_array().unwrap());

    // By cursor, one page after the other.
    let mut events = Vec::new();
    let mut after = 0;
    while events.len() < 12 {
        let page = api
            .get(&format!("/api/v1/task_event?after={after}&limit=3"))
            .await;
        let items = page.body["items"].as_array().unwrap();
        after = items.last().unwrap()["clock"].as_u64().unwrap();
        events.extend(items.clone());
    }
    check(*tasks, &events);

    let mut all = Client::open(api, "/api/v1/task_event/stream", &[]).await;
    let mut events = Vec::new();
    for position in 1..=12 {
        let (id, event) = all.event().await;
        assert_eq!(id, position);
        events.push(event);
    }
    check(*tasks, &events);
    let path = format!("/api/v1/task/{}/stream", tasks[1]);
    let mut of_one = Client::open(api, &path, &[]).await;
    for (seq, event) in (1..).zip(&events[4..8]) {
        assert_eq!(of_one.event().await, (seq, event.clone()));
    }
    // A type that is asked for is given, also of an event that cannot be read.
    let types = "/api/v1/task_event/stream?event_type=ASSIGNED";
    let mut assigned = Client::open(api, types, &[]).await;
    for position in [2, 6, 10] {
        assert_eq!(assigned.event().await.0, position);
    }
    // The streams are alive.
    api.post(json!({"taskId": tasks[0], "eventType": "COMPLETED"}))
        .await;
    assert_eq!(all.event().await.1["eventType"], "COMPLETED");
}

#[tokio::test]
async fn answer_that_needs_unreadable_event_is_500_that_names_it() {
    let tampered = Tampered::new().await;
    let Tampered { api, tasks, .. } = &tampered;
    let page = api.get("/api/v1/task_event?after=0").await;
    let unreadable = page.body["items"][5]["id"].as_str().unwrap();
    for path in [
        format!("/api/v1/task_event/{unreadable}"),
        format!("/api/v1/task/{}", tasks[1]),
        format!("/api/v1/task/{}/history", tasks[1]),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let expected = json!({
            "type": "/problems/unreadable-event",
            "title": "Unreadable event",
            "status": 500,
            "code": 500,
            "retryable": false,
            "event": "ASSIGNED",
            "eventId": unreadable,
            "entityId": tasks[1],
            "sequence": 2,
        });
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(&answer.body[member], value, "{path}: {member}");
        }
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(unreadable), "{detail}");
        assert!(!answer.text.contains(SECRET), "{}", answer.text);
    }
    // What does not need it is answered.
    let before = api.get(&format!("/api/v1/task/{}?asOf=1", tasks[1])).await;
    assert_eq!(
        (before.status, &before.body["sequence"]),
        (StatusCode::OK, &json!(1))
    );
    let other = api.get(&format!("/api/v1/task/{}/history", tasks[0])).await;
    assert_eq!(other.body.as_array().map(Vec::len), Some(4));
    let entities = api.get("/api/v1/task").await;
    assert_eq!(entities.body["count"], 3);
}
