//! Webhook, beside a loop of bare requests to the same server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use eventsource_runtime::{Runtime, Secret, webhook};
use tokio::task::JoinSet;

use super::worker::Worker;
use super::{Bench, by_number};
use crate::report::{Report, Table};
use crate::sides::Ours;

const OURS: &str = "webhook, 8 in flight";
const BARE: &str = "bare reqwest, 8 in flight";

/// Requests in flight of the bare loop, and of one shard of a webhook.
const IN_FLIGHT: u64 = 8;

/// Body as long as that of an event.
const BODY_BYTES: usize = 400;

/// Time that the slower endpoint takes for an answer.
const WORK: Duration = Duration::from_millis(2);

pub async fn run(bench: &Bench, report: &mut Report) {
    // The client asks for one although it encrypts nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tickets: u32 = if bench.quick { 50 } else { 1_000 };
    let events = u64::from(tickets) * 10;
    let ours = Ours::connect(&bench.server.database("webhook").await, 8).await;
    ours.seed(tickets).await;
    ours.store.migrate_runtime().await.unwrap();
    let sides = [OURS, BARE];
    let mut hooks = 0;
    let mut columns = Vec::new();
    for works in [Duration::ZERO, WORK] {
        let (address, arrived) = endpoint(works).await;
        let url = format!("http://{address}/hook");
        let rates = by_number(sides.len(), bench.turns.rounds, async |side| {
            arrived.store(0, Ordering::SeqCst);
            let all = async {
                while arrived.load(Ordering::SeqCst) < events {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            let took = match side {
                0 => {
                    hooks += 1;
                    deliver(&ours, &format!("hook_{hooks}"), &url, all).await
                }
                _ => send(&url, events, all).await,
            };
            assert_eq!(arrived.load(Ordering::SeqCst), events);
            events as f64 / took.as_secs_f64()
        });
        columns.push(rates.await);
    }
    let (at_once, works) = ("answers at once", "answers after 2 ms");
    let table = Table {
        title: "Webhook",
        about: format!(
            "Events a second to a server in the same process that answers 204, {events} events of {tickets} \
             entities. The webhook reads them, writes them as CloudEvents, signs them and keeps a checkpoint; \
             the bare loop posts a text of {BODY_BYTES} bytes."
        ),
        columns: vec![at_once.to_owned(), works.to_owned()],
        rows: sides
            .iter()
            .enumerate()
            .map(|(side, name)| {
                let values = columns.iter().map(|column| column[side]);
                ((*name).to_owned(), values.collect())
            })
            .collect(),
        picture: None,
    };
    let ratio = |column| table.ratio(OURS, BARE, column);
    report.at_least(
        "webhook, 8 in flight",
        "0.8 of a bare reqwest loop",
        &[
            ("it, to a server that answers at once", ratio(at_once), 0.8),
            ("it, after 2 ms", ratio(works), 0.8),
        ],
    );
    report.table(table);
}

/// Starts a server that counts what it is sent, and answers after a while.
async fn endpoint(works: Duration) -> (SocketAddr, Arc<AtomicU64>) {
    let arrived = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&arrived);
    let count = move |_body: String| async move {
        if !works.is_zero() {
            tokio::time::sleep(works).await;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        StatusCode::NO_CONTENT
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/hook", post(count));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, arrived)
}

/// Delivers events by a new webhook until `all` have arrived.
async fn deliver(ours: &Ours, name: &str, url: &str, all: impl Future) -> Duration {
    let secret = Secret::given("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let subscription = webhook(name, url)
        .allow_http()
        .allow_network("127.0.0.0/8")
        .signed_with(secret)
        .shards(1)
        .reads(&ours.tickets.reading_as("endpoint"));
    let runtime = Runtime::new(&ours.store).add(subscription);
    let runtime = runtime.build().await.unwrap();
    let start = Instant::now();
    let worker = Worker::start(runtime);
    all.await;
    let took = start.elapsed();
    worker.stop().await;
    took
}

/// Sends as many requests.
async fn send(url: &str, events: u64, all: impl Future) -> Duration {
    let client = reqwest::Client::new();
    let start = Instant::now();
    let mut sending = JoinSet::new();
    for sender in 0..IN_FLIGHT {
        let (client, url) = (client.clone(), url.to_owned());
        sending.spawn(async move {
            for _ in (sender..events).step_by(IN_FLIGHT as usize) {
                let request = client.post(&url).body("x".repeat(BODY_BYTES));
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success());
                answer.bytes().await.unwrap();
            }
        });
    }
    all.await;
    let took = start.elapsed();
    sending.join_all().await;
    took
}
