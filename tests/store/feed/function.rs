//! Function that gives events their positions: who may call it, and in which transactions.

use eventsource_core::EntityId;
use sqlx::{AnyPool, AssertSqlSafe, Row};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::feed::{check_order, copy_of_last, whole};
use crate::support::machines::light::first::LightEvent;
use crate::support::machines::reassigned;
use crate::support::plain_sql::{assert_refused, execute};
use crate::support::tasks::started;

on_postgres! {
    and postgres_outbox:
    writer_gives_positions_by_plain_sql,
    role_without_rights_cannot_give_positions,
    call_beside_open_call_does_not_wait,
    event_appended_after_call_in_same_transaction_is_in_feed,
}

on_postgres! {
    call_in_transaction_that_has_written_is_refused,
    call_that_misses_an_entity_gives_no_position,
}

/// Statement that gives positions to at most two events.
const CALL: &str = "SELECT last_position, more FROM eventsource_catch_up(2)";

/// Gives positions to at most two events; returns the last position, and whether there are more.
async fn call(pool: &AnyPool) -> (i64, bool) {
    let row = sqlx::query(CALL).fetch_one(pool).await.unwrap();
    (row.get(0), row.get(1))
}

/// Returns the SQLSTATE with which a call is refused, as the last statement.
async fn refused_as(pool: &AnyPool, statements: &str) -> String {
    let error = execute(pool, statements).await.unwrap_err();
    execute(pool, "ROLLBACK").await.unwrap();
    let error = error.as_database_error().unwrap();
    error.code().unwrap().into_owned()
}

async fn writer_gives_positions_by_plain_sql(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let writer = database.writer_sql().await;
    assert_eq!(call(&writer).await, (0, false));
    let id = started(&tasks).await;
    tasks.append(id, reassigned("bob")).await.unwrap();
    let mut positions = Vec::new();
    let mut more = true;
    while more {
        let batch = call(&writer).await;
        positions.push(batch.0);
        more = batch.1;
    }
    positions.dedup();
    assert_eq!(positions, [2, 4, 5]);
    assert_eq!(call(&writer).await, (5, false));
    // Whatever it is called with.
    tasks.append(id, reassigned("zoe")).await.unwrap();
    for most in ["0", "-1", "NULL", "9223372036854775807", ""] {
        let sql = format!("SELECT * FROM eventsource_catch_up({most})");
        execute(&writer, &sql).await.unwrap();
    }
    check_order(&whole(database.store()).await);
}

async fn role_without_rights_cannot_give_positions(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let stranger = database.role("stranger");
    let owner = database.sql().await;
    let create = format!(
        "CREATE ROLE {stranger} NOLOGIN; GRANT USAGE ON SCHEMA {} TO {stranger}",
        database.schema().unwrap()
    );
    execute(&owner, &create).await.unwrap();
    for role in ["stranger", "reader"] {
        let pool = database.sql_as(role).await;
        assert_refused(execute(&pool, CALL).await, role);
        pool.close().await;
    }
    let remove = format!("DROP OWNED BY {stranger}; DROP ROLE {stranger}");
    execute(&owner, &remove).await.unwrap();
    let feed = sqlx::query("SELECT count(*) FROM eventsource_feed");
    let feed = feed.fetch_one(&owner).await.unwrap();
    assert_eq!(feed.get::<i64, _>(0), 0);
}

/// Holds the lock of a batch: others do nothing meanwhile, and go on from it afterwards.
async fn call_beside_open_call_does_not_wait(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let (one, other) = (database.writer_sql().await, database.writer_sql().await);
    let mut open = one.begin().await.unwrap();
    let row = sqlx::query(CALL).fetch_one(&mut *open).await.unwrap();
    assert_eq!((row.get::<i64, _>(0), row.get::<bool, _>(1)), (2, true));
    assert_eq!(call(&other).await, (0, false));
    open.commit().await.unwrap();
    assert_eq!(call(&other).await.0, 4);
    check_order(&whole(database.store()).await);
}

/// Appends in the transaction of a call, while others append and call.
async fn event_appended_after_call_in_same_transaction_is_in_feed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (late, other) = (started(&tasks).await, started(&tasks).await);
    whole(database.store()).await;
    tasks.append(other, reassigned("ann")).await.unwrap();
    let pool = database.sql().await;
    let mut open = pool.begin().await.unwrap();
    sqlx::query(CALL).fetch_one(&mut *open).await.unwrap();
    tasks.append(other, reassigned("bob")).await.unwrap();
    sqlx::query(AssertSqlSafe(copy_of_last(late, true)))
        .execute(&mut *open)
        .await
        .unwrap();
    open.commit().await.unwrap();
    tasks.append(other, reassigned("zoe")).await.unwrap();
    let streams = check_order(&whole(database.store()).await);
    let of = |id: EntityId| streams[&("task".to_owned(), id)];
    assert_eq!((of(late), of(other)), (5, 7));
}

/// Tries to make a snapshot in which a transaction that goes on counts as finished: what it inserted
/// later would never be in the feed.
async fn call_in_transaction_that_has_written_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let pool = database.sql().await;
    for sql in [
        format!("BEGIN; {}; {CALL}", copy_of_last(id, true)),
        format!("BEGIN; SELECT pg_current_xact_id()::text; {CALL}"),
        format!("BEGIN; SAVEPOINT a; CREATE TEMP TABLE a (); ROLLBACK TO a; {CALL}"),
        format!("BEGIN; {CALL}; {CALL}"),
    ] {
        assert_eq!(refused_as(&pool, &sql).await, "EV021", "{sql}");
    }
    assert_eq!(check_order(&whole(database.store()).await).len(), 1);
}

/// Adds an entity behind the function's back, as one sees it who called before a migration: to save
/// the snapshot would lose its events.
async fn call_that_misses_an_entity_gives_no_position(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let pool = database.sql().await;
    let add = "INSERT INTO eventsource_feed_entity VALUES (2, 'light')";
    execute(&pool, add).await.unwrap();
    assert_eq!(refused_as(&pool, CALL).await, "EV020");
    let error = database.store().feed().await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("an entity was added to the feed"),
        "{source}"
    );
    let remove = "DELETE FROM eventsource_feed_entity WHERE number = 2";
    execute(&pool, remove).await.unwrap();
    // The next migration of an entity makes the function anew.
    let lights = database.events::<LightEvent>().await;
    lights.append(id, LightEvent::Wired).await.unwrap();
    assert_eq!(whole(database.store()).await.len(), 5);
}
