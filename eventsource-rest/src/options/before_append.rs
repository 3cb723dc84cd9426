//! What the application checks beside the rules.

use std::future::Future;
use std::pin::Pin;

use eventsource_core::{Actor, EntityId, Event, Head};

use crate::wire::problem::Problem;

/// What is about to be appended to one entity; see [`BeforeAppend`].
///
/// ```
/// # use eventsource_core::Event;
/// # use eventsource_rest::Proposed;
/// fn is_new<E: Event>(proposed: &Proposed<'_, E>) -> bool {
///     proposed.head.is_none()
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Proposed<'a, E: Event> {
    /// The entity; `None` if it gets its name only with its first event.
    pub entity_id: Option<EntityId>,
    /// Where it stands; `None` if it has no events yet. The append expects that it still stands
    /// there, so what is decided by this holds when the events are stored.
    pub head: Option<&'a Head<E>>,
    /// The events, in order.
    pub events: &'a [E],
    /// Who asks, if the service can tell.
    pub actor: Option<&'a Actor>,
}

/// A check that the application makes before an append, beside the rules of the machine: of other
/// data, of other services (M24).
///
/// It is asked once for each entity of a request, but not of one that repeats by its idempotency key
/// what is stored already. It has no part in the transaction: what it reads elsewhere may have changed when the events
/// are stored, the entity itself has not.
///
/// ```
/// use eventsource_rest::{BeforeAppend, Problem, Proposed};
/// use tasks::TaskEvent;
///
/// struct NotToBob;
///
/// impl BeforeAppend<TaskEvent> for NotToBob {
///     async fn check(&self, proposed: &Proposed<'_, TaskEvent>) -> Result<(), Problem> {
///         for event in proposed.events {
///             if matches!(event, TaskEvent::Assigned { assignee } if assignee == "bob") {
///                 return Err(Problem::forbidden("Bob is on leave."));
///             }
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait BeforeAppend<E: Event>: Send + Sync + 'static {
    /// Looks at what is about to be appended.
    ///
    /// # Errors
    /// What the request is answered, if it may not be.
    fn check(&self, proposed: &Proposed<'_, E>)
    -> impl Future<Output = Result<(), Problem>> + Send;
}

type Checked<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// A [`BeforeAppend`] behind a pointer.
pub(crate) trait AnyBeforeAppend<E: Event>: Send + Sync {
    fn ask<'a>(&'a self, proposed: &'a Proposed<'_, E>) -> Checked<'a>;
}

impl<E: Event, B: BeforeAppend<E>> AnyBeforeAppend<E> for B {
    fn ask<'a>(&'a self, proposed: &'a Proposed<'_, E>) -> Checked<'a> {
        Box::pin(self.check(proposed))
    }
}
