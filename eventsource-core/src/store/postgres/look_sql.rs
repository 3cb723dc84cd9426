//! Why nothing was stored: where entities are, and which keys are taken, as of one moment.
//!
//! No lock is taken. An append is refused truly if it would have been at that moment, and its key was
//! not there then.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};

use super::prepared::Prepared;
use crate::store::names::Names;
use crate::store::statements::IDEMPOTENCY;

pub(super) fn statement(names: &Names) -> String {
    format!(
        "SELECT part.id, head.seq, head.version, head.state, head.last_event_type, head.last_event_id,
    head.created_at, head.updated_at, taken.key IS NOT NULL AS repeated
FROM unnest($1::uuid[], $2::text[]) AS part (id, key)
    LEFT JOIN {heads} AS head ON head.id = part.id
    LEFT JOIN {taken} AS taken ON taken.entity = $3::text AND taken.key = part.key",
        heads = names.heads(),
        taken = names.shared(IDEMPOTENCY),
    )
}

/// The statement for these parts, no entity twice.
pub(super) fn query(
    sql: &str,
    parts: &[impl AsRef<Prepared>],
) -> Query<'static, Postgres, PgArguments> {
    let parts = || parts.iter().map(AsRef::as_ref);
    let keys = || parts().map(|part| part.key.as_ref());
    let key = |key: Option<&super::prepared::Key>| key.map(|key| key.key.clone());
    // The text is made once for each store, of quoted identifiers only.
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .bind(parts().map(|part| part.entity_id).collect::<Vec<_>>())
        .bind(keys().map(key).collect::<Vec<_>>())
        .bind(keys().flatten().map(|key| key.entity).next())
}
