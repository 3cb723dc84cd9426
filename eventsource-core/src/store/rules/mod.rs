//! Rules of a store, in code that knows no database: what an append, an import and a migration may
//! do.
//!
//! Uses `contract` only. The conditions of constraints are SQL text that both databases understand.
//!
//! * `plan`: planner of an append, the reference for the functions that append on Postgres.
//! * `replay`: comparison of a request with the one that used its idempotency key.
//! * `sameness`: comparison of two payloads as values.
//! * `autos`: auto transitions that may follow an event, whatever the state was.
//! * `payload_rules`: checks of the payload types against the machine.
//! * `import`: validation of the events of an import.
//! * `checks`: rules as the conditions of constraints.
//! * `migration_steps`: steps from the registered rules to those of the program.
//! * `catalog`: comparison of a schema with the one that a migration would create.
//! * `stored_payloads`: parts of a log that a migration reads.
//! * `history`: violations in a stored history.

#[cfg(feature = "postgres")]
pub(crate) mod autos;
pub(crate) mod catalog;
pub(crate) mod checks;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod migration_steps;
pub(crate) mod payload_rules;
pub(crate) mod plan;
pub(crate) mod replay;
pub(crate) mod sameness;
pub(crate) mod stored_payloads;
