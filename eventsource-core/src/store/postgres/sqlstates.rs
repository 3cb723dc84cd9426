//! SQLSTATEs of this project's SQL.
//!
//! All are of class `EV`, which neither the SQL standard nor Postgres uses; a code never changes its
//! meaning. `docs/other_languages.md` says what a caller can do about each of the first hundred. Guards
//! against plain SQL raise Postgres' own codes of constraints, since that is what they are.

/// The rules refuse the event in the state of its entity.
pub(crate) const REJECTED: &str = "EV001";

/// The entity is not at the expected sequence.
pub(crate) const CONFLICT: &str = "EV002";

/// The event, or an auto transition after it, lacks a required field.
pub(crate) const MISSING_FIELD: &str = "EV003";

/// The idempotency key is that of another request.
pub(crate) const KEY_REUSED: &str = "EV004";

/// The machine has no event type of this name.
pub(crate) const UNKNOWN_TYPE: &str = "EV005";

/// No reader could read the data or the metadata.
pub(crate) const UNREADABLE: &str = "EV006";

/// The counter has not allocated the id.
pub(crate) const ID_NOT_ALLOCATED: &str = "EV007";

/// Auto transitions would follow each other without end.
pub(crate) const AUTO_TRANSITION_LOOP: &str = "EV008";

/// An argument is outside of what it may be.
pub(crate) const INVALID_ARGUMENT: &str = "EV009";

/// Another transaction created the entity at the same moment.
pub(crate) const CREATED_MEANWHILE: &str = "EV010";

/// The event type has no field of this name.
pub(crate) const UNKNOWN_FIELD: &str = "EV011";

/// The transaction does not write an inline model of the machine, whose name is that of the constraint.
pub(crate) const INLINE_MISSING: &str = "EV012";

/// Another entity has the value of a unique field.
pub(crate) const TAKEN: &str = "EV013";

/// An entity was added that the function which gives positions does not know.
pub(crate) const UNKNOWN_LOG: &str = "EV020";

/// The function that gives positions cannot run in this transaction.
pub(crate) const NOT_ALONE: &str = "EV021";

/// The registered rules are not those that a migration begins with.
pub(crate) const OTHER_FINGERPRINT: &str = "EV101";

/// Entities exist that their new counter has not named.
pub(crate) const UNCOUNTED: &str = "EV102";

/// The feed of the schema has another strategy.
pub(crate) const ANOTHER_FEED: &str = "EV103";

/// The step to another layout is refused; the message says why, and what to do.
pub(crate) const LAYOUT_REFUSED: &str = "EV104";

/// A read model has no such generation.
pub(crate) const UNKNOWN_GENERATION: &str = "EV105";

/// Entities have the same value of a field that is to be unique.
pub(crate) const TAKEN_TWICE: &str = "EV107";
