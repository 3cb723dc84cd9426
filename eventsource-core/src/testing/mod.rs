//! Tests of commands and read models without a database, and strategies for property tests.
//!
//! [`given`] tests what a command decides, [`view()`] what a read model makes of events.
//!
//! With the feature `proptest` there are strategies too: legal histories of a machine, and nearly legal
//! ones.
//!
//! [`legal_walk`] generates event types, [`legal_history`] events with payloads,
//! [`near_legal_walk`] a legal walk and then one illegal event. They agree with the store:
//! everything legal that they generate can be appended, auto transitions stand where the store
//! would append them, and a shrunk walk is legal again.
//!
//! Half of the walks begin with the shortest path to a random transition of the machine, so that
//! transitions far from the beginning are covered too; then they continue at random. In a machine
//! with more than 4096 states only transitions from the 4096 nearest states are chosen.
//!
//! A walk shrinks to fewer events, and among walks of one length to the first by declaration order.
//! Shrinking cuts a walk off, removes single events and ranges of events, and replaces detours to a
//! state or to an event by the shortest path.
//!
//! Files, each of which uses the event types of this crate and the model: `guide` (choice of
//! walks), `shrink` (smaller walks), `walk`, `history` and `near_legal` (the three strategies), and
//! `transition_tests` (source text of regression tests).
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

#[cfg(feature = "proptest")]
mod guide;
#[cfg(feature = "proptest")]
mod history;
#[cfg(feature = "proptest")]
mod near_legal;
#[cfg(feature = "proptest")]
mod shrink;
#[cfg(all(test, feature = "proptest"))]
mod tests;
#[cfg(feature = "proptest")]
mod transition_tests;
#[cfg(feature = "proptest")]
mod walk;

#[cfg(feature = "proptest")]
pub use history::{LegalHistory, legal_history};
#[cfg(feature = "proptest")]
pub use near_legal::{NearLegal, NearLegalWalk, near_legal_walk};
#[cfg(feature = "proptest")]
pub use transition_tests::transition_tests;
#[cfg(feature = "proptest")]
pub use walk::{LegalWalk, legal_walk};

#[cfg(feature = "_store")]
pub use crate::store::testing::given::{Decided, Given, given};
#[cfg(feature = "_store")]
pub use crate::store::testing::view::{ViewTest, view};
