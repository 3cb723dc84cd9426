//! Time from an append to a handler, beside the time to a subscriber of the feed.

use std::time::{Duration, Instant};

use eventsource_core::{EntityId, Failure};
use eventsource_runtime::{Delivery, Runtime, Start, handler};
use tokio::sync::mpsc;

use super::worker::Worker;
use super::{Bench, by_number};
use crate::report::{Report, Table};
use crate::sides::Ours;
use crate::ticket::{TicketEvent, event};

const FEED: &str = "subscriber of the feed";
const HANDLER: &str = "handler";

/// Entity of an event that has arrived, and when.
type Arrived = (EntityId, Instant);

pub async fn run(bench: &Bench, report: &mut Report) {
    let by_feed = Ours::connect(&bench.server.database("deliver_feed").await, 10).await;
    let by_handler = Ours::connect(&bench.server.database("deliver_handler").await, 10).await;
    by_handler.store.migrate_runtime().await.unwrap();
    let (sender, mut from_feed) = mpsc::unbounded_channel();
    let mut follow = by_feed.tickets.feed().subscribe();
    let follower = tokio::spawn(async move {
        while let Ok((_, event)) = follow.next().await {
            let _ = sender.send((event.unwrap().entity_id, Instant::now()));
        }
    });
    let (sender, mut from_handler) = mpsc::unbounded_channel();
    let tell = move |delivery: Delivery<TicketEvent>| {
        let _ = sender.send((delivery.event.entity_id, Instant::now()));
        async { Ok::<(), Failure>(()) }
    };
    let subscription = handler("told", tell)
        .reads(&by_handler.tickets)
        .from(Start::Now);
    let runtime = Runtime::new(&by_handler.store).add(subscription);
    let runtime = runtime.build().await.unwrap();
    let worker = Worker::start(runtime);
    // Until the worker has its shards.
    delay(&by_handler, &mut from_handler).await;
    delay(&by_feed, &mut from_feed).await;

    let turn = bench.turns.turn;
    let sides = [FEED, HANDLER];
    let medians = by_number(
        sides.len(),
        bench.turns.rounds.max(3),
        async |side| match side {
            0 => p50(&by_feed, &mut from_feed, turn).await,
            _ => p50(&by_handler, &mut from_handler, turn).await,
        },
    );
    let medians = medians.await;
    worker.stop().await;
    follower.abort();
    let column = "milliseconds, p50";
    let table = Table {
        title: "Append to handler",
        about: "Milliseconds from the acknowledgement of an append to its event, one append after the \
                other in an idle store, at a subscriber of the feed and at a handler of a running worker, 16 \
                shards."
            .to_owned(),
        columns: vec![column.to_owned()],
        rows: sides
            .iter()
            .zip(medians)
            .map(|(name, median)| ((*name).to_owned(), vec![median]))
            .collect(),
        picture: None,
    };
    let ratio = table.ratio(HANDLER, FEED, column);
    report.at_most(
        "append to handler, p50",
        "twice the delivery by the feed",
        (FEED, ratio, 2.0),
    );
    report.table(table);
}

/// Returns the median of the milliseconds that events take, for as long as `turn`.
async fn p50(ours: &Ours, arrived: &mut mpsc::UnboundedReceiver<Arrived>, turn: Duration) -> f64 {
    let (start, mut delays) = (Instant::now(), Vec::new());
    while start.elapsed() < turn {
        delays.push(delay(ours, arrived).await);
    }
    crate::measure::median(delays)
}

/// Returns the milliseconds that one event takes.
async fn delay(ours: &Ours, arrived: &mut mpsc::UnboundedReceiver<Arrived>) -> f64 {
    let id = EntityId::new();
    ours.tickets.append(id, event(0)).await.unwrap();
    let stored = Instant::now();
    loop {
        let (entity_id, at) = arrived.recv().await.unwrap();
        if entity_id == id {
            return at.saturating_duration_since(stored).as_secs_f64() * 1e3;
        }
    }
}
