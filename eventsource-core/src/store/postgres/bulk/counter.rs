//! Counter of entity ids during an import, which brings ids of its own.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::store::contract::entity_context::EntityContext;
use crate::store::sql::statements;
use crate::store::sql::statements::COUNTERS;

/// Locks the counter, so that nobody else creates an entity before the end of the transaction.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    context: &EntityContext,
) -> Result<(), sqlx::Error> {
    if !context.rules.id.is_counter() {
        return Ok(());
    }
    let select = format!(
        "SELECT FROM {} WHERE entity = $1 FOR UPDATE",
        context.names.shared(COUNTERS)
    );
    let locked = sqlx::query(AssertSqlSafe(select)).bind(context.names.entity());
    locked.execute(connection).await.map(|_| ())
}

/// Advances the counter, so that its next number is higher than this one.
pub(crate) async fn advance_to(
    connection: &mut PgConnection,
    context: &EntityContext,
    number: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(statements::pass_number(&context.names)))
        .bind(context.names.entity())
        .bind(number)
        .execute(connection)
        .await
        .map(|_| ())
}
