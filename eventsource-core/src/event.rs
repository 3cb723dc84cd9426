//! Events of a domain: the enum, an event as it is stored, and folds over a stream of them.

use chrono::{DateTime, Utc};
use eventsource_model::Machine;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{
    DataField, EntityId, EventId, EventType, Generation, IdFormat, LogSeq, Metadata, Seq, State,
};

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

/// An event as it is stored.
///
/// ```no_run
/// # use eventsource_core::{Event, RecordedEvent};
/// fn show<E: Event + std::fmt::Debug>(recorded: &RecordedEvent<E>) {
///     println!("#{} {:?} -> {}", recorded.seq, recorded.event, recorded.state);
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordedEvent<E: Event> {
    /// What the event is called.
    pub id: EventId,
    /// What it happened to.
    pub entity_id: EntityId,
    /// Its place in the stream of the entity.
    pub seq: Seq,
    /// Its place in the order of writing, over all entities.
    pub log_seq: LogSeq,
    /// The event before it in the stream; `None` for the first.
    pub parent_id: Option<EventId>,
    /// The state before it.
    pub prior_state: State<E::Type>,
    /// The state after it.
    pub state: State<E::Type>,
    /// The version of the entity after it.
    pub generation: Generation,
    /// When it was recorded, in microseconds; never before the event that precedes it (C19).
    pub recorded_at: DateTime<Utc>,
    /// What happened.
    pub event: E,
    /// Who caused it, and why.
    pub metadata: Metadata,
}

/// A state that events build, one after the other: start from the default, apply each event.
///
/// The same fold gives the state now and at any earlier point: only which events are applied
/// differs. What [`apply`](Fold::apply) does must depend on nothing but the event and the state
/// before it, so that the same events always give the same state (C22).
///
/// The derive writes one for every enum of events, [`Event::Data`]: `TaskData` for `TaskEvent`.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Fold, RecordedEvent, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "account")]
/// pub enum AccountEvent {
///     Opened { owner: String },
///     #[event(follows = any_state, accumulate = keep())]
///     Deposited { cents: i64 },
/// }
///
/// #[derive(Default)]
/// struct Balance(i64);
///
/// impl Fold<AccountEvent> for Balance {
///     fn apply(&mut self, event: &RecordedEvent<AccountEvent>) {
///         if let AccountEvent::Deposited { cents } = event.event {
///             self.0 += cents;
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let accounts = Store::connect("sqlite::memory:").await?.migrate::<AccountEvent>().await?;
/// let id = EntityId::new();
/// accounts.append(id, AccountEvent::Opened { owner: "ann".into() }).await?;
/// accounts.append(id, AccountEvent::Deposited { cents: 70 }).await?;
/// accounts.append(id, AccountEvent::Deposited { cents: 30 }).await?;
///
/// let folded = accounts.fold::<Balance>(id).await?.unwrap();
/// assert_eq!((folded.value.0, folded.head.seq.get()), (100, 3));
///
/// let data: AccountData = accounts.data(id).await?.unwrap().value;
/// assert_eq!((data.owner.as_deref(), data.cents), (Some("ann"), Some(30)));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
pub trait Fold<E: Event>: Default {
    /// Takes in one more event; they come in the order of their sequences.
    fn apply(&mut self, event: &RecordedEvent<E>);
}
