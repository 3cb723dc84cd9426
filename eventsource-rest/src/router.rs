//! Which path does what.

use axum::Router;
use axum::routing::{get, post};
use eventsource_core::{Event, EventStore};

use crate::api::Api;
use crate::problem::Problem;
use crate::service::{BuildError, Service};
use crate::{append, retrieve, search};

/// The endpoints of one machine, with the defaults of [`Service`].
///
/// # Errors
/// [`BuildError::NoActorSource`] if the machine says by whom an event may be done.
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
    Service::new().machine(events).build()
}

/// The endpoints of one machine.
pub(crate) fn routes<E: Event>(api: Api<E>) -> Router {
    let collection = format!("/api/v1/{}", api.names.event);
    let one_event = format!("{collection}/{{id}}");
    let entity = format!("/api/v1/{}/{{id}}", E::ENTITY);
    Router::new()
        .route(
            &collection,
            post(append::append::<E>)
                .get(search::search::<E>)
                .fallback(method_not_allowed),
        )
        .route(
            &one_event,
            get(retrieve::event::<E>).fallback(method_not_allowed),
        )
        .route(
            &entity,
            get(retrieve::entity::<E>).fallback(method_not_allowed),
        )
        .with_state(api)
}

pub(crate) async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
