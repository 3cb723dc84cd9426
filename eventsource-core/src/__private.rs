//! What generated code names. Not part of the public API: it changes without notice.

pub use std::borrow::Cow;

pub use eventsource_model::{
    Accumulator, Clause, EventIndex, EventRule, Formula, Machine, StateSet, Update,
};

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
