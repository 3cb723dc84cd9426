//! Layers and routes around the endpoints of the machines.

use std::sync::Arc;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

#[cfg(feature = "metrics")]
use super::metrics::{self, Metrics};
use super::overload::{RequestLimiter, limit};
use super::{correlate, health, panic};
use crate::machine::{self, MachineDescription};
use crate::openapi;
use crate::options::limits::Limits;
#[cfg(feature = "metrics")]
use crate::stream::registry::StreamRegistry;

/// Platform of a service: all that it has besides the routes of its machines.
pub(crate) struct Platform {
    /// Machines, for their rules and the OpenAPI document.
    pub(crate) machines: Vec<Arc<MachineDescription>>,
    /// Checks of `GET /api/ready`.
    pub(crate) ready_checks: Vec<health::ReadyCheck>,
    /// Limits of the service.
    pub(crate) limits: Limits,
    /// Whether the service has an authenticator, so that clients may send credentials.
    pub(crate) authenticated: bool,
    /// Rules for pages of other origins.
    pub(crate) cors: Option<CorsLayer>,
    /// Streams, for the metrics.
    #[cfg(feature = "metrics")]
    pub(crate) streams: Arc<StreamRegistry>,
}

impl Platform {
    /// Adds the other routes and the layers to the routes of the machines.
    pub(crate) fn wrap(self, routes: Router) -> Router {
        let limiter = RequestLimiter::new(self.limits.max_in_flight, self.limits.request_timeout);
        let description = openapi::ServiceDescription {
            authenticated: self.authenticated,
            limits: self.limits,
        };
        let limited = routes
            .merge(machine::routes(&self.machines))
            .merge(openapi::routes(&self.machines, &description))
            .layer(middleware::from_fn_with_state(limiter, limit));
        // Health, docs and metrics are answered even when the service is overloaded.
        let mut router = limited.merge(health::routes(self.ready_checks));
        #[cfg(feature = "docs")]
        {
            router = router.merge(super::docs::routes());
        }
        #[cfg(feature = "metrics")]
        {
            let metrics = Arc::new(Metrics::new(self.streams));
            router = router
                .merge(metrics::routes(Arc::clone(&metrics)))
                .layer(CatchPanicLayer::custom(panic::panic_response))
                .layer(middleware::from_fn_with_state(metrics, metrics::observe));
        }
        #[cfg(not(feature = "metrics"))]
        {
            router = router.layer(CatchPanicLayer::custom(panic::panic_response));
        }
        #[cfg(feature = "compression")]
        {
            router = router.layer(tower_http::compression::CompressionLayer::new());
        }
        if let Some(cors) = self.cors {
            router = router.layer(cors);
        }
        router.layer(middleware::from_fn(correlate::correlate))
    }
}
