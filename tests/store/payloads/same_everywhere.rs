//! Property: whatever an append answers Ok to is given back, the same, by every reader.
//!
//! `PAYLOAD_CASES` sets the number of events, 10,000 by default over all databases.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use eventsource_core::{
    EntityId, Event, EventStore, EventType, Fold, Position, RecordedEvent, empty_data,
    from_payload, merge_data, to_payload,
};
use eventsource_rest::Service;
use futures_util::TryStreamExt;
use http_body_util::BodyExt;
use proptest::collection::vec;
use serde_json::{Map, Value, json};
use sqlx::Row;
use tower::ServiceExt;

use super::sample::{SampleEvent, event, exact, ordered};
use crate::support::database::Database;
use crate::support::events::lines_of;
use crate::support::property::check_cases;

// Tables in partitions are read by the same statements.
on! {
    sqlite_file, postgres:
    appended_payloads_are_given_back_by_every_reader,
}

/// Number of events that are appended at once.
const AT_ONCE: usize = 50;

fn cases() -> u32 {
    let set = std::env::var("PAYLOAD_CASES").ok();
    let all: u32 = set.map_or(10_000, |cases| cases.parse().unwrap());
    all.div_ceil(2 * AT_ONCE as u32)
}

async fn appended_payloads_are_given_back_by_every_reader(database: &Database) {
    let samples = database.events::<SampleEvent>().await;
    let http = Service::new().mount(samples.clone()).build().unwrap();
    let pool = database.sql().await;
    // A search for an entity looks at all of them, so there are fewer.
    let batches = (vec(event(), AT_ONCE), proptest::bool::weighted(0.1));
    check_cases(cases(), &batches, async |(events, searches)| {
        let begun = std::iter::once(SampleEvent::Begun);
        let events: Vec<SampleEvent> = begun.chain(events).collect();
        let id = EntityId::new();
        let after = samples.feed().latest_position().await.unwrap();
        let stored = append(&samples, id, &events).await;
        read_back(&samples, id, &events, &stored, after).await;
        merged(&samples, id, &events, searches).await;
        same_text(&pool, &events).await;
        over_http(&http, &events).await;
    });
    // The texts of the columns, of which each was compared with its event.
    let lines = lines_of(&samples).await;
    let other = database.another().await;
    let imported = other.events::<SampleEvent>().await;
    imported.import_lines(lines.as_bytes()).await.unwrap();
    assert!(
        lines == lines_of(&imported).await,
        "the second export differs from the first"
    );
    other.remove().await;
}

fn same<'a>(
    read: impl IntoIterator<Item = &'a RecordedEvent<SampleEvent>>,
    events: &[SampleEvent],
) {
    let read: Vec<String> = read
        .into_iter()
        .map(|recorded| exact(&recorded.event))
        .collect();
    let events: Vec<String> = events.iter().map(exact).collect();
    assert_eq!(read, events);
}

/// Appends the events twice, the second time as a repeat.
async fn append(
    samples: &EventStore<SampleEvent>,
    id: EntityId,
    events: &[SampleEvent],
) -> Vec<RecordedEvent<SampleEvent>> {
    let append = || {
        // A client that tries again has the elements of its sets in another order.
        let anew = |event: &SampleEvent| {
            from_payload(event.event_type(), to_payload(event).unwrap()).unwrap()
        };
        let append = samples
            .append(id, events[0].clone())
            .idempotency_key(id.to_string());
        events[1..]
            .iter()
            .fold(append, |append, event| append.event(anew(event)))
    };
    let first = samples
        .append(id, events[0].clone())
        .idempotency_key(id.to_string());
    let first = events[1..]
        .iter()
        .fold(first, |append, event| append.event(event.clone()));
    let stored = first.await.unwrap();
    same(&stored.events, events);
    let repeated = append().await.unwrap();
    assert!(repeated.replayed);
    same(&repeated.events, events);
    stored.events
}

#[derive(Default)]
struct Collected(Vec<RecordedEvent<SampleEvent>>);

impl Fold<SampleEvent> for Collected {
    fn apply(&mut self, event: &RecordedEvent<SampleEvent>) {
        self.0.push(event.clone());
    }
}

/// Compares what each reader of the library gives back.
async fn read_back(
    samples: &EventStore<SampleEvent>,
    id: EntityId,
    events: &[SampleEvent],
    stored: &[RecordedEvent<SampleEvent>],
    after: Position,
) {
    same(&samples.history(id).await.unwrap(), events);
    let streamed: Vec<_> = samples.history(id).stream().try_collect().await.unwrap();
    same(&streamed, events);
    let found = samples
        .search()
        .entity(id)
        .oldest_first()
        .limit(1000)
        .await
        .unwrap();
    same(
        found.items.iter().map(|event| event.as_ref().unwrap()),
        events,
    );
    same(
        &samples
            .fold::<Collected>(id)
            .await
            .unwrap()
            .unwrap()
            .value
            .0,
        events,
    );
    let page = samples.feed().after(after).limit(1000).await.unwrap();
    same(
        page.events.iter().map(|(_, event)| event.as_ref().unwrap()),
        events,
    );
    let mut subscription = samples.feed().after(after).subscribe();
    for event in events {
        let (_, read) = subscription.next().await.unwrap();
        same([&read.unwrap()], std::slice::from_ref(event));
    }
    for place in [1, events.len() - 1] {
        let read = samples.event(stored[place].id).await.unwrap().unwrap();
        same([&read], &events[place..=place]);
    }
}

/// Compares the data of the entity with the events merged here, and finds the entity by them.
async fn merged(
    samples: &EventStore<SampleEvent>,
    id: EntityId,
    events: &[SampleEvent],
    searches: bool,
) {
    let mut merged = empty_data::<SampleEvent>();
    for event in events {
        let payload = to_payload(event).unwrap();
        merge_data::<SampleEvent>(&mut merged, event.event_type(), &payload);
    }
    let data = samples.data(id).await.unwrap().unwrap().value;
    let text = |data: Value| Value::from(ordered(data.as_object().unwrap().clone())).to_string();
    assert_eq!(text(json!(data)), text(json!(merged)));
    for name in ["text", "unsigned", "float", "doc"]
        .into_iter()
        .filter(|_| searches)
    {
        let value = json!(merged)[name].clone();
        let found = samples
            .entities()
            .field(name, value.clone())
            .limit(1000)
            .await
            .unwrap();
        let is_found = found.items.iter().any(|head| head.id == id);
        assert!(is_found || found.total > Some(1000), "{name} = {value}");
    }
}

/// Compares the column with what serde writes.
async fn same_text(pool: &sqlx::AnyPool, events: &[SampleEvent]) {
    let select = format!(
        "SELECT CAST(data AS text) AS data FROM sample_event ORDER BY clock DESC LIMIT {}",
        events.len()
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(select))
        .fetch_all(pool)
        .await
        .unwrap();
    for (row, event) in rows.iter().rev().zip(events) {
        let stored: String = row.get("data");
        let written = match serde_json::to_string(event).unwrap() {
            unit if unit.starts_with('"') => "{}".to_owned(),
            tagged => tagged
                .split_once(':')
                .unwrap()
                .1
                .strip_suffix('}')
                .unwrap()
                .to_owned(),
        };
        // A set is written in one order as long as it lives.
        assert_eq!(stored, written);
    }
}

/// Sends the events as a list, and compares what each endpoint answers.
async fn over_http(http: &Router, events: &[SampleEvent]) {
    let id = EntityId::new();
    let body: Vec<Value> = events
        .iter()
        .map(|event| {
            let mut body = to_payload(event).unwrap();
            body.insert("eventType".to_owned(), event.event_type().name().into());
            body.insert("sampleId".to_owned(), json!(id));
            body.into()
        })
        .collect();
    let answer = call(
        http,
        "POST",
        "/api/v1/sample_event",
        json!(body).to_string(),
    )
    .await;
    let Value::Array(resources) = answer else {
        panic!("{answer}");
    };
    same_resources(&resources, events);
    let path = format!("/api/v1/sample_event?sample_id={id}&limit=1000");
    let page = call(http, "GET", &path, String::new()).await;
    let mut items = page["items"].as_array().unwrap().clone();
    items.reverse();
    same_resources(&items, events);
    let path = format!("/api/v1/sample/{id}/history");
    let history = call(http, "GET", &path, String::new()).await;
    same_resources(history.as_array().unwrap(), events);
    let last = resources.last().unwrap();
    let path = format!("/api/v1/sample_event/{}", last["id"].as_str().unwrap());
    let one = call(http, "GET", &path, String::new()).await;
    same_resources(&[one], &events[events.len() - 1..]);
    same_resources(&streamed(http, id, events.len()).await, events);
}

fn request(method: &str, path: &str, body: String) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("last-event-id", "0")
        .body(Body::from(body))
        .unwrap()
}

async fn call(http: &Router, method: &str, path: &str, body: String) -> Value {
    let answer = http
        .clone()
        .oneshot(request(method, path, body))
        .await
        .unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(
        matches!(status, StatusCode::OK | StatusCode::CREATED),
        "{status}: {text}"
    );
    parsed(&text)
}

/// Parses an answer, which nests deeper than its payloads.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Reads as many events of the stream of an entity as there are.
async fn streamed(http: &Router, id: EntityId, count: usize) -> Vec<Value> {
    let path = format!("/api/v1/sample/{id}/stream");
    let answer = http
        .clone()
        .oneshot(request("GET", &path, String::new()))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut body = answer.into_body();
    let (mut text, mut resources) = (String::new(), Vec::new());
    while resources.len() < count {
        let frame = body.frame().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        while let Some((frame, rest)) = text.split_once("\n\n") {
            let data = frame.lines().find_map(|line| line.strip_prefix("data: "));
            resources.extend(data.map(parsed));
            text = rest.to_owned();
        }
    }
    resources
}

/// Compares the payloads of resources, as a client reads them.
fn same_resources(resources: &[Value], events: &[SampleEvent]) {
    assert_eq!(resources.len(), events.len());
    for (resource, event) in resources.iter().zip(events) {
        let mut payload: Map<String, Value> = resource.as_object().unwrap().clone();
        for name in [
            "id",
            "clock",
            "createdTimestamp",
            "sequence",
            "version",
            "parentId",
            "sampleId",
            "metadata",
            "_links",
        ] {
            payload.remove(name);
        }
        let event_type: String = payload
            .remove("eventType")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(event_type, event.event_type().name());
        let read: SampleEvent = from_payload(event.event_type(), payload).unwrap();
        assert_eq!(exact(&read), exact(event));
    }
}
