//! Searches for events: filters, orders and pages (M26, M27).

use crate::client::Api;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn event_search_filters_and_pages() {
    let api = Api::new().await;
    let id = api.started().await;
    api.started().await;
    // H60, H61, H63
    let all = api.get("/api/v1/task_event").await;
    let page = |body: &Value| {
        [&body["count"], &body["limit"], &body["offset"]].map(serde_json::Value::as_u64)
    };
    assert_eq!(page(&all.body), [Some(8), Some(20), Some(0)]);
    assert_eq!(all.header("x-total-count"), "8");
    let of_task = format!("/api/v1/task_event?task_id={id}&limit=3&sort_by_clock=true");
    let first = api.get(&of_task).await;
    let items = first.body["items"].as_array().unwrap();
    let types: Vec<&str> = items
        .iter()
        .map(|item| item["eventType"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["STARTED", "SCHEDULED", "ASSIGNED"]);
    let base = "/api/v1/task_event";
    let query = format!("sort_by_clock=true&task_id={id}");
    let link = |offset: u32| json!({"href": format!("{base}?offset={offset}&limit=3&{query}")});
    assert_eq!(
        first.body["_links"],
        json!({"self": link(0), "next": link(3)})
    );
    // H64: no negative offset.
    let last = api.get(&format!("{of_task}&offset=2")).await;
    assert_eq!(
        last.body["_links"],
        json!({"self": link(2), "prev": link(0)})
    );
    // H65 to H69, H79
    for (query, count) in [
        (format!("task_id={id}&event_type=STARTED"), 1),
        (format!("task_id={id}&version=1"), 4),
        (format!("task_id={id}&version=2"), 0),
        ("min_clock=2&max_clock=3".to_owned(), 2),
        ("clock=2".to_owned(), 1),
        (format!("task_id={}", Uuid::now_v7()), 0),
    ] {
        let found = api.get(&format!("/api/v1/task_event?{query}")).await;
        assert_eq!(found.body["count"], count, "{query}");
    }
    // H71
    let ascending = "/api/v1/task_event?sort_by_clock=true&sort_clock_in_ascending_order=true";
    assert_eq!(api.get(ascending).await.body["items"][0]["clock"], 1);
    // Links repeat what was understood, not what was written.
    let odd = api
        .get("/api/v1/task_event?clock=%2B1&sort_by_clock=YES")
        .await;
    let link = format!("{base}?offset=0&limit=20&clock=1&sort_by_clock=true");
    assert_eq!(odd.body["_links"]["self"]["href"], link);
    // H80, H82, H83
    let none = api.get("/api/v1/task_event?limit=0").await;
    assert_eq!(
        (&none.body["items"], &none.body["count"]),
        (&json!([]), &json!(8))
    );
    let limit = [("X-Request-Limit", "2")];
    let two = api
        .call(Method::GET, "/api/v1/task_event", &limit, String::new())
        .await;
    assert_eq!(two.body["items"].as_array().unwrap().len(), 2);
    let head = api
        .call(Method::HEAD, "/api/v1/task_event", &[], String::new())
        .await;
    assert_eq!(
        (head.status, head.header("x-total-count")),
        (StatusCode::OK, "8")
    );
    assert_eq!(head.body, Value::Null);
}

#[tokio::test]
async fn event_search_with_invalid_parameters_is_422() {
    let api = Api::new().await;
    // H72, H74 to H78, H81
    for (query, errors) in [
        ("foo=bar", json!({"foo": ["Unknown field."]})),
        ("taskId=xyz", json!({"taskId": ["Unknown field."]})),
        ("task_id=xyz", json!({"task_id": ["Not a valid UUID."]})),
        ("limit=x", json!({"limit": ["Not a valid integer."]})),
        (
            "limit=-1",
            json!({"limit": ["Must be greater than or equal to 0."]}),
        ),
        (
            "limit=1001",
            json!({"limit": ["Must be less than or equal to 1000."]}),
        ),
        (
            "event_type=NOPE",
            json!({"event_type": ["Invalid enum member NOPE"]}),
        ),
        (
            "sort_by_clock=maybe",
            json!({"sort_by_clock": ["Not a valid boolean."]}),
        ),
        (
            "sort_clock_in_ascending_order=true",
            json!({"_schema": ["sort_by_clock must be set if sort_clock_in_ascending_order is set"]}),
        ),
        (
            "a=1&b=2",
            json!({"a": ["Unknown field."], "b": ["Unknown field."]}),
        ),
    ] {
        let answer = api.get(&format!("/api/v1/task_event?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.body["context"]["errors"], errors, "{query}");
    }
    let fine = api
        .get("/api/v1/task_event?sort_clock_in_ascending_order=false")
        .await;
    assert_eq!(fine.status, StatusCode::OK, "H73");
}
