//! Idempotency keys that several actors use at the same moment.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::keys_of_actors::{Answer, Machines, TicketEvent, WAYS, Way, actors};
use crate::support::concurrency::{in_order, on_one_thread};
use crate::support::database::Database;

on_every_database! {
    key_used_at_once_by_different_actors_is_stored_for_each,
}

on_postgres! {
    key_of_different_actors_that_gather_is_stored_for_each,
}

/// Sends each request several times for each of several actors, all at once and from two programs.
async fn key_used_at_once_by_different_actors_is_stored_for_each(database: &Database) {
    let machines = Machines::of(database.store()).await;
    let other = Machines {
        tasks: database.another_events().await,
        tickets: database.another_events().await,
        ids: machines.ids,
    };
    for way in WAYS {
        let mut tries = JoinSet::new();
        for round in 0..4 {
            for (n, actor) in actors().into_iter().enumerate() {
                let machines = [&machines, &other][round % 2].clone();
                let key = format!("{way:?} at once");
                tries.spawn(async move {
                    let answer = machines.ask(way, actor.as_ref(), &key, "x").await;
                    // The fourth one is ann too.
                    (if n == 3 { 1 } else { n }, answer)
                });
            }
        }
        let answers = tries.join_all().await;
        for n in 0..3 {
            let own = answers.iter().filter(|(actor, _)| *actor == n);
            let (stored, repeated): (Vec<&Answer>, Vec<&Answer>) = own
                .map(|(_, answer)| answer)
                .partition(|answer| matches!(answer, Answer::Stored(_)));
            let [Answer::Stored(events)] = stored.as_slice() else {
                panic!("{way:?}: {stored:?}");
            };
            let expected = Answer::Repeated(events.clone());
            assert!(
                repeated.iter().all(|answer| **answer == expected),
                "{way:?}"
            );
        }
    }
    assert!(machines.tickets.verify().await.unwrap().is_valid());
}

/// Queues requests of several actors with one key, and others without a key, behind each other.
async fn key_of_different_actors_that_gather_is_stored_for_each(database: &Database) {
    let machines = Machines::of(database.store()).await;
    let answers = on_one_thread(async move {
        let mut requests = Vec::new();
        for round in 0..3 {
            for (n, actor) in actors().into_iter().enumerate() {
                for way in WAYS {
                    let machines = machines.clone();
                    let actor = actor.clone();
                    requests.push(async move {
                        if n == 2 {
                            let noted = TicketEvent::Noted {
                                text: "n".to_owned(),
                            };
                            let append = machines.tickets.append(machines.ids[1], noted);
                            append.await.unwrap();
                        }
                        let answer = machines.ask(way, actor.as_ref(), "k", "x").await;
                        (round, n, way as usize, answer)
                    });
                }
            }
        }
        // The ways that share a machine share its keys: each has one of its own.
        in_order(requests).await
    });
    let mut events = BTreeMap::new();
    for (_, n, way, answer) in &answers.await {
        // Keys of tickets are of three ways, of which the first one is stored.
        let of = (if *n == 3 { 1 } else { *n }, *way == Way::Create as usize);
        if let Answer::Stored(ids) = answer {
            assert_eq!(events.insert(of, ids.clone()), None, "{of:?}");
        }
    }
    assert_eq!(events.len(), 3 * 2);
}
