//! Exports of a machine to other tools.
//!
//! [`xstate()`] and [`scxml()`] list the reachable states and the steps between them, so they have a
//! cap on the number of states; [`quint()`] writes the rules themselves and needs none.
//!
//! Auto transitions are exported as ordinary events with a mark. An eventless transition (XState's
//! `always`) would not do: the store keeps the state before an auto transition, and the event
//! itself is part of the history.

mod ids;
mod quint;
mod scxml;
mod steps;
mod xstate;

pub use quint::quint;
pub use scxml::scxml;
pub use steps::TooManyStates;
pub use xstate::xstate;
