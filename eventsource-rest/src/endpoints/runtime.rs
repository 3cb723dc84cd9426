//! `/api/v1/runtime/subscription`: how far subscriptions are, and what people do to them.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post};
use eventsource_core::{Actor, Position, parse_untrusted_json};
use eventsource_runtime::{Note, Runtime, RuntimeError};
use serde::Deserialize;
use serde_json::json;

use crate::auth::authenticated::Authenticated;
use crate::clients::table::RequestClient;
use crate::endpoints::context::ServiceContext;
use crate::wire::fallback::method_not_allowed;
use crate::wire::faults::Fault;
use crate::wire::media;
use crate::wire::parameters::{QueryParameters, RawQuery};
use crate::wire::problem::Problem;
use crate::wire::runtime_resource::{parked_key, subscription};

/// Keys of a page, unless the client says otherwise, and at most.
const PAGE: (u16, u16) = (100, 500);

/// Runtime of a service, and the role that sees and changes it.
#[derive(Clone, Debug)]
pub(crate) struct GuardedRuntime {
    pub(crate) runtime: Runtime,
    pub(crate) role: Arc<str>,
}

/// What the endpoints share.
#[derive(Clone)]
struct Context {
    guarded: GuardedRuntime,
    service: Arc<ServiceContext>,
}

/// Body of an operation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    reason: String,
    key: Option<String>,
    #[serde(default)]
    parked: bool,
    position: Option<String>,
    after: Option<String>,
}

/// Builds the routes.
pub(crate) fn routes(guarded: GuardedRuntime, service: Arc<ServiceContext>) -> Router {
    let all = "/api/v1/runtime/subscription";
    let one = format!("{all}/{{name}}");
    Router::new()
        .route(all, get(list).fallback(method_not_allowed))
        .route(&one, get(show).fallback(method_not_allowed))
        .route(
            &format!("{one}/parked"),
            get(parked).fallback(method_not_allowed),
        )
        .route(
            &format!("{one}/{{operation}}"),
            post(operate).fallback(method_not_allowed),
        )
        .with_state(Context { guarded, service })
}

async fn list(State(context): State<Context>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    context.operator(&parts)?;
    let status = context.guarded.runtime.status().await?;
    let items: Vec<_> = status.iter().map(subscription).collect();
    let body = json!({ "count": items.len(), "items": items });
    context.service.unread.json(&body)
}

async fn show(
    State(context): State<Context>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    context.operator(&parts)?;
    context.respond(&path_name(name)?).await
}

async fn parked(
    State(context): State<Context>,
    name: Result<Path<String>, PathRejection>,
    query: RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    context.operator(&parts)?;
    let name = path_name(name)?;
    let mut query = QueryParameters::new(query)?;
    let after: Option<String> = query.take("after", |_| String::new());
    let (usual, most) = PAGE;
    let limit = query.take("limit", |_| format!("Not a number up to {most}."));
    query.finish()?;
    let limit = limit.unwrap_or(usual).clamp(1, most);
    let runtime = &context.guarded.runtime;
    let keys = runtime.parked(&name, after.as_deref(), limit).await;
    let keys = keys.map_err(problem)?;
    let items: Vec<_> = keys.iter().map(parked_key).collect();
    let full = keys.len() == usize::from(limit);
    let next = keys.last().filter(|_| full).map(|last| last.key.clone());
    let body = json!({ "items": items, "nextAfter": next });
    context.service.unread.json(&body)
}

async fn operate(
    State(context): State<Context>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let actor = context.operator(&parts)?;
    let Ok(Path((name, operation))) = path else {
        return Err(not_found());
    };
    media::require_json(&parts.headers)?;
    let room = || RequestClient::large_bodies(&parts);
    let body = context.service.intake.receive(body, room).await?;
    let asked = body.parse(read).await?;
    let runtime = &context.guarded.runtime;
    let note = Note::by(actor.id(), asked.reason.as_str());
    let key = asked.key.as_deref();
    let done = match operation.as_str() {
        "pause" => runtime.pause(&name, note).await,
        "resume" => runtime.resume(&name, note).await,
        "rebuild" => runtime.rebuild(&name, note).await,
        "cancel-rebuild" => runtime.cancel_rebuild(&name, note).await,
        "retry" if key.is_some() || asked.parked => {
            runtime.retry_parked(&name, key, note).await.map(drop)
        }
        "retry" => runtime.retry(&name, note).await,
        "skip" => {
            let position = position("position", asked.position.as_deref())?;
            match key {
                Some(key) => runtime.skip_parked(&name, key, position, note).await,
                None => runtime.skip(&name, position, note).await,
            }
        }
        "replay" => {
            let after = position("after", asked.after.as_deref())?;
            runtime.replay(&name, after, note).await
        }
        _ => return Err(not_found()),
    };
    done.map_err(problem)?;
    context.respond(&name).await
}

impl Context {
    /// Returns the actor of a request, who has the role.
    ///
    /// # Errors
    /// 401 without an actor, 403 for one without the role.
    fn operator(&self, request: &Parts) -> Result<Actor, Problem> {
        let actor = match request.extensions.get::<Authenticated>() {
            Some(Authenticated(actor)) => actor.clone()?,
            None => None,
        };
        let role = &*self.guarded.role;
        match actor {
            Some(actor) if actor.has_role(role) => Ok(actor),
            Some(actor) => {
                Err(
                    Problem::new(StatusCode::FORBIDDEN, "actor-not-allowed", "Not allowed")
                        .detail(&format!("The runtime is for the role '{role}'."))
                        .with("allowed", vec![role])
                        .with("actual", actor.roles().to_vec()),
                )
            }
            None => Err(Problem::unauthorized(&format!(
                "The runtime is for the role '{role}', and the request is not authenticated."
            ))),
        }
    }

    /// Answers with the state of a subscription.
    async fn respond(&self, name: &str) -> Result<Response, Problem> {
        let status = self.guarded.runtime.status().await?;
        let found = status.iter().find(|status| status.name == name);
        let found = found.ok_or_else(not_found)?;
        self.service.unread.json(&subscription(found))
    }
}

fn path_name(name: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    name.map(|Path(name)| name).map_err(|_| not_found())
}

/// Reads the body of an operation.
///
/// # Errors
/// 422 that says what serde says.
fn read(body: &[u8]) -> Result<Asked, Problem> {
    let fault = |reason: String| Problem::body(&[Fault::at("", "_schema", reason)]);
    let value = parse_untrusted_json(body).map_err(|error| fault(format!("{error}.")))?;
    serde_json::from_value(value).map_err(|error| fault(format!("{error}.")))
}

/// Reads a position of a body, as texts of answers have it.
fn position(field: &str, text: Option<&str>) -> Result<Position, Problem> {
    let fault = |reason: &str| Problem::body(&[Fault::at("", field, reason)]);
    let text = text.ok_or_else(|| fault("Missing data for required field."))?;
    text.parse().map_err(|_| fault("Not a position."))
}

fn not_found() -> Problem {
    Problem::not_found("Subscription not found")
}

/// Converts an error of the runtime.
fn problem(error: RuntimeError) -> Problem {
    let message = error.to_string();
    let conflict = |kind, title| Problem::new(StatusCode::CONFLICT, kind, title).detail(&message);
    match error {
        RuntimeError::Store(error) => error.into(),
        RuntimeError::Unknown { .. } => not_found(),
        RuntimeError::NotParked { .. } => conflict("not-parked", "Not set aside"),
        RuntimeError::NotHalted { .. } => conflict("not-halted", "Not halted"),
        RuntimeError::HaltedElsewhere { actual, .. } => {
            conflict("halted-elsewhere", "Halted elsewhere").with("actual", actual.to_string())
        }
        RuntimeError::ParkedElsewhere { actual, .. } => {
            conflict("parked-elsewhere", "Waits with another event")
                .with("actual", actual.to_string())
        }
        RuntimeError::Building { .. } => conflict("already-building", "Already being built"),
        RuntimeError::NotBuilding { .. } => conflict("not-building", "Not being built"),
        RuntimeError::NotReached { .. } => conflict("not-reached", "Not reached"),
        RuntimeError::NotAModel { .. } => conflict("not-a-model", "Not a read model"),
        RuntimeError::NotAHandler { .. } => conflict("not-a-handler", "Not a handler"),
        RuntimeError::Note { field, .. } => {
            let field = if field == "reason" { field } else { "_schema" };
            Problem::body(&[Fault::at("", field, message)])
        }
        _ => Problem::internal(&message),
    }
}
