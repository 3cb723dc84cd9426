//! Request ids, limits, compression, CORS and metrics.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use eventsource_core::{EntityId, EventStore, Store};
use eventsource_rest::{BeforeAppend, CorsLayer, Limits, Problem, Proposed, Service};
use serde_json::json;
use tasks::TaskEvent;
use tokio::sync::Notify;
use tower::ServiceExt;
use uuid::Uuid;

use crate::client::Api;

pub async fn tasks() -> EventStore<TaskEvent> {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap()
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn request_id_and_trace_are_stored_in_metadata() {
    let tasks = tasks().await;
    let api = Api::of(Service::new().mount(tasks.clone()));
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let given = [
        ("x-request-id", "order-7"),
        ("traceparent", parent.as_str()),
    ];
    let mut kept = Vec::new();
    for headers in [&given[..], &given[..1], &[]] {
        let id = Uuid::now_v7();
        let body = json!({"taskId": id, "eventType": "CREATED"});
        let answer = api.post_with(headers, body).await;
        let history = tasks.history(EntityId::from(id)).await.unwrap();
        let metadata = history[0].metadata.clone();
        let request = answer.header("x-request-id").to_owned();
        kept.push((request, metadata.correlation_id, metadata.causation_id));
    }
    let order = Some("order-7".to_owned());
    let traced = ("order-7".to_owned(), Some(TRACE.to_owned()), order.clone());
    assert_eq!(kept[0], traced);
    assert_eq!(kept[1], ("order-7".to_owned(), order.clone(), order));
    let (made, correlation, causation) = &kept[2];
    assert!(Uuid::parse_str(made).is_ok());
    assert_eq!(
        (correlation.as_ref(), causation.as_ref()),
        (Some(made), Some(made))
    );
}

#[tokio::test]
async fn problem_response_has_request_id_and_invalid_request_id_is_replaced() {
    let api = Api::new().await;
    let answer = api
        .get_with("/api/v1/task_event?nope=1", &[("x-request-id", "a b")])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(Uuid::parse_str(answer.header("x-request-id")).is_ok());
}

/// Check that delays appends until it is notified, or for ever.
pub struct Held {
    pub begun: Arc<Notify>,
    pub go_on: Arc<Notify>,
}

impl BeforeAppend<TaskEvent> for Held {
    async fn check(&self, _: &Proposed<'_, TaskEvent>) -> Result<(), Problem> {
        self.begun.notify_one();
        self.go_on.notified().await;
        Ok(())
    }
}

struct Panics;

impl BeforeAppend<TaskEvent> for Panics {
    async fn check(&self, _: &Proposed<'_, TaskEvent>) -> Result<(), Problem> {
        panic!("the secret is 42");
    }
}

#[tokio::test]
async fn request_over_timeout_is_503_and_can_be_repeated() {
    let limits = Limits {
        request_timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let held = Held {
        begun: Arc::default(),
        go_on: Arc::default(),
    };
    let tasks = tasks().await;
    let service = Service::new().mount(tasks.clone()).limits(limits);
    let api = Api::of(service.before_append(held));
    let answer = api.post(json!({"eventType": "CREATED"})).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body["type"], "/problems/timed-out");
    assert_eq!(answer.body["retryable"], true);
    assert_eq!(answer.header("retry-after"), "1");
    // Not by the service, which would time out too on a busy machine.
    assert_eq!(tasks.search().limit(0).await.unwrap().total, Some(0));
}

#[tokio::test]
async fn request_over_max_in_flight_is_503_while_health_is_200() {
    let limits = Limits {
        max_in_flight: 1,
        ..Limits::default()
    };
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held {
        begun: Arc::clone(&begun),
        go_on: Arc::clone(&go_on),
    };
    let service = Service::new().mount(tasks().await).limits(limits);
    let api = Api::of(service.before_append(held));
    let first = tokio::spawn({
        let api = api.clone();
        async move { api.post(json!({"eventType": "CREATED"})).await.status }
    });
    begun.notified().await;
    let second = api.get("/api/v1/task_event").await;
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(second.body["type"], "/problems/overloaded");
    assert_eq!(second.header("retry-after"), "1");
    assert_eq!(api.get("/api/health").await.status, StatusCode::OK);
    go_on.notify_one();
    assert_eq!(first.await.unwrap(), StatusCode::CREATED);
    assert_eq!(api.count().await, 1);
}

#[tokio::test]
async fn panic_is_500_without_its_message() {
    let api = Api::of(Service::new().mount(tasks().await).before_append(Panics));
    let answer = api.post(json!({"eventType": "CREATED"})).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(!answer.text.contains("42"), "{}", answer.text);
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn responses_are_compressed_but_streams_are_not() {
    let api = Api::new().await;
    let id = api.started().await;
    let packed = async |path: &str, accept: &str| {
        let request = Request::get(path).header("accept-encoding", accept);
        let request = request.body(Body::empty()).unwrap();
        let answer = api.router().oneshot(request).await.unwrap();
        let header = answer.headers().get("content-encoding");
        header.map(|value| value.to_str().unwrap().to_owned())
    };
    let history = format!("/api/v1/task/{id}/history");
    assert_eq!(packed(&history, "gzip").await.as_deref(), Some("gzip"));
    assert_eq!(
        packed(&history, "br, gzip;q=0.5").await.as_deref(),
        Some("br")
    );
    assert_eq!(packed(&history, "identity").await, None);
    let stream = format!("/api/v1/task/{id}/stream");
    assert_eq!(packed(&stream, "gzip").await, None);
}

#[tokio::test]
async fn cors_headers_only_if_configured() {
    let asked = async |api: &Api| {
        let headers = [
            ("origin", "https://other.example"),
            ("access-control-request-method", "POST"),
        ];
        let path = "/api/v1/task_event";
        let answer = api
            .call(Method::OPTIONS, path, &headers, String::new())
            .await;
        answer.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(asked(&Api::new().await).await, "");
    let open = Service::new()
        .mount(tasks().await)
        .cors(CorsLayer::permissive());
    assert_eq!(asked(&Api::of(open)).await, "*");
}

#[tokio::test]
async fn metrics_count_requests_appends_and_problems() {
    let api = Api::new().await;
    let id = api.started().await;
    api.post(json!({"taskId": id, "eventType": "COMPLETED"}))
        .await;
    api.post(json!({"taskId": id, "eventType": "STARTED"}))
        .await;
    api.get("/api/v1/task/nope").await;
    let metrics = api.get("/metrics").await;
    let lines: Vec<&str> = metrics.text.lines().collect();
    for line in [
        r#"eventsource_requests_total{method="POST",route="/api/v1/task_event",status="201"} 5"#,
        r#"eventsource_requests_total{method="POST",route="/api/v1/task_event",status="403"} 1"#,
        r#"eventsource_requests_total{method="GET",route="/api/v1/task/{id}",status="404"} 1"#,
        r#"eventsource_appended_events_total{event_type="ENDED",outcome="stored"} 1"#,
        r#"eventsource_appended_events_total{event_type="STARTED",outcome="stored"} 1"#,
        r#"eventsource_appended_events_total{event_type="STARTED",outcome="illegal-state-transition"} 1"#,
        r#"eventsource_problems_total{kind="not-found"} 1"#,
        "eventsource_open_streams 0",
        r#"eventsource_request_seconds_count{method="POST",route="/api/v1/task_event"} 6"#,
    ] {
        assert!(lines.contains(&line), "{line}\n{}", metrics.text);
    }
}
