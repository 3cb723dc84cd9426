//! What the handlers share.

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use eventsource_core::{Actor, EntityId, Event, EventStore, FoldOf};
use heck::ToUpperCamelCase;

use crate::auth::actor::DynAuthenticator;
use crate::options::before_append::AnyBeforeAppend;
use crate::options::limits::Limits;
use crate::stream::hub::Hub;
use crate::stream::registry::Streams;
use crate::wire::names::Names;
use crate::wire::problem::Problem;

/// What all machines of a service share.
pub(crate) struct Shared {
    pub(crate) authenticator: Option<Arc<dyn DynAuthenticator>>,
    pub(crate) limits: Limits,
    pub(crate) streams: Arc<Streams>,
}

/// What a handler works on.
pub(crate) struct Api<E: Event> {
    pub(crate) events: EventStore<E>,
    pub(crate) names: Arc<Names>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) checks: Arc<[Arc<dyn AnyBeforeAppend<E>>]>,
    pub(crate) hub: Arc<Hub<E>>,
    pub(crate) data: DataOf<E>,
}

/// How the data of an entity is read: from all events, or from a snapshot on.
pub(crate) type DataOf<E> =
    for<'a> fn(FoldOf<'a, E, <E as Event>::Data>) -> FoldOf<'a, E, <E as Event>::Data>;

impl<E: Event> Clone for Api<E> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            names: Arc::clone(&self.names),
            shared: Arc::clone(&self.shared),
            checks: Arc::clone(&self.checks),
            hub: Arc::clone(&self.hub),
            data: self.data,
        }
    }
}

impl<E: Event> Api<E> {
    /// Who asks, if the service can tell.
    ///
    /// # Errors
    /// What the application's [`Authenticator`](crate::Authenticator) says.
    pub(crate) async fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
        match &self.shared.authenticator {
            Some(source) => source.find(request).await,
            None => Ok(None),
        }
    }

    /// The entity of a path. As in microcosm, what is not an id is a path that does not exist.
    ///
    /// # Errors
    /// 404.
    pub(crate) fn entity_of(
        &self,
        path: Result<Path<String>, PathRejection>,
    ) -> Result<EntityId, Problem> {
        let id = path.ok().and_then(|Path(id)| self.names.parse_id(&id));
        id.ok_or_else(|| self.no_entity())
    }

    /// There is no such entity.
    pub(crate) fn no_entity(&self) -> Problem {
        let name = E::ENTITY.to_upper_camel_case();
        Problem::not_found(&format!("{name} not found"))
    }
}
