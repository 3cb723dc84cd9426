//! Which path does what.

use axum::Router;
use axum::routing::{get, post};
use eventsource_core::Event;

use super::{
    append, get_entity, get_event, history, search_entities, search_events, stream, validate,
};
use crate::endpoints::context::Api;
use crate::wire::fallback::method_not_allowed;

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
