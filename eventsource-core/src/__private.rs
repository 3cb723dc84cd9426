//! What generated code names. Not part of the public API: it changes without notice.

pub use std::borrow::Cow;

pub use eventsource_model::{
    Accumulator, Clause, EventIndex, EventRule, Formula, Machine, StateSet, Update,
};
