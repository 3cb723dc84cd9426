//! Streams of server-sent events.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use eventsource_core::Store;
use eventsource_rest::{Limits, Service, Shutdown};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tasks::TaskEvent;
use tower::ServiceExt;
use uuid::Uuid;

use crate::client::Api;

/// Longest time to wait for an expected frame.
const PATIENCE: Duration = Duration::from_mins(3);

/// Client of a stream.
pub struct Client {
    body: Body,
    text: String,
}

impl Client {
    pub async fn open(api: &Api, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let answer = api.router().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self {
            body: answer.into_body(),
            text: String::new(),
        }
    }

    /// Returns the next frame as text; `None` at the end.
    pub async fn frame(&mut self) -> Option<String> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let frame = frame.to_owned();
                self.text = rest.to_owned();
                return Some(frame);
            }
            let next = tokio::time::timeout(PATIENCE, self.body.frame());
            let data = next.await.expect("something comes in time")?;
            let data = data.unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }

    /// Returns the id and the data of the next event.
    pub async fn event(&mut self) -> (u64, Value) {
        loop {
            let frame = self.frame().await.expect("the stream goes on");
            let field = |name: &str| {
                let mut lines = frame.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            if let (Some(id), Some(data)) = (field("id"), field("data")) {
                return (id.parse().unwrap(), serde_json::from_str(data).unwrap());
            }
        }
    }

    async fn ids(&mut self, events: usize) -> Vec<u64> {
        let mut ids = Vec::new();
        for _ in 0..events {
            ids.push(self.event().await.0);
        }
        ids
    }
}

fn reassigned(id: Uuid, who: impl Into<Value>) -> Value {
    json!({"taskId": id, "eventType": "REASSIGNED", "assignee": who.into()})
}

#[tokio::test]
async fn stream_sends_stored_events_then_new_ones() {
    let api = Api::new().await;
    let (one, other) = (api.started().await, api.started().await);
    let mut all = Client::open(&api, "/api/v1/task_event/stream", &[]).await;
    let path = format!("/api/v1/task/{other}/stream");
    let mut of_other = Client::open(&api, &path, &[]).await;
    assert_eq!(all.ids(8).await, (1..=8).collect::<Vec<u64>>());
    assert_eq!(of_other.ids(4).await, [1, 2, 3, 4]);
    api.post(reassigned(one, "bob")).await;
    let stored = api.post(reassigned(other, "zoe")).await;
    assert_eq!(all.event().await.1["assignee"], "bob");
    assert_eq!(all.event().await, (10, stored.body.clone()));
    // Its ids are the sequences of the entity.
    assert_eq!(of_other.event().await, (5, stored.body));
}

#[tokio::test]
async fn stream_resumes_after_last_event_id() {
    let api = Api::new().await;
    let id = api.started().await;
    api.post(json!({"taskId": id, "eventType": "COMPLETED"}))
        .await;
    for (path, last) in [
        ("/api/v1/task_event/stream".to_owned(), 6),
        (format!("/api/v1/task/{id}/stream"), 6),
    ] {
        for after in 0..last {
            let header = [("Last-Event-ID", &*after.to_string())];
            let mut client = Client::open(&api, &format!("{path}?after=1"), &header).await;
            let rest = client.ids(last - after).await;
            assert_eq!(rest, (after as u64 + 1..=6).collect::<Vec<u64>>());
        }
        let mut client = Client::open(&api, &format!("{path}?after=4"), &[]).await;
        assert_eq!(client.ids(2).await, [5, 6]);
    }
}

/// The cursor may come from another database.
#[tokio::test]
async fn stream_cursor_beyond_end_does_not_delay_other_clients() {
    let api = Api::new().await;
    let id = api.started().await;
    let path = "/api/v1/task_event/stream";
    // It is the first to listen.
    let _far_ahead = Client::open(&api, &format!("{path}?after=99999999"), &[]).await;
    let mut ahead = Client::open(&api, &format!("{path}?after=5"), &[]).await;
    let mut all = Client::open(&api, path, &[]).await;
    assert_eq!(all.ids(4).await, [1, 2, 3, 4]);
    for who in ["bob", "zoe"] {
        api.post(reassigned(id, who)).await;
    }
    assert_eq!(all.ids(2).await, [5, 6]);
    assert_eq!(ahead.ids(1).await, [6]);
}

#[tokio::test]
async fn stream_filters_by_event_type() {
    let api = Api::new().await;
    let id = api.started().await;
    let query = "event_type=STARTED,REASSIGNED";
    let mut all = Client::open(&api, &format!("/api/v1/task_event/stream?{query}"), &[]).await;
    let mut of_task = Client::open(&api, &format!("/api/v1/task/{id}/stream?{query}"), &[]).await;
    for client in [&mut all, &mut of_task] {
        assert_eq!(client.ids(1).await, [4]);
    }
    let event =
        json!({"taskId": id, "eventType": "RESCHEDULED", "deadline": "2026-04-22T00:00:00Z"});
    api.post(event).await;
    api.post(reassigned(id, "bob")).await;
    for client in [&mut all, &mut of_task] {
        assert_eq!(client.ids(1).await, [6]);
    }
    // Where nothing is of these types the client learns how far it is all the same.
    let path = "/api/v1/task_event/stream?event_type=CANCELED";
    let mut none = Client::open(&api, path, &[]).await;
    let retry = none.frame().await.unwrap();
    assert!(retry.starts_with("retry: "), "{retry}");
    assert_eq!(none.frame().await.unwrap(), "id: 6");
}

#[tokio::test]
async fn stream_with_invalid_request_is_a_problem() {
    let api = Api::new().await;
    let id = api.started().await;
    let stream = format!("/api/v1/task/{id}/stream");
    for (path, headers, status) in [
        (
            format!("/api/v1/task/{}/stream", Uuid::now_v7()),
            vec![],
            404,
        ),
        ("/api/v1/task/x/stream".to_owned(), vec![], 404),
        (stream.clone(), vec![("Last-Event-ID", "x")], 422),
        (format!("{stream}?event_type=NOPE"), vec![], 422),
        (format!("{stream}?after=-1"), vec![], 422),
        (format!("{stream}?from=1"), vec![], 422),
    ] {
        let answer = api.get_with(&path, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

async fn with(limits: Limits, shutdown: Shutdown) -> Api {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let service = Service::new()
        .mount(store.migrate::<TaskEvent>().await.unwrap())
        .limits(limits)
        .shutdown_signal(shutdown);
    Api::of(service)
}

#[tokio::test]
async fn stream_over_max_streams_is_503() {
    let limits = Limits {
        max_streams: 2,
        ..Limits::default()
    };
    let api = with(limits, Shutdown::new()).await;
    let path = "/api/v1/task_event/stream";
    let first = Client::open(&api, path, &[]).await;
    let _second = Client::open(&api, path, &[]).await;
    // One that is let in has no end.
    let third = tokio::time::timeout(PATIENCE, api.get(path)).await.unwrap();
    assert_eq!(
        (third.status, third.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, "1")
    );
    assert_eq!(third.body["type"], "/problems/too-many-streams");
    assert_eq!(third.body["retryable"], true);
    drop(first);
    Client::open(&api, path, &[]).await;
}

#[tokio::test]
async fn idle_stream_sends_heartbeats_and_ends_at_shutdown() {
    let limits = Limits {
        heartbeat: Duration::from_millis(20),
        ..Limits::default()
    };
    let shutdown = Shutdown::new();
    let api = with(limits, shutdown.clone()).await;
    let mut client = Client::open(&api, "/api/v1/task_event/stream", &[]).await;
    assert!(client.frame().await.unwrap().starts_with("retry: "));
    assert_eq!(client.frame().await.unwrap(), ": heartbeat");
    shutdown.trigger();
    while let Some(frame) = client.frame().await {
        assert_eq!(frame, ": heartbeat");
    }
}

/// More events than the hub buffers, while some clients do not read at all.
#[tokio::test(flavor = "multi_thread")]
async fn slow_stream_client_receives_every_event() {
    let api = Api::new().await;
    let id = api.started().await;
    let mut slow = Client::open(&api, "/api/v1/task_event/stream", &[]).await;
    let mut slow_of_task = Client::open(&api, &format!("/api/v1/task/{id}/stream"), &[]).await;
    assert_eq!(slow.ids(4).await.len(), 4);
    assert_eq!(slow_of_task.ids(4).await.len(), 4);
    let mut quick = Client::open(&api, "/api/v1/task_event/stream?after=4", &[]).await;
    let path = format!("/api/v1/task/{id}/task_event");
    for _ in 0..9 {
        let events: Vec<Value> = (0..500).map(|n| reassigned(id, n.to_string())).collect();
        let stored = api.post_to(&path, &[], json!(events)).await;
        assert_eq!(stored.status, StatusCode::CREATED);
        assert_eq!(quick.ids(500).await.len(), 500);
    }
    let expected: Vec<u64> = (5..4505).collect();
    assert_eq!(slow.ids(4500).await, expected);
    assert_eq!(slow_of_task.ids(4500).await, expected);
}

/// Writers and clients run at once; each client disconnects and resumes.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_stream_clients_receive_every_event_once_in_order() {
    let api = Api::new().await;
    let id = api.started().await;
    let mut tasks = tokio::task::JoinSet::new();
    for listener in 0..8_usize {
        let api = api.clone();
        tasks.spawn(async move {
            let path = match listener % 2 {
                0 => "/api/v1/task_event/stream".to_owned(),
                _ => format!("/api/v1/task/{id}/stream"),
            };
            let mut heard: Vec<u64> = Vec::new();
            while heard.len() < 204 {
                let last = heard.last().copied().unwrap_or(0).to_string();
                let mut client = Client::open(&api, &path, &[("Last-Event-ID", &last)]).await;
                let some = (204 - heard.len()).min(10 + listener);
                heard.extend(client.ids(some).await);
            }
            assert_eq!(heard, (1..=204).collect::<Vec<u64>>(), "{path}");
        });
    }
    for n in 0..200 {
        let stored = api.post(reassigned(id, n.to_string())).await;
        assert_eq!(stored.status, StatusCode::CREATED);
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

/// Position and lag of the streams are in the metrics.
#[cfg(feature = "metrics")]
#[tokio::test]
async fn stream_position_and_lag_are_metrics() {
    let begun = std::time::Instant::now();
    let api = Api::new().await;
    let id = api.started().await;
    let mut client = Client::open(&api, "/api/v1/task_event/stream", &[]).await;
    assert_eq!(client.ids(4).await, [1, 2, 3, 4]);
    api.post(reassigned(id, "zoe")).await;
    assert_eq!(client.ids(1).await, [5]);
    // A client may have read an event from the store that the hub has not sent to the others yet.
    let reported = async {
        loop {
            let metrics = api.get("/metrics").await.text;
            let position = r#"eventsource_stream_position{entity="task"} 5"#;
            if metrics.lines().any(|line| line == position) {
                break metrics;
            }
            tokio::task::yield_now().await;
        }
    };
    let metrics = tokio::time::timeout(PATIENCE, reported).await.unwrap();
    let lag = r#"eventsource_stream_lag_seconds{entity="task"} "#;
    let lag = metrics.lines().find_map(|line| line.strip_prefix(lag));
    let seconds: f64 = lag.unwrap().parse().unwrap();
    let elapsed = begun.elapsed().as_secs_f64();
    assert!((0.0..elapsed).contains(&seconds), "{seconds} of {elapsed}");
}
