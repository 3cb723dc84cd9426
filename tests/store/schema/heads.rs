//! Heads: they move with the events that are inserted, and with nothing else.

use std::sync::Arc;

use eventsource_core::ddl;
use eventsource_core::model::EventIndex;
use eventsource_core::{EntityId, Event, EventStore};
use sqlx::AssertSqlSafe;
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::machines::{created, until_started};
use crate::support::plain_sql::{Row, Stream, assert_refused, execute, takes};

on! {
    sqlite_file:
    insert_of_broken_chain_is_refused,
    insert_of_many_events_moves_their_heads,
}

on_postgres! {
    head_lookup_after_large_batch_uses_key,
    heads_are_updated_within_their_pages,
}

on! {
    postgres:
    append_without_triggers_moves_heads,
}

on! {
    postgres_partitioned:
    insert_into_partition_by_hand_is_refused,
}

fn event(name: &str) -> EventIndex {
    TaskEvent::MACHINE.index_of(name).unwrap()
}

/// Lists the rows that come next in a stream.
fn next(stream: &Stream<'_>, names: &[&str]) -> Vec<Row> {
    let mut stream = stream.clone();
    let mut rows = Vec::new();
    for name in names {
        rows.push(stream.step(event(name)));
        stream = stream.after(event(name));
    }
    rows
}

async fn insert_of_many_events_moves_their_heads(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let new = || Stream::new(database, TaskEvent::MACHINE);
    let (mut known, one, other) = (new(), new(), new());
    known.advance(&pool, event("CREATED")).await;
    let [created, assigned, revised] = &next(&one, &["CREATED", "ASSIGNED", "REVISED"])[..] else {
        unreachable!()
    };
    let [first] = &next(&other, &["CREATED"])[..] else {
        unreachable!()
    };
    let [scheduled, again] = &next(&known, &["SCHEDULED", "REVISED"])[..] else {
        unreachable!()
    };
    let all = [created, scheduled, first, assigned, again, revised];
    execute(&pool, &one.write_all(&all)).await.unwrap();
    for (stream, seq, generation) in [(&known, 3, 2), (&one, 3, 2), (&other, 1, 1)] {
        let head = tasks.head(stream.id).await.unwrap().unwrap();
        assert_eq!((head.seq.get(), head.generation.get()), (seq, generation));
        let history = tasks.history(stream.id).await.unwrap();
        let last = history.last().unwrap();
        assert_eq!(history.len(), usize::try_from(seq).unwrap());
        assert_eq!(
            (head.state, head.updated_at),
            (last.state, last.recorded_at)
        );
        assert_eq!(head.created_at, history[0].recorded_at);
    }
}

async fn insert_of_broken_chain_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let mut known = Stream::new(database, TaskEvent::MACHINE);
    for name in ["CREATED", "REVISED"] {
        known.advance(&pool, event(name)).await;
    }
    let earlier = match database.is_postgres() {
        true => "CAST('2099-01-01 00:00:00Z' AS timestamptz)",
        false => "'2099-01-01T00:00:00.000000Z'",
    };
    let new = Stream::new(database, TaskEvent::MACHINE);
    for (stream, begin) in [(&known, &[][..]), (&new, &["CREATED"][..])] {
        let right = next(
            stream,
            &[begin, &["ASSIGNED", "SCHEDULED", "STARTED"]].concat(),
        );
        let all: Vec<&Row> = right.iter().collect();
        takes(&pool, &stream.write_all(&all)).await.unwrap();
        for broken in 0..right.len() {
            let without: Vec<&Row> = (0..right.len())
                .filter(|n| *n != broken)
                .map(|n| &right[n])
                .collect();
            if broken + 1 < right.len() {
                let sql = stream.write_all(&without);
                assert_refused(takes(&pool, &sql).await, "an event left out");
            }
            for (column, value) in [
                // Legal from there, and the result is right; but nobody was there.
                ("prior_state", "15"),
                ("prior_version", "9"),
                ("seq", "9"),
                ("recorded_at", earlier),
            ] {
                let first_ever = stream.seq == 0 && broken == 0;
                if first_ever && column == "recorded_at" {
                    continue;
                }
                let mut forged = right.clone();
                forged[broken] = forged[broken].clone().with(column, value);
                if column == "prior_version" {
                    forged[broken] = forged[broken].clone().with("version", value);
                }
                let sql = stream.write_all(&forged.iter().collect::<Vec<_>>());
                let what = format!("{column} {value} of number {broken}");
                assert_refused(takes(&pool, &sql).await, &what);
            }
        }
    }
    // One that is wrong takes the others of its statement with it.
    let good = next(&new, &["CREATED"]);
    let bad = next(&known.after(event("ASSIGNED")), &["SCHEDULED"]);
    let sql = new.write_all(&[&good[0], &bad[0]]);
    assert_refused(execute(&pool, &sql).await, "a good one beside a bad one");
    assert_eq!(tasks.head(new.id).await.unwrap(), None);
}

/// Appends to many entities by one call and then to one: plans that are made for the first must not
/// read all heads.
async fn head_lookup_after_large_batch_uses_key(database: &Database) {
    database.events::<TaskEvent>().await;
    let pool = database.writer_sql().await;
    let mut connection = pool.acquire().await.unwrap();
    let one = format!(
        "SELECT outcome FROM task_append_one({}, CAST(6 AS smallint), gen_random_uuid(), 2, '{{}}', '{{}}', NULL)",
        "CAST(lpad('7', 32, '0') AS uuid)"
    );
    for sql in [
        batch(3000, 1, "0"),
        batch(3000, 1, "6"),
        one,
        batch(3, 1, "6"),
        "SELECT pg_stat_force_next_flush()".to_owned(),
    ] {
        let sql = AssertSqlSafe(sql);
        sqlx::raw_sql(sql).execute(&mut *connection).await.unwrap();
    }
    let scans = "SELECT CAST(sum(seq_scan) AS bigint) FROM pg_stat_user_tables
        WHERE schemaname = current_schema() AND relname ~ '^task(_p[0-9]+)?$'";
    let scans: i64 = sqlx::query_scalar(scans)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!(scans, 0);
}

/// Writes the call that appends an event of this type to every so many of the first entities.
fn batch(entities: usize, every: usize, event_type: &str) -> String {
    let all = format!("generate_series({every}, {entities}, {every}) AS n");
    let each = |what: &str| format!("(SELECT array_agg({what} ORDER BY n) FROM {all})");
    let count = entities / every;
    format!(
        "SELECT count(*) FROM task_append_batch({}, {places}, {places}, array_fill(CAST({event_type} AS smallint), ARRAY[{count}]),
            {}, array_fill(CAST(NULL AS integer), ARRAY[{count}]), array_fill('{{}}'::text, ARRAY[{count}]), NULL,
            array_fill('{{}}'::text, ARRAY[{count}]), array_fill(CAST(NULL AS text), ARRAY[{count}]), false)",
        each("CAST(lpad(to_hex(n), 32, '0') AS uuid)"),
        each("gen_random_uuid()"),
        places = each(&format!("n / {every}")),
    )
}

/// Inserts into each partition by its name.
async fn insert_into_partition_by_hand_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let owner = database.sql().await;
    let task = Stream::new(database, TaskEvent::MACHINE);
    let sql = task.write(&task.step(event("CREATED")));
    for partition in 0..3 {
        let sql = sql.replace("\"task_event\"", &format!("task_event_p{partition}"));
        assert_refused(execute(&owner, &sql).await, &sql);
    }
    assert_eq!(tasks.head(task.id).await.unwrap(), None);
}

/// Runs the schema for Citus, but for what makes a cluster of it. It has no triggers: the functions that
/// append move the heads.
async fn append_without_triggers_moves_heads(database: &Database) {
    let options = database.schema_options().citus();
    let text = ddl::postgres_create::<TaskEvent>(&options).unwrap();
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("create_distributed_table"))
        .collect();
    let owner = database.sql().await;
    execute(&owner, &text.join("\n")).await.unwrap();
    let store = database.connect_with(options).await;
    let tasks = Arc::new(store.open::<TaskEvent>().await.unwrap());

    let (one, other) = (EntityId::new(), EntityId::new());
    for event in until_started() {
        tasks.append(one, event).await.unwrap();
    }
    let completed = tasks.append(one, TaskEvent::Completed).idempotency_key("k");
    assert_eq!(completed.await.unwrap().events.len(), 2);
    let both = tasks
        .append(other, created())
        .append(EntityId::new(), created());
    both.await.unwrap();
    // In group commits, new entities and known ones.
    let mut appends = JoinSet::new();
    for n in 0..64 {
        let tasks = Arc::clone(&tasks);
        let id = if n % 2 == 0 { other } else { EntityId::new() };
        appends.spawn(async move {
            let event = if n % 2 == 0 {
                TaskEvent::Revised
            } else {
                created()
            };
            tasks.append(id, event).await.map(|_| id)
        });
    }
    let mut ids = vec![one];
    while let Some(appended) = appends.join_next().await {
        ids.push(appended.unwrap().unwrap());
    }
    for id in ids {
        head_is_last(&tasks, id).await;
    }
    assert_eq!(tasks.head(other).await.unwrap().unwrap().seq.get(), 33);
    tasks.append(one, TaskEvent::Revised).await.unwrap_err();
    let differences = tasks.verify().await.unwrap().differences;
    assert!(differences.is_empty(), "{differences:?}");
    // Nothing but the rights keeps others from the heads there; the verification sees what they do.
    let forge = format!("UPDATE task SET state = 8 WHERE id = '{other}'");
    execute(&owner, &forge).await.unwrap();
    assert!(!tasks.verify().await.unwrap().is_valid());
}

async fn head_is_last(tasks: &EventStore<TaskEvent>, id: EntityId) {
    let head = tasks.head(id).await.unwrap().unwrap();
    let history = tasks.history(id).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!((head.seq, head.generation), (last.seq, last.generation));
    assert_eq!(
        (head.state, head.updated_at),
        (last.state, last.recorded_at)
    );
    assert_eq!(head.created_at, history[0].recorded_at);
    assert_eq!(head.last_event_type, last.event.event_type());
}

/// Updates some heads of each full page, and counts the updates that wrote to no index.
async fn heads_are_updated_within_their_pages(database: &Database) {
    database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let mut transaction = pool.begin().await.unwrap();
    for sql in [batch(900, 1, "0"), batch(900, 9, "6")] {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        sql.execute(&mut *transaction).await.unwrap();
    }
    let updated = sqlx::query_as::<_, (i64, i64)>(
        "SELECT CAST(sum(pg_stat_get_xact_tuples_updated(oid)) AS bigint),
            CAST(sum(pg_stat_get_xact_tuples_hot_updated(oid)) AS bigint)
        FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
            AND relname ~ '^task(_p[0-9])?$'",
    );
    let updated = updated.fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(updated, (100, 100));
}
