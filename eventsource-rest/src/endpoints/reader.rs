//! Reader of a request: the store as the client may read it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use eventsource_core::{Actor, Error, Event, EventStore};

use crate::endpoints::context::MachineContext;
use crate::wire::problem::Problem;

/// Store as the client of a request may read it: the only way for an endpoint to read.
pub(crate) struct Reader<E: Event>(pub(crate) EventStore<E>);

impl<E: Event> FromRequestParts<MachineContext<E>> for Reader<E> {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        context: &MachineContext<E>,
    ) -> Result<Self, Problem> {
        let actor = context.actor(parts)?;
        context.reader(actor.as_ref())
    }
}

impl<E: Event> MachineContext<E> {
    /// Returns the store as this client may read it.
    ///
    /// # Errors
    /// 401 for a client without an actor, if the service has an authenticator and the machine is not
    /// `public`; 403 for an actor without a role that may read the machine.
    pub(crate) fn reader(&self, actor: Option<&Actor>) -> Result<Reader<E>, Problem> {
        let events = self.program();
        match actor {
            Some(actor) if E::MACHINE.may_read(actor.roles()) => {
                Ok(Reader(events.reading_as(actor)))
            }
            Some(actor) => Err(Problem::from(Error::ReaderNotAllowed {
                entity: E::ENTITY,
                allowed: (E::MACHINE.readers().iter())
                    .map(ToString::to_string)
                    .collect(),
                actual: actor.roles().to_vec(),
            })),
            None if self.service.authenticates && !E::MACHINE.is_public() => {
                Err(Problem::unauthorized(
                    "Reading requires an actor, and the request is not authenticated.",
                ))
            }
            None => Ok(Reader(events.reading_anonymously())),
        }
    }
}
