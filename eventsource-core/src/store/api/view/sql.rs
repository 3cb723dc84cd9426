//! Statements that read the rows of a view.

use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::dialect::Dialect;
use crate::store::contract::names::literal;
use crate::{Error, Position};

/// Most characters of the values of a page; a single value may be longer.
const MAX_PAGE: u32 = 8 << 20;

/// Selects key, value and position of one key.
pub(crate) fn get(table: &str) -> String {
    format!("SELECT key, CAST(value AS text), position FROM {table} WHERE key = $1")
}

/// Selects key, value and position of a page, and the number of rows that it would have if values of
/// any length fitted.
///
/// The parameters are the limit, the value of the field if there is one, and the key to begin after if
/// there is one.
pub(crate) fn list(table: &str, dialect: Dialect, field: Option<&str>, has_after: bool) -> String {
    let mut conditions = Vec::new();
    if let Some(field) = field {
        let indexed = indexed(dialect, field);
        conditions.push(match dialect {
            Dialect::Postgres => format!(
                "{indexed} = hashtextextended(CAST(CAST($2 AS jsonb) AS text), 0)
        AND CAST({} AS text) = CAST(CAST($2 AS jsonb) AS text)",
                value_of(dialect, field)
            ),
            Dialect::Sqlite => format!("{indexed} = $2"),
        });
    }
    if has_after {
        conditions.push(format!("key > ${}", 2 + conditions.len()));
    }
    let condition = match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", conditions.join(" AND ")),
    };
    format!(
        "SELECT key, value, position, rows FROM (
    SELECT key, value, position, count(*) OVER () AS rows,
        sum(length(value)) OVER (ORDER BY key) - length(value) AS before
    FROM (
        SELECT key, CAST(value AS text) AS value, position FROM {table}{condition}
        ORDER BY key LIMIT $1
    ) AS page
) AS counted
WHERE before < {MAX_PAGE} ORDER BY key"
    )
}

/// Returns the expression of an index on a field, by which equal values are found.
pub(crate) fn indexed(dialect: Dialect, field: &str) -> String {
    let value = value_of(dialect, field);
    match dialect {
        // A value of any length has a hash of eight bytes.
        Dialect::Postgres => format!("hashtextextended(CAST({value} AS text), 0)"),
        Dialect::Sqlite => value,
    }
}

/// Returns the expression of the value of a field, as JSON.
fn value_of(dialect: Dialect, field: &str) -> String {
    let name = match dialect {
        Dialect::Postgres => literal(field),
        Dialect::Sqlite => literal(&format!("$.\"{field}\"")),
    };
    format!("(value -> {name})")
}

/// Returns the last position of the feed as this connection sees it.
pub(crate) async fn last_position(transaction: &mut Transaction<'_>) -> Result<Position, Error> {
    let select = "SELECT max(position) FROM {eventsource_feed}";
    let rows = transaction.fetch(select, ()).await?;
    let last: Option<Position> = rows.first().map(|row| row.get(0)).transpose()?.flatten();
    Ok(last.unwrap_or(Position::START))
}
