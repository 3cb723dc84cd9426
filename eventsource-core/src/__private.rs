//! Items that generated code refers to; not part of the public API, changed without notice.

pub use std::borrow::Cow;
pub use std::string::String;

pub use eventsource_macros::unite;
pub use eventsource_model::const_path::ConstPath;
pub use eventsource_model::{
    Accumulator, Clause, EventIndex, EventRule, Formula, Machine, ReadRule, StateSet, Timer,
    UniqueField, Update,
};

pub use serde::ser::SerializeStruct;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use crate::Event;
use crate::EventType;
pub use crate::data::{FieldValue, assign};
pub use crate::due_time::{Time, due_time};
pub use crate::stored_data::StoredData;
pub use crate::typed::__private as typed;

pub use crate::__with_store as with_store;

/// Expands to the items, since this build has a store.
#[cfg(feature = "_store")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_store {
    ($($items:tt)*) => { $($items)* };
}

/// Expands to nothing, since this build has no store.
#[cfg(not(feature = "_store"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_store {
    ($($items:tt)*) => {};
}

/// Returns the empty path with which a `transitions!` line begins.
pub const fn path<E: Event>() -> ConstPath {
    ConstPath::new(E::MACHINE, <E::Type as EventType>::VARIANTS)
}

/// Returns the name of a role, at compile time, for rules that are constants.
pub const fn role_name<R: crate::Role>(discriminant: i128) -> &'static str {
    crate::role::name_of::<R>(discriminant)
}

/// Checks at compile time that `R` is an enum of roles.
pub const fn are_roles<R: crate::Role>() {}
