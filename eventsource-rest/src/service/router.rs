//! Router of a single machine.

use axum::Router;
use eventsource_core::{Event, EventStore};

use super::builder::Service;
use super::error::BuildError;

/// Builds the HTTP API of one machine, with the defaults of [`Service`].
///
/// # Errors
/// [`BuildError::NoAuthenticator`] if an event type of the machine requires a role.
///
/// ```
/// # use eventsource_core::Store;
/// # use tasks::TaskEvent;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let tasks = store.migrate::<TaskEvent>().await?;
/// let app = eventsource_rest::router(tasks)?.fallback(eventsource_rest::not_found);
/// # let _: axum::Router = app;
/// # Ok(())
/// # }
/// ```
pub fn router<E: Event>(events: EventStore<E>) -> Result<Router, BuildError> {
    Service::new().mount(events).build()
}
