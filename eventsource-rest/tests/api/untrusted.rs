//! Bodies that `serde_json` would read in a way of its own, or not at all.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::client::{Answer, Api};

const MARKERS: [&str; 2] = [
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
];

async fn post(api: &Api, body: String) -> Answer {
    let headers = [("content-type", "application/json")];
    api.call(Method::POST, "/api/v1/task_event", &headers, body)
        .await
}

/// Sends bodies that would be parsed level by level, each with a limit of depth of its own.
#[tokio::test]
async fn body_with_reserved_key_is_422_at_any_depth() {
    let api = Api::new().await;
    let inner = format!("{}{}", "[".repeat(3_500), "]".repeat(3_500));
    for marker in MARKERS {
        for body in [
            format!(r#"{{"eventType":"CREATED","description":{{"{marker}":"{inner}"}}}}"#),
            format!(r#"[{{"eventType":"CREATED","a":[{{"b":{{"{marker}":"1"}}}}]}}]"#),
            format!(r#"{{"{marker}":"{{\"eventType\":\"CREATED\"}}"}}"#),
            format!(r#"{{"eventType":"CREATED","\u0024{}":"[]"}}"#, &marker[1..]),
        ] {
            let answer = post(&api, body).await;
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{}",
                answer.text
            );
            let expected =
                format!("The body is not read: the key \"{marker}\" is a reserved name.");
            assert_eq!(answer.body["detail"], expected);
        }
        let headers = [("content-type", "application/json")];
        let body = format!(r#"{{"events":[{{"{marker}":"{inner}"}}]}}"#);
        let path = "/api/v1/task/validate";
        let answer = api.call(Method::POST, path, &headers, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(api.count().await, 0);
}

#[tokio::test]
async fn body_nested_too_deep_is_422() {
    let api = Api::new().await;
    for brackets in [127, 128, 1_000, 1_000_000] {
        let deep = format!("{}{}", "[".repeat(brackets), "]".repeat(brackets));
        let body = format!(r#"{{"eventType":"CREATED","description":{deep}}}"#);
        let answer = post(&api, body).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{brackets}"
        );
        let expected = "The body is not read: the JSON is nested deeper than 127 levels.";
        assert_eq!(answer.body["detail"], expected);
    }
    assert_eq!(api.count().await, 0);
}

#[tokio::test]
async fn body_with_key_twice_is_422() {
    let api = Api::new().await;
    let body = r#"{"eventType":"CREATED","description":"a","description":"b"}"#;
    let answer = post(&api, body.to_owned()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        answer.body["detail"],
        "The body is not read: the key \"description\" is twice in one object."
    );
    let created = api
        .post(json!({"eventType": "CREATED", "description": MARKERS[0]}))
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.body["description"], MARKERS[0]);
    assert_eq!(api.count().await, 1);
}
