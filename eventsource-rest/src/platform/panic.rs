//! A request that panics.

use std::any::Any;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::wire::problem::Problem;

/// The log has the message, the client only that it was not its fault.
pub(crate) fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(panic = message, "a request panicked");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "internal", "Internal error").into_response()
}
