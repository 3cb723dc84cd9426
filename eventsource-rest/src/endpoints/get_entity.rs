//! `GET /api/v1/task/{id}`.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{AsOf, EntityId, Error, Event, Folded, Seq};

use crate::endpoints::context::Api;
use crate::wire::as_of;
use crate::wire::conditions::{Conditions, etag};
use crate::wire::parameters::{Given, Parameters};
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Where an entity stands, or stood, what its events have said, and what may happen next.
pub(crate) async fn entity<E: Event>(
    State(api): State<Api<E>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    query: Given,
) -> Result<Response, Problem> {
    let id = api.entity_of(id)?;
    let mut parameters = Parameters::new(query)?;
    let as_of = as_of::take(&mut parameters);
    parameters.finish()?;
    let conditions = Conditions::read(&headers)?;
    if !conditions.is_empty()
        && let Some(seq) = sequence(&api, id, as_of).await?
        && conditions.fresh(Some(seq))
    {
        // Known by the head alone, without reading the events.
        return Ok(with_tag(StatusCode::NOT_MODIFIED.into_response(), seq));
    }
    let Some(folded) = data(&api, id, as_of).await? else {
        return Err(api.no_entity());
    };
    let seq = folded.head.seq;
    let resource = resource::entity(&api.names, &folded.head, &folded.data)?;
    Ok(with_tag(Json(resource).into_response(), seq))
}

async fn sequence<E: Event>(
    api: &Api<E>,
    id: EntityId,
    as_of: Option<AsOf>,
) -> Result<Option<Seq>, Error> {
    let load = api.events.load(id);
    let head = match as_of {
        Some(as_of) => load.as_of(as_of).await?,
        None => load.await?,
    };
    Ok(head.map(|head| head.seq))
}

async fn data<E: Event>(
    api: &Api<E>,
    id: EntityId,
    as_of: Option<AsOf>,
) -> Result<Option<Folded<E, E::Data>>, Error> {
    let data = (api.data)(api.events.data(id));
    match as_of {
        Some(as_of) => data.as_of(as_of).await,
        None => data.await,
    }
}

fn with_tag(mut response: Response, seq: Seq) -> Response {
    response.headers_mut().insert(header::ETAG, etag(seq));
    response
}
