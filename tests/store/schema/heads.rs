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

on_every_database! {
    and postgres_outbox:
    insert_of_broken_chain_is_refused,
}

on_every_database! {
    and postgres_outbox:
    insert_of_many_events_moves_their_heads,
}

on_postgres! {
    head_function_cannot_be_used_by_foreign_trigger,
    head_lookup_after_large_insert_uses_key,
    heads_are_updated_within_their_pages,
}

on! {
    postgres:
    append_without_triggers_moves_heads,
}

on! {
    postgres_partitioned:
    insert_into_partition_moves_head,
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

/// Tries to run the function that moves heads, which has its owner's rights, on rows of a foreign table.
async fn head_function_cannot_be_used_by_foreign_trigger(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    let pool = database.writer_sql().await;
    let mut connection = pool.begin().await.unwrap();
    let make = "CREATE TEMP TABLE forged (LIKE task_event)";
    sqlx::raw_sql(make).execute(&mut *connection).await.unwrap();
    let borrow = "CREATE TRIGGER borrowed AFTER INSERT ON forged REFERENCING NEW TABLE AS stored
        FOR EACH STATEMENT EXECUTE FUNCTION task_event_moves_head()";
    let refused = sqlx::raw_sql(borrow).execute(&mut *connection).await;
    connection.rollback().await.unwrap();
    let error = refused.unwrap_err();
    assert_eq!(
        error.as_database_error().unwrap().code().as_deref(),
        Some("42501")
    );
}

/// Inserts many events at once and then one: the plan for many must not read all heads.
async fn head_lookup_after_large_insert_uses_key(database: &Database) {
    database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let mut connection = pool.acquire().await.unwrap();
    let insert = "INSERT INTO task_event (task_id, seq, event_id, event_type, prior_state, state, \
        prior_version, version, recorded_at, data, metadata) SELECT ";
    let id = "CAST('00000000-0000-0000-0000-' || lpad(CAST(n AS text), 12, '0') AS uuid)";
    let rest = "gen_random_uuid(), 6, 1, 1, s - 1, s, now(), '{}', '{}'";
    let first = "1, gen_random_uuid(), 0, 0, 1, 0, 1, now(), '{}', '{}'";
    for sql in [
        format!("{insert} {id}, {first} FROM generate_series(1, 3000) AS n"),
        format!(
            "{insert} {id}, s, {rest} FROM generate_series(1, 3000) AS n, generate_series(2, 2) AS s"
        ),
        format!(
            "{insert} {id}, s, {rest} FROM generate_series(7, 7) AS n, generate_series(3, 3) AS s"
        ),
        format!(
            "{insert} {id}, s, {rest} FROM generate_series(1, 900) AS n, generate_series(4, 6) AS s WHERE n = 7"
        ),
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

/// Inserts into a partition by its name.
async fn insert_into_partition_moves_head(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let owner = database.sql().await;
    let mut task = Stream::new(database, TaskEvent::MACHINE);
    for (name, taken) in [
        ("ASSIGNED", 0),
        ("CREATED", 1),
        ("STARTED", 0),
        ("ASSIGNED", 1),
    ] {
        let sql = task.write(&task.step(event(name)));
        let mut took = 0;
        for partition in 0..3 {
            let sql = sql.replace("\"task_event\"", &format!("task_event_p{partition}"));
            took += u32::from(execute(&owner, &sql).await.is_ok());
        }
        assert_eq!(took, taken, "{name}");
        if taken == 1 {
            task = task.after(event(name));
        }
        let head = tasks.head(task.id).await.unwrap();
        assert_eq!(head.map_or(0, |head| head.seq.get()), task.seq);
    }
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
    let insert = |seq: u32, event_type: u32, version: u32, every: u32| {
        format!(
            "INSERT INTO task_event (task_id, seq, event_id, event_type, prior_state, state,
                prior_version, version, recorded_at, data, metadata)
            SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), {seq}, gen_random_uuid(), {event_type},
                {prior}, 1, {prior}, {version}, now(), '{{}}', '{{}}'
            FROM generate_series(1, 900) AS n WHERE n % {every} = 0",
            prior = version - 1,
        )
    };
    for sql in [insert(1, 0, 1, 1), insert(2, 6, 2, 9)] {
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
