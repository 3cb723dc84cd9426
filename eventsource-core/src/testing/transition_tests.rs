//! Source text of regression tests that cover every transition of a machine.

use eventsource_model::render::{self, TransitionTests};

use crate::{Event, EventType};

/// Returns the source text of `transitions!` lines that together take every transition of `E`'s
/// machine.
///
/// Print it once and paste it as a regression test; see [`render::transition_tests`].
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, testing};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit,
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # pub fn main() {
/// let tests = testing::transition_tests::<LightEvent>();
/// assert_eq!(tests.to_string(), "transitions!(LightEvent: Lit -> PutOut => {PutOut});\n");
/// # }
/// # }
/// # example::main();
/// ```
#[must_use]
pub fn transition_tests<E: Event>() -> TransitionTests<'static> {
    let path = std::any::type_name::<E>();
    let name = path.rsplit("::").next().unwrap_or(path);
    render::transition_tests(E::MACHINE, name).variants(E::Type::VARIANTS.iter().copied())
}
