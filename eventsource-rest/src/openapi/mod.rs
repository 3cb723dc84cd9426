//! `GET /api/openapi.json`.
use crate::machine::Described;
use std::sync::Arc;
pub(crate) struct Service {
    pub(crate) authenticated: bool,
}
pub(crate) fn routes(_: &[Arc<Described>], _: Service) -> axum::Router {
    axum::Router::new()
}
