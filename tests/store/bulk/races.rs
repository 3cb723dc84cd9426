//! Imports beside what others do.

use eventsource_core::{EntityId, Error, PlainEvent, Retry, Seq};
use futures_util::StreamExt;
use futures_util::stream::once;
use tasks::TaskEvent;
use tokio::sync::oneshot;

use crate::bulk::import::{all_right, started};
use crate::support::database::Database;
use crate::support::machines::{created, deadline, reassigned};

/// As many events as are written at a time. When the first one after two such batches is asked for,
/// one has been written.
const BATCH: usize = 8192;

/// A started task that is assigned anew until it has so many events.
fn long(id: EntityId, events: usize) -> Vec<PlainEvent> {
    let mut all = started(id);
    let time = all[3].recorded_at;
    let again = PlainEvent::of(id, &reassigned("ann"), time).unwrap();
    all.resize(events, again);
    all
}

pub async fn who_appends_meanwhile_comes_after(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (old, new) = (EntityId::new(), EntityId::new());
    let first = PlainEvent::of(old, &created(), deadline()).unwrap();
    tasks.import(all_right(vec![first])).await.unwrap();

    let mut events = started(new);
    // The old one has its first event already.
    events.extend(long(old, 2 * BATCH).into_iter().skip(1));
    let (go_on, wait) = oneshot::channel::<()>();
    let (reached, at_the_end) = oneshot::channel::<()>();
    let last = once(async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
        Ok(PlainEvent::of(
            new,
            &reassigned("eve"),
            deadline() + chrono::TimeDelta::days(1),
        )
        .unwrap())
    });
    let source = all_right(events).chain(last);
    let importing = tokio::spawn({
        let tasks = tasks.clone();
        async move { tasks.import(source).await }
    });
    at_the_end.await.unwrap();
    // Both tasks belong to the import by now.
    let append = |id, event| {
        let tasks = tasks.clone();
        tokio::spawn(async move { tasks.append(id, event).await })
    };
    let (after, twice) = (append(old, reassigned("bob")), append(new, created()));
    go_on.send(()).unwrap();
    importing.await.unwrap().unwrap();
    let after = after.await.unwrap().unwrap();
    assert_eq!(after.first().seq.get() as usize, 2 * BATCH + 1);
    assert!(matches!(twice.await.unwrap(), Err(Error::Rejected { .. })));
    let history = tasks.history(new).await.unwrap();
    assert_eq!(history.len(), 5);
}

/// What another import adds to an entity is there when its turn comes: it has looked after the other's
/// commit, for it waited for the row.
pub async fn an_import_waits_for_another_of_the_same_entity(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let first = PlainEvent::of(id, &created(), deadline()).unwrap();
    tasks.import(all_right(vec![first])).await.unwrap();

    let (go_on, wait) = oneshot::channel::<()>();
    let (reached, at_the_end) = oneshot::channel::<()>();
    let time = deadline() + chrono::TimeDelta::days(1);
    let again = move |days| {
        let time = time + chrono::TimeDelta::days(days);
        Ok(PlainEvent::of(id, &reassigned("eve"), time).unwrap())
    };
    let last = once(async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
        again(0)
    });
    let events = long(id, 2 * BATCH + 1).into_iter().skip(1).collect();
    let source = all_right(events).chain(last);
    let import = |source| {
        let tasks = tasks.clone();
        tokio::spawn(async move { tasks.import(source).await })
    };
    let one = import(source.boxed());
    at_the_end.await.unwrap();
    let other = import(once(async move { again(1) }).boxed());
    somebody_waits(database).await;
    go_on.send(()).unwrap();
    one.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    let seq = tasks.load(id).await.unwrap().unwrap().seq;
    assert_eq!(seq.get() as usize, 2 * BATCH + 3);
}

/// Until somebody waits for a lock in this database, where one can see that.
pub async fn somebody_waits(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let pool = database.sql().await.unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE '%' || current_schema() || '%'";
    let seen = async {
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&pool)
            .await
            .unwrap()
            == 0
        {}
    };
    let limit = std::time::Duration::from_secs(60);
    tokio::time::timeout(limit, seen).await.unwrap();
}

/// Two imports of the same events: one is stored, the other is not, whoever is first.
pub async fn one_of_two_imports_is_stored(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let import = || {
        let tasks = tasks.clone();
        tokio::spawn(async move { tasks.import(all_right(long(id, 100))).await })
    };
    let (one, other) = (import(), import());
    let answers = [one.await.unwrap(), other.await.unwrap()];
    let refused: Vec<Error> = answers.into_iter().filter_map(Result::err).collect();
    let [error] = refused.as_slice() else {
        panic!("{refused:?}");
    };
    // The other was not there yet when it looked, or was: it may come again, or need not.
    let told = matches!(error, Error::NotImported(_)) || error.retry() == Retry::Later;
    assert!(told, "{error:?}");
    assert_eq!(tasks.load(id).await.unwrap().unwrap().seq, Seq::new(100));
}

/// What stands on the log, on the heads and on their parts, by the catalog.
const KEYS: &str = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        || ' ' || convalidated AS line FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND conparentid = 0
    UNION ALL SELECT pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index
        JOIN pg_class AS class ON class.oid = indexrelid
    WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE '%\\_p_\\_%'
        AND relname NOT LIKE '%\\_p_'
    UNION ALL SELECT tgname || ' ' || tgenabled::text FROM pg_trigger
        JOIN pg_class AS class ON class.oid = tgrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal) AS lines";

pub async fn who_imports_alone_leaves_the_tables_as_they_were(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    if let Some(pool) = database.sql().await.filter(|_| database.is_postgres()) {
        let index = "CREATE INDEX mine ON task_event (recorded_at DESC) WHERE seq > 1";
        sqlx::query(index).execute(&pool).await.unwrap();
        let keys = async || -> String {
            let keys = sqlx::query_scalar(KEYS).fetch_one(&pool).await;
            keys.unwrap()
        };
        let before = keys().await;
        for key in [
            "mine",
            "task_event_by_clock",
            "task_event_pkey",
            "task_event_event_id",
        ] {
            assert!(before.contains(key), "{before}");
        }
        tasks.import(all_right(started(id))).alone().await.unwrap();
        assert_eq!(keys().await, before);
        // Each part has its own.
        let parts: i64 = sqlx::query_scalar(
            // Other tests' indexes may go while theirs are looked at: only one's own are.
            "WITH own AS MATERIALIZED (
                SELECT oid FROM pg_class
                WHERE relkind IN ('i', 'I') AND relnamespace = current_schema()::regnamespace)
            SELECT count(*) FROM own WHERE pg_get_indexdef(oid) LIKE '%recorded_at%'",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(parts, if database.is_partitioned() { 4 } else { 1 });
    } else {
        tasks.import(all_right(started(id))).alone().await.unwrap();
    }
    assert_eq!(tasks.history(id).await.unwrap().len(), 4);
    // It goes on with what is there, and is refused what anyone is refused.
    let time = deadline() + chrono::TimeDelta::days(1);
    let mut events = vec![PlainEvent::of(id, &reassigned("bob"), time).unwrap()];
    tasks
        .import(all_right(events.clone()))
        .alone()
        .await
        .unwrap();
    events[0].event_id = Some(tasks.history(id).await.unwrap()[1].id);
    let refused = tasks.import(all_right(events)).alone().await.unwrap_err();
    assert!(
        refused.to_string().contains("an event of the same id"),
        "{refused}"
    );
    let illegal = tasks.import(all_right(started(id))).alone().await;
    assert!(matches!(illegal, Err(Error::NotImported(_))), "{illegal:?}");
    tasks.append(id, reassigned("eve")).await.unwrap();
    assert_eq!(tasks.history(id).await.unwrap().len(), 6);
    let feed = tasks.feed().limit(100).await.unwrap();
    assert_eq!(feed.events.len(), 6);
}

/// Whoever may only write may import, but not take the tables for themselves.
pub async fn only_the_owner_imports_alone(database: &Database) {
    database.events::<TaskEvent>().await;
    let Some(store) = database.connect_as("writer").await else {
        return;
    };
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let id = EntityId::new();
    let refused = tasks.import(all_right(started(id))).alone().await;
    assert!(
        matches!(refused, Err(Error::NotPermitted { .. })),
        "{refused:?}"
    );
    tasks.import(all_right(started(id))).await.unwrap();
    assert_eq!(tasks.history(id).await.unwrap().len(), 4);
}
