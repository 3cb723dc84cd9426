//! `POST /api/v1/task/{id}/command/{name}` and `POST /api/v1/task/command/{name}`: executes a command, now or
//! later.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use eventsource_core::{Actor, EntityId, Error, Event, Seq, parse_untrusted_json};
use serde_json::json;

use crate::clients::table::RequestClient;
use crate::endpoints::append::{exists_for, idempotency_key, visibility};
use crate::endpoints::command_response::{accepted, body, respond};
use crate::endpoints::context::MachineContext;
use crate::options::command::{ClientCommand, CommandFailure, Execution, Run, Submit};
use crate::wire::conditions::Conditions;
use crate::wire::correlation::Correlation;
use crate::wire::faults::Fault;
use crate::wire::media;
use crate::wire::prefer::Preferences;
use crate::wire::problem::Problem;
use crate::wire::store_problem::append_problem;

/// Executes a command on the entity of the path.
pub(crate) async fn execute<E: Event>(
    State(context): State<MachineContext<E>>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let path = path.ok().map(|Path(path)| path);
    let (id, name) = path.ok_or_else(|| context.entity_not_found())?;
    let id = context.names.parse_id(&id);
    let id = id.ok_or_else(|| context.entity_not_found())?;
    perform(&context, Some(id), &name, request).await
}

/// Executes a command that begins an entity.
pub(crate) async fn execute_new<E: Event>(
    State(context): State<MachineContext<E>>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let name = name.ok().map(|Path(name)| name).unwrap_or_default();
    perform(&context, None, &name, request).await
}

async fn perform<E: Event>(
    context: &MachineContext<E>,
    entity_id: Option<EntityId>,
    name: &str,
    request: Request,
) -> Result<Response, Problem> {
    let command = context.commands.iter().find(|known| known.name == name);
    let command = command.ok_or_else(|| Problem::not_found("Command not found"))?;
    let (parts, content) = request.into_parts();
    let actor = context.actor(&parts)?;
    media::require_json(&parts.headers)?;
    let conditions = Conditions::read(&parts.headers)?;
    let command_id = idempotency_key(&parts.headers)?;
    let room = || RequestClient::large_bodies(&parts);
    let received = context.service.intake.receive(content, room).await?;
    // A client that may not read the machine may change it all the same, if its rules say so.
    let reader = context.reader(actor.as_ref()).ok();
    // What the client expects is checked at once; and what has come of a command without an actor,
    // nobody could read.
    let may_wait = conditions.is_empty() && (actor.is_some() || reader.is_some());
    let later = entity_id.filter(|_| may_wait && Preferences::read(&parts.headers).respond_async());
    let read = |body: &[u8]| read_body(command, later, body);
    let command = received.parse(read).await?;
    let mut expected = None;
    if let Some(id) = entity_id {
        let head = context.program().head(id).await?;
        if head.is_some() && !exists_for(reader.as_ref(), id).await? {
            return Err(context.entity_not_found());
        }
        let seq = head.map(|head| head.seq);
        expected = (!conditions.is_empty()).then(|| conditions.expected(seq));
    }
    let is_anonymous = actor.is_none();
    let execution = execution(entity_id, &parts, command_id.clone(), actor, expected);
    let run = match command {
        Given::Later(id, submit) => {
            let submitted = submit(context.program(), execution).await;
            let submitted =
                submitted.map_err(|error| append_problem(&context.names, &conditions, error));
            return accepted(context, id, &submitted?);
        }
        Given::Now(run) => run,
    };
    let executed = run(context.program(), execution).await;
    let executed = executed.map_err(|failure| {
        if let CommandFailure::Store(Error::ActorNotAllowed { event_type, .. }) = &failure
            && is_anonymous
        {
            return Problem::actor_required(event_type);
        }
        let failure = match reader.is_some() {
            true => failure,
            false => failure.for_strangers(),
        };
        let problem = problem(context, &conditions, command_id.as_deref(), failure);
        let problem = problem.without_legal(&context.names.internal);
        match reader.is_some() {
            true => problem,
            false => problem.without_state(),
        }
    })?;
    let visible = visibility(reader.as_ref(), &executed.events).await;
    let outcome = match executed.rejection() {
        Some(_) => "rejected",
        None => "accepted",
    };
    let body = body(
        context,
        &parts,
        command_id.as_deref(),
        outcome,
        &executed.events,
        &visible,
    )?;
    respond(context, body, &executed.events, &visible, executed.replayed).await
}

/// Command of a request.
enum Given<E: Event> {
    Now(Run<E>),
    /// To be left to the entity.
    Later(EntityId, Submit<E>),
}

/// Reads a command from a body; `later`: entity that it may be left to, if it can be.
///
/// # Errors
/// 422 that says what serde says.
fn read_body<E: Event>(
    command: &ClientCommand<E>,
    later: Option<EntityId>,
    body: &[u8],
) -> Result<Given<E>, Problem> {
    let fault = |reason: String| Problem::body(&[Fault::at("", "_schema", reason)]);
    let value = match body.is_empty() {
        // A command without fields needs no body.
        true => json!({}),
        false => parse_untrusted_json(body).map_err(|error| fault(format!("{error}.")))?,
    };
    let read = match (command.read_for_later, later) {
        (Some(read), Some(id)) => read(value).map(|submit| Given::Later(id, submit)),
        _ => (command.read)(value).map(Given::Now),
    };
    read.map_err(|error| fault(format!("Not the command: {error}.")))
}

/// Returns how the command is to be executed for this request.
fn execution(
    entity_id: Option<EntityId>,
    request: &Parts,
    command_id: Option<String>,
    actor: Option<Actor>,
    expected: Option<Seq>,
) -> Execution {
    let correlation = request.extensions.get::<Correlation>();
    Execution {
        entity_id,
        command_id,
        actor,
        expected,
        correlation_id: correlation.and_then(|of| of.correlation_id.clone()),
        causation_id: correlation.and_then(|of| of.causation_id.clone()),
    }
}

/// Converts the reason for which a command was not executed.
fn problem<E: Event>(
    context: &MachineContext<E>,
    conditions: &Conditions,
    command_id: Option<&str>,
    failure: CommandFailure,
) -> Problem {
    match failure {
        CommandFailure::Store(error) => append_problem(&context.names, conditions, error),
        CommandFailure::Other(message) => Problem::internal(&message),
        CommandFailure::Refused {
            message,
            refusal,
            refused_at,
        } => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let problem = Problem::new(status, "command-refused", "Command refused")
                .detail(&message)
                .with("refusal", refusal)
                .with("commandId", command_id);
            match refused_at {
                Some(at) => problem.with("refusedAt", json!(at)),
                None => problem,
            }
        }
    }
}
