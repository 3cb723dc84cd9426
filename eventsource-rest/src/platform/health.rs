//! `GET /api/health` and `GET /api/ready`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::ready::Ready;
use crate::wire::fallback::method_not_allowed;
use crate::wire::problem::Problem;

/// How long a database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// The check of one machine.
pub(crate) type Check = (&'static str, Box<dyn Fn() -> Ready + Send + Sync>);

/// Liveness, which asks nobody, and readiness, which asks the database.
pub(crate) fn routes(checks: Vec<Check>) -> Router {
    let health = get(async || Json(json!({ "status": "ok" }))).fallback(method_not_allowed);
    Router::new()
        .route("/api/health", health)
        .route("/api/ready", get(ready).fallback(method_not_allowed))
        .with_state(Arc::new(checks))
}

async fn ready(State(checks): State<Arc<Vec<Check>>>) -> Response {
    let mut told = Map::new();
    let mut failed = None;
    for (entity, check) in checks.iter() {
        let result = tokio::time::timeout(PATIENCE, check()).await;
        let result = result.unwrap_or(Err("database-unavailable"));
        failed = failed.or(result.err());
        told.insert(
            (*entity).to_owned(),
            Value::from(result.err().unwrap_or("ok")),
        );
    }
    match failed {
        None => Json(json!({ "status": "ok", "checks": told })).into_response(),
        Some(check) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, check, "Not ready")
            .with("retryable", true)
            .with("checks", told)
            .into_response(),
    }
}
