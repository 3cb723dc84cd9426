//! Pages of the feed: one order over all machines.

use eventsource_core::{EntityId, Position};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::feed::{check_order, nth, number, whole};
use crate::support::machines::light::{self, first::LightEvent};
use crate::support::machines::{assigned, created};
use crate::support::tasks::started;

on_every_database! {
    and sqlite_memory, postgres_outbox:
    feed_pages_follow_one_order_over_all_machines,
}

on_every_database! {
    and postgres_outbox:
    feed_without_events_is_empty,
    feed_cannot_be_changed_by_sql,
    feed_after_rule_change_keeps_positions,
}

async fn feed_pages_follow_one_order_over_all_machines(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    let (task, light) = (EntityId::new(), EntityId::new());
    tasks.append(task, created()).await.unwrap();
    lights.append(light, LightEvent::Wired).await.unwrap();
    lights.append(light, LightEvent::Lit).await.unwrap();
    let assigned = tasks.append(task, assigned("ann"));
    let assigned = assigned.await.unwrap();

    // Nobody has read meanwhile: all four get their positions now, in the order of writing.
    let page = database.store().feed().await.unwrap();
    let got: Vec<_> = page
        .events
        .iter()
        .map(|event| (event.entity.as_str(), event.entity_id, event.seq.get()))
        .collect();
    assert_eq!(
        got,
        [
            ("task", task, 1),
            ("light", light, 1),
            ("light", light, 2),
            ("task", task, 2)
        ]
    );
    check_order(&page.events);
    assert_eq!(page.checkpoint, nth(4));

    // One machine's events are whole, and keep the positions that they have among all.
    let page = tasks.feed().await.unwrap();
    assert_eq!(page.checkpoint, nth(4));
    let positions: Vec<u64> = page.events.iter().map(|event| number(event.0)).collect();
    assert_eq!(positions, [1, 4]);
    assert_eq!(page.events[1].1.as_ref().unwrap(), &assigned.events[0]);

    // A page ends where the next begins, also between the events of others.
    let page = tasks.feed().limit(1).await.unwrap();
    assert_eq!((page.events.len(), page.checkpoint), (1, nth(1)));
    let page = tasks.feed().after(page.checkpoint).limit(1).await.unwrap();
    assert_eq!(page.events[0].1.as_ref().unwrap(), &assigned.events[0]);
    // The more there is of others the further a page looks, and never too far.
    let busy = started(&tasks).await;
    let mut after = Position::START;
    let mut seen = Vec::new();
    while seen.len() < 6 {
        let page = tasks.feed().after(after).limit(2).await.unwrap();
        assert_eq!(page.events.len(), 2);
        after = page.checkpoint;
        seen.extend(page.events.into_iter().map(|(_, event)| event.unwrap()));
    }
    let mut histories = tasks.history(task).await.unwrap();
    histories.extend(tasks.history(busy).await.unwrap());
    assert_eq!(seen, histories);

    let page = lights.feed().after(nth(3)).await.unwrap();
    assert_eq!((page.events.len(), page.checkpoint), (0, nth(8)));
    let page = lights.feed().after(nth(8)).await.unwrap();
    assert_eq!((page.events.len(), page.checkpoint), (0, nth(8)));
}

async fn feed_without_events_is_empty(database: &Database) {
    let page = database.store().feed().await.unwrap();
    assert_eq!((page.events, page.checkpoint), (vec![], Position::START));
    let tasks = database.events::<TaskEvent>().await;
    let page = tasks.feed().await.unwrap();
    assert_eq!((page.events.len(), page.checkpoint), (0, Position::START));
}

async fn feed_cannot_be_changed_by_sql(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let before = whole(database.store()).await;
    let pool = database.sql().await;
    for sql in [
        "DELETE FROM eventsource_feed",
        "UPDATE eventsource_feed SET seq = 9",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap_err();
    }
    assert_eq!(whole(database.store()).await, before);
}

/// Changes the rules: events keep their positions and are not put into the feed again.
async fn feed_after_rule_change_keeps_positions(database: &Database) {
    let lights = database.events::<LightEvent>().await;
    let id = EntityId::new();
    lights.append(id, LightEvent::Wired).await.unwrap();
    let before = whole(database.store()).await;
    let lights = database.events::<light::second::LightEvent>().await;
    for event in [
        light::second::LightEvent::Lit,
        light::second::LightEvent::Dimmed,
    ] {
        lights.append(id, event).await.unwrap();
    }
    let feed = whole(database.store()).await;
    assert_eq!(check_order(&feed).into_values().collect::<Vec<_>>(), [3]);
    assert_eq!(feed[..1], before);
    let page = lights.feed().after(nth(1)).await.unwrap();
    let dimmed = page.events[1].1.as_ref().unwrap();
    assert_eq!(dimmed.event, light::second::LightEvent::Dimmed);
}
