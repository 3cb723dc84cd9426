//! Requests that take too long, or are too many.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::wire::problem::Problem;

/// How many requests may be under way, and how long each may take.
#[derive(Clone)]
pub(crate) struct Load {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Load {
    pub(crate) fn new(most: usize, patience: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            patience,
        }
    }
}

/// Until the answer begins; a stream counts among the streams from then on.
pub(crate) async fn limit(State(load): State<Load>, request: Request, next: Next) -> Response {
    let Ok(_room) = load.free.try_acquire() else {
        let problem = unavailable("overloaded", "Too many requests");
        return problem.into_response();
    };
    match tokio::time::timeout(load.patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => unavailable("timed-out", "The request took too long")
            .detail(
                "The request took too long. An append may still have been stored: send it again \
                 with the same Idempotency-Key.",
            )
            .into_response(),
    }
}

fn unavailable(kind: &str, title: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, title).with("retryable", true)
}
