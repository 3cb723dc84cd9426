//! Which path does what.

use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};
use eventsource_core::{Event, EventStore};

use super::{
    append, get_entity, get_event, history, search_entities, search_events, stream, validate,
};
use crate::endpoints::context::Api;
use crate::service::{BuildError, Service};
use crate::wire::problem::Problem;

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
    let events = format!("/api/v1/{}", api.names.event);
    let entities = format!("/api/v1/{}", api.names.entity);
    let one = format!("{entities}/{{id}}");
    let routes = [
        (
            events.clone(),
            post(append::append::<E>).get(search_events::search::<E>),
        ),
        (format!("{events}/{{id}}"), get(get_event::event::<E>)),
        (format!("{events}/stream"), get(stream::of_machine::<E>)),
        (entities.clone(), get(search_entities::entities::<E>)),
        (
            format!("{entities}/validate"),
            post(validate::validate::<E>),
        ),
        (one.clone(), get(get_entity::entity::<E>)),
        (
            format!("{one}/{}", api.names.event),
            post(append::append_to::<E>),
        ),
        (format!("{one}/history"), get(history::history::<E>)),
        (format!("{one}/stream"), get(stream::of_entity::<E>)),
    ];
    let router = routes
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| {
            // Events are never changed: what is not here is 405, with what is in `Allow`.
            router.route(&path, methods.fallback(method_not_allowed))
        });
    router.with_state(api)
}

/// How much of a body that nobody wants is read, in bytes.
const UNWANTED: usize = 64 * 1024;

pub(crate) async fn method_not_allowed(request: Request) -> Problem {
    // A connection with an unread body is closed, under the next request that the client sends on it.
    let _ = axum::body::to_bytes(request.into_body(), UNWANTED).await;
    Problem::method_not_allowed()
}
