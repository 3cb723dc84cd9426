//! Webhooks: signatures, envelopes, bad endpoints, addresses.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use eventsource_core::EventStore;
use eventsource_runtime::{
    BuildMistake, HandlerBuilder, RetryPolicy, Runtime, Secret, Webhook, webhook,
};
use tasks::{TaskEvent, TaskEventType};

use crate::endpoint::{Answer, Endpoint, Request, SECRET};
use crate::handlers::{Running, parked, start_tasks, tasks};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_file, postgres:
    webhook_is_a_signed_cloud_event_with_the_same_id_at_every_attempt,
    bad_endpoint_gets_every_event_once_in_effect_and_in_order,
    answers_say_what_becomes_of_an_event,
    endpoint_that_is_down_loses_nothing_and_sets_few_keys_aside,
    webhook_goes_to_no_private_address,
    webhook_must_say_as_whom_it_reads,
}

const OTHER_SECRET: &str = "whsec_c2Vjb25kLXNlY3JldC1vZi10d2VudHktZm91cg==";

/// Webhook to an endpoint of a test, which is on the loopback interface.
fn local(name: &str, url: &str) -> HandlerBuilder<Webhook> {
    webhook(name, url)
        .allow_http()
        .allow_network("127.0.0.0/8")
        .timeout(Duration::from_millis(500))
        .retry(soon())
}

fn soon() -> RetryPolicy {
    let policy = RetryPolicy::default().in_place(3, Duration::from_millis(600));
    policy.waits(Duration::from_millis(100), Duration::from_millis(500))
}

fn signed(name: &str, url: &str) -> HandlerBuilder<Webhook> {
    local(name, url).signed_with(Secret::given(SECRET))
}

/// Number of entities; in the long form those of 10,000 events.
fn entities(short: usize) -> usize {
    match std::env::var("EVENTSOURCE_LONG_TESTS") {
        Ok(_) => 2500,
        Err(_) => short,
    }
}

async fn webhook_is_a_signed_cloud_event_with_the_same_id_at_every_attempt(database: &Database) {
    let tasks = tasks(database).await;
    let id = start_tasks(&tasks, 1).await[0];
    let endpoint = Endpoint::start(|_, before| match before {
        0 => Answer::Status(500),
        _ => Answer::Status(204),
    })
    .await;
    let subscription = signed("crm", &endpoint.url)
        .signed_with(Secret::given(OTHER_SECRET))
        .source("https://tasks.example")
        .reads(&tasks.reading_as("crm"))
        .only(&[TaskEventType::Assigned]);
    let runtime = Runtime::new(database.store()).add(subscription);
    runtime.build().await.unwrap().settle().await.unwrap();
    let event = tasks.history(id).await.unwrap().remove(1);
    let requests = endpoint.requests();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert_eq!(request.id, format!("crm/{}", event.id));
        assert_eq!(
            request.headers["content-type"],
            "application/cloudevents+json"
        );
        request.verify(SECRET);
        request.verify(OTHER_SECRET);
    }
    assert_eq!(requests[0].body, requests[1].body);
    let time = event
        .recorded_at
        .to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let expected = serde_json::json!({
        "specversion": "1.0", "id": event.id.to_string(), "source": "https://tasks.example",
        "type": "task.ASSIGNED", "subject": id.to_string(), "time": time,
        "datacontenttype": "application/json", "seq": 2, "data": {"assignee": "ann"},
    });
    assert_eq!(requests[0].json(), expected);
}

async fn bad_endpoint_gets_every_event_once_in_effect_and_in_order(database: &Database) {
    let tasks = tasks(database).await;
    let count = entities(40);
    start_tasks(&tasks, count).await;
    // Of the first tries one in ten goes wrong, each in another way.
    let endpoint = Endpoint::start(|request, before| {
        let dice = request.id.bytes().map(usize::from).sum::<usize>() % 50;
        match (before, dice) {
            (0, 1) => Answer::Status(500),
            (0, 2) => Answer::Hang,
            (0, 3) => Answer::Reset,
            (0, 4) => Answer::LostAfterEffect,
            (0, 5) => Answer::Endless,
            (0, 6) => Answer::With(307, "location: http://127.0.0.1:1/"),
            (0 | 1, 7) => Answer::Status(503),
            _ => Answer::Status(200),
        }
    })
    .await;
    let subscription = signed("crm", &endpoint.url).reads(&tasks.reading_as("crm"));
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    let effects = async || endpoint.effects().into_iter().collect::<HashSet<_>>().len();
    until(async || effects().await == 4 * count).await;
    until(async || parked(database.store()).await == (0, 0)).await;
    running.end().await;
    let requests = endpoint.requests();
    for request in &requests {
        request.verify(SECRET);
    }
    let bodies: HashMap<_, _> = requests
        .iter()
        .map(|request| (&request.id, request))
        .collect();
    assert_eq!(bodies.len(), 4 * count);
    // The first effects of an entity's events are in their order.
    let mut seen = HashSet::new();
    let mut next = HashMap::new();
    for id in endpoint.effects() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let body = bodies[&id].json();
        let next = next.entry(body["subject"].to_string()).or_insert(1);
        assert_eq!(body["seq"], *next);
        *next += 1;
    }
}

async fn answers_say_what_becomes_of_an_event(database: &Database) {
    let tasks = tasks(database).await;
    let ids = start_tasks(&tasks, 4).await;
    let (gone, refused, busy) = (ids[0].to_string(), ids[1].to_string(), ids[2].to_string());
    let endpoint = Endpoint::start(move |request: &Request, before| {
        let subject = request.json()["subject"].as_str().unwrap().to_owned();
        match before {
            _ if subject == gone => Answer::Status(410),
            0 if subject == refused => Answer::Status(404),
            0 if subject == busy => Answer::With(429, "retry-after: 1"),
            _ => Answer::Status(200),
        }
    })
    .await;
    let subscription = signed("crm", &endpoint.url)
        .reads(&tasks.reading_as("crm"))
        .only(&[TaskEventType::Started]);
    let begun = std::time::Instant::now();
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    until(async || endpoint.effect_count() == 3).await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    until(async || parked(database.store()).await == (1, 1)).await;
    running.end().await;
    let mut transaction = database.store().begin().await.unwrap();
    let select = "SELECT entity_id, error FROM {eventsource_parked} WHERE next_try_at IS NULL";
    let rows = transaction.fetch(select, ()).await.unwrap();
    assert_eq!(
        rows[0].get::<eventsource_core::EntityId>(0).unwrap(),
        ids[0]
    );
    assert_eq!(
        rows[0].get::<String>(1).unwrap(),
        "the endpoint answered 410: no"
    );
    let count = |id: &eventsource_core::EntityId| {
        let requests = endpoint.requests();
        requests
            .iter()
            .filter(|request| request.json()["subject"] == id.to_string())
            .count()
    };
    assert_eq!(ids.iter().map(count).collect::<Vec<_>>(), [1, 2, 2, 1]);
}

async fn endpoint_that_is_down_loses_nothing_and_sets_few_keys_aside(database: &Database) {
    let tasks = tasks(database).await;
    let down = Duration::from_secs(match std::env::var("EVENTSOURCE_LONG_TESTS") {
        Ok(_) => 60,
        Err(_) => 3,
    });
    let begun = std::time::Instant::now();
    let endpoint = Endpoint::start(move |_, _| match begun.elapsed() < down {
        true => Answer::Status(503),
        false => Answer::Status(200),
    })
    .await;
    let subscription = signed("crm", &endpoint.url).reads(&tasks.reading_as("crm"));
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    let mut count = 0;
    let mut most = 0;
    while begun.elapsed() < down {
        start_tasks(&tasks, 1).await;
        count += 1;
        most = most.max(parked(database.store()).await.1);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    until(async || endpoint.effect_count() == 4 * count).await;
    let took = begun.elapsed();
    assert!(took < down + Duration::from_secs(10), "{took:?}");
    assert!(most <= 8, "{most} keys were set aside");
    let asked = endpoint.requests().len() - 4 * count;
    running.end().await;
    eprintln!(
        "{count} entities, {asked} vain requests, all delivered {:?} after the return",
        took.saturating_sub(down)
    );
}

/// Names and addresses that lead into the own network. Written addresses are refused when the runtime is
/// built, names when they are resolved.
async fn webhook_goes_to_no_private_address(database: &Database) {
    let tasks = tasks(database).await;
    start_tasks(&tasks, 1).await;
    let reader = tasks.reading_as("crm");
    let endpoint = Endpoint::start(|_, _| Answer::Status(200)).await;
    let port = endpoint.url.split(':').next_back().unwrap().to_owned();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "127.0.0.1.",
    ] {
        let url = format!("http://{host}:{port}");
        let subscription = webhook("crm", url).unsigned().allow_http().reads(&reader);
        let runtime = Runtime::new(database.store()).add(subscription);
        let error = runtime.build().await.unwrap_err();
        assert!(
            error.to_string().contains("not on the public internet"),
            "{host}: {error}"
        );
        assert!(matches!(error.mistakes[0], BuildMistake::Settings { .. }));
    }
    let url = format!("http://localhost:{port}");
    let subscription = webhook("crm", url)
        .unsigned()
        .allow_http()
        .retry(soon())
        .reads(&reader);
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    until(async || parked(database.store()).await.1 == 1).await;
    running.end().await;
    let mut transaction = database.store().begin().await.unwrap();
    let select = "SELECT error FROM {eventsource_parked} ORDER BY position LIMIT 1";
    let rows = transaction.fetch(select, ()).await.unwrap();
    let error = rows[0].get::<String>(0).unwrap();
    assert!(
        error.contains("localhost resolves to addresses that are not on the public internet"),
        "{error}"
    );
    assert_eq!(endpoint.requests().len(), 0);
}

async fn webhook_must_say_as_whom_it_reads(database: &Database) {
    let tasks: EventStore<TaskEvent> = tasks(database).await;
    let subscription = webhook("crm", "https://crm.example")
        .unsigned()
        .reads(&tasks);
    let runtime = Runtime::new(database.store()).add(subscription);
    let error = runtime.build().await.unwrap_err();
    assert!(
        matches!(error.mistakes[..], [BuildMistake::NoReader { .. }]),
        "{error}"
    );
    let subscription = webhook("crm", "crm").reads(&tasks.reading_as("crm"));
    let runtime = Runtime::new(database.store()).add(subscription);
    let error = runtime.build().await.unwrap_err();
    assert!(
        matches!(error.mistakes[..], [BuildMistake::Settings { .. }]),
        "{error}"
    );
}
