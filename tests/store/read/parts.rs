//! Pages that end by their bytes: parts of searches, histories, pages of the feed (M26, M27).

use eventsource_core::{EntityId, Position, RecordedEvent, Search, Seq};
use futures_util::TryStreamExt;
use tasks::{TaskEvent, TaskEventType};

use crate::support::database::Database;
use crate::support::machines::{created, reassigned, until_started};

on_every_database! {
    and sqlite_memory:
    parts_of_event_search_are_its_page_in_every_order,
    part_of_search_ends_with_event_that_reaches_its_bytes,
    history_and_feed_end_with_event_that_reaches_their_bytes,
    fold_with_snapshots_of_large_events_reads_all,
}

/// Length of a large event.
const LARGE: usize = 10_000;

type Events = eventsource_core::EventStore<TaskEvent>;

/// Stores two tasks whose events are small and large in turn, interleaved in the log.
async fn two_tasks(tasks: &Events) -> [EntityId; 2] {
    let ids = [EntityId::new(), EntityId::new()];
    for id in ids {
        for event in until_started() {
            tasks.append(id, event).await.unwrap();
        }
    }
    for round in 0..6 {
        for id in ids {
            let length = [1, LARGE][round % 2];
            tasks
                .append(id, reassigned(&"a".repeat(length)))
                .await
                .unwrap();
        }
    }
    ids
}

/// Reads a page in parts, one or a few events in each, and returns it with the total.
async fn in_parts(
    search: Search<'_, TaskEvent>,
    max_bytes: u64,
) -> (Vec<RecordedEvent<TaskEvent>>, Option<u64>) {
    let parts: Vec<_> = search.parts(max_bytes).try_collect().await.unwrap();
    let total = parts[0].total;
    assert!(parts[1..].iter().all(|part| part.total.is_none()));
    let items = parts.into_iter().flat_map(|part| part.items);
    let items = items.collect::<Result<_, _>>().unwrap();
    (items, total)
}

async fn parts_of_event_search_are_its_page_in_every_order(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let [one, _] = two_tasks(&tasks).await;
    for order in 0..3 {
        for filter in 0..3 {
            for (offset, limit) in [(0, 1000), (3, 7), (19, 5), (100, 5), (0, 0)] {
                let search = || {
                    let search = tasks.search().offset(offset).limit(limit);
                    let search = match filter {
                        0 => search,
                        1 => search.entity(one),
                        _ => search.event_type(TaskEventType::Reassigned),
                    };
                    match order {
                        0 => search,
                        1 => search.newest_first(),
                        _ => search.oldest_first(),
                    }
                };
                let whole = search().await.unwrap().readable().unwrap();
                for max_bytes in [1, LARGE as u64, 1 << 20] {
                    let parts = in_parts(search(), max_bytes).await;
                    let case = format!("{order} {filter} {offset} {limit} {max_bytes}");
                    assert_eq!(parts, (whole.items.clone(), whole.total), "{case}");
                }
            }
        }
    }
}

async fn part_of_search_ends_with_event_that_reaches_its_bytes(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    two_tasks(&tasks).await;
    let search = tasks.search().newest_first().limit(1000);
    let parts: Vec<_> = search.parts(LARGE as u64).try_collect().await.unwrap();
    let large = |event: &RecordedEvent<TaskEvent>| matches!(&event.event, TaskEvent::Reassigned { assignee } if assignee.len() >= LARGE);
    for part in parts {
        let part = part.readable().unwrap();
        let (last, before) = part.items.split_last().unwrap();
        assert!(!before.iter().any(large), "{last:?}");
    }
}

async fn history_and_feed_end_with_event_that_reaches_their_bytes(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let [id, _] = two_tasks(&tasks).await;
    let whole = tasks.history(id).await.unwrap();
    let first = tasks.history(id).max_bytes(LARGE as u64).await.unwrap();
    assert_eq!(first, whole[..6], "the sixth is the first large one");
    let last = tasks.history(id).after(Seq::new(6)).max_bytes(1).await;
    assert_eq!(last.unwrap(), whole[6..7]);
    let pages = tasks.history(id).max_bytes(LARGE as u64).pages();
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    assert!(pages.len() >= 3, "{}", pages.len());
    assert_eq!(pages.concat(), whole);

    let feed = tasks.feed().limit(1000).await.unwrap();
    for max_bytes in [1, LARGE as u64, u64::MAX] {
        let mut paged = Vec::new();
        let mut after = Position::START;
        loop {
            let page = tasks.feed().after(after).max_bytes(max_bytes);
            let page = page.await.unwrap();
            if page.events.is_empty() {
                break;
            }
            if max_bytes == 1 {
                assert_eq!(page.events.len(), 1);
            }
            after = page.checkpoint;
            paged.extend(page.events);
        }
        assert_eq!(paged, feed.events, "{max_bytes}");
    }
    let mut subscription = tasks.feed().max_bytes(1).subscribe();
    for event in &feed.events {
        assert_eq!(subscription.next().await.unwrap(), *event);
    }
}

async fn fold_with_snapshots_of_large_events_reads_all(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    for event in &until_started()[1..] {
        tasks.append(id, event.clone()).await.unwrap();
    }
    // More than 4 MiB, of which a query returns no more.
    let who = "a".repeat(1 << 20);
    for round in 0..7 {
        let event = reassigned(&format!("{who}{round}"));
        tasks.append(id, event).await.unwrap();
    }
    for _ in 0..2 {
        let data = tasks.data(id).with_snapshots().await.unwrap().unwrap();
        assert_eq!(data.head.seq, Seq::new(11));
        assert!(data.value.assignee.unwrap().ends_with('6'));
    }
}
