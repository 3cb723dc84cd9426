//! Publication to NATS JetStream, beside a bare client.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::jetstream::{self, Context, stream};
use eventsource_runtime::{Runtime, nats};
use eventsource_tests::nats::NatsServer;

use super::worker::level;
use super::{Bench, by_number};
use crate::report::{Report, Table};
use crate::sides::Ours;

const OURS: &str = "`nats`";
const BARE: &str = "bare async-nats, acks pipelined";

/// Messages of the bare client whose acknowledgement has not come; ours has as many.
const UNDER_WAY: usize = 256;

/// Body as long as that of an event.
const BODY_BYTES: usize = 400;

pub async fn run(bench: &Bench, report: &mut Report) {
    let tickets: u32 = if bench.quick { 100 } else { 10_000 };
    let events = u64::from(tickets) * 10;
    let server = tokio::task::spawn_blocking(|| {
        let tmp = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp");
        NatsServer::start(tmp).unwrap()
    });
    let server = server.await.unwrap();
    let context = connect(&server).await;
    let ours = Ours::connect(&bench.server.database("nats").await, 8).await;
    ours.seed(tickets).await;
    ours.store.migrate_runtime().await.unwrap();
    let mut round = 0;
    let sides = [OURS, BARE];
    let rates = by_number(sides.len(), bench.turns.rounds, async |side| {
        round += 1;
        let name = format!("tickets_{round}");
        let mut stream = context
            .create_stream(stream::Config {
                name: name.clone(),
                subjects: vec![name.clone()],
                ..Default::default()
            })
            .await
            .unwrap();
        let took = match side {
            0 => publish(&ours, &context, &name).await,
            _ => {
                let (context, name) = (context.clone(), name.clone());
                let sent = tokio::spawn(async move { send(&context, &name, events).await });
                sent.await.unwrap()
            }
        };
        assert_eq!(stream.info().await.unwrap().state.messages, events);
        context.delete_stream(&name).await.unwrap();
        events as f64 / took.as_secs_f64()
    });
    let column = "events a second";
    let table = Table {
        title: "NATS JetStream",
        about: format!(
            "Events a second to a stream in files of a local server, {events} events, {UNDER_WAY} \
             acknowledgements under way. Ours reads them, writes them as CloudEvents, lets the server check \
             that each follows the one before it, and keeps a checkpoint; the bare client sends a text of \
             {BODY_BYTES} bytes with a `Nats-Msg-Id`."
        ),
        columns: vec![column.to_owned()],
        rows: sides
            .iter()
            .zip(rates.await)
            .map(|(name, rate)| ((*name).to_owned(), vec![rate]))
            .collect(),
        picture: None,
    };
    report.at_least(
        "NATS JetStream",
        "0.5 of a bare client with pipelined acknowledgements",
        &[(BARE, table.ratio(OURS, BARE, column), 0.5)],
    );
    report.table(table);
}

async fn connect(server: &NatsServer) -> Context {
    let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
    let options = options.reconnect_delay_callback(|_| Duration::from_millis(100));
    let context = jetstream::new(options.connect(server.url()).await.unwrap());
    while context.query_account().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    context
}

/// Publishes all events by a new subscription.
async fn publish(ours: &Ours, context: &Context, name: &str) -> Duration {
    let subscription = nats(name, context.clone()).reads(&ours.tickets.reading_as("stream"));
    let runtime = Runtime::new(&ours.store).add(subscription);
    level(runtime.build().await.unwrap()).await
}

/// Sends as many messages.
async fn send(context: &Context, subject: &str, events: u64) -> Duration {
    let start = Instant::now();
    let mut under_way = VecDeque::new();
    for number in 0..events {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", number.to_string());
        let body = "x".repeat(BODY_BYTES);
        let sent = context.publish_with_headers(subject.to_owned(), headers, body.into());
        under_way.push_back(sent.await.unwrap());
        if under_way.len() == UNDER_WAY
            && let Some(first) = under_way.pop_front()
        {
            first.await.unwrap();
        }
    }
    for ack in under_way {
        ack.await.unwrap();
    }
    start.elapsed()
}
