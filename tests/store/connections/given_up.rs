//! Calls that are given up while the database answers: their connections go on to others.

use std::pin::pin;

use eventsource_core::EntityId;
use futures_util::poll;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::created;

on! { postgres: append_after_a_transaction_whose_begin_was_given_up_is_stored, }

async fn append_after_a_transaction_whose_begin_was_given_up_is_stored(database: &Database) {
    let reading = database.events::<TaskEvent>().await;
    // All have the one connection, one after the other.
    let options = database.store_options().max_connections(1);
    let store = options.connect().await.unwrap();
    let tasks = store.open::<TaskEvent>().await.unwrap();
    for round in 0..300 {
        // Somewhere between the request and the answer.
        {
            let mut begin = pin!(store.begin());
            for _ in 0..=round % 30 {
                if poll!(begin.as_mut()).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let id = EntityId::new();
        tasks.append(id, created()).await.unwrap();
        let head = reading.head(id).await.unwrap();
        assert!(
            head.is_some(),
            "the append of round {round} is not committed"
        );
    }
}
