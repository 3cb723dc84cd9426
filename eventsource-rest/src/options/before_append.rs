//! Checks of the application before an append.

use std::future::Future;
use std::pin::Pin;

use eventsource_core::{Actor, EntityId, Event, Head};

use crate::wire::problem::Problem;

/// Events that are about to be appended to one entity; see [`BeforeAppend`].
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
    /// Entity; `None` for a new one whose id the store chooses.
    pub entity_id: Option<EntityId>,
    /// Head of the entity; `None` if it has no events yet.
    ///
    /// The append fails if the entity has another head by then, so a decision based on this one
    /// holds when the events are stored.
    pub head: Option<&'a Head<E>>,
    /// Events, in their order.
    pub events: &'a [E],
    /// Actor of the request, if the service has an authenticator and the request has credentials.
    pub actor: Option<&'a Actor>,
}

/// Check that the application makes before an append, in addition to the rules of the machine.
///
/// A check may look at anything: the payload, other tables, other services. It runs once for each
/// entity of a request, but not for a request that repeats an idempotency key whose events are
/// stored already.
///
/// A check is not part of the transaction: data that it reads elsewhere may have changed when the
/// events are stored; the entity itself has not.
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
    /// Checks the events.
    ///
    /// # Errors
    /// The response to the request if the events may not be appended.
    fn check(&self, proposed: &Proposed<'_, E>)
    -> impl Future<Output = Result<(), Problem>> + Send;
}

/// Future of [`DynBeforeAppend::check_boxed`].
type CheckFuture<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// [`BeforeAppend`] that can be behind a pointer.
pub(crate) trait DynBeforeAppend<E: Event>: Send + Sync {
    /// Calls [`BeforeAppend::check`].
    fn check_boxed<'a>(&'a self, proposed: &'a Proposed<'_, E>) -> CheckFuture<'a>;
}

impl<E: Event, B: BeforeAppend<E>> DynBeforeAppend<E> for B {
    fn check_boxed<'a>(&'a self, proposed: &'a Proposed<'_, E>) -> CheckFuture<'a> {
        Box::pin(self.check(proposed))
    }
}
