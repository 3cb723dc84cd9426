//! Checks of the tables after somebody has changed them.

use eventsource_core::{DifferenceKind, SchemaObject, Verification};
use sqlx::AssertSqlSafe;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::light::{first, second};
use crate::support::machines::long;
use crate::support::plain_sql::execute;

on_every_database! {
    and postgres_outbox:
    verify_names_every_change_to_tables,
    verify_after_migrations_finds_no_difference,
}

on_postgres! {
    and postgres_outbox:
    verify_names_disabled_triggers_and_constraints,
    verify_names_dropped_domain_and_type,
}

on_postgres! {
    verify_of_each_machine_finds_changed_function_of_feed,
}

/// Lists what was found, one a line.
fn found(verified: &Verification) -> Vec<String> {
    assert_eq!(verified.violations, []);
    let mut found: Vec<String> = verified
        .differences
        .iter()
        .map(ToString::to_string)
        .collect();
    found.sort();
    found
}

async fn verify_names_every_change_to_tables(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let (writer, reader) = (database.role("writer"), database.role("reader"));
    let mut done: Vec<(String, Vec<String>)> = Vec::new();
    let mut sabotage = |sql: &str, found: &[&str]| {
        done.push((
            sql.to_owned(),
            found.iter().map(|found| (*found).to_owned()).collect(),
        ));
    };
    if database.is_postgres() {
        // What others add is theirs.
        sabotage("CREATE INDEX mine ON task_event (recorded_at)", &[]);
        sabotage("ALTER TABLE task ADD COLUMN note text", &[]);
        sabotage("GRANT SELECT ON task TO PUBLIC", &[]);
        sabotage("CREATE TABLE task_plan (id int)", &[]);
        sabotage(&format!("GRANT ALL ON task_plan TO {reader}"), &[]);
        sabotage(
            "ALTER DOMAIN task_event_rules_89e2fe73 DROP CONSTRAINT task_event_requires_deadline",
            &["constraint task_event_requires_deadline of task_event_rules_89e2fe73 is missing"],
        );
        sabotage(
            "ALTER DOMAIN task_event_rules_89e2fe73 DROP CONSTRAINT task_event_requires_assignee;
            ALTER DOMAIN task_event_rules_89e2fe73 ADD CONSTRAINT task_event_requires_assignee
                CHECK ((VALUE).seq > 0)",
            &[
                "constraint task_event_requires_assignee of task_event_rules_89e2fe73 is \
                 `CHECK (((VALUE).seq > 0))`, expected `CHECK (COALESCE((((VALUE).event_type <> \
                 ALL (ARRAY[1, 4])) OR (((VALUE).data ->> 'assignee'::text) IS NOT NULL)), false))`",
            ],
        );
        sabotage(
            "ALTER DOMAIN task_event_rules_89e2fe73 DROP CONSTRAINT task_event_rules;
            ALTER DOMAIN task_event_rules_89e2fe73 ADD CONSTRAINT task_event_rules
                CHECK (true) NOT VALID",
            &[
                "constraint task_event_rules of task_event_rules_89e2fe73 is `CHECK (true)`, expected",
            ],
        );
        sabotage(
            "ALTER TABLE task_event DROP CONSTRAINT task_event_legal,
                ADD CONSTRAINT task_event_legal CHECK (seq > 0)",
            &[
                "constraint task_event_legal of task_event is `CHECK ((seq > 0))`, expected \
                 `CHECK (((ROW(event_type, prior_state, state, seq, version, prior_version, data, \
                 metadata)::task_event_row)::task_event_rules_89e2fe73 IS DISTINCT FROM NULL))`",
            ],
        );
        sabotage(
            "ALTER TABLE eventsource_feed DROP CONSTRAINT eventsource_feed_position_check,
                ADD CONSTRAINT eventsource_feed_position_check CHECK (position >= 1) NOT VALID",
            &[
                "constraint eventsource_feed_position_check of eventsource_feed is not \
               validated for existing rows",
            ],
        );
        sabotage(
            "ALTER TABLE task_event DISABLE TRIGGER task_event_append_only",
            &["trigger task_event_append_only of task_event is switched off"],
        );
        sabotage(
            "DROP TRIGGER task_event_keeps_heads ON task",
            &["trigger task_event_keeps_heads of task is missing"],
        );
        sabotage(
            "DROP INDEX task_event_by_clock",
            &["index task_event_by_clock of task_event is missing"],
        );
        sabotage(
            &format!("GRANT DELETE ON task_event TO {writer}"),
            &[&format!(
                "right DELETE to {writer} of task_event is there and should not be"
            )],
        );
        sabotage(
            &format!("GRANT UPDATE (seq) ON task TO {reader}"),
            &[&format!(
                "right UPDATE (seq) to {reader} of task is there and should not be"
            )],
        );
        sabotage(
            &format!("REVOKE SELECT ON task FROM {writer}"),
            &[&format!("right SELECT to {writer} of task is missing")],
        );
        sabotage(
            "ALTER TABLE task ALTER COLUMN version DROP NOT NULL",
            &["column version of task is `integer`, expected `integer NOT NULL`"],
        );
        sabotage(
            "CREATE OR REPLACE FUNCTION eventsource_append_only() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN RETURN NULL; END'",
            &["function eventsource_append_only is `BEGIN RETURN NULL; END`, expected ` BEGIN"],
        );
        sabotage(
            "ALTER FUNCTION eventsource_catch_up(bigint) SECURITY INVOKER",
            &["function eventsource_catch_up is ` DECLARE"],
        );
        sabotage(
            &format!("REVOKE EXECUTE ON FUNCTION eventsource_catch_up(bigint) FROM {writer}"),
            &[&format!(
                "right EXECUTE to {writer} of eventsource_catch_up is missing"
            )],
        );
        sabotage(
            &format!(
                "GRANT EXECUTE ON FUNCTION task_append_one(uuid, smallint, uuid, integer, text, text, text, bigint) TO PUBLIC, {reader}"
            ),
            &["right EXECUTE to PUBLIC of task_append_one is there and should not be"],
        );
        sabotage(
            &format!("GRANT INSERT ON eventsource_feed TO {writer}"),
            &[&format!(
                "right INSERT to {writer} of eventsource_feed is there and should not be"
            )],
        );
        sabotage("DROP VIEW task_view", &["view task_view is missing"]);
        sabotage(
            "DROP TABLE eventsource_idempotency",
            &["table eventsource_idempotency is missing"],
        );
    } else {
        sabotage("CREATE INDEX mine ON task_event (recorded_at)", &[]);
        sabotage(
            "DROP TRIGGER task_event_no_delete",
            &["trigger task_event_no_delete of task_event is missing"],
        );
        sabotage(
            "DROP INDEX task_event_by_event_id",
            &["index task_event_by_event_id of task_event is missing"],
        );
        sabotage(
            "DROP TRIGGER task_event_keeps_head;
            CREATE TRIGGER task_event_keeps_head BEFORE DELETE ON task BEGIN SELECT 1; END",
            &[
                "trigger task_event_keeps_head of task is `CREATE TRIGGER task_event_keeps_head BEFORE \
               DELETE ON task BEGIN SELECT 1; END`, expected `CREATE TRIGGER",
            ],
        );
        sabotage(
            "DROP TABLE eventsource_idempotency",
            &["table eventsource_idempotency is missing"],
        );
    }
    let mut expected: Vec<String> = Vec::new();
    for (sql, found) in done {
        execute(&pool, &sql).await.unwrap();
        expected.extend(found);
    }
    expected.sort();
    let found = found(&tasks.verify().await.unwrap());
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(&expected) {
        assert!(
            found.replace('\n', " ").starts_with(expected),
            "{found}\n{expected}"
        );
    }
}

async fn verify_names_dropped_domain_and_type(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let check = "constraint task_event_legal of task_event is missing";
    let domain = "domain task_event_rules_89e2fe73 is missing";
    execute(&pool, "DROP DOMAIN task_event_rules_89e2fe73")
        .await
        .unwrap_err();
    execute(&pool, "DROP DOMAIN task_event_rules_89e2fe73 CASCADE")
        .await
        .unwrap();
    assert_eq!(found(&tasks.verify().await.unwrap()), [check, domain]);
    execute(&pool, "DROP TYPE task_event_row").await.unwrap();
    let of_type = "type task_event_row is missing";
    assert_eq!(
        found(&tasks.verify().await.unwrap()),
        [check, domain, of_type]
    );
}

async fn verify_names_disabled_triggers_and_constraints(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    execute(&pool, "ALTER TABLE task_event DISABLE TRIGGER ALL")
        .await
        .unwrap();
    let keys: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
            AND 'task_event'::regclass IN (conrelid, confrelid)",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let verified = tasks.verify().await.unwrap();
    let off = |object| {
        let drift = verified
            .differences
            .iter()
            .filter(move |drift| drift.object == object);
        drift
            .filter(|drift| drift.kind == DifferenceKind::Disabled)
            .count()
    };
    assert!(off(SchemaObject::Trigger) >= 2, "{verified:#?}");
    assert_eq!(
        off(SchemaObject::Constraint),
        usize::try_from(keys).unwrap()
    );
    assert_eq!(
        off(SchemaObject::Trigger) + off(SchemaObject::Constraint),
        verified.differences.len(),
        "{verified:#?}"
    );
    // Only for what comes over a replication it is as good as off.
    execute(&pool, "ALTER TABLE task_event ENABLE TRIGGER ALL")
        .await
        .unwrap();
    assert_eq!(found(&tasks.verify().await.unwrap()), [""; 0]);
    let replica = "ALTER TABLE task_event ENABLE REPLICA TRIGGER task_event_append_only";
    execute(&pool, replica).await.unwrap();
    assert_eq!(
        found(&tasks.verify().await.unwrap()),
        ["trigger task_event_append_only of task_event is switched off"]
    );
    let always = "ALTER TABLE task_event ENABLE ALWAYS TRIGGER task_event_append_only";
    execute(&pool, always).await.unwrap();
    assert_eq!(found(&tasks.verify().await.unwrap()), [""; 0]);
}

/// Migrates step by step, and verifies against the tables of one migration.
async fn verify_after_migrations_finds_no_difference(database: &Database) {
    database.events::<first::LightEvent>().await;
    let lights = database.events::<second::LightEvent>().await;
    assert_eq!(found(&lights.verify().await.unwrap()), [""; 0]);
    database.events::<long::before::LongEvent>().await;
    let long = database.events::<long::after::LongEvent>().await;
    assert_eq!(found(&long.verify().await.unwrap()), [""; 0]);
}

/// Changes the function that two machines of a schema share, by what only one of them has.
async fn verify_of_each_machine_finds_changed_function_of_feed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<first::LightEvent>().await;
    assert_eq!(found(&tasks.verify().await.unwrap()), [""; 0]);
    assert_eq!(found(&lights.verify().await.unwrap()), [""; 0]);
    let pool = database.sql().await;
    for function in ["eventsource_catch_up(bigint)", "eventsource_resync()"] {
        let definition = format!("SELECT pg_get_functiondef('{function}'::regprocedure)");
        let definition: String = sqlx::query_scalar(AssertSqlSafe(definition))
            .fetch_one(&pool)
            .await
            .unwrap();
        let changed = definition.replace("light_event", "task_event");
        execute(&pool, &changed).await.unwrap();
        let name = function.split('(').next().unwrap();
        for verified in [tasks.verify().await, lights.verify().await] {
            let found = found(&verified.unwrap());
            assert_eq!(found.len(), 1, "{found:#?}");
            assert!(found[0].starts_with(&format!("function {name} is")));
        }
        execute(&pool, &definition).await.unwrap();
        assert_eq!(found(&lights.verify().await.unwrap()), [""; 0]);
    }
}
