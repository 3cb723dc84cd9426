//! What a request may hold, and what is repeated of it, is bounded.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use eventsource_core::Store;
use eventsource_rest::{Limits, Service};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use tasks::TaskEvent;
use tower::ServiceExt;

use crate::client::Api;

async fn api_with(limits: Limits) -> Api {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    Api::of(Service::new().mount(tasks).limits(limits))
}

/// Returns an event with this many fields that no event has.
fn unknown_fields(fields: usize) -> Value {
    let fields = (0..fields).map(|field| (format!("x{field:04}"), json!(1)));
    let mut event: Map<String, Value> = fields.collect();
    event.insert("eventType".to_owned(), json!("CREATED"));
    event.into()
}

#[tokio::test]
async fn faults_of_a_body_are_the_first_hundred() {
    let api = Api::new().await;
    let answer = api.post(unknown_fields(100)).await;
    assert_eq!(answer.faults().len(), 100);
    assert_eq!(answer.body["context"]["hasMore"], Value::Null);
    for body in [
        unknown_fields(101),
        Value::from(vec![unknown_fields(60); 3]),
    ] {
        let answer = api.post(body).await;
        assert_eq!(answer.faults().len(), 100);
        assert_eq!(answer.body["context"]["hasMore"], true);
    }
}

#[tokio::test]
async fn faults_of_a_dry_run_are_a_hundred_over_all_events() {
    let api = Api::new().await;
    let body = json!({ "events": vec![unknown_fields(60); 3] });
    let answer = api.post_to("/api/v1/task/validate", &[], body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let of_event = |event: usize| {
        let context = &answer.body["events"][event]["problem"]["context"];
        let errors = context["errors"].as_array().unwrap().len();
        (errors, context["hasMore"] == true)
    };
    assert_eq!(
        [of_event(0), of_event(1), of_event(2)],
        [(60, false), (40, true), (0, true)]
    );
    assert_eq!(answer.body["events"][2]["legal"], false);
}

#[tokio::test]
async fn long_texts_are_not_repeated_in_full() {
    let api = Api::new().await;
    let long = "ü".repeat(50_000);
    let mut named = json!({"eventType": "CREATED"});
    named[&long] = json!(1);
    for body in [
        json!({ "eventType": long }),
        json!({"eventType": "CREATED", "taskId": long}),
        named,
    ] {
        let answer = api.post(body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.len() < 4096, "{}", answer.text.len());
        let dry_run = json!({ "events": [body] });
        let answer = api.post_to("/api/v1/task/validate", &[], dry_run).await;
        assert!(answer.text.len() < 4096, "{}", answer.text.len());
    }
}

#[tokio::test]
async fn queries_and_conditions_have_a_length() {
    let api = Api::new().await;
    let many = |count: usize| {
        let parameters: Vec<String> = (0..count).map(|number| format!("p{number}=1")).collect();
        format!("/api/v1/task_event?{}", parameters.join("&"))
    };
    let long = |length: usize| format!("/api/v1/task_event?parent_id={}", "a".repeat(length));
    for (path, field) in [
        (many(100), "p0"),
        (many(101), "_schema"),
        (long(10_000), "parent_id"),
        (long(20_000), "_schema"),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let errors = &answer.body["context"]["errors"];
        assert!(errors[field].is_array(), "{field}: {errors}");
    }
    let id = api.started().await;
    let tags = |count: usize| vec!["\"4\""; count].join(",");
    for (tags, status) in [
        (tags(100), StatusCode::CREATED),
        (tags(101), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let body = json!({"taskId": id, "eventType": "REASSIGNED", "assignee": "bob"});
        let answer = api.post_with(&[("if-match", &tags)], body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn answers_that_nobody_reads_are_bounded() {
    let api = api_with(Limits {
        max_unread_bytes: 1024 * 1024,
        ..Limits::default()
    })
    .await;
    let large = "a".repeat(600_000);
    let body = json!({"eventType": "CREATED", "description": large});
    let id = api.post(body).await.body["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/task_event/{id}");
    let get = || async {
        let request = Request::get(&path).header("host", "localhost");
        let request = request.body(Body::empty()).unwrap();
        api.router().oneshot(request).await.unwrap()
    };
    let unread = get().await;
    assert_eq!(unread.status(), StatusCode::OK);
    for path in [
        path.as_str(),
        "/api/v1/task_event",
        "/api/v1/task_event/stream",
    ] {
        let busy = api.get(path).await;
        assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(busy.body["type"], "/problems/too-much-unread");
        assert_eq!(busy.header("retry-after"), "1");
    }
    assert_eq!(api.get("/api/v1/task?limit=1").await.status, StatusCode::OK);
    unread.into_body().collect().await.unwrap();
    assert_eq!(get().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn large_page_is_sent_in_parts_and_breaks_off_visibly() {
    let api = api_with(Limits {
        max_unread_bytes: 1024 * 1024,
        ..Limits::default()
    })
    .await;
    for number in 0..5 {
        let large = format!("{number}{}", "a".repeat(300_000));
        let body = json!({"eventType": "CREATED", "description": large});
        assert_eq!(api.post(body).await.status, StatusCode::CREATED);
    }
    let path = "/api/v1/task_event?sort_by_clock=true&limit=1000";
    let open = || async {
        let request = Request::get(path).header("host", "localhost");
        let request = request.body(Body::empty()).unwrap();
        let answer = api.router().oneshot(request).await.unwrap();
        assert_eq!(answer.headers()["x-total-count"], "5");
        answer.into_body()
    };
    // As a client reads it: nothing is kept.
    let mut body = open().await;
    let mut text = String::new();
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        text.push_str(std::str::from_utf8(&data).unwrap());
    }
    let page: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["count"], 5);
    let items = page["items"].as_array().unwrap();
    let first_letters: Vec<&str> = items
        .iter()
        .map(|item| &item["description"].as_str().unwrap()[..1])
        .collect();
    assert_eq!(first_letters, ["4", "3", "2", "1", "0"]);
    let links: Vec<&String> = page["_links"].as_object().unwrap().keys().collect();
    assert_eq!(links, ["self"]);
    let by_cursor = api.get("/api/v1/task_event?after=1&limit=2").await.body;
    let second = by_cursor["items"][1]["clock"].as_u64().unwrap();
    let next = by_cursor["_links"]["next"]["href"].as_str().unwrap();
    assert!(next.ends_with(&format!("&after={second}")), "{next}");
    let head = api.call(Method::HEAD, path, &[], String::new()).await;
    assert_eq!(
        (head.header("x-total-count"), head.text.as_str()),
        ("5", "")
    );

    // A body that is kept whole exceeds the unread bytes of the service.
    let kept = open().await.collect().await;
    assert!(kept.is_err());
}
