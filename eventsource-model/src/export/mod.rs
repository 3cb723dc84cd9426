//! A machine in the languages of other tools.
//!
//! [`xstate`] and [`scxml`] list the states that can be reached and the steps between them, so they
//! need few enough of those; [`quint`] writes the rules themselves and has no such limit.
//!
//! Events that write themselves are ordinary events there, with a mark. The store keeps the state
//! that such an event leaves, and the event itself is in the history; an eventless transition
//! (XState's `always`) would skip the one and lose the other.

mod ids;
mod quint;
mod scxml;
mod steps;
mod xstate;

pub use quint::quint;
pub use scxml::scxml;
pub use steps::TooManyStates;
pub use xstate::xstate;
