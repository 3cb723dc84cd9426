//! Trait of a handler.

use std::future::Future;

use eventsource_core::{Event, Failure};

use crate::handler::delivery::Delivery;

/// Handler of events: sends a mail, calls a service.
///
/// A delivery is made at least once: after a crash, or when an answer is lost, it is made again with
/// the same [id](Delivery::id). The events of an entity are delivered in order, one after the other.
/// What a handler does outside of the database cannot be taken back, so handlers are not run again
/// for events that they have handled: there is no rebuild of a handler.
///
/// An error of any type is a [`Failure::Retry`] with `?`.
///
/// A function is a handler:
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, Failure};
/// use eventsource_runtime::Delivery;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// async fn print(delivery: Delivery<LightEvent>) -> Result<(), Failure> {
///     let LightEvent::Lit { watts } = delivery.event.event;
///     println!("{}: {watts} W", delivery.id);
///     Ok(())
/// }
///
/// # pub fn main() {
/// let _ = eventsource_runtime::handler("printer", print);
/// # }
/// # }
/// # example::main();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `{E}`",
    label = "expected a `Handler<{E}>`, such as a function of `Delivery<{E}>`"
)]
pub trait Handler<E: Event>: Send + Sync + 'static {
    /// Handles one event.
    ///
    /// Ends within the time that the subscription gives it, or counts as failed and is dropped.
    fn handle(&self, delivery: Delivery<E>) -> impl Future<Output = Result<(), Failure>> + Send;
}

impl<E, F, R> Handler<E> for F
where
    E: Event,
    F: Fn(Delivery<E>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), Failure>> + Send,
{
    fn handle(&self, delivery: Delivery<E>) -> impl Future<Output = Result<(), Failure>> + Send {
        self(delivery)
    }
}
