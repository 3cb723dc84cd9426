#![cfg_attr(docsrs, feature(doc_cfg))]
//! Event-sourced state machines as plain data.
//!
//! A state is a set of event types, one bit each ([`StateSet`]). Every event type has a rule: a
//! [`Formula`] over that set says when the event is legal, an [`Accumulator`] says which set
//! results. A [`Machine`] is the table of these rules, compiled to bit masks. It is built from a
//! [`MachineSpec`] at run time, or as a constant by `#[derive(Event)]`; both give the same type,
//! and every other part of the toolkit asks it instead of interpreting the rules again.
//!
//! The semantics are those of microcosm-eventsource 2.5, the Python library whose rules these are,
//! with one correction: an event is *initial* if it is legal in the empty state, which is evaluated
//! and not guessed from the formula's syntax.
//!
//! ```
//! use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec, StateSet};
//!
//! let machine = Machine::compile(&MachineSpec::new("door", [
//!     EventSpec::new("INSTALLED"),
//!     EventSpec::new("OPENED").follows(Formula::all_of([
//!         Formula::event("INSTALLED"),
//!         Formula::but_not(Formula::event("OPENED")),
//!     ])).accumulate(Accumulator::Union),
//!     EventSpec::new("CLOSED").follows(Formula::event("OPENED"))
//!         .accumulate(Accumulator::Difference(vec!["OPENED".into()].into())),
//! ]))?;
//!
//! let opened = machine.index_of("OPENED").unwrap();
//! let refused = machine.validate(opened, StateSet::EMPTY).unwrap_err();
//! assert_eq!(refused.to_string(), "Event type 'OPENED' may not be initial");
//! # Ok::<(), eventsource_model::SpecErrors>(())
//! ```

mod accumulator;
mod base64;
mod clause;
mod compile;
#[doc(hidden)]
pub mod const_path;
mod diff;
mod explore;
pub mod export;
pub mod findings;
mod fingerprint;
mod formula;
mod introspect;
#[cfg(feature = "serde")]
mod json;
mod knowledge;
mod machine;
pub mod names;
mod outcome;
mod pin;
mod printable;
mod quotient;
mod rejection;
pub mod render;
mod set;
mod spec;
mod step;
mod timer;
mod unique;
mod walks;

pub use accumulator::{Accumulator, Update};
pub use clause::{Clause, MAX_CLAUSES, TooManyClauses};
pub use compile::{SpecError, SpecErrors};
pub use diff::{Changes, Diff, RuleChange};
pub use explore::{Exploration, ExploredState, Transition};
pub use fingerprint::Fingerprint;
pub use formula::Formula;
pub use knowledge::{Knowledge, KnownStep};
pub use machine::{EventRule, Machine, ReadRule};
pub use outcome::Outcome;
pub use pin::{Pin, PinError};
pub use quotient::{Block, Quotient};
pub use rejection::Rejection;
pub use set::{EventIndex, MAX_EVENT_TYPES, StateSet};
pub use spec::{EventSpec, MachineSpec};
pub use step::{AutoConflict, AutoTransitionLoop};
pub use timer::Timer;
pub use unique::{SetBy, UniqueField, UniqueSpec};
pub use walks::{NearLegalWalk, Walk, WalkError, WalkStep, Walks};
