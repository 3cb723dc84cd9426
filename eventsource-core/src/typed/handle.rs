//! Trait of all typed handles.

use eventsource_model::Knowledge;

use super::Draft;
use crate::Event;

/// Typed handle; implemented only by the structs that `#[machine(typestate)]` generates.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, typed::Handle};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light", typestate)]
/// pub enum LightEvent {
///     Lit,
/// }
///
/// # pub fn main() {
/// let light = LightHandle::new(EntityId::new()).lit();
/// assert!(<LightHandle<light_states::AfterLit> as Handle>::KNOWN.fits(light.state().set()));
/// let draft = light.into_draft();
/// assert_eq!(draft.pending().len(), 1);
/// # }
/// # }
/// # example::main();
/// ```
pub trait Handle: Sized + Send {
    /// Enum of events.
    type Event: Event;

    /// Event types that the type knows to be in the state, and those that it knows not to be.
    const KNOWN: Knowledge;

    /// Converts the handle to its draft, without the knowledge of the type.
    fn into_draft(self) -> Draft<Self::Event>;

    /// Converts a draft to a handle; the caller has checked that the state fits the type.
    #[doc(hidden)]
    fn from_draft(draft: Draft<Self::Event>) -> Self;
}
