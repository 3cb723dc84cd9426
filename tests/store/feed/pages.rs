//! One order of all events, after commit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{EntityId, EventStore, FeedEvent, Follow, Position, Seq, Store};
use sqlx::{AnyPool, AssertSqlSafe};
use tasks::TaskEvent;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::database::Database;
use crate::support::machines::light::{self, first::LightEvent};
use crate::support::machines::{assigned, created, reassigned, until_started};

/// Whoever waits longer waits in vain.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it never came")
}

pub async fn started(tasks: &EventStore<TaskEvent>) -> EntityId {
    let id = EntityId::new();
    let [created, rest @ ..] = until_started();
    let first = tasks.append(id, created);
    rest.into_iter()
        .fold(first, |append, event| append.then(event))
        .await
        .unwrap();
    id
}

pub async fn execute(pool: &AnyPool, sql: &str) {
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .unwrap();
}

/// The whole feed by small pages.
pub async fn whole(store: &Store) -> Vec<FeedEvent> {
    let mut events = Vec::new();
    let mut after = Position::START;
    loop {
        let page = store.feed().after(after).limit(64).await.unwrap();
        if page.up_to == after {
            return events;
        }
        after = page.up_to;
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

/// Positions are 1, 2, 3; each stream is 1, 2, 3. Returns how many events each stream has.
pub fn check_order(feed: &[FeedEvent]) -> BTreeMap<(String, EntityId), u32> {
    let positions: Vec<u64> = feed.iter().map(|event| event.position.get()).collect();
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

pub async fn pages_in_one_order_over_all_machines(database: &Database) {
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
    assert_eq!(page.up_to, Position::new(4));

    // One machine's events are whole, and keep the positions that they have among all.
    let page = tasks.feed().await.unwrap();
    assert_eq!(page.up_to, Position::new(4));
    let positions: Vec<u64> = page.events.iter().map(|event| event.0.get()).collect();
    assert_eq!(positions, [1, 4]);
    assert_eq!(page.events[1].1, assigned.events[0]);

    // A page ends where the next begins, also between the events of others.
    let page = tasks.feed().limit(1).await.unwrap();
    assert_eq!((page.events.len(), page.up_to), (1, Position::new(1)));
    let page = tasks.feed().after(page.up_to).limit(1).await.unwrap();
    assert_eq!(page.events[0].1, assigned.events[0]);
    // The more there is of others the further a page looks, and never too far.
    let busy = started(&tasks).await;
    let mut after = Position::START;
    let mut seen = Vec::new();
    while seen.len() < 6 {
        let page = tasks.feed().after(after).limit(2).await.unwrap();
        assert_eq!(page.events.len(), 2);
        after = page.up_to;
        seen.extend(page.events.into_iter().map(|(_, recorded)| recorded));
    }
    let mut histories = tasks.history(task).await.unwrap();
    histories.extend(tasks.history(busy).await.unwrap());
    assert_eq!(seen, histories);

    let page = lights.feed().after(Position::new(3)).await.unwrap();
    assert_eq!((page.events.len(), page.up_to), (0, Position::new(8)));
    let page = lights.feed().after(Position::new(8)).await.unwrap();
    assert_eq!((page.events.len(), page.up_to), (0, Position::new(8)));
}

pub async fn a_feed_that_nobody_has_written_is_empty(database: &Database) {
    let page = database.store().feed().await.unwrap();
    assert_eq!((page.events, page.up_to), (vec![], Position::START));
    let tasks = database.events::<TaskEvent>().await;
    let page = tasks.feed().await.unwrap();
    assert_eq!((page.events.len(), page.up_to), (0, Position::START));
}

pub async fn what_is_rolled_back_leaves_no_gap(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(copy_of_last(id, database.is_postgres())))
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.rollback().await.unwrap();
    tasks.append(id, reassigned("bob")).await.unwrap();
    let feed = whole(database.store()).await;
    assert_eq!(check_order(&feed), [(("task".to_owned(), id), 5)].into());
}

/// An event written by plain SQL: another one like the last, which is legal for `REASSIGNED`.
pub fn copy_of_last(id: EntityId, postgres: bool) -> String {
    let new_id = match postgres {
        true => "gen_random_uuid()",
        false => "lower(hex(randomblob(16)))",
    };
    let (number, data) = (
        "(SELECT number FROM eventsource_event_type WHERE name = 'REASSIGNED')",
        r#"'{"assignee": "sql"}'"#,
    );
    format!(
        "INSERT INTO task_event (task_id, seq, event_id, event_type, prior_state, state,
            prior_version, version, recorded_at, data, metadata)
        SELECT task_id, seq + 1, {new_id}, {number}, state, state, version, version, recorded_at,
            {data}, metadata
        FROM task_event WHERE task_id = '{id}' ORDER BY seq DESC LIMIT 1"
    )
}

pub async fn a_follower_gets_history_and_then_what_comes(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let mut follow = tasks.feed().limit(3).follow();
    for place in 1..=4 {
        let (position, recorded) = within(follow.next()).await.unwrap();
        assert_eq!((position.get(), recorded.seq.get()), (place, place as u32));
        assert_eq!(follow.position(), position);
    }
    // It waits, and giving up waiting loses nothing.
    assert!(
        timeout(Duration::from_millis(30), follow.next())
            .await
            .is_err()
    );
    let waiting = tokio::spawn(async move { (follow.next().await.unwrap(), follow) });
    let appended = tasks.append(id, reassigned("bob")).await.unwrap();
    let (event, follow) = within(waiting).await.unwrap();
    assert_eq!(event, (Position::new(5), appended.events[0].clone()));

    // Another goes on where it stood.
    let mut other = tasks.feed().after(follow.position()).follow();
    let appended = tasks.append(id, reassigned("zoe")).await.unwrap();
    let event = within(other.next()).await.unwrap();
    assert_eq!(event, (Position::new(6), appended.events[0].clone()));
}

pub async fn a_follower_hears_of_another_process(database: &Database) {
    if database.is_in_memory() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let other = database.opener().await.unwrap();
    let other = other.open::<TaskEvent>().await.unwrap();
    let mut follow = tasks.feed().follow();
    for round in 0..5 {
        let waiting = tokio::spawn(async move { (follow.next().await.unwrap(), follow) });
        let id = EntityId::new();
        other.append(id, created()).await.unwrap();
        let (event, again) = within(waiting).await.unwrap();
        assert_eq!((event.0.get(), event.1.entity_id), (round + 1, id));
        follow = again;
    }
}

/// Sees each event once, in order, until it has seen `events` of them.
pub fn reader(store: Store, events: usize) -> impl Future<Output = ()> {
    let mut follow: Follow<Store> = store.feed().limit(50).follow();
    async move {
        let mut seen = Vec::with_capacity(events);
        while seen.len() < events {
            seen.push(within(follow.next()).await.unwrap());
        }
        check_order(&seen);
    }
}

/// 16 writers on 3 entities and on new ones, from two processes; some have written before in the
/// same transaction, some roll back, and one keeps its transaction open. Where only one can write,
/// they do what can be done there.
pub async fn every_reader_sees_each_event_once_and_in_order(database: &Database) {
    const WRITERS: usize = 16;
    const ROUNDS: usize = 12;
    let tasks = database.events::<TaskEvent>().await;
    let other = match database.is_in_memory() {
        true => database.store().clone(),
        false => database.opener().await.unwrap(),
    };
    let mut hot = Vec::new();
    for _ in 0..3 {
        hot.push(started(&tasks).await);
    }
    let hot = Arc::new(hot);
    // 4 of each hot entity to begin with; each writer appends one to a hot one and one to a new one.
    let mut expected = 3 * 4 + WRITERS * ROUNDS * 2;
    let mut work = JoinSet::new();
    if database.is_postgres() {
        // Prior writes: the transaction has its number before it waits for the entity's lock.
        for writer in 0..4 {
            let (pool, hot) = (database.sql().await.unwrap(), Arc::clone(&hot));
            work.spawn(async move {
                execute(
                    &pool,
                    &format!("CREATE TABLE IF NOT EXISTS prior_{writer} (n int)"),
                )
                .await;
                for round in 0..ROUNDS {
                    let mut transaction = pool.begin().await.unwrap();
                    let id = hot[(writer + round) % 3];
                    for sql in [
                        format!("INSERT INTO prior_{writer} VALUES ({round})"),
                        format!("SELECT 1 FROM task WHERE id = '{id}' FOR UPDATE"),
                        copy_of_last(id, true),
                        "SELECT pg_sleep(0.005)".to_owned(),
                    ] {
                        sqlx::query(AssertSqlSafe(sql))
                            .execute(&mut *transaction)
                            .await
                            .unwrap();
                    }
                    if round % 3 == 0 {
                        transaction.rollback().await.unwrap();
                    } else {
                        transaction.commit().await.unwrap();
                    }
                }
            });
        }
        expected += 4 * (ROUNDS - ROUNDS.div_ceil(3));
    }
    for writer in 0..WRITERS {
        let store = [database.store(), &other][writer % 2].clone();
        let hot = Arc::clone(&hot);
        work.spawn(async move {
            let tasks = store.open::<TaskEvent>().await.unwrap();
            for round in 0..ROUNDS {
                let event = reassigned(&format!("{writer}, {round}"));
                tasks
                    .append(hot[(writer + round) % 3], event)
                    .await
                    .unwrap();
                tasks.append(EntityId::new(), created()).await.unwrap();
            }
        });
    }
    for reads in 0..4 {
        work.spawn(reader(
            [database.store(), &other][reads % 2].clone(),
            expected,
        ));
    }
    work.join_all().await;
    let feed = whole_of(&other, expected).await;
    let streams = check_order(&feed);
    assert_eq!(feed.len(), expected);
    for id in hot.iter() {
        let head = tasks.load(*id).await.unwrap().unwrap();
        assert_eq!(streams[&("task".to_owned(), *id)], head.seq.get());
    }
    assert_eq!(tasks.search().await.unwrap().total, expected as u64);
}

pub async fn the_feed_is_append_only(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let before = whole(database.store()).await;
    let Some(pool) = database.sql().await else {
        return;
    };
    for sql in [
        "DELETE FROM eventsource_feed",
        "UPDATE eventsource_feed SET seq = 9",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap_err();
    }
    assert_eq!(whole(database.store()).await, before);
}

/// Nor are the events in it put into the feed again.
pub async fn a_changed_machine_keeps_its_place(database: &Database) {
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
    let page = lights.feed().after(Position::new(1)).await.unwrap();
    assert_eq!(page.events[1].1.event, light::second::LightEvent::Dimmed);
}

/// At whatever point that is.
pub async fn a_caller_that_gives_up_loses_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let mut follow = tasks.feed().limit(1).follow();
    let mut seen = Vec::new();
    for wait in 0..200 {
        let next = timeout(Duration::from_micros(10 * wait), follow.next()).await;
        seen.extend(next.into_iter().map(|event| event.unwrap().0.get()));
        if wait % 20 == 0 {
            tasks.append(id, reassigned("bob")).await.unwrap();
        }
    }
    while seen.len() < 14 {
        seen.push(within(follow.next()).await.unwrap().0.get());
    }
    assert_eq!(seen, (1..=14).collect::<Vec<_>>());
}
