//! `GET /api/v1/task/{id}`: an entity, now or at a moment in its past.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{AsOf, EntityId, Error, Event, EventStore, EventType, Folded, Seq, Timers};
use serde_json::Value;

use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::wire::as_of;
use crate::wire::conditions::{Conditions, etag};
use crate::wire::parameters::{QueryParameters, RawQuery};
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Returns the state and data of an entity, and the events that may follow.
pub(crate) async fn get_entity<E: Event>(
    State(context): State<MachineContext<E>>,
    Reader(events): Reader<E>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Problem> {
    let id = context.path_entity(id)?;
    let mut parameters = QueryParameters::new(query)?;
    let as_of = as_of::take(&mut parameters);
    parameters.finish()?;
    let conditions = Conditions::read(&headers)?;
    if !conditions.is_empty()
        && let Some(seq) = sequence(&events, id, as_of).await?
        && conditions.none_match_fails(Some(seq))
    {
        // The head suffices; the events are not read.
        return Ok(with_etag(
            &context,
            StatusCode::NOT_MODIFIED.into_response(),
            seq,
        ));
    }
    let Some(folded) = data(&context, &events, id, as_of).await? else {
        return Err(context.entity_not_found());
    };
    let seq = folded.head.seq;
    let mut resource = resource::entity(&context.names, &folded)?;
    // What is due belongs to now.
    if as_of.is_none()
        && let Some(due) = due(&events, id, seq).await?
    {
        resource["due"] = due;
    }
    let response = context.service.unread.json(&resource)?;
    Ok(with_etag(&context, response, seq))
}

/// Reads the sequence of an entity.
async fn sequence<E: Event>(
    events: &EventStore<E>,
    id: EntityId,
    as_of: Option<AsOf>,
) -> Result<Option<Seq>, Error> {
    let load = events.head(id);
    let head = match as_of {
        Some(as_of) => load.as_of(as_of).await?,
        None => load.await?,
    };
    Ok(head.map(|head| head.seq))
}

/// Reads the head and the data of an entity.
async fn data<E: Event>(
    context: &MachineContext<E>,
    events: &EventStore<E>,
    id: EntityId,
    as_of: Option<AsOf>,
) -> Result<Option<Folded<E, E::Data>>, Error> {
    let data = (context.data_query)(events.data(id));
    match as_of {
        Some(as_of) => data.as_of(as_of).await,
        None => data.await,
    }
}

/// Returns the events that are written by themselves, and when, as of a sequence; `None` if the machine has
/// no timers, or they depend on what the reader may not see.
async fn due<E: Event>(
    events: &EventStore<E>,
    id: EntityId,
    seq: Seq,
) -> Result<Option<Value>, Error> {
    if E::Type::ALL.iter().all(|event| event.timer().is_none()) {
        return Ok(None);
    }
    match events.fold::<Timers<E>>(id).as_of(seq).await {
        Ok(timers) => Ok(timers.map(|timers| resource::due(&timers.value))),
        Err(Error::Unreadable(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Adds the `ETag` of a sequence to a response.
fn with_etag<E: Event>(context: &MachineContext<E>, mut response: Response, seq: Seq) -> Response {
    response.headers_mut().insert(header::ETAG, etag(seq));
    context.service.allow_revalidation(&mut response);
    response
}
