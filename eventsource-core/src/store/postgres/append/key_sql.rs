//! Fragments that store the idempotency key of an append in the statement of its events.
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

/// Returns the condition that the key is new, or NULL.
///
/// A subquery looks up each key; for `NOT EXISTS` the planner may read all keys, since it plans while
/// there are few.
pub(crate) fn is_free(names: &Names, entity: &str, key: &str) -> String {
    let taken = names.shared(IDEMPOTENCY);
    format!(
        "(SELECT true FROM {taken} AS taken WHERE taken.entity = {entity} AND taken.key = {key}) IS NULL"
    )
}

/// Returns the INSERT of keys, without its values.
pub(crate) fn insert(names: &Names) -> String {
    let taken = names.shared(IDEMPOTENCY);
    format!("INSERT INTO {taken} (entity, key, answered, created_at)")
}

/// Returns the expression of one event of an answer, as `Answered` decodes it.
pub(crate) fn answered(id: &str, seq: &str, requested: &str) -> String {
    format!("jsonb_build_object('entity_id', {id}, 'seq', {seq}, 'requested', {requested})")
}

/// Returns the query which of some keys exist.
pub(crate) fn taken(names: &Names) -> String {
    format!(
        "SELECT key FROM {} WHERE entity = $1 AND key = ANY($2::text[])",
        names.shared(IDEMPOTENCY)
    )
}

/// Binds the keys of one machine, at least one, to the text of [`taken`].
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
