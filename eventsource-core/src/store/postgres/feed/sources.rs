//! Logs that the feed is made of.

use sqlx::{AssertSqlSafe, Row};

use crate::store::contract::names::{Names, quoted};
use crate::store::postgres::pool::Pool;
use crate::store::sql::statements::{FEED_ENTITIES, OUTBOX};

/// Logs that the feed is made of, also those of machines that this program does not have.
#[derive(Debug)]
pub(crate) struct FeedLogs {
    logs: Vec<FeedLog>,
    /// Whether new events are in the outbox.
    pub(crate) outbox: bool,
}

/// Log of one machine.
#[derive(Debug)]
pub(crate) struct FeedLog {
    pub(crate) number: i16,
    pub(crate) log: String,
    pub(crate) id_column: String,
}

impl FeedLogs {
    /// Reads the logs of the schema; `None` before the first migration.
    pub(crate) async fn load(pool: &Pool, names: &Names) -> Result<Option<Self>, sqlx::Error> {
        let entities = names.shared(FEED_ENTITIES);
        let found = "SELECT to_regclass($1) IS NOT NULL, to_regclass($2) IS NOT NULL";
        let (exists, outbox): (bool, bool) = sqlx::query_as(found)
            .bind(&entities)
            .bind(names.shared(OUTBOX))
            .fetch_one(pool)
            .await?;
        if !exists {
            return Ok(None);
        }
        let rows = sqlx::query(AssertSqlSafe(format!(
            "SELECT number, entity FROM {entities} ORDER BY number"
        )))
        .fetch_all(pool)
        .await?;
        let sources = rows.iter().map(|row| {
            let entity: String = row.try_get("entity")?;
            Ok(FeedLog {
                number: row.try_get("number")?,
                log: names.qualified(&format!("{entity}_event")),
                id_column: quoted(&format!("{entity}_id")),
            })
        });
        let logs = sources.collect::<Result<_, sqlx::Error>>()?;
        Ok(Some(Self { logs, outbox }))
    }

    /// Returns the highest number of an entity, which identifies the list: entities are never removed.
    pub(crate) fn last(&self) -> i16 {
        self.logs.last().map_or(0, |source| source.number)
    }

    /// Returns the names of the logs.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &str> {
        self.logs.iter().map(|source| source.log.as_str())
    }

    /// Returns the union of a SELECT for each log.
    pub(crate) fn union(&self, select: impl Fn(&FeedLog) -> String) -> String {
        let all: Vec<String> = self.logs.iter().map(select).collect();
        all.join("\n    UNION ALL\n    ")
    }
}
