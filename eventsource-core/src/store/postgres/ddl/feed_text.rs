//! Texts that the functions of the feed share.

use crate::store::contract::names::{Names, literal};
use crate::store::postgres::feed::channel::CHANNEL;
use crate::store::sql::statements::CATCH_UP;

/// Place in the text of a function for a SELECT from each log, joined by UNION ALL.
pub(crate) const EACH_LOG: &str = "@each_log@";

/// Place in the text of a function for the names of all logs.
pub(crate) const LOGS: &str = "@logs@";

/// Place in the text of a function for the highest number of an entity, which identifies the list:
/// entities are never removed.
pub(crate) const LAST: &str = "@last@";

/// Returns the head of the function, up to its first variable.
///
/// Its statement is planned once a session, maybe while the tables are empty: a plan that reads whole
/// tables would be used ever after. So plans other than by key are off.
pub(crate) fn head(names: &Names) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {catch_up}(max_events bigint DEFAULT 50000)
    RETURNS TABLE (last_position bigint, more boolean) LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    most CONSTANT bigint NOT NULL := greatest(max_events, 1);",
        catch_up = names.shared(CATCH_UP),
    )
}

/// Returns the statement that notifies the followers of the feed.
pub(crate) fn notify(names: &Names) -> String {
    let schema = literal(names.schema().unwrap_or_default());
    format!("PERFORM pg_notify('{CHANNEL}', {schema});")
}
