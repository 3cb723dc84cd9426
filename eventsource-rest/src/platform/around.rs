//! The endpoints of the machines with what surrounds them.

use std::sync::Arc;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

#[cfg(feature = "metrics")]
use super::metrics::{self, Metrics};
use super::options::Platform;
use super::overload::{Load, limit};
use super::{correlate, health, panic};
use crate::endpoints::context::Shared;
use crate::machine::{self, Described};
use crate::openapi;

/// Puts `machines`, the routes of the machines that are `described`, in their surroundings.
pub(crate) fn around(
    platform: Platform,
    machines: Router,
    described: &[Arc<Described>],
    checks: Vec<health::Check>,
    document: &openapi::Service,
    shared: &Arc<Shared>,
) -> Router {
    let load = Load::new(shared.limits.requests, shared.limits.timeout);
    let limited = machines
        .merge(machine::routes(described))
        .merge(openapi::routes(described, document))
        .layer(middleware::from_fn_with_state(load, limit));
    // Whoever watches the service is answered also when it is overloaded.
    let mut router = limited.merge(health::routes(checks));
    #[cfg(feature = "docs")]
    {
        router = router.merge(super::docs::routes());
    }
    #[cfg(feature = "metrics")]
    {
        let metrics = Arc::new(Metrics::new(Arc::clone(shared)));
        router = router
            .merge(metrics::routes(Arc::clone(&metrics)))
            .layer(CatchPanicLayer::custom(panic::answer))
            .layer(middleware::from_fn_with_state(metrics, metrics::observe));
    }
    #[cfg(not(feature = "metrics"))]
    {
        router = router.layer(CatchPanicLayer::custom(panic::answer));
    }
    #[cfg(feature = "compression")]
    {
        router = router.layer(tower_http::compression::CompressionLayer::new());
    }
    if let Some(cors) = platform.cors {
        router = router.layer(cors);
    }
    router.layer(middleware::from_fn(correlate::correlate))
}
