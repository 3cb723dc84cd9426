//! Routes of one machine.

use axum::Router;
use axum::routing::{any, get, post};
use eventsource_core::Event;

use super::{
    append, command, command_outcome, get_entity, get_event, history, search_entities,
    search_events, stream, validate,
};
use crate::endpoints::context::MachineContext;
use crate::wire::fallback::{method_not_allowed, not_found};

/// Builds the routes of one machine.
pub(crate) fn routes<E: Event>(context: MachineContext<E>) -> Router {
    let events = format!("/api/v1/{}", context.names.event);
    let entities = format!("/api/v1/{}", context.names.entity);
    let one = format!("{entities}/{{id}}");
    let routes = [
        (
            events.clone(),
            post(append::append::<E>).get(search_events::search_events::<E>),
        ),
        (format!("{events}/{{id}}"), get(get_event::get_event::<E>)),
        (format!("{events}/stream"), get(stream::stream_machine::<E>)),
        (entities.clone(), get(search_entities::search_entities::<E>)),
        (one.clone(), get(get_entity::get_entity::<E>)),
        (
            format!("{one}/{}", context.names.event),
            post(append::append_to::<E>),
        ),
        (format!("{one}/history"), get(history::history::<E>)),
        (format!("{one}/stream"), get(stream::stream_entity::<E>)),
    ];
    let router = routes
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| {
            // Events are never changed: other methods are answered 405, with the header `Allow`.
            router.route(&path, methods.fallback(method_not_allowed))
        });
    let validate = match context.service.validates {
        true => post(validate::validate::<E>).fallback(method_not_allowed),
        // Without a route it would be the path of an entity, which cannot be posted to.
        false => any(not_found),
    };
    let mut commands = context.commands.iter();
    let has_submittable = commands.any(|command| command.read_for_later.is_some());
    let router = match context.commands.is_empty() {
        true => router,
        false => {
            let new = post(command::execute_new::<E>).fallback(method_not_allowed);
            let mut existing = post(command::execute::<E>);
            if has_submittable {
                existing = existing.get(command_outcome::outcome::<E>);
            }
            let existing = existing.fallback(method_not_allowed);
            router
                .route(&format!("{entities}/command/{{name}}"), new)
                .route(&format!("{one}/command/{{name}}"), existing)
        }
    };
    router
        .route(&format!("{entities}/validate"), validate)
        .with_state(context)
}
