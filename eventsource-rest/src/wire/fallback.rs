//! Responses to requests that no route takes.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::wire::problem::Problem;

/// Answers a request for an unknown path with 404; for `axum::Router::fallback`.
///
/// ```
/// let app: axum::Router = axum::Router::new().fallback(eventsource_rest::not_found);
/// ```
pub async fn not_found() -> Response {
    Problem::not_found("The requested URL was not found on the server.").into_response()
}

/// Most bytes that are read of a body before it is refused.
const MAX_DISCARDED_BYTES: usize = 64 * 1024;

/// Answers a request with an unsupported method with 405.
pub(crate) async fn method_not_allowed(request: Request) -> Problem {
    // The server closes a connection with an unread body, and the client's next request fails.
    let _ = axum::body::to_bytes(request.into_body(), MAX_DISCARDED_BYTES).await;
    Problem::method_not_allowed()
}
