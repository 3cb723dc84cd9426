//! Route of the document.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;

use super::description::ServiceDescription;
use super::document::document;
use crate::machine::MachineDescription;
use crate::wire::fallback::method_not_allowed;

/// Builds the route of the document, which is generated once.
pub(crate) fn routes(machines: &[Arc<MachineDescription>], service: &ServiceDescription) -> Router {
    let text: Arc<str> = document(machines, service).to_string().into();
    let document = get(async move || {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], text.to_string()).into_response()
    });
    Router::new().route("/api/openapi.json", document.fallback(method_not_allowed))
}
