//! Tables of the feed, and the trigger that fills it.

use crate::store::contract::names::{Names, quoted};
use crate::store::sql::statements::{FEED, FEED_ENTITIES};

/// Returns the SQL of the tables that all entities share.
pub(crate) fn create_shared(names: &Names) -> String {
    let refuse = |suffix: &str, what: &str| {
        format!(
            "
CREATE TRIGGER IF NOT EXISTS {trigger} BEFORE {what} ON {feed} BEGIN
    SELECT RAISE(ABORT, 'the feed is append-only');
END;",
            trigger = quoted(&format!("{FEED}_{suffix}")),
            feed = names.shared(FEED),
        )
    };
    format!(
        "
CREATE TABLE IF NOT EXISTS {entities} (
    number INTEGER PRIMARY KEY,
    entity TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS {feed} (
    position INTEGER PRIMARY KEY CHECK (position >= 1),
    clock INTEGER NOT NULL,
    entity_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    entity INTEGER NOT NULL
) STRICT;{no_update}{no_delete}",
        entities = names.shared(FEED_ENTITIES),
        feed = names.shared(FEED),
        no_update = refuse("no_update", "UPDATE"),
        no_delete = refuse("no_delete", "DELETE"),
    )
}

/// Returns the SQL that adds a new log to the feed.
pub(crate) fn create_for(names: &Names) -> String {
    let entity = names.entity().replace('\'', "''");
    format!(
        "
INSERT INTO {entities} (entity) VALUES ('{entity}');
CREATE TRIGGER {trigger} AFTER INSERT ON {log} BEGIN
    INSERT INTO {feed} (clock, entity_id, seq, entity)
    SELECT NEW.clock, NEW.{id}, NEW.seq, number FROM {entities} WHERE entity = '{entity}';
END;",
        entities = names.shared(FEED_ENTITIES),
        trigger = names.of_log("in_feed"),
        log = names.log(),
        feed = names.shared(FEED),
        id = names.id_column(),
    )
}
