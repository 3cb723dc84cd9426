//! What generated code names. Not part of the public API: it changes without notice.

pub use std::borrow::Cow;

pub use eventsource_macros::unite;
pub use eventsource_model::const_path::ConstPath;
pub use eventsource_model::{
    Accumulator, Clause, EventIndex, EventRule, Formula, Machine, StateSet, Update,
};

pub use crate::Event;
use crate::EventType;

/// Where a path of `transitions!` begins.
pub const fn path<E: Event>() -> ConstPath {
    ConstPath::new(E::MACHINE, <E::Type as EventType>::VARIANTS)
}
