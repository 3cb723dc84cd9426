//! Events of a domain: the enum of events, the recorded event, and folds over a stream.

use chrono::{DateTime, Utc};
use eventsource_model::Machine;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{
    DataField, EntityId, EventId, EventType, Generation, IdFormat, LogSeq, Metadata, Seq, State,
};

/// Enum of domain events with the rules of their state machine.
///
/// Implemented by `#[derive(Event)]`. The payload of an event is its fields, as serde writes them;
/// the enum itself must keep serde's default representation.
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
    /// Fieldless enum of the event types.
    type Type: EventType;

    /// Data of an entity, such as `TaskData`: a [`Fold`] to the latest value of each payload field.
    type Data: Fold<Self> + Serialize + Clone + Send + Sync + 'static;

    /// Name of the entity type in snake case; it prefixes the names of tables, URL paths and
    /// fields.
    const ENTITY: &'static str;

    /// Format of entity ids: `#[machine(id = ..)]`, UUIDs by default.
    const ID: IdFormat = IdFormat::Uuid;

    /// State machine with the rules of all event types.
    const MACHINE: &'static Machine = <Self::Type as EventType>::MACHINE;

    /// Fields of [`Event::Data`], each with the payload fields that set it.
    const DATA_FIELDS: &'static [DataField];

    /// Removes the value of the field of the data at this position of [`DATA_FIELDS`](Self::DATA_FIELDS).
    #[doc(hidden)]
    fn clear_data_field(data: &mut Self::Data, position: usize);

    /// Returns the time in the field that the `at` of this event type names, if it has a value.
    #[doc(hidden)]
    #[must_use]
    fn due_time(_data: &Self::Data, _event: Self::Type) -> Option<DateTime<Utc>> {
        None
    }

    /// Returns the event type of this event.
    fn event_type(&self) -> Self::Type;
}

/// Event as it is stored: the event itself with ids, numbers, states, time and metadata.
///
/// Three of the four numbers of this crate are fields of it: [`seq`](Self::seq) counts the events
/// of one entity without gaps, [`log_seq`](Self::log_seq) orders the insertions into the whole log
/// and has gaps, and [`generation`](Self::generation) counts the restarts of the entity. The
/// fourth, the gap-free [`Position`](crate::Position) of a committed event in the feed, is given
/// after the commit and so is part of a feed event instead.
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
    /// Unique id of the event.
    pub id: EventId,
    /// Id of the entity that the event belongs to.
    pub entity_id: EntityId,
    /// Sequence: number of the event within its entity, from 1, without gaps.
    pub seq: Seq,
    /// Log sequence: number of the insertion into the log of the entity type, with gaps.
    pub log_seq: LogSeq,
    /// Id of the previous event in the stream; `None` for the first.
    pub parent_id: Option<EventId>,
    /// State before the event.
    pub prior_state: State<E::Type>,
    /// State after the event.
    pub state: State<E::Type>,
    /// Generation of the entity after the event: 1, and one more after each restarting event.
    pub generation: Generation,
    /// Time of recording, in microseconds; never before that of the previous event of the entity,
    /// even if the system clock was set back.
    pub recorded_at: DateTime<Utc>,
    /// Event itself, with its payload.
    pub event: E,
    /// Actor, correlation, causation and idempotency key of the event.
    pub metadata: Metadata,
}

/// Reduction of a stream to a value: starts from the default and applies each event in turn.
///
/// A fold computes the current value, or the value at an earlier point from fewer events.
/// [`apply`](Fold::apply) must depend on nothing but the event and the value before it, so that a
/// stream folded twice gives equal values.
///
/// The derive writes one fold for every enum of events, [`Event::Data`]: `TaskData` for
/// `TaskEvent`.
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
    /// Applies the next event; events come in the order of their sequences.
    fn apply(&mut self, event: &RecordedEvent<E>);
}
