//! Idempotency keys: which events answer a request with a key.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::Error;
use crate::store::contract::names::Names;
use crate::store::contract::request::{Answered, KeyOf};
use crate::store::sql::statements::{EARLIER_KEYS, KEYS};
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::read::row::time_text;

/// Most expired keys that are deleted for each one that is stored.
const FORGOTTEN: u32 = 2;

/// Point in time up to which stored keys have expired.
#[derive(Clone, Debug)]
pub(crate) struct Expired(Option<String>);

impl Expired {
    /// Returns the point for keys that expire at this age, if they do.
    pub(crate) fn at(now: DateTime<Utc>, after: Option<Duration>) -> Self {
        // An age beyond all times is one that no key has.
        let until = after
            .and_then(|after| TimeDelta::from_std(after).ok())
            .and_then(|after| now.checked_sub_signed(after));
        Self(until.map(time_text))
    }

    /// Returns the text of the time; before all others if keys do not expire.
    fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Reads which events an earlier request with this key has stored; `None` if there was none.
pub(crate) async fn answered(
    connection: &mut SqliteConnection,
    names: &Names,
    of: KeyOf<'_>,
    expired: &Expired,
) -> Result<Option<Vec<Answered>>, Error> {
    let sql = format!(
        "SELECT answered FROM {} WHERE entity = $1 AND key = $2 AND actor = $3 AND created_at > $4
UNION ALL SELECT answered FROM {} WHERE entity = $1 AND key = $2 AND created_at > $4 LIMIT 1",
        names.shared(KEYS),
        names.shared(EARLIER_KEYS)
    );
    let answered: Option<Json<Vec<Answered>>> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(names.entity())
        .bind(of.key)
        .bind(of.actor)
        .bind(expired.text())
        .fetch_optional(connection)
        .await
        .map_err(failed)?;
    Ok(answered.map(|Json(answered)| answered))
}

/// Stores a key that no request has, or an expired one; and deletes a few others that have expired.
pub(crate) async fn store(
    connection: &mut SqliteConnection,
    names: &Names,
    of: KeyOf<'_>,
    answered: &[Answered],
    now: DateTime<Utc>,
    expired: &Expired,
) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO {} (entity, key, actor, answered, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (entity, key, actor) DO UPDATE
SET answered = excluded.answered, created_at = excluded.created_at",
        names.shared(KEYS)
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(names.entity())
        .bind(of.key)
        .bind(of.actor)
        .bind(Json(answered))
        .bind(time_text(now))
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    let Some(until) = &expired.0 else {
        return Ok(());
    };
    for table in [KEYS, EARLIER_KEYS] {
        // Rows have the order in which they were stored: the first ones are the oldest.
        let sql = format!(
            "DELETE FROM {table} WHERE created_at <= $1
AND rowid IN (SELECT rowid FROM {table} ORDER BY rowid LIMIT {FORGOTTEN})",
            table = names.shared(table)
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(until)
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
    }
    Ok(())
}
