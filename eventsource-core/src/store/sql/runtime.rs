//! Names of the tables and functions of the runtime.

/// Table of subscriptions and read models, with the live generation of each.
pub(crate) const SUBSCRIPTIONS: &str = "eventsource_subscription";

/// Table of the generations of read models, with the tables of each.
pub(crate) const GENERATIONS: &str = "eventsource_generation";

/// Table of shards: how far each is, and whose it is.
pub(crate) const SHARDS: &str = "eventsource_shard";

/// Table of events that wait because their key has failed.
pub(crate) const PARKED: &str = "eventsource_parked";

/// Table of running programs that process subscriptions.
pub(crate) const WORKERS: &str = "eventsource_worker";

/// Table of commands, with their outcome or still to be executed.
pub(crate) const COMMANDS: &str = "eventsource_command";

/// Table of timed events that are due, now or later.
pub(crate) const DEADLINES: &str = "eventsource_deadline";

/// Table of commands at given times.
pub(crate) const SCHEDULES: &str = "eventsource_schedule";

/// Function that makes a generation the live one.
#[cfg(feature = "postgres")]
pub(crate) const SWITCH: &str = "eventsource_switch";

/// Function that drops a generation.
#[cfg(feature = "postgres")]
pub(crate) const RETIRE: &str = "eventsource_retire";
