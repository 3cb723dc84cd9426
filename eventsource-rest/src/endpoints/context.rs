//! Context of the endpoints: the store, the settings and the streams.

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use axum::response::Response;
use eventsource_core::{Actor, EntityId, Event, EventStore, FoldQuery};
use heck::ToUpperCamelCase;

use crate::auth::authenticated::Authenticated;
use crate::options::before_append::DynBeforeAppend;
use crate::options::command::ClientCommand;
use crate::options::limits::Limits;
use crate::stream::hub::Hub;
use crate::stream::registry::StreamRegistry;
use crate::wire::base_url::BaseUrl;
use crate::wire::caching;
use crate::wire::intake::Intake;
use crate::wire::names::WireNames;
use crate::wire::problem::Problem;
use crate::wire::unread::UnreadBytes;

/// Context that all machines of a service share.
pub(crate) struct ServiceContext {
    /// Base of the URLs in responses.
    pub(crate) base_url: BaseUrl,
    /// Whether dry runs are switched on.
    pub(crate) validates: bool,
    /// Whether clients are authenticated, so that not all of them read the same.
    pub(crate) authenticates: bool,
    /// Limits of the service.
    pub(crate) limits: Limits,
    /// Streams of all machines.
    pub(crate) streams: Arc<StreamRegistry>,
    /// Bodies of requests.
    pub(crate) intake: Intake,
    /// Answers that clients have not read yet.
    pub(crate) unread: UnreadBytes,
}

impl ServiceContext {
    /// Lets the client keep a response with an `ETag`, if it is the same for every reader.
    ///
    /// Where clients are authenticated it must not be kept: the `ETag` is the sequence, which does
    /// not tell who has read, so a browser could show one user what another one was sent.
    pub(crate) fn allow_revalidation(&self, response: &mut Response) {
        if !self.authenticates {
            caching::revalidate(response);
        }
    }
}

/// Context of the endpoints of one machine.
pub(crate) struct MachineContext<E: Event> {
    /// Store of the machine's events, which reads everything; see [`Reader`](super::reader::Reader).
    events: EventStore<E>,
    /// Names on the wire.
    pub(crate) names: Arc<WireNames>,
    /// Context that all machines share.
    pub(crate) service: Arc<ServiceContext>,
    /// Checks of the application before an append.
    pub(crate) checks: Arc<[Arc<dyn DynBeforeAppend<E>>]>,
    /// Commands that clients may give.
    pub(crate) commands: Arc<[Arc<ClientCommand<E>>]>,
    /// Source of the streams.
    pub(crate) hub: Arc<Hub<E>>,
    /// Options of the query for an entity's data.
    pub(crate) data_query: DataQuery<E>,
}

/// Function that sets whether an entity's data is read with snapshots.
pub(crate) type DataQuery<E> =
    for<'a> fn(FoldQuery<'a, E, <E as Event>::Data>) -> FoldQuery<'a, E, <E as Event>::Data>;

impl<E: Event> Clone for MachineContext<E> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            names: Arc::clone(&self.names),
            service: Arc::clone(&self.service),
            checks: Arc::clone(&self.checks),
            commands: Arc::clone(&self.commands),
            hub: Arc::clone(&self.hub),
            data_query: self.data_query,
        }
    }
}

impl<E: Event> MachineContext<E> {
    /// Creates the context.
    pub(crate) fn new(
        events: EventStore<E>,
        names: Arc<WireNames>,
        service: Arc<ServiceContext>,
        checks: Arc<[Arc<dyn DynBeforeAppend<E>>]>,
        commands: Arc<[Arc<ClientCommand<E>>]>,
        hub: Arc<Hub<E>>,
        data_query: DataQuery<E>,
    ) -> Self {
        Self {
            events,
            names,
            service,
            checks,
            commands,
            hub,
            data_query,
        }
    }

    /// Returns the store as the program itself reads it, for appends and what decides about them.
    ///
    /// What a client is shown comes from its [`Reader`](super::reader::Reader).
    pub(crate) fn program(&self) -> &EventStore<E> {
        &self.events
    }

    /// Returns the actor of a request; `None` without an authenticator or without credentials.
    ///
    /// # Errors
    /// The problem that the [`Authenticator`](crate::Authenticator) returns; 401 for an actor whose
    /// name or roles are empty or too long, or who has too many.
    pub(crate) fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
        match request.extensions.get::<Authenticated>() {
            Some(Authenticated(actor)) => actor.clone(),
            None => Ok(None),
        }
    }

    /// Parses the entity id of a path.
    ///
    /// # Errors
    /// 404 if it is not an id, as for an entity that does not exist.
    pub(crate) fn path_entity(
        &self,
        path: Result<Path<String>, PathRejection>,
    ) -> Result<EntityId, Problem> {
        let id = path.ok().and_then(|Path(id)| self.names.parse_id(&id));
        id.ok_or_else(|| self.entity_not_found())
    }

    /// Creates the 404 of an entity.
    pub(crate) fn entity_not_found(&self) -> Problem {
        let name = E::ENTITY.to_upper_camel_case();
        Problem::not_found(&format!("{name} not found"))
    }
}
