//! Subscriptions to the feed: stored events first, then new ones.

use std::time::Duration;

use eventsource_core::EntityId;
use tasks::TaskEvent;
use tokio::time::timeout;

use crate::support::database::Database;
use crate::support::feed::number;
use crate::support::machines::{created, reassigned};
use crate::support::tasks::started;
use crate::support::waiting::within;

on_every_database! {
    and sqlite_memory, postgres_outbox:
    follower_gets_history_then_new_events,
    follower_cancelled_at_any_point_loses_no_event,
}

on_every_database! {
    and postgres_outbox:
    follower_hears_of_events_from_other_store,
}

async fn follower_gets_history_then_new_events(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let mut follow = tasks.feed().limit(3).subscribe();
    for place in 1..=4 {
        let (position, recorded) = within(follow.next()).await.unwrap();
        let seq = recorded.unwrap().seq;
        assert_eq!((number(position), seq.get()), (place, place as u32));
        assert_eq!(follow.position(), position);
    }
    // It waits, and giving up waiting loses nothing.
    let idle = timeout(Duration::from_millis(30), follow.next());
    assert!(idle.await.is_err());
    let waiting = tokio::spawn(async move { (follow.next().await.unwrap(), follow) });
    let appended = tasks.append(id, reassigned("bob")).await.unwrap();
    let ((position, event), follow) = within(waiting).await.unwrap();
    assert_eq!(
        (number(position), event.unwrap()),
        (5, appended.events[0].clone())
    );

    // Another goes on where it stood.
    let mut other = tasks.feed().after(follow.position()).subscribe();
    let appended = tasks.append(id, reassigned("zoe")).await.unwrap();
    let (position, event) = within(other.next()).await.unwrap();
    assert_eq!(
        (number(position), event.unwrap()),
        (6, appended.events[0].clone())
    );
}

async fn follower_hears_of_events_from_other_store(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let other = database.another_store().await;
    let other = other.open::<TaskEvent>().await.unwrap();
    let mut follow = tasks.feed().subscribe();
    for round in 0..5 {
        let waiting = tokio::spawn(async move { (follow.next().await.unwrap(), follow) });
        let id = EntityId::new();
        other.append(id, created()).await.unwrap();
        let ((position, event), again) = within(waiting).await.unwrap();
        assert_eq!(
            (number(position), event.unwrap().entity_id),
            (round + 1, id)
        );
        follow = again;
    }
}

/// Cancels the follower after ever longer times.
async fn follower_cancelled_at_any_point_loses_no_event(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let mut follow = tasks.feed().limit(1).subscribe();
    let mut seen = Vec::new();
    for wait in 0..200 {
        let next = timeout(Duration::from_micros(10 * wait), follow.next()).await;
        seen.extend(next.into_iter().map(|event| number(event.unwrap().0)));
        if wait % 20 == 0 {
            tasks.append(id, reassigned("bob")).await.unwrap();
        }
    }
    while seen.len() < 14 {
        seen.push(number(within(follow.next()).await.unwrap().0));
    }
    assert_eq!(seen, (1..=14).collect::<Vec<_>>());
}
