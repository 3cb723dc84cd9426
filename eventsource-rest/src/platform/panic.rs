//! Response to a request whose handler panics.

use std::any::Any;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::wire::problem::Problem;

/// Logs the message of a panic and answers 500 without it.
pub(crate) fn panic_response(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(panic = message, "request panicked");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "internal", "Internal error").into_response()
}
