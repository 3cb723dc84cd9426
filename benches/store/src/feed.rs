//! Reading the feed, by one consumer, and how long it takes an event to get there.
//!
//! ```sh
//! cargo build --release -p eventsource-store-bench
//! cargo run -q -p eventsource-tests --bin with-postgres -- target/release/eventsource-feed-bench
//! ```
//!
//! Arguments: events (100000), rounds (5), appends to be delivered (300).

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement stops at the first surprise"
)]

use std::time::{Duration, Instant};

use eventsource_core::{EntityId, Event, EventStore, FeedSource, Store};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// Something whose title changes.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "note")]
enum NoteEvent {
    Written {
        title: String,
    },
    #[event(follows = any_of(Written, Changed))]
    Changed {
        title: String,
    },
}

/// Events of an entity, stored by one append.
const TOGETHER: usize = 100;

async fn write(notes: &EventStore<NoteEvent>, events: usize) {
    for _ in 0..events.div_ceil(TOGETHER) {
        let title = "a title".to_owned();
        let first = notes.append(EntityId::new(), NoteEvent::Written { title });
        let title = || "another title".to_owned();
        (1..TOGETHER)
            .fold(first, |append, _| {
                append.then(NoteEvent::Changed { title: title() })
            })
            .await
            .unwrap();
    }
}

/// Events a second.
async fn read<S: FeedSource>(source: &S, events: usize) -> f64 {
    let begun = Instant::now();
    let mut feed = source.feed().follow();
    for _ in 0..events {
        feed.next().await.unwrap();
    }
    events as f64 / begun.elapsed().as_secs_f64()
}

/// From the call of an append in one store to its event in another.
async fn deliver(url: &str, appends: usize) -> Vec<Duration> {
    let (here, there) = (
        Store::connect(url).await.unwrap(),
        Store::connect(url).await.unwrap(),
    );
    let notes = here.open::<NoteEvent>().await.unwrap();
    let after = there.feed().limit(u64::MAX >> 1).await.unwrap().up_to;
    let (told, mut heard) = mpsc::unbounded_channel();
    let mut feed = there.feed().after(after).follow();
    tokio::spawn(async move {
        while let Ok(event) = feed.next().await {
            if told.send((event.entity_id, Instant::now())).is_err() {
                return;
            }
        }
    });
    let mut took = Vec::with_capacity(appends);
    for number in 0..appends {
        // At any moment between two looks.
        let pause = 17 + 7 * (number as u64 % 11);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let (id, title, begun) = (EntityId::new(), "a title".to_owned(), Instant::now());
        notes
            .append(id, NoteEvent::Written { title })
            .await
            .unwrap();
        let (delivered, at) = heard.recv().await.unwrap();
        assert_eq!(delivered, id);
        took.push(at - begun);
    }
    took.sort_unstable();
    took
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn milliseconds(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1e3
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"));
    let mut argument = |or| arguments.next().unwrap_or(or);
    let (events, rounds, appends) = (argument(100_000), argument(5), argument(300));
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres");
    let store = Store::connect(&url).await.unwrap();
    let notes = store.migrate::<NoteEvent>().await.unwrap();
    write(&notes, events).await;
    let begun = Instant::now();
    store.feed().limit(1).await.unwrap();
    let placed = events as f64 / begun.elapsed().as_secs_f64();
    let (mut all, mut typed) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        all.push(read(&store, events).await);
        typed.push(read(&notes, events).await);
    }
    println!("| given a position/s | read/s | read with payload/s |");
    println!("| ---: | ---: | ---: |");
    println!(
        "| {placed:.0} | {:.0} | {:.0} |\n",
        median(all),
        median(typed)
    );

    let alone = deliver(&url, appends).await;
    let sequencer = store.sequencer().run_until(std::future::pending());
    let sequencer = tokio::spawn(sequencer);
    let beside = deliver(&url, appends).await;
    sequencer.abort();
    println!("| append to delivery | p50 ms | p99 ms |");
    println!("| --- | ---: | ---: |");
    for (name, took) in [("two processes", alone), ("and a sequencer", beside)] {
        let (p50, p99) = (milliseconds(&took, 50), milliseconds(&took, 99));
        println!("| {name} | {p50:.1} | {p99:.1} |");
    }
}
