//! Check of a loaded state against the type of a handle.

use std::fmt;

use eventsource_model::{Knowledge, StateSet};

use super::{Draft, Handle};
use crate::{Event, EventType, State};

/// Converts a handle to one whose type knows more, if the state fits that type.
///
/// # Errors
/// [`NarrowError`] with the unchanged handle.
#[doc(hidden)]
pub fn narrow<H, To>(handle: H) -> Result<To, NarrowError<H>>
where
    H: Handle,
    To: Handle<Event = H::Event>,
{
    let draft = handle.into_draft();
    let actual = draft.state();
    if To::KNOWN.fits(actual.set()) {
        return Ok(To::from_draft(draft));
    }
    Err(NarrowError {
        draft,
        expected: To::KNOWN,
        handle: std::marker::PhantomData,
    })
}

/// Error of narrowing a handle to a type that its state does not fit.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light", typestate)]
/// pub enum LightEvent {
///     Lit,
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # pub fn main() {
/// let light: LightHandle = LightHandle::new(EntityId::new()).lit().widen();
/// let not_dark = light.narrow::<light_states::AfterPutOut>().unwrap_err();
/// assert_eq!(
///     not_dark.to_string(),
///     "the state of the light is [LIT], expected PUT_OUT and not LIT",
/// );
/// let light = not_dark.into_handle();
/// # let _ = light;
/// # }
/// # }
/// # example::main();
/// ```
pub struct NarrowError<H: Handle> {
    draft: Draft<H::Event>,
    expected: Knowledge,
    handle: std::marker::PhantomData<fn() -> H>,
}

impl<H: Handle> NarrowError<H> {
    /// Returns the unchanged handle.
    pub fn into_handle(self) -> H {
        H::from_draft(self.draft)
    }

    /// Returns the knowledge of the narrower type.
    #[must_use]
    pub fn expected(&self) -> Knowledge {
        self.expected
    }

    /// Returns the state of the entity.
    #[must_use]
    pub fn actual(&self) -> State<<H::Event as Event>::Type> {
        self.draft.state()
    }
}

impl<H: Handle> fmt::Display for NarrowError<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actual = self.actual();
        write!(
            f,
            "the state of the {} is {actual}",
            <H::Event as Event>::ENTITY
        )?;
        let names = |set: StateSet| {
            let set = State::<<H::Event as Event>::Type>::from_set(set);
            set.members().into_iter().map(EventType::name)
        };
        let missing = names(self.expected.has.difference(actual.set())).map(str::to_owned);
        let present = names(self.expected.lacks.intersection(actual.set()));
        let expected: Vec<String> = missing
            .chain(present.map(|name| format!("not {name}")))
            .collect();
        write!(f, ", expected {}", expected.join(" and "))
    }
}

impl<H: Handle> fmt::Debug for NarrowError<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NarrowError")
            .field("draft", &self.draft)
            .field("expected", &self.expected)
            .finish()
    }
}

impl<H: Handle> std::error::Error for NarrowError<H> {}
