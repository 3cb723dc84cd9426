//! The tables of the feed.

use sqlx::{AssertSqlSafe, Row};

use crate::store::names::{Names, literal, quoted};
use crate::store::postgres::pool::Pool;
use crate::store::postgres::sql::APPEND_ONLY;
use crate::store::statements::{CLOCK, FEED, FEED_ENTITIES, SEQUENCER};

/// What all entities share. The clock is one of them: where a batch has events of several
/// entities, whoever had seen an event drew a later clock.
pub(in crate::store::postgres) fn create_shared(names: &Names) -> String {
    format!(
        "

-- The feed: one order of the events of all entities.
CREATE SEQUENCE IF NOT EXISTS {clock};
CREATE TABLE IF NOT EXISTS {entities} (
    number smallint PRIMARY KEY CHECK (number >= 1),
    entity text NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS {feed} (
    position bigint PRIMARY KEY CHECK (position >= 1),
    clock bigint NOT NULL,
    entity_id uuid NOT NULL,
    seq integer NOT NULL,
    entity smallint NOT NULL
);
CREATE OR REPLACE TRIGGER {append_only} BEFORE UPDATE OR DELETE OR TRUNCATE ON {feed}
    FOR EACH STATEMENT EXECUTE FUNCTION {refuse}();
CREATE TABLE IF NOT EXISTS {sequencer} (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position bigint NOT NULL CHECK (position >= 0),
    batch bigint NOT NULL,
    snapshot pg_snapshot NOT NULL,
    target pg_snapshot,
    reached_clock bigint NOT NULL DEFAULT 0,
    system_identifier bigint NOT NULL,
    restored_clock bigint NOT NULL
);
INSERT INTO {sequencer} (position, batch, snapshot, system_identifier, restored_clock)
SELECT 0, 0, pg_current_snapshot(), system_identifier, 0 FROM pg_control_system()
ON CONFLICT DO NOTHING;",
        clock = names.shared(CLOCK),
        entities = names.shared(FEED_ENTITIES),
        feed = names.shared(FEED),
        append_only = quoted(&format!("{FEED}_append_only")),
        refuse = names.shared(APPEND_ONLY),
        sequencer = names.shared(SEQUENCER),
    )
}

/// A number for an entity whose log has just been created: from now on the feed has its events.
pub(in crate::store::postgres) fn create_for(names: &Names) -> String {
    format!(
        "
-- The feed has its events too.
INSERT INTO {entities} (number, entity)
SELECT coalesce(max(number), 0) + 1, {entity} FROM {entities};
",
        entities = names.shared(FEED_ENTITIES),
        entity = literal(names.entity()),
    )
}

/// The logs that the feed is made of, also those that this program knows nothing of.
#[derive(Debug)]
pub(super) struct Sources(Vec<Source>);

#[derive(Debug)]
pub(super) struct Source {
    pub(super) number: i16,
    pub(super) log: String,
    pub(super) id_column: String,
}

impl Sources {
    /// `None` before the first migration.
    pub(super) async fn load(pool: &Pool, names: &Names) -> Result<Option<Self>, sqlx::Error> {
        let entities = names.shared(FEED_ENTITIES);
        let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(&entities)
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
        Ok(Some(Self(sources.collect::<Result<_, sqlx::Error>>()?)))
    }

    /// The highest number: entities never go away.
    pub(super) fn last(&self) -> i16 {
        self.0.last().map_or(0, |source| source.number)
    }

    pub(super) fn logs(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|source| source.log.as_str())
    }

    /// One SELECT for each log, all together.
    pub(super) fn union(&self, select: impl Fn(&Source) -> String) -> String {
        let all: Vec<String> = self.0.iter().map(select).collect();
        all.join("\n    UNION ALL\n    ")
    }
}
