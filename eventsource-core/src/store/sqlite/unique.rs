//! Check of unique fields before an insert, which says what is taken; the triggers check it again.

use eventsource_model::EventIndex;
use sqlx::{AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::sqlite::ddl::unique::path;
use crate::store::sqlite::errors::failed;

/// Checks that no other entity has the values that the event sets.
pub(crate) async fn check(
    connection: &mut SqliteConnection,
    context: &EntityContext,
    entity_id: Uuid,
    event_type: EventIndex,
    payload: &str,
) -> Result<(), Error> {
    for field in context.rules.machine.unique_fields() {
        let mut sources = field.set_by.iter();
        let Some((_, from)) = sources.find(|(event, _)| *event == event_type) else {
            continue;
        };
        let sql = format!(
            "SELECT $1 -> {path} FROM {table}
WHERE field = $2 AND value = ($1 ->> {path}) AND entity_id <> $3",
            path = path(from),
            table = context.names.unique(),
        );
        let taken: Option<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(payload)
            .bind(&*field.name)
            .bind(entity_id.hyphenated())
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed)?;
        if let Some(value) = taken {
            return Err(Error::Taken {
                entity: context.names.entity().to_owned(),
                field: field.name.to_string(),
                value: serde_json::from_str(&value).unwrap_or_default(),
            });
        }
    }
    Ok(())
}
