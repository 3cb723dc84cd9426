//! Command of a process that records an event.

use std::convert::Infallible;

use eventsource_core::{Command, Decision, Entity, Event, Fold, RecordedEvent};

/// Command that records an event if it is legal now, and else does nothing.
///
/// It is the [command](crate::Process::Command) of a process that has nothing to decide beyond its
/// rules: what is late, such as an answer after a timeout, is passed over.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Store};
/// use eventsource_runtime::Record;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Serialize, Deserialize, Event)]
/// #[machine(entity = "round")]
/// pub enum RoundEvent {
///     Begun,
///     #[event(follows = Begun, terminal)]
///     Ended,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let rounds = Store::connect("sqlite::memory:").await?.migrate::<RoundEvent>().await?;
/// let id = EntityId::new();
/// let executed = rounds.execute(id, Record(RoundEvent::Ended)).await?;
/// assert!(executed.events.is_empty());
/// let executed = rounds.execute(id, Record(RoundEvent::Begun)).await?;
/// assert_eq!(executed.events.len(), 1);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<E>(pub E);

/// Fold of nothing: the state alone says whether an event is legal.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Nothing;

impl<E: Event> Fold<E> for Nothing {
    fn apply(&mut self, _event: &RecordedEvent<E>) {}
}

impl<E: Event + Clone> Command<E> for Record<E> {
    const NAME: &'static str = "record";
    type State = Nothing;
    type Refusal = Infallible;

    fn decide(&self, entity: &Entity<E, Nothing>) -> Result<Decision<E>, Infallible> {
        Ok(match entity.may(self.0.event_type()) {
            true => self.0.clone().into(),
            false => Decision::nothing(),
        })
    }
}
