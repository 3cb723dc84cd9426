//! Command: a request that decides which events happen to an entity.

use crate::{Decision, Entity, Event, Fold, StateSource};

/// Request to an entity of the machine `E`, which decides what happens, or refuses.
///
/// [`EventStore::execute`](crate::EventStore::execute) loads the entity, asks
/// [`decide`](Self::decide), and appends the events that it returns, if the entity has not changed
/// meanwhile; otherwise it begins again. The rules of the machine hold for these events as for all
/// others; a command decides what they cannot say, from the values of the payloads.
///
/// ```
/// # mod example {
/// use eventsource_core::{Command, Decision, Entity, EntityId, Event, ExecuteError, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "visit")]
/// pub enum VisitEvent {
///     Booked { doctor: String },
///     #[event(follows = Booked, terminal)]
///     Started,
/// }
///
/// /// Begins a visit.
/// struct Start { by: String }
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("the visit is with {0:?}")]
/// struct NotYours(Option<String>);
///
/// impl Command<VisitEvent> for Start {
///     const NAME: &'static str = "start";
///     type State = VisitData;
///     type Refusal = NotYours;
///
///     fn decide(&self, visit: &Entity<VisitEvent, VisitData>) -> Result<Decision<VisitEvent>, NotYours> {
///         match &visit.data.doctor {
///             Some(doctor) if *doctor == self.by => Ok(VisitEvent::Started.into()),
///             doctor => Err(NotYours(doctor.clone())),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let visits = Store::connect("sqlite::memory:").await?.migrate::<VisitEvent>().await?;
/// let id = EntityId::new();
/// visits.append(id, VisitEvent::Booked { doctor: "ann".into() }).await?;
///
/// let refused = visits.execute(id, Start { by: "bob".into() }).await.unwrap_err();
/// assert!(matches!(refused, ExecuteError::Refused(NotYours(_))));
/// let executed = visits.execute(id, Start { by: "ann".into() }).by("ann").await?;
/// assert_eq!(executed.events.len(), 1);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command of `{E}`",
    label = "does not implement `Command<{E}>`"
)]
pub trait Command<E: Event>: Send + Sync {
    /// Name of the command, such as `start`: in an archive, in paths of an API, and in metrics.
    const NAME: &'static str;

    /// Fold of the entity's events that [`decide`](Self::decide) looks at, such as
    /// [`Event::Data`].
    type State: Fold<E> + Send + Sync + 'static;

    /// Reason for which the command refuses; [`Infallible`](std::convert::Infallible) if it never
    /// does.
    type Refusal: std::error::Error + Send + Sync + 'static;

    /// How the state is loaded: by all events of the entity, unless this says otherwise.
    const SOURCE: StateSource<E, Self::State> = StateSource::events();

    /// Decides what happens to the entity, as it is now.
    ///
    /// It may be asked several times for one execution, and the decision of an earlier time be thrown
    /// away: it must do nothing else, and depend on nothing but the command and the entity.
    ///
    /// # Errors
    /// Whatever the command refuses for.
    fn decide(&self, entity: &Entity<E, Self::State>) -> Result<Decision<E>, Self::Refusal>;
}
