//! Appends of single events, and the entity after them.

use crate::client::Api;
use axum::http::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn append_returns_event_resource_with_headers() {
    let api = Api::new().await;
    let id = Uuid::now_v7();
    // H1
    let created = api
        .post(json!({"taskId": id, "eventType": "CREATED"}))
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    let event_id = created.body["id"].as_str().unwrap().to_owned();
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("X-TaskEvent-Id"), event_id);
    assert_eq!(
        created.header("location"),
        format!("/api/v1/task_event/{event_id}")
    );
    assert_eq!(created.header("etag"), "\"1\"");
    let mut body = created.body.clone();
    assert!(body["createdTimestamp"].take().as_f64().unwrap() > 1.7e9);
    let request = created.header("x-request-id");
    let metadata =
        json!({"actor": null, "roles": [], "correlationId": request, "causationId": request});
    assert_eq!(
        body,
        json!({"id": event_id, "clock": 1, "createdTimestamp": null, "sequence": 1, "version": 1,
            "parentId": null, "taskId": id, "eventType": "CREATED", "description": null,
            "metadata": metadata})
    );
    // H4: an empty text is a value.
    let assigned = api
        .post(json!({"taskId": id, "eventType": "ASSIGNED", "assignee": ""}))
        .await;
    assert_eq!(assigned.status, StatusCode::CREATED);
    assert_eq!(assigned.body["parentId"], event_id);
    // H56, H84
    let path = format!("/api/v1/task_event/{event_id}");
    assert_eq!(api.get(&path).await.body, created.body);
    let skip = [("X-Response-Skip-Null", "true")];
    let lean = api.call(Method::GET, &path, &skip, String::new()).await;
    let mut members: Vec<&String> = lean.body.as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "clock",
            "createdTimestamp",
            "eventType",
            "id",
            "metadata",
            "sequence",
            "taskId",
            "version"
        ]
    );
    assert_eq!(
        lean.body["metadata"],
        json!({"roles": [], "correlationId": request, "causationId": request})
    );
}

#[tokio::test]
async fn auto_transition_is_stored_but_not_in_response() {
    let api = Api::new().await;
    let id = api.started().await;
    // H20, H21
    let completed = api
        .post(json!({"taskId": id, "eventType": "COMPLETED"}))
        .await;
    assert_eq!(completed.body["eventType"], "COMPLETED");
    assert_eq!(
        completed.header("etag"),
        "\"6\"",
        "where the task stands now"
    );
    let revised = api
        .post(json!({"taskId": id, "eventType": "REVISED"}))
        .await;
    assert_eq!(
        revised.body["message"],
        "Event type 'REVISED' may not follow [ENDED]"
    );
    let parent = completed.body["id"].as_str().unwrap();
    let ended = api
        .get(&format!("/api/v1/task_event?parent_id={parent}"))
        .await;
    assert_eq!(ended.body["items"][0]["eventType"], "ENDED");
}

#[tokio::test]
async fn get_entity_returns_state_data_and_next_events() {
    let api = Api::new().await;
    let id = api.started().await;
    let task = api.get(&format!("/api/v1/task/{id}")).await;
    assert_eq!(
        (task.status, task.header("etag")),
        (StatusCode::OK, "\"4\"")
    );
    let mut body = task.body;
    for time in ["createdAt", "updatedAt"] {
        let text = body.as_object_mut().unwrap().remove(time).unwrap();
        assert_eq!(
            text.as_str().unwrap().len(),
            "2026-04-21T00:00:00.000000Z".len()
        );
    }
    assert_eq!(
        body,
        json!({"id": id, "state": ["STARTED"], "version": 1, "sequence": 4,
        "lastEventType": "STARTED",
        "data": {"description": null, "assignee": "ann", "deadline": "2026-04-21T00:00:00Z"},
        "nextEvents": [
            {"eventType": "REASSIGNED", "requires": ["assignee"], "roles": []},
            {"eventType": "RESCHEDULED", "requires": ["deadline"], "roles": []},
            {"eventType": "REVISED", "requires": [], "roles": []},
            {"eventType": "CANCELED", "requires": [], "roles": []},
            {"eventType": "COMPLETED", "requires": [], "roles": []},
        ]})
    );
}

/// H40, H41: the loser of a race is refused; no payload is dropped in silence.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_appends_store_one_event_and_refuse_others() {
    let api = Api::new().await;
    let id = api.started().await;
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..32 {
        let api = api.clone();
        clients.spawn(async move {
            let assignee = format!("client {number}");
            let event = json!({"taskId": id, "eventType": "REASSIGNED", "assignee": assignee});
            (assignee, api.post(event).await)
        });
    }
    let mut stored = Vec::new();
    for (assignee, answer) in clients.join_all().await {
        if answer.status == StatusCode::CREATED {
            stored.push(assignee);
            continue;
        }
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        assert_eq!(answer.body["retryable"], true);
        assert!(answer.body["actual"].as_u64() > answer.body["expected"].as_u64());
    }
    let query = format!("task_id={id}&event_type=REASSIGNED&limit=100");
    let page = api.get(&format!("/api/v1/task_event?{query}")).await;
    let items = page.body["items"].as_array().unwrap();
    let mut kept: Vec<&str> = items
        .iter()
        .map(|item| item["assignee"].as_str().unwrap())
        .collect();
    kept.sort_unstable();
    stored.sort_unstable();
    assert_eq!(kept, stored);
    assert!(!stored.is_empty());
}

#[tokio::test]
async fn repeated_idempotency_key_replays_first_response() {
    let api = Api::new().await;
    let id = api.started().await;
    let key = [("Idempotency-Key", "k-1")];
    let event = |who: &str| json!({"taskId": id, "eventType": "REASSIGNED", "assignee": who});
    let first = api.post_with(&key, event("bob")).await;
    let second = api.post_with(&key, event("bob")).await;
    assert_eq!(
        (second.status, &second.body),
        (StatusCode::CREATED, &first.body)
    );
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(second.header("idempotency-replayed"), "true");
    let other = api.post_with(&key, event("zoe")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.body["type"], "/problems/idempotency-key-reuse");
}
