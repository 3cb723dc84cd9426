//! History of one entity.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Api;

#[tokio::test]
async fn history_is_json_list_or_json_lines_by_accept() {
    let api = Api::new().await;
    let id = api.started().await;
    api.started().await;
    let path = format!("/api/v1/task/{id}/history");
    let list = api.get(&path).await;
    assert_eq!(
        (list.header("content-type"), list.header("etag")),
        ("application/json", "\"4\"")
    );
    let events = list.body.as_array().unwrap();
    let types: Vec<&Value> = events.iter().map(|event| &event["eventType"]).collect();
    assert_eq!(types, ["CREATED", "ASSIGNED", "SCHEDULED", "STARTED"]);
    let first = format!("/api/v1/task_event/{}", events[0]["id"].as_str().unwrap());
    assert_eq!(api.get(&first).await.body, events[0]);
    for media in ["application/jsonl", "application/x-ndjson"] {
        let lines = api.get_with(&path, &[("Accept", media)]).await;
        assert_eq!(lines.header("content-type"), media);
        let read: Vec<Value> = lines
            .text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(&read, events);
    }
    let lean = [("X-Response-Skip-Null", "true"), ("Accept", "*/*")];
    let lean = api.get_with(&path, &lean).await;
    assert!(lean.body[0].get("parentId").is_none());
    let csv = api.get_with(&path, &[("Accept", "text/csv")]).await;
    assert_eq!(csv.status, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(csv.header("content-type"), "application/problem+json");
    let nothing = api
        .get(&format!("/api/v1/task/{}/history", Uuid::now_v7()))
        .await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

/// The history is longer than a page that is read at once.
#[tokio::test]
async fn history_longer_than_page_is_complete() {
    let api = Api::new().await;
    let id = api.started().await;
    for start in (0..1200).step_by(600) {
        let events: Vec<Value> = (start..start + 600)
            .map(|n| json!({"eventType": "REASSIGNED", "assignee": n.to_string()}))
            .collect();
        let path = format!("/api/v1/task/{id}/task_event");
        let stored = api.post_to(&path, &[], json!(events)).await;
        assert_eq!(stored.status, StatusCode::CREATED);
    }
    let history = api.get(&format!("/api/v1/task/{id}/history")).await;
    let events = history.body.as_array().unwrap();
    assert_eq!(events.len(), 1204);
    for (n, event) in events[4..].iter().enumerate() {
        assert_eq!(event["assignee"], json!(n.to_string()));
    }
}
