//! Publication to NATS, with a server that is killed and publishers that are.

use std::time::Duration;

use async_nats::jetstream::{self, Context, stream};
use eventsource_core::EventStore;
use eventsource_runtime::{BuildMistake, Runtime, RuntimeBuilder, nats};
use eventsource_tests::nats::NatsServer;
use futures_util::StreamExt;
use tasks::TaskEvent;

use crate::handlers::{Running, start_tasks, tasks};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_file, postgres:
    stream_has_each_event_once_in_order_though_server_and_publishers_are_killed,
    stream_of_several_subjects_misses_nothing,
    stream_that_does_not_exist_or_loses_messages_is_refused,
}

/// Number of entities, four events each.
fn entities() -> usize {
    match std::env::var("EVENTSOURCE_LONG_TESTS") {
        Ok(_) => 5000,
        Err(_) => 250,
    }
}

async fn connect(server: &NatsServer) -> Context {
    let options = async_nats::ConnectOptions::new()
        .retry_on_initial_connect()
        .max_reconnects(None);
    let options = options.reconnect_delay_callback(|_| Duration::from_millis(100));
    let client = options.connect(server.url()).await.unwrap();
    let context = jetstream::new(client);
    // The server takes a moment.
    until(async || context.query_account().await.is_ok()).await;
    context
}

fn config(subject: &str) -> stream::Config {
    stream::Config {
        name: "EVENTS".to_owned(),
        subjects: vec![subject.to_owned()],
        // Shorter than the outage of the long form.
        duplicate_window: Duration::from_secs(1),
        ..Default::default()
    }
}

fn publisher(
    database: &Database,
    tasks: &EventStore<TaskEvent>,
    context: &Context,
) -> RuntimeBuilder {
    let subscription = nats("events", context.clone()).subject("tasks.events");
    Runtime::new(database.store()).add(subscription.reads(&tasks.reading_as("partner")))
}

async fn stored(context: &Context) -> u64 {
    match context.get_stream("EVENTS").await {
        Ok(mut stream) => stream.info().await.map_or(0, |info| info.state.messages),
        Err(_) => 0,
    }
}

async fn stream_has_each_event_once_in_order_though_server_and_publishers_are_killed(
    database: &Database,
) {
    let tasks = tasks(database).await;
    let mut server = NatsServer::start(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let context = connect(&server).await;
    context.create_stream(config("tasks.events")).await.unwrap();
    let count = entities();
    let total = 4 * count as u64;
    let events = tasks.clone();
    let appending = tokio::spawn(async move {
        for _ in 0..count / 10 {
            start_tasks(&events, 10).await;
        }
    });
    // Publishers are killed five times, the server twice, once for longer than it knows duplicates.
    for kill in 1..=5 {
        let running = Running::start(publisher(database, &tasks, &context)).await;
        until(async || stored(&context).await >= total / 12 * kill).await;
        if kill == 2 || kill == 4 {
            server.kill().unwrap();
            let pause = if kill == 4 { 2000 } else { 100 };
            tokio::time::sleep(Duration::from_millis(pause)).await;
            server.start_again().unwrap();
            until(async || context.query_account().await.is_ok()).await;
        }
        running.kill().await;
    }
    let running = Running::start(publisher(database, &tasks, &context)).await;
    appending.await.unwrap();
    until(async || {
        assert_eq!(halted(database).await, None);
        stored(&context).await >= total
    })
    .await;
    running.end().await;
    assert_eq!(stored(&context).await, total);
    assert_eq!(published(&context, total).await, feed(&tasks).await);
}

async fn stream_of_several_subjects_misses_nothing(database: &Database) {
    let tasks = tasks(database).await;
    let server = NatsServer::start(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let context = connect(&server).await;
    context.create_stream(config("tasks.>")).await.unwrap();
    let running = Running::start(publisher(database, &tasks, &context)).await;
    for _ in 0..20 {
        start_tasks(&tasks, 2).await;
        let other = context.publish("tasks.other", "x".into()).await.unwrap();
        other.await.unwrap();
    }
    until(async || {
        assert_eq!(halted(database).await, None);
        stored(&context).await >= 160 + 20
    })
    .await;
    running.end().await;
    assert_eq!(published(&context, 160).await, feed(&tasks).await);
}

/// Reads why the subscription has halted.
async fn halted(database: &Database) -> Option<String> {
    let mut transaction = database.store().begin().await.unwrap();
    let select = "SELECT CAST(halted AS text) FROM {eventsource_shard}";
    let rows = transaction.fetch(select, ()).await.unwrap();
    rows.first().and_then(|row| row.get(0).unwrap())
}

/// Reads positions and ids of all messages.
async fn published(context: &Context, total: u64) -> Vec<(String, String)> {
    let stream = context.get_stream("EVENTS").await.unwrap();
    let config = jetstream::consumer::pull::OrderedConfig {
        filter_subject: "tasks.events".to_owned(),
        ..Default::default()
    };
    let consumer = stream.create_consumer(config).await.unwrap();
    let messages = consumer.messages().await.unwrap();
    let message = messages
        .take(usize::try_from(total).unwrap())
        .map(|message| {
            let message = message.unwrap();
            let headers = message.headers.as_ref().unwrap();
            let header = |name| headers.get(name).unwrap().to_string();
            (header("Eventsource-Position"), header("Nats-Msg-Id"))
        });
    message.collect().await
}

/// Reads positions and ids of all events.
async fn feed(tasks: &EventStore<TaskEvent>) -> Vec<(String, String)> {
    let page = tasks.feed().limit(1_000_000).await.unwrap();
    let event =
        |(position, event): (eventsource_core::Position, eventsource_core::EventResult<_>)| {
            (position.to_string(), event.unwrap().id.to_string())
        };
    page.events.into_iter().map(event).collect()
}

async fn stream_that_does_not_exist_or_loses_messages_is_refused(database: &Database) {
    let tasks = tasks(database).await;
    start_tasks(&tasks, 1).await;
    let server = NatsServer::start(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let context = connect(&server).await;
    let refusal = async || {
        let runtime = publisher(database, &tasks, &context).build().await.unwrap();
        let error = runtime.settle().await.unwrap_err().to_string();
        let mut transaction = database.store().begin().await.unwrap();
        let again = "UPDATE {eventsource_shard} SET halted = NULL";
        transaction.execute(again, ()).await.unwrap();
        transaction.commit().await.unwrap();
        error
    };
    let halted = "'events' has halted at position 1: ";
    let error = refusal().await;
    assert_eq!(
        error,
        format!("{halted}no stream of NATS takes the subject 'tasks.events': create one")
    );
    let aged = stream::Config {
        max_age: Duration::from_mins(1),
        ..config("tasks.events")
    };
    context.create_stream(aged).await.unwrap();
    let error = refusal().await;
    assert_eq!(
        error,
        format!("{halted}the stream 'EVENTS' loses messages, since it has a max_age")
    );
    context.update_stream(config("tasks.events")).await.unwrap();
    context
        .publish("tasks.events", "mine".into())
        .await
        .unwrap()
        .await
        .unwrap();
    let error = refusal().await;
    assert!(error.contains("must have a subject of its own"), "{error}");
    let unguarded = nats("events", context.clone()).reads(&tasks);
    let error = Runtime::new(database.store())
        .add(unguarded)
        .build()
        .await
        .unwrap_err();
    assert!(
        matches!(error.mistakes[..], [BuildMistake::NoReader { .. }]),
        "{error}"
    );
}
