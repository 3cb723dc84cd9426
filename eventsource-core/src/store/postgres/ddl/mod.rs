//! SQL text of the tables on Postgres, which a migration runs or a person can read.
//!
//! * `text`: the entry points: the text of a migration.
//! * `create`, `change`: the first migration, and the next ones.
//! * `layout_2`: the step from layout 1, for tables of earlier versions of the crate.
//! * `parts`: statements that every migration has.
//! * `domain`: the rules of one event, which the log checks.
//! * `tables`, `guards`, `counter`, `view`, `data_indexes`: the tables of an entity, and the
//!   triggers, views and indexes on them.
//! * `unique`: the values of unique fields, and the trigger that keeps them.
//! * `append`: the functions that append events.
//! * `keys`: the idempotency keys.
//! * `shared`, `append_only`, `json_fault`, `feed`, `outbox`, `snapshots`: the tables of all entities.
//! * `catch_up`, `resync`, `feed_text`: the functions that give events their positions in the feed.
//! * `rights`: the rights of the roles.
//! * `runtime`: the tables of the runtime.

pub(crate) mod append;
pub(crate) mod append_only;
pub(crate) mod catch_up;
pub(crate) mod change;
pub(crate) mod counter;
pub(crate) mod create;
pub(crate) mod data_indexes;
pub(crate) mod domain;
pub(crate) mod feed;
pub(crate) mod feed_text;
pub(crate) mod guards;
pub(crate) mod inline;
pub(crate) mod json_fault;
pub(crate) mod keys;
pub(crate) mod layout_2;
pub(crate) mod outbox;
pub(crate) mod parts;
pub(crate) mod resync;
pub(crate) mod rights;
pub(crate) mod runtime;
pub(crate) mod shared;
pub(crate) mod snapshots;
pub(crate) mod tables;
pub(crate) mod text;
pub(crate) mod unique;
pub(crate) mod view;
