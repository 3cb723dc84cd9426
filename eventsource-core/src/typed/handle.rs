//! What all typed handles have in common.

use eventsource_model::Knowledge;

use super::Draft;
use crate::Event;

/// A typed handle: implemented by what `#[machine(typestate)]` generates, and by nothing else.
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
    /// The events.
    type Event: Event;

    /// What the type knows of the state.
    const KNOWN: Knowledge;

    /// Without the type's knowledge.
    fn into_draft(self) -> Draft<Self::Event>;

    /// The caller vouches for the type.
    #[doc(hidden)]
    fn from_draft(draft: Draft<Self::Event>) -> Self;
}
