//! Responses to requests that no route takes.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::wire::problem::Problem;

/// The answer to a path that nothing has, for [`axum::Router::fallback`].
///
/// ```
/// let app: axum::Router = axum::Router::new().fallback(eventsource_rest::not_found);
/// ```
pub async fn not_found() -> Response {
    Problem::not_found("The requested URL was not found on the server.").into_response()
}

/// How much of a body that nobody wants is read, in bytes.
const UNWANTED: usize = 64 * 1024;

pub(crate) async fn method_not_allowed(request: Request) -> Problem {
    // A connection with an unread body is closed, under the next request that the client sends on it.
    let _ = axum::body::to_bytes(request.into_body(), UNWANTED).await;
    Problem::method_not_allowed()
}
