//! Lists of events, and entities whose ids the store chooses.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Api;

fn types(body: &Value) -> Vec<&str> {
    let events = body.as_array().unwrap().iter();
    events
        .map(|event| event["eventType"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn initial_event_without_id_creates_entity() {
    let api = Api::new().await;
    let created = api.post(json!({"eventType": "CREATED"})).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let id: Uuid = created.body["taskId"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 7);
    let task = api.get(&format!("/api/v1/task/{id}")).await;
    assert_eq!(task.body["state"], json!(["CREATED"]));
    // Any other needs one.
    let started = api.post(json!({"eventType": "STARTED"})).await;
    assert_eq!(
        started.faults(),
        [(
            "taskId".to_owned(),
            "Missing data for required field.".to_owned()
        )]
    );
}

#[tokio::test]
async fn list_of_several_entities_is_stored_in_order() {
    let api = Api::new().await;
    let other = api.started().await;
    let answer = api
        .post(json!([
            {"eventType": "CREATED", "description": "first"},
            {"taskId": other, "eventType": "COMPLETED"},
            {"eventType": "ASSIGNED", "assignee": "ann"},
            {"eventType": "CREATED", "description": "second"},
            {"eventType": "SCHEDULED", "deadline": "2026-04-21T00:00:00Z"},
        ]))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    // Without ENDED, which follows by itself.
    assert_eq!(
        types(&answer.body),
        ["CREATED", "COMPLETED", "ASSIGNED", "CREATED", "SCHEDULED"]
    );
    let ids: Vec<&Value> = (0..5)
        .map(|number| &answer.body[number]["taskId"])
        .collect();
    assert_eq!((ids[1], ids[2], ids[4]), (&json!(other), ids[0], ids[3]));
    assert_ne!(ids[0], ids[3]);
    assert_eq!(
        answer.header("etag"),
        "",
        "of several entities there is no one sequence"
    );
    assert_eq!(api.count().await, 4 + 6);
}

#[tokio::test]
async fn list_with_illegal_event_stores_nothing() {
    let api = Api::new().await;
    let id = api.started().await;
    for last in [
        json!({"taskId": id, "eventType": "STARTED"}),
        json!({"taskId": id, "eventType": "REASSIGNED"}),
        json!(7),
    ] {
        let list = json!([
            {"eventType": "CREATED"},
            {"taskId": id, "eventType": "REASSIGNED", "assignee": "bob"},
            last,
        ]);
        let answer = api.post(list).await;
        assert!(answer.status.is_client_error(), "{}", answer.body);
        assert_eq!(api.count().await, 4, "{last}");
    }
}

#[tokio::test]
async fn list_with_faults_reports_pointer_of_each() {
    let api = Api::new().await;
    let answer = api
        .post(json!([
            {"eventType": "CREATED", "foo": 1},
            {"taskId": "x", "eventType": "SCHEDULED", "deadline": "soon"},
            [],
        ]))
        .await;
    let errors = answer.body["context"]["errors"].as_array().unwrap();
    let places: Vec<&str> = errors
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["/0/foo", "/1/deadline", "/1/taskId", "/2"]);
    assert!(
        answer.body["detail"]
            .as_str()
            .unwrap()
            .starts_with("/0/foo: Unknown field.; /1/deadline:"),
        "{}",
        answer.body["detail"]
    );
}

#[tokio::test]
async fn list_of_one_entity_returns_etag_and_accepts_if_match() {
    let api = Api::new().await;
    let id = api.started().await;
    let path = format!("/api/v1/task/{id}/task_event");
    let list = json!([
        {"eventType": "REASSIGNED", "assignee": "bob"},
        {"taskId": id, "eventType": "COMPLETED"},
    ]);
    let stale = [("If-Match", "\"3\"")];
    let refused = api.post_to(&path, &stale, list.clone()).await;
    assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED);
    let fresh = [("If-Match", "\"4\"")];
    let stored = api.post_to(&path, &fresh, list).await;
    assert_eq!(types(&stored.body), ["REASSIGNED", "COMPLETED"]);
    assert_eq!(stored.header("etag"), "\"7\"", "with ENDED");
    assert_eq!(stored.header("location"), format!("/api/v1/task/{id}"));
    let several = json!([{"eventType": "CREATED"}, {"eventType": "CREATED"}]);
    let answer = api.post_with(&fresh, several).await;
    assert_eq!(answer.faults()[0].0, "if-match");
}

#[tokio::test]
async fn append_to_path_entity_rejects_other_entity_in_body() {
    let api = Api::new().await;
    let id = api.started().await;
    let path = format!("/api/v1/task/{id}/task_event");
    let event = json!({"eventType": "REASSIGNED", "assignee": "bob"});
    let stored = api.post_to(&path, &[], event).await;
    assert_eq!(
        (stored.status, &stored.body["taskId"]),
        (StatusCode::CREATED, &json!(id))
    );
    let other = json!({"taskId": Uuid::now_v7(), "eventType": "COMPLETED"});
    let refused = api.post_to(&path, &[], other).await;
    assert_eq!(
        refused.faults(),
        [(
            "taskId".to_owned(),
            "Not the entity of the request.".to_owned()
        )]
    );
    let nothing = api
        .post_to("/api/v1/task/xyz/task_event", &[], json!({}))
        .await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    let new = Uuid::now_v7();
    let path = format!("/api/v1/task/{new}/task_event");
    let created = api
        .post_to(&path, &[], json!({"eventType": "CREATED"}))
        .await;
    assert_eq!(created.body["taskId"], json!(new));
}

#[tokio::test]
async fn repeated_key_of_creation_replays_first_response() {
    let api = Api::new().await;
    let key = [("Idempotency-Key", "k-1")];
    let list =
        |who: &str| json!([{"eventType": "CREATED"}, {"eventType": "ASSIGNED", "assignee": who}]);
    let first = api.post_with(&key, list("ann")).await;
    let id = first.body[0]["taskId"].as_str().unwrap();
    // What happens meanwhile does not matter.
    let event = json!({"taskId": id, "eventType": "REVISED"});
    api.post(event).await;
    let second = api.post_with(&key, list("ann")).await;
    assert_eq!((second.status, &second.body), (first.status, &first.body));
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.header("etag"), first.header("etag"));
    let other = api.post_with(&key, list("zoe")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(api.count().await, 3);
}

/// The entity may have changed since the first request.
#[tokio::test]
async fn repeated_key_with_stale_if_match_replays_first_response() {
    let api = Api::new().await;
    let id = api.started().await;
    let headers = [("Idempotency-Key", "k-1"), ("If-Match", "\"4\"")];
    let event = json!({"taskId": id, "eventType": "REASSIGNED", "assignee": "bob"});
    let first = api.post_with(&headers, event.clone()).await;
    let second = api.post_with(&headers, event.clone()).await;
    assert_eq!(
        (second.status, second.body),
        (StatusCode::CREATED, first.body)
    );
    let late = api.post_with(&headers[1..], event).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
}
