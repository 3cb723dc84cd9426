//! Clients that claim the same values at the same time.

use std::collections::BTreeMap;

use eventsource_core::{EntityId, Error};
use futures_util::future::join_all;

use super::users::unique::UserEvent;
use super::users::{moved, registered};
use crate::support::database::Database;
use crate::support::waiting::within;

on_every_database! {
    and sqlite_memory:
    clients_at_once_never_have_same_value,
    clients_that_exchange_values_never_have_same_value,
}

const CLIENTS: usize = 64;

/// One in ten of the addresses is one that another client wants too.
async fn clients_at_once_never_have_same_value(database: &Database) {
    let users = database.events::<UserEvent>().await;
    // Clients of two processes, where another one sees the database.
    let other = match database.is_shared() {
        true => database.another_events::<UserEvent>().await,
        false => users.clone(),
    };
    let rounds = 12;
    let clients = (0..CLIENTS).map(|client| {
        let users = if client % 2 == 0 { &users } else { &other };
        async move {
            let mut stored = Vec::new();
            for round in 0..rounds {
                let number = client * rounds + round;
                let email = match number % 10 {
                    0 => format!("same{}@x", number / 20),
                    _ => format!("{number}@x"),
                };
                let id = EntityId::new();
                match users.append(id, registered(&email)).await {
                    Ok(_) => stored.push((email, id)),
                    Err(Error::Taken { value, .. }) => assert_eq!(value, email),
                    Err(error) => panic!("{error:?}"),
                }
            }
            stored
        }
    });
    let stored: Vec<_> = within(join_all(clients))
        .await
        .into_iter()
        .flatten()
        .collect();
    let by_email: BTreeMap<_, _> = stored.iter().cloned().collect();
    assert_eq!(by_email.len(), stored.len(), "nobody has what another has");
    // Every address has somebody: of those who want one at once one gets it.
    let wanted = (0..CLIENTS * rounds)
        .filter(|number| number % 10 != 0)
        .count();
    let shared = (0..CLIENTS * rounds).step_by(10).map(|number| number / 20);
    let shared = shared.collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(by_email.len(), wanted + shared);
}

/// Everybody wants the values of others, in opposite orders and several in one request.
async fn clients_that_exchange_values_never_have_same_value(database: &Database) {
    let users = &database.events::<UserEvent>().await;
    let ids: Vec<EntityId> = (0..8).map(|_| EntityId::new()).collect();
    for (n, id) in ids.iter().enumerate() {
        users
            .append(*id, registered(&format!("{n}@x")))
            .await
            .unwrap();
    }
    let ids = &ids;
    let clients = (0..16_usize).map(|client| async move {
        for round in 0..12 {
            let one = ids[(client + round) % 8];
            let other = ids[(client * 3 + round * 5 + 1) % 8];
            let (first, second) = (
                format!("{}@x", (client * 7 + round) % 10),
                format!("{}@x", round % 10),
            );
            let request = users.append(one, moved(&first));
            let request = match one == other {
                true => request,
                false => request.append(other, moved(&second)),
            };
            match request.await {
                Ok(_) | Err(Error::Taken { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    });
    within(join_all(clients)).await;
    let mut emails = BTreeMap::new();
    for id in ids {
        let data = users.data(*id).await.unwrap().unwrap().value;
        let before = emails.insert(data.email.unwrap(), *id);
        assert_eq!(before, None, "two have the same");
    }
}
