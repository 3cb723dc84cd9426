//! Functions of the triggers that keep tables as they are.

use crate::store::contract::names::Names;

/// Name of the trigger function that refuses changes and deletions.
pub(crate) const APPEND_ONLY: &str = "eventsource_append_only";

/// Name of the trigger function that refuses what is written by hand.
pub(crate) const FUNCTIONS_ONLY: &str = "eventsource_functions_only";

/// Returns the SQL that creates or replaces them.
pub(crate) fn create(names: &Names) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {append_only}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE FUNCTION {functions_only}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written by functions only: append with %', TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation',
        HINT = 'A program that inserts events itself is older than these tables: update it.';
END $$;
REVOKE ALL ON FUNCTION {append_only}(), {functions_only}() FROM PUBLIC;",
        append_only = names.qualified(APPEND_ONLY),
        functions_only = names.qualified(FUNCTIONS_ONLY),
    )
}
