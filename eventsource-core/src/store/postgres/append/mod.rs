//! TODO

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
