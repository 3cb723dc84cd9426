//! Tables of the feed.

use sqlx::PgConnection;

use crate::store::contract::names::{Names, literal, quoted};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::append_only::APPEND_ONLY;
use crate::store::postgres::ddl::outbox;
use crate::store::postgres::sqlstates::ANOTHER_FEED;
use crate::store::sql::statements::{FEED, FEED_ENTITIES, LOG_SEQ, OUTBOX, SEQUENCER};

/// Returns the SQL of the tables that all entities share, and of their one sequence.
///
/// One sequence for all entities: within a batch of the feed, an event that was appended after
/// another was visible has a higher log sequence.
pub(crate) fn create_shared(names: &Names, options: &SchemaOptions) -> String {
    let sequencer = if options.has_outbox() {
        outbox::create_shared(names)
    } else {
        create_sequencer(names)
    };
    format!(
        "

-- The feed: one order of the events of all entities.
{as_decided}CREATE SEQUENCE IF NOT EXISTS {log_seq};
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
{sequencer}",
        as_decided = assert_strategy(names, options),
        log_seq = names.shared(LOG_SEQ),
        entities = names.shared(FEED_ENTITIES),
        feed = names.shared(FEED),
        append_only = quoted(&format!("{FEED}_append_only")),
        refuse = names.shared(APPEND_ONLY),
    )
}

/// Returns the SQL that fails if the first machine of the schema chose another strategy.
fn assert_strategy(names: &Names, options: &SchemaOptions) -> String {
    format!(
        "DO $$ BEGIN
    IF to_regclass({sequencer}) IS NOT NULL AND (to_regclass({outbox}) IS NOT NULL) <> {wanted}
    THEN
        RAISE EXCEPTION 'the feed of this schema has another strategy' USING ERRCODE = '{ANOTHER_FEED}';
    END IF;
END $$;
",
        sequencer = literal(&names.shared(SEQUENCER)),
        outbox = literal(&names.shared(OUTBOX)),
        wanted = options.has_outbox(),
    )
}

/// Returns the SQL of the row of the sequencer that compares snapshots.
fn create_sequencer(names: &Names) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {sequencer} (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position bigint NOT NULL CHECK (position >= 0),
    batch bigint NOT NULL,
    snapshot pg_snapshot NOT NULL,
    system_identifier bigint NOT NULL,
    restored_clock bigint NOT NULL,
    target pg_snapshot,
    reached_clock bigint NOT NULL DEFAULT 0
);
{later}INSERT INTO {sequencer} (position, batch, snapshot, system_identifier, restored_clock)
SELECT 0, 0, pg_current_snapshot(), system_identifier, 0 FROM pg_control_system()
ON CONFLICT DO NOTHING;",
        later = add_later_columns(names),
        sequencer = names.shared(SEQUENCER),
    )
}

/// Returns the SQL that adds the columns that earlier versions of the crate did not create.
///
/// Checks first, since `ADD COLUMN IF NOT EXISTS` locks the table even if the column exists.
pub(crate) fn add_later_columns(names: &Names) -> String {
    format!(
        "DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_attribute
            WHERE attrelid = to_regclass({literal}) AND attname = 'snapshot')
        AND NOT EXISTS (SELECT FROM pg_attribute
            WHERE attrelid = to_regclass({literal}) AND attname = 'reached_clock')
    THEN
        ALTER TABLE {sequencer} ADD COLUMN IF NOT EXISTS target pg_snapshot,
            ADD COLUMN IF NOT EXISTS reached_clock bigint NOT NULL DEFAULT 0;
    END IF;
END $$;
",
        sequencer = names.shared(SEQUENCER),
        literal = literal(&names.shared(SEQUENCER)),
    )
}

/// Checks whether the row of the sequencer lacks columns of later versions of the crate.
pub(crate) async fn lacks_columns(
    connection: &mut PgConnection,
    names: &Names,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT 'snapshot' = ANY(names) AND 'reached_clock' <> ALL(names)
FROM (SELECT coalesce(array_agg(attname::text), '{}') AS names
    FROM pg_attribute WHERE attrelid = to_regclass($1)) AS sequencer",
    )
    .bind(names.shared(SEQUENCER))
    .fetch_one(connection)
    .await
}

/// Returns the SQL that adds a new log to the feed.
pub(crate) fn create_for(names: &Names, options: &SchemaOptions) -> String {
    let number = format!(
        "
-- The feed has its events too.
INSERT INTO {entities} (number, entity)
SELECT coalesce(max(number), 0) + 1, {entity} FROM {entities};
",
        entities = names.shared(FEED_ENTITIES),
        entity = literal(names.entity()),
    );
    match options.has_outbox() {
        true => number + &outbox::fill(names),
        false => number,
    }
}
