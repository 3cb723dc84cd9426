//! What a domain enum becomes.

use eventsource_model::Machine;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{DataField, EventType, Fold, IdFormat};

/// An enum of domain events with the rules of their state machine.
///
/// Implemented by `#[derive(Event)]`. The payload of an event is its fields, by serde; the
/// enum's own representation is left at serde's default.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, EventType};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit, terminal)]
///     PutOut,
/// }
///
/// # pub fn main() {
/// assert_eq!(LightEvent::ENTITY, "light");
/// assert_eq!(LightEvent::PutOut.event_type().name(), "PUT_OUT");
/// # }
/// # }
/// # example::main();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of events",
    label = "expected an enum with `#[derive(Event)]`"
)]
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The fieldless enum of the event types.
    type Type: EventType;

    /// What the events have said so far, such as `TaskData`: the latest value of each field of the
    /// payloads (C16, M29). See [`Fold`].
    type Data: Fold<Self> + Serialize + Clone + Send + Sync + 'static;

    /// What the events happen to, in snake case: it names tables, paths and fields.
    const ENTITY: &'static str;

    /// How entities are named: `#[machine(id = ..)]`, UUIDs if it is not given (X36).
    const ID: IdFormat = IdFormat::Uuid;

    /// The rules.
    const MACHINE: &'static Machine = <Self::Type as EventType>::MACHINE;

    /// The fields of [`Event::Data`], and the fields of payloads that each comes from.
    const DATA_FIELDS: &'static [DataField];

    /// Which of the event types this event is.
    fn event_type(&self) -> Self::Type;
}
