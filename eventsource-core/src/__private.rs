//! What generated code names. Not part of the public API: it changes without notice.

pub use std::borrow::Cow;
pub use std::string::String;

pub use eventsource_macros::unite;
pub use eventsource_model::const_path::ConstPath;
pub use eventsource_model::{
    Accumulator, Clause, EventIndex, EventRule, Formula, Machine, StateSet, Update,
};

pub use serde::ser::SerializeStruct;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use crate::Event;
use crate::EventType;
pub use crate::data::{Given, feed};
pub use crate::stored_data::StoredData;
pub use crate::typed::__private as typed;

pub use crate::__with_store as with_store;

/// The items, if this crate has stores.
#[cfg(feature = "_store")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_store {
    ($($items:tt)*) => { $($items)* };
}

/// The items, if this crate has stores.
#[cfg(not(feature = "_store"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_store {
    ($($items:tt)*) => {};
}

/// Where a path of `transitions!` begins.
pub const fn path<E: Event>() -> ConstPath {
    ConstPath::new(E::MACHINE, <E::Type as EventType>::VARIANTS)
}

/// The name of a role, for rules that are constants.
pub const fn role_name<R: crate::Role>(discriminant: i128) -> &'static str {
    crate::role::name_of::<R>(discriminant)
}

/// Compiles only for an enum of roles.
pub const fn are_roles<R: crate::Role>() {}
