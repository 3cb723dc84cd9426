//! The idempotency key of an append, taken by the statement that stores its events.
//!
//! A key that is there already stores nothing: the transaction answers then, which knows what the
//! first try stored. A key that another transaction is just taking is a unique violation, which is a
//! race like others.

use sqlx::postgres::PgArguments;
use sqlx::query::QueryScalar;
use sqlx::{AssertSqlSafe, Postgres};

use crate::store::contract::names::Names;
use crate::store::postgres::append::prepared::Key;
use crate::store::sql::statements::IDEMPOTENCY;

/// The condition that no append of this machine had the key, or that it is NULL. Each key is looked up:
/// of a `NOT EXISTS` the planner may read all keys there are, for when it plans it knows of few.
pub(crate) fn is_free(names: &Names, entity: &str, key: &str) -> String {
    let taken = names.shared(IDEMPOTENCY);
    format!(
        "(SELECT true FROM {taken} AS taken WHERE taken.entity = {entity} AND taken.key = {key}) IS NULL"
    )
}

/// Where a key goes, with what answers it and when.
pub(crate) fn insert(names: &Names) -> String {
    let taken = names.shared(IDEMPOTENCY);
    format!("INSERT INTO {taken} (entity, key, answered, created_at)")
}

/// One event of an answer, as `Answered` reads it.
pub(crate) fn answered(id: &str, seq: &str, requested: &str) -> String {
    format!("jsonb_build_object('entity_id', {id}, 'seq', {seq}, 'requested', {requested})")
}

/// Which of some keys are there.
pub(crate) fn taken(names: &Names) -> String {
    format!(
        "SELECT key FROM {} WHERE entity = $1 AND key = ANY($2::text[])",
        names.shared(IDEMPOTENCY)
    )
}

/// That statement for keys of one machine, at least one.
pub(crate) fn query_taken(
    sql: &str,
    first: &Key,
    keys: Vec<String>,
) -> QueryScalar<'static, Postgres, String, PgArguments> {
    // The text is made once for each store, of quoted identifiers only.
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .bind(first.entity)
        .bind(keys)
}
