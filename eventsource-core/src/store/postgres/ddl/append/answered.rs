//! Function that returns the answer to an idempotency key: the places of the events that the first
//! request with it has stored.

use crate::store::contract::migration::Migration;
use crate::store::postgres::ddl::append::settings::SETTINGS;
use crate::store::postgres::ddl::keys::KeySql;

/// Suffix of the name of the function.
pub(crate) const ANSWERED: &str = "answered";

/// Types of the arguments.
pub(crate) const ANSWERED_ARGUMENTS: &str = "text, text";

/// Returns the SQL that creates the function.
///
/// Which keys have expired is decided here and in the functions that append, by the server's time. The
/// actor of a request without one is `''`.
pub(crate) fn create(migration: &Migration) -> String {
    let keys = KeySql::new(&migration.names, &migration.options);
    format!(
        "
CREATE OR REPLACE FUNCTION {answered}(idempotency_key text, asked_by text)
RETURNS jsonb LANGUAGE plpgsql STABLE {SETTINGS} AS $$
#variable_conflict use_variable
BEGIN
    RETURN {answer};
END $$;
",
        answered = migration.names.function(ANSWERED),
        answer = keys.answer("idempotency_key", "asked_by"),
    )
}
