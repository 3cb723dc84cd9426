//! Which path does what.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use eventsource_core::{Event, EventStore};

use crate::api::Api;
use crate::names::Names;
use crate::problem::Problem;
use crate::{append, retrieve, search};

/// The endpoints of one machine. Routers of several machines are joined by
/// [`axum::Router::merge`].
///
/// ```
/// # use eventsource_core::Store;
/// # use tasks::TaskEvent;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), eventsource_core::Error> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let tasks = store.migrate::<TaskEvent>().await?;
/// let app = eventsource_rest::router(tasks).fallback(eventsource_rest::not_found);
/// # let _: axum::Router = app;
/// # Ok(())
/// # }
/// ```
pub fn router<E: Event>(events: EventStore<E>) -> Router {
    let names = Names::of::<E>();
    let collection = format!("/api/v1/{}", names.event);
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
        .with_state(Api {
            events,
            names: Arc::new(names),
        })
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
