//! Idempotency keys: which events answer a request with a key.
//!
//! A key belongs to the machine, the actor and the text. Programs of layouts 1 and 2 have stored keys
//! without the actor, in a table of their own: those match requests of any actor, and the functions of
//! machines that have such a layout still write there.

use std::time::Duration;

use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::sql::statements::{EARLIER_KEYS, KEYS, MACHINES};

/// Suffix of the index of the keys by their time.
const BY_TIME: &str = "by_time";

/// Most expired keys that are deleted for each one that is stored.
const FORGOTTEN: u32 = 2;

/// Returns the SQL that creates the tables unless they exist.
///
/// To make the trigger waits for calls that are storing such a key, so that none of them ends after
/// the functions that look for it have been replaced.
pub(crate) fn create(names: &Names, options: &SchemaOptions) -> String {
    let by_time = match options.keys_expire_after {
        Some(_) => [KEYS, EARLIER_KEYS].map(|table| index_by_time(names, table)),
        None => Default::default(),
    };
    format!(
        "
-- Which events answer an idempotency key: of each actor its own. The actor is '' if there is none.
CREATE TABLE IF NOT EXISTS {keys} (
    entity text NOT NULL,
    key text NOT NULL,
    actor text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (entity, key, actor)
);
-- Those that programs of layouts 1 and 2 have stored, without their actors.
CREATE TABLE IF NOT EXISTS {earlier} (
    entity text NOT NULL,
    key text NOT NULL,
    answered jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (entity, key)
);
CREATE OR REPLACE FUNCTION {moved}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM {machines} AS machine WHERE machine.entity = NEW.entity
        AND machine.fingerprint ~ '^layout ([3-9]|[0-9]{{2,}}): ')
    THEN
        RAISE EXCEPTION 'the idempotency keys of ''%'' have moved', NEW.entity
            USING ERRCODE = 'serialization_failure', HINT = 'Try again: the functions are others by now.';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION {moved}() FROM PUBLIC;
CREATE OR REPLACE TRIGGER eventsource_keys_moved BEFORE INSERT ON {earlier}
    FOR EACH ROW EXECUTE FUNCTION {moved}();
{by_time}",
        keys = names.shared(KEYS),
        earlier = names.shared(EARLIER_KEYS),
        moved = names.shared("eventsource_keys_moved"),
        machines = names.shared(MACHINES),
        by_time = by_time.concat(),
    )
}

/// Returns the SQL by which a transaction that replaces functions of an earlier layout waits for their
/// calls that are storing a key, and keeps others from it until it ends.
pub(crate) fn wait_for_earlier(names: &Names) -> String {
    format!(
        "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE;\n",
        names.shared(EARLIER_KEYS)
    )
}

/// Returns the names of the indexes that the options ask for.
pub(crate) fn indexes(names: &Names, options: &SchemaOptions) -> Vec<String> {
    match options.keys_expire_after {
        Some(_) => [KEYS, EARLIER_KEYS]
            .map(|table| names.shared(&format!("{table}_{BY_TIME}")))
            .into(),
        None => Vec::new(),
    }
}

fn index_by_time(names: &Names, table: &str) -> String {
    format!(
        "CREATE INDEX IF NOT EXISTS {table}_{BY_TIME} ON {} (created_at);\n",
        names.shared(table)
    )
}

/// Keys of one entity type, as SQL.
pub(crate) struct KeySql<'a> {
    names: &'a Names,
    expire_after: Option<Duration>,
}

impl<'a> KeySql<'a> {
    pub(crate) fn new(names: &'a Names, options: &SchemaOptions) -> Self {
        Self {
            names,
            expire_after: options.keys_expire_after,
        }
    }

    /// Returns the condition that a request of this actor with this key has been stored.
    pub(crate) fn is_taken(&self, key: &str, actor: &str) -> String {
        let [own, earlier] = self.rows(key, actor);
        format!("EXISTS (SELECT {own})\n            OR EXISTS (SELECT {earlier})")
    }

    /// Returns the expression of the answer to this key; null if no request with it has been stored.
    pub(crate) fn answer(&self, key: &str, actor: &str) -> String {
        let [own, earlier] = self.rows(key, actor);
        format!(
            "coalesce((SELECT taken.answered {own}),\n        (SELECT taken.answered {earlier}))"
        )
    }

    fn rows(&self, key: &str, actor: &str) -> [String; 2] {
        let of_key = format!(
            "taken.entity = {} AND taken.key = {key}",
            literal(self.names.entity())
        );
        let (keys, earlier) = (self.names.shared(KEYS), self.names.shared(EARLIER_KEYS));
        let fresh = match self.expired("taken") {
            Some(expired) => format!(" AND NOT {expired}"),
            None => String::new(),
        };
        [
            format!(
                "FROM {keys} AS taken\n            WHERE {of_key} AND taken.actor = {actor}{fresh}"
            ),
            format!("FROM {earlier} AS taken\n            WHERE {of_key}{fresh}"),
        ]
    }

    /// Returns the clause of an insert by which an expired row with the same key is replaced, and any
    /// other stays.
    pub(crate) fn on_conflict(&self) -> String {
        match self.expired("taken") {
            None => "ON CONFLICT (entity, key, actor) DO NOTHING".to_owned(),
            Some(expired) => format!(
                "ON CONFLICT (entity, key, actor) DO UPDATE
                SET answered = excluded.answered, created_at = excluded.created_at WHERE {expired}"
            ),
        }
    }

    /// Returns the statements that delete a few expired keys, and wait for nobody; none if keys do not
    /// expire. `stored`: number of keys that the call has stored.
    pub(crate) fn forget(&self, stored: &str) -> String {
        let Some(expired) = self.expired("old") else {
            return String::new();
        };
        let delete = |table: &str| {
            format!(
                "
    DELETE FROM {table} AS taken WHERE taken.ctid = ANY (ARRAY(
        SELECT old.ctid FROM {table} AS old WHERE {expired}
        ORDER BY old.created_at LIMIT {FORGOTTEN} * {stored} FOR UPDATE SKIP LOCKED));",
                table = self.names.shared(table),
            )
        };
        [KEYS, EARLIER_KEYS].map(delete).concat()
    }

    /// Returns the condition that a row has expired; `None` if none does.
    ///
    /// The time is that of the statement: a time that goes on would be no bound of a scan of the index,
    /// which would read all keys that have not expired.
    fn expired(&self, row: &str) -> Option<String> {
        let after = self.expire_after?.as_micros();
        Some(format!(
            "({row}.created_at <= statement_timestamp() - interval '{after} microseconds')"
        ))
    }
}
