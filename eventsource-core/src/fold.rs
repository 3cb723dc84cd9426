//! From events to what somebody wants to know of them.

use crate::{Event, Head, RecordedEvent};

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
/// assert_eq!((folded.data.0, folded.head.seq.get()), (100, 3));
///
/// let data: AccountData = accounts.data(id).await?.unwrap().data;
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

/// An entity and what a [`Fold`] has made of its events.
///
/// ```no_run
/// # use eventsource_core::{EntityId, Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
/// if let Some(task) = tasks.data(id).await? {
///     println!("#{} {}", task.head.seq, task.head.state);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Folded<E: Event, F> {
    /// Where the stream stood after the last event that was applied.
    pub head: Head<E>,
    /// What the events gave.
    pub data: F,
}
