//! Refused appends and unknown paths.

use crate::client::Api;
use axum::http::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[tokio::test]
async fn illegal_event_is_403_with_legal_event_types() {
    let api = Api::new().await;
    let id = Uuid::now_v7();
    // H22
    let initial = api
        .post(json!({"taskId": id, "eventType": "STARTED"}))
        .await;
    assert_eq!(initial.status, StatusCode::FORBIDDEN);
    assert_eq!(
        initial.body["message"],
        "Event type 'STARTED' may not be initial"
    );
    assert_eq!(initial.body["legal"], json!(["CREATED"]));
    // H6
    api.post(json!({"taskId": id, "eventType": "CREATED"}))
        .await;
    let early = api
        .post(json!({"taskId": id, "eventType": "STARTED"}))
        .await;
    assert_eq!(early.status, StatusCode::FORBIDDEN);
    assert_eq!(early.header("content-type"), "application/problem+json");
    assert_eq!(
        early.body,
        json!({
            "type": "/problems/illegal-state-transition", "title": "Illegal transition",
            "status": 403, "detail": "Event type 'STARTED' may not follow [CREATED]",
            "code": 403, "message": "Event type 'STARTED' may not follow [CREATED]",
            "retryable": false, "context": {"errors": []},
            "event": "STARTED", "state": ["CREATED"],
            "legal": ["ASSIGNED", "SCHEDULED", "REVISED"],
        })
    );
    assert_eq!(
        api.get("/api/v1/task_event").await.body["count"],
        1,
        "nothing was stored"
    );
}

#[tokio::test]
async fn append_with_invalid_body_reports_all_faults() {
    let api = Api::new().await;
    let id = Uuid::now_v7();
    let missing = owned(&[
        ("eventType", "Missing data for required field."),
        ("taskId", "Missing data for required field."),
    ]);
    // H24 to H27
    for body in ["{}", "{nope", "", "[]"] {
        let answer = api
            .call(Method::POST, "/api/v1/task_event", &[], body.to_owned())
            .await;
        assert_eq!(answer.faults(), missing, "{body}");
    }
    for (body, faults) in [
        // H2, H3, H8: before the transition is looked at.
        (
            json!({"taskId": id, "eventType": "ASSIGNED"}),
            owned(&[("assignee", "Event type 'ASSIGNED' requires 'assignee'")]),
        ),
        (
            json!({"taskId": id, "eventType": "ASSIGNED", "assignee": null}),
            owned(&[("assignee", "Event type 'ASSIGNED' requires 'assignee'")]),
        ),
        // H28, H29, H30, H31, H35
        (
            json!({"taskId": id, "eventType": "NOPE"}),
            owned(&[("eventType", "Invalid enum member NOPE")]),
        ),
        (
            json!({"taskId": id, "eventType": "created"}),
            owned(&[("eventType", "Invalid enum member created")]),
        ),
        (
            json!({"taskId": id, "eventType": "all_states"}),
            owned(&[("eventType", "Invalid enum member all_states")]),
        ),
        (
            json!({"taskId": id, "eventType": 7}),
            owned(&[("eventType", "Invalid enum member 7")]),
        ),
        (
            json!({"taskId": id, "eventType": null}),
            owned(&[("eventType", "Field may not be null.")]),
        ),
        // H32, H33, H37
        (
            json!({"taskId": "xyz", "eventType": "CREATED", "version": 9, "foo": 1}),
            owned(&[
                ("foo", "Unknown field."),
                ("taskId", "Not a valid UUID."),
                ("version", "Unknown field."),
            ]),
        ),
        // H34
        (
            json!({"taskId": id, "eventType": "SCHEDULED", "deadline": "not-a-date"}),
            owned(&[("deadline", "input contains invalid characters")]),
        ),
        // Here an event carries its own fields only (H13 differs).
        (
            json!({"taskId": id, "eventType": "CREATED", "assignee": "ann"}),
            owned(&[(
                "assignee",
                "Event type 'CREATED' does not have the field 'assignee'",
            )]),
        ),
    ] {
        assert_eq!(api.post(body.clone()).await.faults(), faults, "{body}");
    }
    assert_eq!(api.get("/api/v1/task_event").await.body["count"], 0);
    let large = format!(r#"{{"taskId": "{}"}}"#, "x".repeat(3_000_000));
    let answer = api
        .call(Method::POST, "/api/v1/task_event", &[], large)
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn append_with_nul_is_422() {
    let api = Api::new().await;
    let id = api.started().await;
    let event = |who: &str| json!({"taskId": id, "eventType": "REASSIGNED", "assignee": who});
    let nul = api.post(event("a\u{0}b")).await;
    assert_eq!(nul.status, StatusCode::UNPROCESSABLE_ENTITY);
    let message = "the field \"assignee\" of 'REASSIGNED' has the character U+0000";
    assert_eq!(nul.body["message"], message);
}

#[tokio::test]
async fn unknown_path_is_404_and_unsupported_method_is_405() {
    let api = Api::new().await;
    let ghost = Uuid::now_v7();
    // H58, H59, H105
    for path in [
        format!("/api/v1/task_event/{ghost}"),
        "/api/v1/task_event/xyz".to_owned(),
        format!("/api/v1/task/{ghost}"),
        "/api/v1/task/%ff".to_owned(),
        "/api/v1/nope".to_owned(),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    // X3, X34: the log has no PUT and no DELETE (H85 to H104 differ).
    for (method, path) in [
        (Method::PUT, "/api/v1/task_event".to_owned()),
        (Method::DELETE, format!("/api/v1/task_event/{ghost}")),
        (Method::PATCH, format!("/api/v1/task_event/{ghost}")),
        (Method::POST, format!("/api/v1/task/{ghost}")),
    ] {
        let answer = api.call(method, &path, &[], "{}".to_owned()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.header("allow").contains("GET"), "{path}");
        assert_eq!(answer.body["code"], 405);
    }
}

#[tokio::test]
async fn idempotency_key_that_is_too_long_or_given_twice_is_422() {
    let api = Api::new().await;
    let created = || json!({"eventType": "CREATED"});
    let long = "k".repeat(256);
    for headers in [
        &[("Idempotency-Key", long.as_str())][..],
        &[("Idempotency-Key", "k-1"), ("Idempotency-Key", "k-2")],
        &[("Idempotency-Key", "")],
    ] {
        let answer = api.post_with(headers, created()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            answer.body["context"]["errors"][0]["field"], "idempotency-key",
            "{}",
            answer.body
        );
    }
    assert_eq!(api.count().await, 0);
    let answer = api
        .post_with(&[("Idempotency-Key", &long[1..])], created())
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
}
