//! Limits of requests in progress and of their duration.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::wire::problem::Problem;

/// Limiter of requests in progress.
#[derive(Clone)]
pub(crate) struct RequestLimiter {
    /// Permits, one for each request that may still be accepted.
    free: Arc<Semaphore>,
    timeout: Duration,
}

impl RequestLimiter {
    /// Creates a limiter of the number and the duration of requests.
    pub(crate) fn new(max_in_flight: usize, timeout: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS))),
            timeout,
        }
    }
}

/// Answers a request with 503 if there are too many, or if its response does not begin in time.
///
/// A stream counts only until its response begins; open streams have a limit of their own.
pub(crate) async fn limit(
    State(limiter): State<RequestLimiter>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_permit) = limiter.free.try_acquire() else {
        let problem = unavailable("overloaded", "Too many requests");
        return problem.into_response();
    };
    match tokio::time::timeout(limiter.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => unavailable("timed-out", "The request took too long")
            .detail(
                "The request took too long. An append may still have been stored: send it again \
                 with the same Idempotency-Key.",
            )
            .into_response(),
    }
}

/// Creates a 503 that the client may retry.
fn unavailable(kind: &str, title: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, title).with("retryable", true)
}
