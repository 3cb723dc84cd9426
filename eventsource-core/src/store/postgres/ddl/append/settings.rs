//! Settings and the marker that all append functions share.

/// Settings of every function that appends.
///
/// Functions have the rights of the owner and look up names in no schema of the caller. Statements are
/// planned once a session, perhaps while the tables are empty, so plans that read a whole table are
/// off.
pub(crate) const SETTINGS: &str = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off";

/// Assignment before the first statement that writes: the triggers on the log and the heads leave
/// the heads to the function then. As a setting of the function it would need a superuser.
pub(crate) const BEGIN_WRITES: &str = "marker := set_config('eventsource.append', 'on', true);";

/// Assignment after the last statement that writes: what the caller does next is not the function's.
pub(crate) const END_WRITES: &str = "marker := set_config('eventsource.append', '', true);";
