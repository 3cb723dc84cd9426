//! Rights to the tables of the runtime, and those of a worker to the logs.

use crate::store::contract::names::{Names, literal, quoted};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::sql::runtime::{
    COMMANDS, DEADLINES, GENERATIONS, PARKED, RETIRE, SCHEDULES, SHARDS, SUBSCRIPTIONS, SWITCH,
    WORKERS,
};
use crate::store::sql::statements::{
    CATCH_UP, EVENT_TYPES, FEED, FEED_ENTITIES, MACHINES, SEQUENCER,
};

/// Columns of a shard that its owner writes; which shards there are is up to the owner of the tables.
const OF_WORKER: &str = "position, epoch, owner, moved_at, building, attempts, \
                         retry_at, halted";

/// Returns the SQL that grants each role what it needs, and revokes everything else.
pub(crate) fn grant(names: &Names, options: &SchemaOptions) -> String {
    let tables = [
        SUBSCRIPTIONS,
        GENERATIONS,
        SHARDS,
        PARKED,
        WORKERS,
        COMMANDS,
        DEADLINES,
        SCHEDULES,
    ];
    let all = tables.map(|table| names.shared(table)).join(", ");
    let roles = &options.roles;
    let (writer, reader) = (roles.writer.as_deref(), roles.reader.as_deref());
    let mut from = vec!["PUBLIC".to_owned()];
    for role in [writer, reader, roles.worker_or_writer()]
        .into_iter()
        .flatten()
    {
        let role = quoted(role);
        if !from.contains(&role) {
            from.push(role);
        }
    }
    let mut sql = format!(
        "
-- Rights: what is not granted here, only the owner has.
REVOKE ALL ON {all} FROM {};
",
        from.join(", ")
    );
    for role in [writer, reader].into_iter().flatten() {
        sql += &of_everybody(names, options, role);
    }
    if let Some(writer) = writer {
        let commands = names.shared(COMMANDS);
        sql += &format!(
            "GRANT SELECT, INSERT, UPDATE ON {commands} TO {};\n",
            quoted(writer)
        );
    }
    if let Some(worker) = roles.worker_or_writer() {
        sql += &of_everybody(names, options, worker);
        sql += &of_worker(names, options, worker);
    }
    sql
}

/// Returns the rights of all roles: to see what is live and how far it is.
fn of_everybody(names: &Names, options: &SchemaOptions, role: &str) -> String {
    let tables = [SUBSCRIPTIONS, GENERATIONS, SHARDS, DEADLINES];
    format!(
        "GRANT USAGE ON SCHEMA {schema} TO {role};\nGRANT SELECT ON {tables} TO {role};\n",
        schema = quoted(options.schema_or_public()),
        tables = tables.map(|table| names.shared(table)).join(", "),
        role = quoted(role),
    )
}

/// Returns the rights of a worker to the tables of the runtime and to the logs that exist by now.
fn of_worker(names: &Names, options: &SchemaOptions, worker: &str) -> String {
    let own = [PARKED, WORKERS, COMMANDS, DEADLINES, SCHEDULES];
    let functions = [SWITCH, RETIRE].map(|name| format!("{}(text, integer)", names.shared(name)));
    let schema = literal(options.schema_or_public());
    format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {own} TO {worker};
GRANT UPDATE (paused, settings) ON {subscriptions} TO {worker};
GRANT UPDATE ({OF_WORKER}) ON {shards} TO {worker};
GRANT EXECUTE ON FUNCTION {functions} TO {worker};
-- Logs of before; a migration grants the rights to its own.
DO $$
DECLARE
    machine text;
BEGIN
    IF to_regclass({machines_literal}) IS NULL THEN
        RETURN;
    END IF;
    GRANT SELECT ON {shared} TO {worker};
    FOR machine IN SELECT entity FROM {machines} LOOP
        EXECUTE format('GRANT SELECT ON %I.%I, %I.%I, %I.%I, %I.%I TO {worker}',
            {schema}, machine, {schema}, machine || '_event',
            {schema}, machine || '_event_view', {schema}, machine || '_view');
    END LOOP;
    IF to_regprocedure({catch_up_literal}) IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION {catch_up} TO {worker};
    END IF;
END $$;
",
        own = own.map(|table| names.shared(table)).join(", "),
        worker = quoted(worker),
        subscriptions = names.shared(SUBSCRIPTIONS),
        shards = names.shared(SHARDS),
        functions = functions.join(", "),
        machines = names.shared(MACHINES),
        machines_literal = literal(&names.shared(MACHINES)),
        shared = [MACHINES, EVENT_TYPES, FEED, FEED_ENTITIES, SEQUENCER]
            .map(|table| names.shared(table))
            .join(", "),
        catch_up = format_args!("{}(bigint)", names.shared(CATCH_UP)),
        catch_up_literal = literal(&format!("{}(bigint)", names.shared(CATCH_UP))),
    )
}
