//! Idempotency keys: which events answer a request with a key.

use crate::store::contract::names::Names;
use crate::store::sql::statements::{EARLIER_KEYS, KEYS};

/// Returns the SQL that creates the tables unless they exist.
///
/// A key belongs to the machine, the actor and the text. Earlier programs have stored keys without the
/// actor, in a table of their own, where they look for them. Beside a program of this version the
/// trigger keeps one from storing a request again.
pub(crate) fn create(names: &Names) -> String {
    format!(
        "
CREATE TABLE IF NOT EXISTS {keys} (
    entity TEXT NOT NULL,
    key TEXT NOT NULL,
    actor TEXT NOT NULL,
    answered TEXT NOT NULL CHECK (json_valid(answered)),
    created_at TEXT NOT NULL,
    PRIMARY KEY (entity, key, actor)
) STRICT;
CREATE TABLE IF NOT EXISTS {earlier} (
    entity TEXT NOT NULL,
    key TEXT NOT NULL,
    answered TEXT NOT NULL CHECK (json_valid(answered)),
    created_at TEXT NOT NULL,
    PRIMARY KEY (entity, key)
) STRICT;
CREATE TRIGGER IF NOT EXISTS eventsource_keys_moved BEFORE INSERT ON {earlier}
WHEN EXISTS (SELECT 1 FROM {keys} WHERE entity = NEW.entity AND key = NEW.key) BEGIN
    SELECT RAISE(ABORT, 'a later program has stored the idempotency key: update this one');
END;",
        keys = names.shared(KEYS),
        earlier = names.shared(EARLIER_KEYS),
    )
}
