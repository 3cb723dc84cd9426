//! Whole feeds, and whether they are in order.

use std::collections::BTreeMap;

use eventsource_core::{EntityId, Feed, FeedEvent, FeedSubscription, Position, Seq, Store};

use super::waiting::within;

/// Returns how many events lie up to this position.
pub fn number(position: Position) -> u64 {
    Feed::distance(Position::START, position)
}

/// Returns the position of the event with this number, from 1.
pub fn nth(number: u64) -> Position {
    number.to_string().parse().unwrap()
}

/// Reads the whole feed, by small pages.
pub async fn whole(store: &Store) -> Vec<FeedEvent> {
    let mut events = Vec::new();
    let mut after = Position::START;
    loop {
        let page = store.feed().after(after).limit(64).await.unwrap();
        if page.checkpoint == after {
            return events;
        }
        after = page.checkpoint;
        events.extend(page.events);
    }
}

/// Reads until the feed has this many events: others may be giving them positions.
pub async fn whole_of(store: &Store, events: usize) -> Vec<FeedEvent> {
    within(async {
        loop {
            let feed = whole(store).await;
            if feed.len() >= events {
                return feed;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// Asserts that positions and the sequences of each stream are 1, 2, 3 and so on, and returns how many
/// events each stream has.
pub fn check_order(feed: &[FeedEvent]) -> BTreeMap<(String, EntityId), u32> {
    let positions: Vec<u64> = feed.iter().map(|event| number(event.position)).collect();
    assert_eq!(positions, (1..=feed.len() as u64).collect::<Vec<_>>());
    let mut streams = BTreeMap::new();
    for event in feed {
        let seq = streams
            .entry((event.entity.clone(), event.entity_id))
            .or_insert(0);
        *seq += 1;
        assert_eq!(event.seq, Seq::new(*seq), "in the order of its stream");
    }
    streams
}

/// Follows the feed until it has seen this many events, each once and in order.
pub fn reader(store: Store, events: usize) -> impl Future<Output = ()> {
    let mut follow: FeedSubscription<Store> = store.feed().limit(50).subscribe();
    async move {
        let mut seen = Vec::with_capacity(events);
        while seen.len() < events {
            seen.push(within(follow.next()).await.unwrap());
        }
        check_order(&seen);
    }
}

/// Writes a statement that appends another event to an entity in whose state `REASSIGNED` is legal: by
/// the function on Postgres, by an `INSERT` like the last event on SQLite.
pub fn copy_of_last(id: EntityId, postgres: bool) -> String {
    let (number, data) = (
        "(SELECT number FROM eventsource_event_type WHERE name = 'REASSIGNED')",
        r#"'{"assignee": "sql"}'"#,
    );
    if postgres {
        return format!(
            "SELECT outcome FROM task_append_one('{id}', {number}, gen_random_uuid(), NULL, {data}, '{{}}', NULL)"
        );
    }
    format!(
        "INSERT INTO task_event (task_id, seq, event_id, event_type, prior_state, state,
            prior_version, version, recorded_at, data, metadata)
        SELECT task_id, seq + 1, lower(hex(randomblob(16))), {number}, state, state, version,
            version, recorded_at, {data}, metadata
        FROM task_event WHERE task_id = '{id}' ORDER BY seq DESC LIMIT 1"
    )
}
