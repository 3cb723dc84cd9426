//! TODO

use sqlx::{AssertSqlSafe, Row};

use crate::store::contract::names::{Names, quoted};
use crate::store::postgres::pool::Pool;
use crate::store::sql::statements::{FEED_ENTITIES, OUTBOX};

/// The logs that the feed is made of, also those that this program knows nothing of.
#[derive(Debug)]
pub(crate) struct Sources {
    logs: Vec<Source>,
    /// Whether what is new is in the outbox.
    pub(crate) outbox: bool,
}

#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) number: i16,
    pub(crate) log: String,
    pub(crate) id_column: String,
}

impl Sources {
    /// `None` before the first migration.
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
            Ok(Source {
                number: row.try_get("number")?,
                log: names.qualified(&format!("{entity}_event")),
                id_column: quoted(&format!("{entity}_id")),
            })
        });
        let logs = sources.collect::<Result<_, sqlx::Error>>()?;
        Ok(Some(Self { logs, outbox }))
    }

    /// The highest number: entities never go away.
    pub(crate) fn last(&self) -> i16 {
        self.logs.last().map_or(0, |source| source.number)
    }

    pub(crate) fn logs(&self) -> impl Iterator<Item = &str> {
        self.logs.iter().map(|source| source.log.as_str())
    }

    /// One SELECT for each log, all together.
    pub(crate) fn union(&self, select: impl Fn(&Source) -> String) -> String {
        let all: Vec<String> = self.logs.iter().map(select).collect();
        all.join("\n    UNION ALL\n    ")
    }
}
