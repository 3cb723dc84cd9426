//! Clients that append to the same entities of several machines, in opposite orders.

use std::time::{Duration, Instant};

use eventsource_core::{EntityId, Seq};
use futures_util::future::join_all;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::light::first::LightEvent;
use crate::support::machines::reassigned;
use crate::support::tasks::started;
use crate::support::waiting::within;

on_every_database! {
    and sqlite_memory:
    clients_in_opposite_orders_never_wait_in_a_circle,
}

async fn clients_in_opposite_orders_never_wait_in_a_circle(database: &Database) {
    let tasks = &database.events::<TaskEvent>().await;
    let lights = &database.events::<LightEvent>().await;
    let ids = [started(tasks).await, started(tasks).await];
    let hall = EntityId::new();
    lights.append(hall, LightEvent::Wired).await.unwrap();
    let store = database.store();
    let begun = Instant::now();
    let clients = (0..16_usize).map(|client| async move {
        for round in 0..10 {
            let (one, other) = (ids[client % 2], ids[(client + 1) % 2]);
            let event = || reassigned(&format!("client {client}, {round}"));
            let new = lights.append(EntityId::new(), LightEvent::Wired);
            let moved = tasks.append(one, event()).append(other, event());
            let given = store.together().given(lights, hall, Seq::new(1));
            if client % 4 < 2 {
                given.append(new).append(moved).await.map(drop).unwrap();
            } else {
                given.append(moved).append(new).await.map(drop).unwrap();
            }
        }
    });
    within(join_all(clients)).await;
    assert_eq!(tasks.head(ids[0]).await.unwrap().unwrap().seq.get(), 164);
    assert_eq!(tasks.head(ids[1]).await.unwrap().unwrap().seq.get(), 164);
    // A deadlock is found after a second: 160 transactions met none, or hardly one.
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}
