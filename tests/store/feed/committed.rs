//! Windows of the feed, several machines in one order, and the position of all that was committed.

use eventsource_core::{EntityId, Error, Feed, Position, Retry, Seq};
use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Row};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::feed::{nth, number};
use crate::support::machines::created;
use crate::support::machines::light::first::LightEvent;
use crate::support::tasks::started;
use crate::support::waiting::within;

on_every_database! {
    and postgres_outbox:
    window_of_feed_ends_at_its_position_and_gives_none,
    pages_of_several_machines_merge_into_one_order,
    committed_position_covers_every_answered_append,
    ids_and_positions_are_values_of_sql,
}

on_postgres! {
    and postgres_outbox:
    committed_position_without_right_is_an_error,
    committed_position_waits_for_other_sequencer,
}

async fn window_of_feed_ends_at_its_position_and_gives_none(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let latest = tasks.feed().latest_position().await.unwrap();
    started(&tasks).await;
    let page = tasks.feed().up_to(latest).await.unwrap();
    assert_eq!((page.events.len(), page.checkpoint), (4, latest));
    assert!(!page.has_more);
    let page = tasks.feed().after(nth(1)).up_to(nth(3)).limit(1).await;
    let page = page.unwrap();
    assert_eq!((page.events.len(), number(page.checkpoint)), (1, 2));
    assert!(page.has_more);
    let nothing = tasks.feed().after(nth(3)).up_to(nth(3)).await.unwrap();
    assert_eq!((nothing.events.len(), number(nothing.checkpoint)), (0, 3));

    // The later four have positions on SQLite only; a window never ends after the last position.
    let given = if database.is_postgres() { 4 } else { 8 };
    let page = tasks.feed().up_to(nth(100)).await.unwrap();
    assert_eq!(number(page.checkpoint), given);
    assert_eq!(page.events.len() as u64, given);
    assert_eq!(tasks.feed().await.unwrap().events.len(), 8);
}

async fn pages_of_several_machines_merge_into_one_order(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    for _ in 0..5 {
        started(&tasks).await;
        lights
            .append(EntityId::new(), LightEvent::Wired)
            .await
            .unwrap();
    }
    let latest = lights.feed().latest_position().await.unwrap();
    let mut checkpoint = Position::START;
    let mut seen = Vec::new();
    while checkpoint < latest {
        let of_tasks = tasks.feed().after(checkpoint).up_to(latest).limit(3);
        let of_tasks = of_tasks.await.unwrap();
        let of_lights = lights.feed().after(checkpoint).up_to(of_tasks.checkpoint);
        let of_lights = of_lights.await.unwrap();
        checkpoint = of_lights.checkpoint;
        let mut both: Vec<Position> = of_tasks.events.iter().map(|event| event.0).collect();
        both.extend(of_lights.events.iter().map(|event| event.0));
        both.sort();
        seen.extend(both);
    }
    assert_eq!(seen, (1..=25).map(nth).collect::<Vec<_>>());
}

async fn committed_position_covers_every_answered_append(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let other = database.another_store().await;
    let (tasks, other) = (&tasks, &other);
    // A process of its own gives positions as fast as it can, so that turns are taken.
    let sequencer = other
        .sequencer()
        .interval(std::time::Duration::from_millis(1));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let sequencer = tokio::spawn(sequencer.run_until(async { stopped.await.unwrap_or_default() }));
    within(join_all((0..8).map(|_| async move {
        for _ in 0..40 {
            let id = EntityId::new();
            tasks.append(id, created()).await.unwrap();
            let committed = other.feed().committed_position().await.unwrap();
            let page = other.feed().after(Position::START).up_to(committed);
            let page = page.limit(10_000).await.unwrap();
            assert_eq!(page.checkpoint, committed);
            assert!(page.events.iter().any(|event| event.entity_id == id));
        }
    })))
    .await;
    stop.send(()).unwrap();
    sequencer.await.unwrap().unwrap();
}

async fn ids_and_positions_are_values_of_sql(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let position = tasks.feed().latest_position().await.unwrap();
    let event = tasks.history(id).await.unwrap()[1].id;
    let query = "SELECT task_id, event_id, seq, $1 FROM task_event WHERE task_id = $2 AND seq = $3";
    let (found, found_event, seq, at): (EntityId, _, Seq, Position) = match database.schema() {
        Some(schema) => {
            let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
            let sql = query.replace("task_event ", &format!("\"{schema}\".task_event "));
            let query = sqlx::query(AssertSqlSafe(sql)).bind(position).bind(id);
            let row = query.bind(Seq::new(2)).fetch_one(&pool).await.unwrap();
            (row.get(0), row.get(1), row.get(2), row.get(3))
        }
        None => {
            let pool = sqlx::SqlitePool::connect(database.url()).await.unwrap();
            let query = sqlx::query(query).bind(position).bind(id);
            let row = query.bind(Seq::new(2)).fetch_one(&pool).await.unwrap();
            (row.get(0), row.get(1), row.get(2), row.get(3))
        }
    };
    assert_eq!(
        (found, found_event, seq.get(), at),
        (id, event, 2, position)
    );
    assert_eq!(Feed::distance(Position::START, at), 4);
    assert_eq!(EntityId::from(uuid::Uuid::from(id)), id);
    assert_eq!(at.to_string().parse(), Ok(at));
}

async fn committed_position_without_right_is_an_error(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let reader = database.connect_as("reader").await;
    let error = reader.feed().committed_position().await.unwrap_err();
    assert!(matches!(error, Error::CannotSequence { .. }), "{error}");
    assert_eq!(error.retry(), Retry::Never);
    // The other form reads what others have given.
    assert_eq!(
        reader.feed().latest_position().await.unwrap(),
        Position::START
    );
    let writer = database.connect_as("writer").await;
    let committed = writer.feed().committed_position().await.unwrap();
    assert_eq!(committed, nth(4));
}

/// Another process has the turn and is slow: its positions are waited for.
async fn committed_position_waits_for_other_sequencer(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let pool = database.sql().await;
    let mut other = pool.begin().await.unwrap();
    sqlx::query("SELECT batch FROM eventsource_sequencer FOR UPDATE")
        .fetch_all(&mut *other)
        .await
        .unwrap();
    let latest = tasks.feed().latest_position().await.unwrap();
    assert_eq!(latest, Position::START, "the turn of another is passed");
    let mut waiting = tokio::spawn(tasks.feed().committed_position());
    let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut waiting).await;
    assert!(early.is_err(), "nobody has given positions yet");
    other.rollback().await.unwrap();
    assert_eq!(within(waiting).await.unwrap().unwrap(), nth(4));
}
