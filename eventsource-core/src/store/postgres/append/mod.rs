//! Append on Postgres: one statement where possible, else a transaction.
//!
//! * `run`: the entry point, with retries.
//! * `transaction`, `lock_sql`, `write_sql`: lock the heads, plan, insert.
//! * `counter`: ids for new entities.
//! * `attempt`, `lost_answer`: why an attempt failed, and whether a lost one was committed.
//! * `foresee`, `prepared`: the plan of an append for any state of its entity.
//! * `group`, `queue`, `convoy`, `judged`: group commit of concurrent appends.
//! * `lean_sql`, `lean_batch_sql`, `append_sql`, `key_sql`, `heads_sql`: the statements.

pub(crate) mod append_sql;
pub(crate) mod attempt;
pub(crate) mod convoy;
pub(crate) mod counter;
pub(crate) mod foresee;
pub(crate) mod group;
pub(crate) mod heads_sql;
pub(crate) mod judged;
pub(crate) mod key_sql;
pub(crate) mod lean_batch_sql;
pub(crate) mod lean_sql;
pub(crate) mod lock_sql;
pub(crate) mod lost_answer;
pub(crate) mod prepared;
pub(crate) mod queue;
pub(crate) mod run;
pub(crate) mod transaction;
pub(crate) mod write_sql;
