//! Order of the feed among concurrent transactions.

use std::collections::BTreeSet;
use std::future::IntoFuture;
use std::sync::Arc;

use eventsource_core::EntityId;
use sqlx::AssertSqlSafe;
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::feed::{check_order, copy_of_last, reader, whole, whole_of};
use crate::support::machines::{created, reassigned};
use crate::support::plain_sql::execute;
use crate::support::tasks::started;
use crate::support::waiting::until_not_busy;

on_every_database! {
    and sqlite_memory, postgres_outbox:
    concurrent_feed_readers_see_each_event_once_in_order,
}

on_every_database! {
    and postgres_outbox:
    rolled_back_insert_leaves_no_gap_in_feed,
}

on_postgres! {
    and postgres_outbox:
    open_transaction_delays_only_its_own_events,
    feed_keeps_stream_order_of_interleaved_transactions,
}

async fn open_transaction_delays_only_its_own_events(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (held, free) = (started(&tasks).await, started(&tasks).await);
    let pool = database.sql().await;
    let mut open = pool.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(copy_of_last(held, true)))
        .execute(&mut *open)
        .await
        .unwrap();
    // Its log sequence is drawn; later events are not held back by that.
    for round in 0..3 {
        tasks.append(free, reassigned("bob")).await.unwrap();
        let feed = whole(database.store()).await;
        assert_eq!(feed.len(), 8 + round + 1);
        check_order(&feed);
    }
    open.commit().await.unwrap();
    let feed = whole(database.store()).await;
    let streams = check_order(&feed);
    assert_eq!(
        streams.values().copied().collect::<BTreeSet<_>>(),
        [5, 7].into()
    );
    assert_eq!(feed.last().unwrap().entity_id, held);
    assert!(
        feed.last().unwrap().log_seq < feed[8].log_seq,
        "late, and not lost"
    );
}

/// Lets a transaction begin before another one and write to the entity after it.
async fn feed_keeps_stream_order_of_interleaved_transactions(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    assert_eq!(whole(database.store()).await.len(), 4);
    let pool = database.sql().await;
    execute(&pool, "CREATE TABLE prior (n int)").await.unwrap();
    let mut early = pool.begin().await.unwrap();
    sqlx::query("INSERT INTO prior VALUES (1)")
        .execute(&mut *early)
        .await
        .unwrap();
    tasks.append(id, reassigned("bob")).await.unwrap();
    sqlx::query(AssertSqlSafe(copy_of_last(id, true)))
        .execute(&mut *early)
        .await
        .unwrap();
    early.commit().await.unwrap();
    // Both come in one batch.
    let feed = whole(database.store()).await;
    assert_eq!(check_order(&feed).into_values().collect::<Vec<_>>(), [6]);
}

/// Runs 16 writers on 3 entities and on new ones, from two stores. On Postgres some have written before
/// in the same transaction, and some roll back.
async fn concurrent_feed_readers_see_each_event_once_in_order(database: &Database) {
    const WRITERS: usize = 16;
    const ROUNDS: usize = 12;
    let tasks = database.events::<TaskEvent>().await;
    let other = match database.is_shared() {
        true => database.another_store().await,
        false => database.store().clone(),
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
            let (pool, hot) = (database.sql().await, Arc::clone(&hot));
            work.spawn(async move {
                let prior = format!("CREATE TABLE prior_{writer} (n int)");
                execute(&pool, &prior).await.unwrap();
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
                let append = |id, event: &TaskEvent| tasks.append(id, event.clone()).into_future();
                let (hot, new) = (hot[(writer + round) % 3], EntityId::new());
                until_not_busy(|| append(hot, &event)).await.unwrap();
                until_not_busy(|| append(new, &created())).await.unwrap();
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
        let head = tasks.head(*id).await.unwrap().unwrap();
        assert_eq!(streams[&("task".to_owned(), *id)], head.seq.get());
    }
    assert_eq!(tasks.search().await.unwrap().total, Some(expected as u64));
}

async fn rolled_back_insert_leaves_no_gap_in_feed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let pool = database.sql().await;
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
