//! Many that expect where an entity is, when only one can be right.

use std::collections::BTreeMap;

use eventsource_core::{EntityId, Error, EventStore, Seq};
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::group_commit::paths::{in_order, on_one_thread};
use crate::support::database::Database;
use crate::support::machines::{reassigned, until_started};

async fn started(tasks: &EventStore<TaskEvent>) -> EntityId {
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    id
}

/// The sequence that was expected, and the one that there was.
fn conflict(error: Error, of: EntityId) -> (Seq, Seq) {
    let text = error.to_string();
    match error {
        Error::Conflict {
            entity_id,
            id,
            expected,
            actual,
        } if entity_id == of && id == of.to_string() => (expected, actual),
        _ => panic!("{text}"),
    }
}

/// Each reads, appends after what it has read, and reads again if it was too late.
pub async fn who_reads_again_stores_in_the_end(database: &Database) {
    const CLIENTS: usize = 24;
    const EACH: usize = 5;
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    // Two programs, where another one can see the database.
    let programs = if database.is_in_memory() {
        [tasks.clone(), tasks.clone()]
    } else {
        let other = database.opener().await.unwrap();
        [tasks.clone(), other.migrate().await.unwrap()]
    };
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let tasks = programs[client % 2].clone();
        clients.spawn(async move {
            let mut stored = BTreeMap::new();
            for round in 0..EACH {
                let name = format!("client {client}, round {round}");
                let appended = loop {
                    let seen = tasks.load(id).await.unwrap().unwrap().seq;
                    let append = tasks.append(id, reassigned(&name)).expecting(seen);
                    match append.await {
                        Ok(appended) => break appended,
                        Err(error) => {
                            let (expected, actual) = conflict(error, id);
                            assert_eq!(expected, seen);
                            assert!(actual > seen, "{actual:?} is not after {seen:?}");
                            let now = tasks.load(id).await.unwrap().unwrap().seq;
                            assert!(actual <= now, "{actual:?} is not yet");
                        }
                    }
                };
                stored.insert(name, appended.first().clone());
            }
            stored
        });
    }
    let mut stored: BTreeMap<_, _> = clients.join_all().await.into_iter().flatten().collect();
    let history = tasks.history(id).await.unwrap();
    let seqs = history.iter().map(|event| event.seq.get());
    assert!(seqs.eq(1..=u32::try_from(4 + CLIENTS * EACH).unwrap()));
    for event in &history[4..] {
        let TaskEvent::Reassigned { assignee } = &event.event else {
            panic!("{event:?}");
        };
        assert_eq!(stored.remove(assignee).as_ref(), Some(event));
    }
    assert_eq!(stored, BTreeMap::new(), "acknowledged and not stored");
}

/// Who waited behind an append that has moved the entity on is told so at once. The database is not
/// asked, and would have said the same.
pub async fn who_was_behind_hears_it_without_a_statement(database: &Database) {
    let Some((proxy, store)) = database.behind_proxy().await else {
        return;
    };
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started(&tasks).await;
    let last = started(&tasks).await;
    let before = proxy.answers();
    let told = on_one_thread(async move {
        let expectations = [4, 4, 0, 3, 4, 1, 2, 4, 4, 4];
        let append = |seq| {
            let append = tasks.append(id, reassigned("ann")).expecting(Seq::new(seq));
            async move { append.await }
        };
        let behind = in_order(expectations.map(append)).await;
        // The same of the database, which has nobody waiting.
        let mut asked = Vec::new();
        for seq in [0, 3, 4] {
            asked.push((seq, append(seq).await.unwrap_err().to_string()));
        }
        tasks.append(last, reassigned("ann")).await.unwrap();
        (expectations, behind, asked)
    });
    let (expectations, behind, asked) = told.await;
    // Four statements and three looks; ten times as many if each was asked.
    let answers = proxy.answers() - before;
    assert!(answers < 14, "{answers} answers");
    for (n, (seq, answer)) in expectations.into_iter().zip(behind).enumerate() {
        match answer {
            Ok(appended) => assert_eq!((n, appended.first().seq), (0, Seq::new(5))),
            Err(error) => {
                let text = error.to_string();
                let same = asked.iter().find(|(asked, _)| *asked == seq);
                assert!(same.is_none_or(|(_, asked)| *asked == text), "{text}");
                assert_eq!(conflict(error, id), (Seq::new(seq), Seq::new(5)));
            }
        }
    }
}

/// What was stored with a key answers its repeat, however far the entity is by then.
pub async fn a_repeat_behind_a_newer_head_is_a_repeat(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let keyed = || {
        let append = tasks.append(id, reassigned("ann")).expecting(Seq::new(4));
        append.idempotency_key("k")
    };
    let first = keyed().await.unwrap();
    for _ in 0..8 {
        let seen = tasks.load(id).await.unwrap().unwrap().seq;
        let ask = async |is_repeat: bool| match is_repeat {
            true => keyed().await.unwrap(),
            false => {
                let append = tasks.append(id, reassigned("bob")).expecting(seen);
                append.await.unwrap()
            }
        };
        let answers = in_order([false, true, true].map(ask)).await;
        assert_eq!(answers[0].first().seq, seen.next());
        for repeat in &answers[1..] {
            assert!(repeat.replayed);
            assert_eq!(repeat.events, first.events);
        }
    }
}

/// The newer head is that of one's own event, of which nobody has heard.
pub async fn a_lost_answer_is_no_conflict(database: &Database) {
    let Some((proxy, store)) = database.behind_proxy().await else {
        return;
    };
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started(&tasks).await;
    for round in 4..9 {
        let append = |name: String| {
            let append = tasks
                .append(id, reassigned(&name))
                .expecting(Seq::new(round));
            async move { append.await }
        };
        proxy.lose_the_next_answer();
        let names = (0..4).map(|client| format!("client {client}"));
        let answers = in_order(names.map(append)).await;
        assert!(proxy.has_lost_it());
        let history = tasks.history(id).await.unwrap();
        assert_eq!(history.len(), round as usize + 1);
        let mut winners = 0;
        for answer in answers {
            match answer {
                Ok(appended) => {
                    assert_eq!(appended.events[..], history[round as usize..]);
                    winners += 1;
                }
                Err(error) => {
                    let told = conflict(error, id);
                    assert_eq!(told, (Seq::new(round), Seq::new(round + 1)));
                }
            }
        }
        assert_eq!(winners, 1);
    }
}
