//! Export of traces to an OpenTelemetry collector.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use eventsource_rest::Traces;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing_subscriber::layer::SubscriberExt;

use crate::client::Api;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Starts a collector; returns its endpoint and the requests it receives.
async fn collector() -> (String, mpsc::UnboundedReceiver<(HeaderMap, Bytes)>) {
    let (heard, hear) = mpsc::unbounded_channel();
    let traces = post(async move |headers: HeaderMap, body: Bytes| {
        heard.send((headers, body)).unwrap();
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/v1/traces", traces);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (endpoint, hear)
}

/// Returns the length-delimited fields of a protobuf message, by number.
fn fields(mut message: &[u8]) -> BTreeMap<u64, Vec<&[u8]>> {
    let mut fields: BTreeMap<u64, Vec<&[u8]>> = BTreeMap::new();
    let varint = |message: &mut &[u8]| {
        let length = message.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let (number, rest) = message.split_at(length);
        *message = rest;
        number
            .iter()
            .rfold(0, |value, byte| value << 7 | u64::from(byte & 0x7f))
    };
    while !message.is_empty() {
        let tag = varint(&mut message);
        let length = match tag & 7 {
            0 => {
                varint(&mut message);
                continue;
            }
            1 => 8,
            2 => varint(&mut message) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        let (field, rest) = message.split_at(length);
        fields.entry(tag >> 3).or_default().push(field);
        message = rest;
    }
    fields
}

/// Span of OTLP: its trace, its parent, its name, and its text attributes.
#[derive(Debug)]
struct Sent {
    trace: String,
    parent: String,
    name: String,
    attributes: BTreeMap<String, String>,
}

fn spans(request: &[u8]) -> Vec<Sent> {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut sent = Vec::new();
    for resource in &fields(request)[&1] {
        for scope in &fields(resource)[&2] {
            for span in &fields(scope)[&2] {
                let span = fields(span);
                let attributes = span.get(&9).into_iter().flatten().map(|attribute| {
                    let attribute = fields(attribute);
                    let value = fields(attribute[&2][0]);
                    let value = value.get(&1).map(|value| text(value[0]));
                    (text(attribute[&1][0]), value.unwrap_or_default())
                });
                sent.push(Sent {
                    trace: hex(span[&1][0]),
                    parent: span.get(&4).map(|id| hex(id[0])).unwrap_or_default(),
                    name: text(span[&5][0]),
                    attributes: attributes.collect(),
                });
            }
        }
    }
    sent
}

#[tokio::test]
async fn request_span_is_child_of_traceparent() {
    let (endpoint, mut heard) = collector().await;
    let traces = Traces::otlp(&endpoint, "task-list").unwrap();
    let api = Api::new().await;
    let hearing = tracing_subscriber::registry().with(traces.layer());
    let guard = tracing::subscriber::set_default(hearing);
    let parent = |flags: &str| format!("00-{TRACE}-{PARENT}-{flags}");
    for (id, parent) in [
        ("joined", parent("01")),
        ("unrecorded", parent("00")),
        ("alone", "nonsense".to_owned()),
    ] {
        let headers = [("x-request-id", id), ("traceparent", parent.as_str())];
        let body = json!({"eventType": "CREATED"});
        assert_eq!(api.post_with(&headers, body).await.status, 201);
    }
    // The thread of SQLite keeps the span of a request until it is given the next statement.
    assert_eq!(api.post(json!({"eventType": "CREATED"})).await.status, 201);
    drop(guard);
    traces.shutdown().await;

    let (headers, body) = heard.recv().await.unwrap();
    assert_eq!(headers["content-type"], "application/x-protobuf");
    assert!(body.windows(9).any(|text| text == b"task-list"));
    let mut spans = self::spans(&body);
    // The exporter may have sent them in several requests, all answered before its end.
    while let Ok((_, body)) = heard.try_recv() {
        spans.extend(self::spans(&body));
    }
    let of = |id: &str| {
        let mut spans = spans.iter();
        spans.find(|span| {
            span.attributes
                .get("request_id")
                .is_some_and(|own| own == id)
        })
    };
    let joined = of("joined").unwrap();
    assert_eq!(
        (&*joined.trace, &*joined.parent, &*joined.name),
        (TRACE, PARENT, "POST /api/v1/task_event")
    );
    assert_eq!(joined.attributes["event_type"], "CREATED");
    let alone = of("alone").unwrap();
    assert_eq!(alone.parent, "");
    assert_ne!(alone.trace, TRACE);
    assert!(of("unrecorded").is_none(), "{spans:?}");
}
