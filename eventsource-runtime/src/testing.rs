//! Means for tests of programs: faults at named points.
//!
//! Time is moved by a [`ManualClock`](eventsource_core::ManualClock) of the store, and
//! [`Runtime::settle`](crate::Runtime::settle) runs a runtime until nothing is left to do.

pub use crate::contract::faults::{Faults, Point};
