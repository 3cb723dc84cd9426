//! Validation of the events of an import, by the rules of an append.
//!
//! Uses the planner and `contract` only.
//!
//! * `batch`: events that were read and await validation.
//! * `check`: validation of each event.
//! * `heads`: cache of the heads of the entities.

pub(crate) mod batch;
pub(crate) mod check;
pub(crate) mod heads;
