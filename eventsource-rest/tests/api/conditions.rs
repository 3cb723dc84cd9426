//! Conditional requests.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Api;

const REFUSED: StatusCode = StatusCode::PRECONDITION_FAILED;

fn reassigned(id: Uuid) -> Value {
    json!({"taskId": id, "eventType": "REASSIGNED", "assignee": "bob"})
}

#[tokio::test]
async fn stale_if_match_is_412_with_expected_and_actual() {
    let api = Api::new().await;
    let id = api.started().await;
    let event = reassigned(id);
    let stale = api.post_with(&[("If-Match", "\"3\"")], event.clone()).await;
    assert_eq!(stale.status, REFUSED);
    assert_eq!(
        (&stale.body["expected"], &stale.body["actual"]),
        (&json!(3), &json!(4))
    );
    assert_eq!(stale.body["type"], "/problems/version-mismatch");
    assert_eq!(stale.body["taskId"], json!(id));
    assert_eq!(
        stale.body["message"],
        format!("The task {id} does not match the condition: it has 4 events.")
    );
    let several = api
        .post_with(&[("If-Match", r#""2", "3""#)], event.clone())
        .await;
    assert_eq!(
        (several.status, &several.body["expected"]),
        (REFUSED, &json!([2, 3]))
    );
    assert_eq!(api.count().await, 4, "nothing was stored");
    let fresh = api.post_with(&[("If-Match", "\"4\"")], event.clone()).await;
    assert_eq!(
        (fresh.status, fresh.header("etag")),
        (StatusCode::CREATED, "\"5\"")
    );
    let one_of = api
        .post_with(&[("If-Match", r#""9", "5""#)], event.clone())
        .await;
    assert_eq!(one_of.status, StatusCode::CREATED);
    let nonsense = api.post_with(&[("If-Match", "six")], event.clone()).await;
    assert_eq!(
        nonsense.faults(),
        [(
            "if-match".to_owned(),
            "Not a sequence in quotes, such as \"3\".".to_owned()
        )]
    );
    // RFC 9110, 13.1.1: a weak tag never matches.
    let weak = api.post_with(&[("If-Match", "W/\"6\"")], event).await;
    assert_eq!((weak.status, &weak.body["actual"]), (REFUSED, &json!(6)));
}

#[tokio::test]
async fn if_match_star_requires_existing_entity_and_if_none_match_star_new_one() {
    let api = Api::new().await;
    let id = api.started().await;
    let created = json!({"taskId": Uuid::now_v7(), "eventType": "CREATED"});
    for (header, event, status) in [
        ("If-Match", created.clone(), REFUSED),
        ("If-None-Match", reassigned(id), REFUSED),
        ("If-Match", reassigned(id), StatusCode::CREATED),
        ("If-None-Match", created.clone(), StatusCode::CREATED),
        // It is there by now; that its first event may not come again is told after that.
        ("If-None-Match", created, REFUSED),
    ] {
        let answer = api.post_with(&[(header, "*")], event.clone()).await;
        assert_eq!(answer.status, status, "{header}: * for {event}");
    }
}

#[tokio::test]
async fn get_with_current_if_none_match_is_304() {
    let api = Api::new().await;
    let id = api.started().await;
    for path in [
        format!("/api/v1/task/{id}"),
        format!("/api/v1/task/{id}/history"),
    ] {
        let same = api.get_with(&path, &[("If-None-Match", "W/\"4\"")]).await;
        assert_eq!(
            (same.status, same.header("etag"), same.text.as_str()),
            (StatusCode::NOT_MODIFIED, "\"4\"", ""),
            "{path}"
        );
        let other = api.get_with(&path, &[("If-None-Match", "\"3\"")]).await;
        assert_eq!(
            (other.status, other.header("etag")),
            (StatusCode::OK, "\"4\""),
            "{path}"
        );
    }
}

/// Each accepted append is in the history exactly once, and the others are refused.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_appends_with_same_if_match_store_one_event() {
    let api = Api::new().await;
    let id = api.started().await;
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..2 {
        let (api, barrier) = (api.clone(), barrier.clone());
        clients.spawn(async move {
            let mut accepted = Vec::new();
            for round in 0..100 {
                barrier.wait().await;
                let task = api.get(&format!("/api/v1/task/{id}")).await;
                let seen = task.header("etag").to_owned();
                // Both have seen the same.
                barrier.wait().await;
                let assignee = format!("{client} in {round}");
                let event = json!({"taskId": id, "eventType": "REASSIGNED", "assignee": assignee});
                let answer = api.post_with(&[("If-Match", &seen)], event).await;
                match answer.status {
                    StatusCode::CREATED => accepted.push(assignee),
                    status => assert_eq!(status, REFUSED, "{}", answer.body),
                }
            }
            accepted
        });
    }
    let mut accepted: Vec<String> = clients.join_all().await.into_iter().flatten().collect();
    assert_eq!(accepted.len(), 100, "one of two each time");
    let history = api.get(&format!("/api/v1/task/{id}/history")).await;
    let events = history.body.as_array().unwrap().iter().skip(4);
    let mut stored: Vec<&str> = events
        .map(|event| event["assignee"].as_str().unwrap())
        .collect();
    stored.sort_unstable();
    accepted.sort_unstable();
    assert_eq!(stored, accepted);
}
