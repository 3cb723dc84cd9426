//! Legal histories of a machine, and almost legal ones, for property tests (feature `proptest`).
//!
//! [`legal_walk`] generates event types, [`legal_history`] whole events, [`near_legal_walk`] a
//! legal walk and then one event that is illegal. They take what a store takes: whatever they
//! generate can be appended, auto transitions come where a store would write them, and what is
//! shrunk is legal again.
//!
//! Half of the walks begin with the shortest way to a step of the machine that is chosen at random,
//! so that steps far from the beginning are met as well; from there they go on at random. Of a
//! machine with more than 4096 states the nearest are chosen from.
//!
//! A walk is shrunk to fewer events, and among those of one length to the one that comes first by
//! the order of declaration: it is cut short, loses events and stretches between, and detours on
//! the way to a state or to an event are replaced by the shortest way.
//!
//! ```
//! # mod example {
//! use eventsource_core::{Event, EventType, State, testing};
//! use proptest::prelude::*;
//! # use serde::{Deserialize, Serialize};
//! #[derive(Clone, Debug, Serialize, Deserialize, Event)]
//! #[machine(entity = "light")]
//! pub enum LightEvent {
//!     #[event(follows = nothing | PutOut)]
//!     Lit { watts: u32 },
//!     #[event(follows = Lit)]
//!     PutOut,
//! }
//!
//! fn payload(event_type: LightEventType) -> BoxedStrategy<LightEvent> {
//!     match event_type {
//!         LightEventType::Lit => (1..100u32).prop_map(|watts| LightEvent::Lit { watts }).boxed(),
//!         LightEventType::PutOut => Just(LightEvent::PutOut).boxed(),
//!     }
//! }
//!
//! # pub fn main() {
//! proptest!(|(history in testing::legal_history::<LightEvent>(payload, 0..20))| {
//!     let watts: u32 = history.iter().fold(0, |_, event| match event {
//!         LightEvent::Lit { watts } => *watts,
//!         LightEvent::PutOut => 0,
//!     });
//!     let lit = matches!(history.last(), Some(LightEvent::Lit { .. }));
//!     prop_assert_eq!(lit, watts > 0);
//! });
//! # }
//! # }
//! # example::main();
//! ```

mod guide;
mod history;
mod near_legal;
mod shrink;
#[cfg(test)]
mod tests;
mod transition_tests;
mod walk;

pub use history::{LegalHistory, legal_history};
pub use near_legal::{NearLegal, NearLegalWalk, near_legal_walk};
pub use transition_tests::transition_tests;
pub use walk::{LegalWalk, legal_walk};
