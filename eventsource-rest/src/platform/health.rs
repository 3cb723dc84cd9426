//! `GET /api/health` and `GET /api/ready`: liveness and readiness.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::ready::ReadyFuture;
use crate::wire::fallback::method_not_allowed;
use crate::wire::problem::Problem;

/// Longest time that a database may take to answer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Entity of a machine, and the check whether it can be served.
pub(crate) type ReadyCheck = (&'static str, Box<dyn Fn() -> ReadyFuture + Send + Sync>);

/// Builds the routes of liveness, which checks nothing, and readiness, which queries the database.
pub(crate) fn routes(checks: Vec<ReadyCheck>) -> Router {
    let health = get(async || Json(json!({ "status": "ok" }))).fallback(method_not_allowed);
    Router::new()
        .route("/api/health", health)
        .route("/api/ready", get(ready).fallback(method_not_allowed))
        .with_state(Arc::new(checks))
}

/// Runs the checks of all machines; 503 if one fails.
async fn ready(State(checks): State<Arc<Vec<ReadyCheck>>>) -> Response {
    let mut results = Map::new();
    let mut failed = None;
    for (entity, check) in checks.iter() {
        let result = tokio::time::timeout(CHECK_TIMEOUT, check()).await;
        let result = result.unwrap_or(Err("database-unavailable"));
        failed = failed.or(result.err());
        results.insert(
            (*entity).to_owned(),
            Value::from(result.err().unwrap_or("ok")),
        );
    }
    match failed {
        None => Json(json!({ "status": "ok", "checks": results })).into_response(),
        Some(check) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, check, "Not ready")
            .with("retryable", true)
            .with("checks", results)
            .into_response(),
    }
}
