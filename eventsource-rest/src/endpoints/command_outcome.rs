//! `GET /api/v1/task/{id}/command/{commandId}`: what has come of a command.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use eventsource_core::{CommandOutcome, Event, Visibility};
use serde_json::json;

use crate::endpoints::append::{exists_for, visibility};
use crate::endpoints::command_response::body;
use crate::endpoints::context::MachineContext;
use crate::wire::conditions::etag;
use crate::wire::parameters::{QueryParameters, RawQuery};
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Returns a command of the archive with its outcome, to the actor who has given it.
pub(crate) async fn outcome<E: Event>(
    State(context): State<MachineContext<E>>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: RawQuery,
    request: Parts,
) -> Result<Response, Problem> {
    let not_found = || Problem::not_found("Command not found");
    let Path((id, command_id)) = path.map_err(|_| not_found())?;
    let id = context.names.parse_id(&id).ok_or_else(not_found)?;
    QueryParameters::new(query)?.finish()?;
    let actor = context.actor(&request)?;
    let reader = context.reader(actor.as_ref());
    if actor.is_none() {
        // Commands without an actor belong to everybody who may read.
        reader.as_ref().map_err(Clone::clone)?;
    }
    let reader = reader.ok();
    let actor_id = actor.as_ref().map(|actor| actor.id());
    let command = context.program().command(id, &command_id, actor_id).await?;
    let command = command.ok_or_else(not_found)?;
    let may_read = reader.is_some() && exists_for(reader.as_ref(), id).await?;
    let (outcome, has_events) = match &command.outcome {
        CommandOutcome::Pending { .. } => ("pending", false),
        CommandOutcome::Accepted { seqs } => ("accepted", seqs.is_some()),
        CommandOutcome::Rejected { seqs } => ("rejected", seqs.is_some()),
        CommandOutcome::Refused { .. } => ("refused", false),
        _ => ("failed", false),
    };
    let events = match has_events {
        true => context.program().answered(&command_id, actor_id).await?,
        false => None,
    };
    let events = events.map(|answered| answered.events).unwrap_or_default();
    let visible = match may_read {
        true => visibility(reader.as_ref(), &events).await,
        false => vec![Visibility::Nothing; events.len()],
    };
    let mut answer = body(
        &context,
        &request,
        Some(&command_id),
        outcome,
        &events,
        &visible,
    )?;
    answer[&context.names.entity_id] = context.names.format_id(id).into();
    answer["name"] = command.name.into();
    answer["receivedAt"] = resource::time(command.received_at).into();
    match command.outcome {
        CommandOutcome::Refused { message, refusal } if may_read => {
            answer["message"] = message.into();
            answer["refusal"] = refusal;
        }
        // Why may tell of the entity, and of the database.
        CommandOutcome::Failed { message } => {
            tracing::warn!(command_id, message, "a command has failed");
            answer["message"] = json!("The command could not be executed.");
        }
        _ => (),
    }
    let mut response = context.service.unread.json(&answer)?;
    if let Some(last) = events.last()
        && !visible.contains(&Visibility::Nothing)
    {
        response.headers_mut().insert(header::ETAG, etag(last.seq));
    }
    Ok(response)
}
