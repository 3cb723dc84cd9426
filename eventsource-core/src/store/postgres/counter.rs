//! Numbers for new entities, without a gap (C7, X21).
//!
//! The number is taken in the transaction that stores the first event: whoever takes one locks the
//! counter until the commit, and a rollback gives the number back. Heads are locked before the
//! counter, so that nobody waits in a circle.

use std::borrow::Cow;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::append::Try;
use super::errors::failed;
use super::pool::Pool;
use super::sql::APPEND_ONLY;
use crate::Error;
use crate::id_format::counted;
use crate::store::backend::Table;
use crate::store::names::{Names, literal};
use crate::store::row::RequestPart;
use crate::store::statements::{self, COUNTERS};

/// The condition of an error that the text raises when entities are there that nobody has counted.
pub(super) const UNCOUNTED: &str = "ES002";

/// The counter of this entity, and what keeps ids that it has not given from beginning a stream.
pub(super) fn create(names: &Names, has_triggers: bool) -> String {
    let counters = names.shared(COUNTERS);
    let guard = if has_triggers {
        guard(names)
    } else {
        String::new()
    };
    format!(
        "
-- The last number that an entity was given.
CREATE TABLE IF NOT EXISTS {counters} (
    entity text PRIMARY KEY,
    last bigint NOT NULL CHECK (last >= 0)
);
CREATE OR REPLACE TRIGGER \"eventsource_counter_forward\" BEFORE UPDATE ON {counters}
    FOR EACH ROW WHEN (NEW.last < OLD.last OR NEW.entity <> OLD.entity)
    EXECUTE FUNCTION {append_only}();
CREATE OR REPLACE TRIGGER \"eventsource_counter_stays\" BEFORE DELETE OR TRUNCATE ON {counters}
    FOR EACH STATEMENT EXECUTE FUNCTION {append_only}();
INSERT INTO {counters} (entity, last) VALUES ({entity}, 0) ON CONFLICT DO NOTHING;
{guard}",
        append_only = names.qualified(APPEND_ONLY),
        entity = literal(names.entity()),
    )
}

/// A counted id is a UUID of version 8 that ends in the number, so ids sort like numbers.
fn guard(names: &Names) -> String {
    format!(
        "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM {counters} AS counter WHERE counter.entity = {entity}
            AND NEW.id >= '00000000-0000-8000-8000-000000000001'
            AND NEW.id <= ('0000000000008000' || to_hex(counter.last | (1::bigint << 63)))::uuid)
    THEN
        RAISE EXCEPTION 'the counter has not given this id'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {trigger} BEFORE INSERT ON {heads}
    FOR EACH ROW EXECUTE FUNCTION {function}();
",
        function = names.qualified(&names.of_log_unquoted("counted")),
        counters = names.shared(COUNTERS),
        entity = literal(names.entity()),
        trigger = names.of_log("counted"),
        heads = names.heads(),
    )
}

/// Raises [`UNCOUNTED`] if there are entities already.
pub(super) fn none_uncounted(names: &Names) -> String {
    format!(
        "DO $$ BEGIN
    IF EXISTS (SELECT FROM {}) THEN
        RAISE EXCEPTION 'there are entities that no counter has named' USING ERRCODE = '{UNCOUNTED}';
    END IF;
END $$;
",
        names.heads()
    )
}

/// The parts, with numbers for what is to be created where entities are counted.
///
/// If the outcome of an earlier try is not known, it may have been on its way to its commit until we
/// got the counter: its events are looked for again then.
pub(super) async fn name<'a>(
    connection: &mut PgConnection,
    table: &Table,
    parts: &'a [RequestPart],
    unknown: bool,
) -> Result<Cow<'a, [RequestPart]>, Try> {
    if !table.rules.id.is_counter() || !parts.iter().any(|part| part.creates) {
        return Ok(Cow::Borrowed(parts));
    }
    let mut named = parts.to_vec();
    for part in named.iter_mut().filter(|part| part.creates) {
        let number: Option<i64> =
            sqlx::query_scalar(AssertSqlSafe(statements::take_number(&table.names)))
                .bind(table.names.entity())
                .fetch_optional(&mut *connection)
                .await?;
        let id = number.and_then(|number| counted(number.unsigned_abs()));
        let id = id.ok_or_else(|| Error::database("the counter has no number left"))?;
        part.entity_id = id.uuid();
        if unknown && created(&mut *connection, table, part).await?.is_some() {
            let source = "an earlier try was committed late".into();
            return Err(Try::Raced(Error::Unavailable { source }));
        }
    }
    Ok(Cow::Owned(named))
}

/// Takes the counter, so that nobody creates an entity before the end of the transaction.
pub(super) async fn hold(connection: &mut PgConnection, table: &Table) -> Result<(), sqlx::Error> {
    if !table.rules.id.is_counter() {
        return Ok(());
    }
    let select = format!(
        "SELECT FROM {} WHERE entity = $1 FOR UPDATE",
        table.names.shared(COUNTERS)
    );
    let held = sqlx::query(AssertSqlSafe(select)).bind(table.names.entity());
    held.execute(connection).await.map(|_| ())
}

/// The next number is higher than this one.
pub(super) async fn pass(
    connection: &mut PgConnection,
    table: &Table,
    number: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(statements::pass_number(&table.names)))
        .bind(table.names.entity())
        .bind(number)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Which entity an earlier try of the part has appended to; `None` if it has not.
pub(super) async fn entity_of(
    pool: &Pool,
    table: &Table,
    part: &RequestPart,
) -> Result<Option<Uuid>, Error> {
    if !table.rules.id.is_counter() || !part.creates {
        return Ok(Some(part.entity_id));
    }
    let mut transaction = pool.begin().await.map_err(failed)?;
    created(&mut transaction, table, part).await.map_err(failed)
}

async fn created(
    connection: &mut PgConnection,
    table: &Table,
    part: &RequestPart,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(statements::select_entity_of(&table.names)))
        .bind(part.first_event_id)
        .fetch_optional(connection)
        .await
}
