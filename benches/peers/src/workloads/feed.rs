//! Feed: its reading rate, and the latency until an event is delivered.

use std::time::{Duration, Instant};

use eventsource_core::{EntityId, ExportedEvent, Position};
use futures_util::stream::iter;
use tokio::sync::mpsc;

use super::Bench;
use crate::measure::median;
use crate::report::{Report, Target, number};
use crate::sides::Ours;
use crate::ticket::event;

pub async fn run(bench: &Bench, report: &mut Report) {
    let entities = if bench.quick { 2_000 } else { 30_000 };
    let ours = Ours::connect(&bench.server.database("feed").await, 8).await;
    let now = chrono::Utc::now();
    let events = (0..entities).flat_map(|_| {
        let id = EntityId::new();
        (0..10).map(move |place| ExportedEvent::of(id, &event(place), now).unwrap())
    });
    ours.tickets
        .import(iter(events.map(Ok)))
        .exclusive()
        .await
        .unwrap();
    // The positions are given once, whoever reads.
    let last = ours.store.feed().limit(1).await.unwrap();
    assert_eq!(last.events.len(), 1);

    let mut rates = Vec::new();
    for _ in 0..bench.turns.rounds {
        let (mut at, mut read) = (Position::START, 0);
        let start = Instant::now();
        loop {
            let page = ours.tickets.feed().after(at).limit(2000).await.unwrap();
            if page.events.is_empty() {
                break;
            }
            at = page.checkpoint;
            read += page.events.len();
        }
        assert_eq!(read, entities * 10);
        rates.push(read as f64 / start.elapsed().as_secs_f64());
    }
    let rate = median(rates);
    let delay = delivery(&ours, bench.turns.turn * 2).await;
    report.target(Target {
        workload: "feed",
        wanted: "100k events/s read by one consumer; append to delivery p50 under 10 ms",
        measured: format!(
            "{} events/s, payloads decoded; p50 {} ms, p99 {} ms",
            number(rate),
            number(delay.0),
            number(delay.1)
        ),
        met: rate >= 100_000.0 && delay.0 < 10.0,
    });
}

/// Returns the milliseconds from the acknowledgement of an append to its event at a subscriber: p50
/// and p99.
async fn delivery(ours: &Ours, time: Duration) -> (f64, f64) {
    let mut after = ours.store.feed().limit(1_000_000).await.unwrap().checkpoint;
    loop {
        let page = ours.store.feed().after(after).await.unwrap();
        if page.checkpoint == after {
            break;
        }
        after = page.checkpoint;
    }
    let mut follow = ours.tickets.feed().after(after).subscribe();
    let (sender, mut delivered) = mpsc::unbounded_channel();
    let follower = tokio::spawn(async move {
        while let Ok((_, event)) = follow.next().await {
            let event = event.unwrap();
            if sender.send((event.entity_id, Instant::now())).is_err() {
                return;
            }
        }
    });
    let (start, mut delays) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        let id = EntityId::new();
        ours.tickets.append(id, event(0)).await.unwrap();
        let stored = Instant::now();
        while let Some((entity_id, at)) = delivered.recv().await {
            if entity_id == id {
                delays.push(at.saturating_duration_since(stored).as_secs_f64() * 1e3);
                break;
            }
        }
    }
    follower.abort();
    delays.sort_by(f64::total_cmp);
    let at = |part: usize| {
        delays
            .get(delays.len() * part / 100)
            .copied()
            .unwrap_or(f64::NAN)
    };
    (at(50), at(99))
}
