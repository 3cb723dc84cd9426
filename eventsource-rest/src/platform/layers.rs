//! Layers and routes around the endpoints of the machines.

use std::sync::Arc;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

#[cfg(feature = "metrics")]
use super::metrics::{self, Metrics};
use super::overload::{RequestLimiter, limit, limit_body_rate};
use super::{correlate, health, panic};
use crate::auth::actor::DynAuthenticator;
use crate::machine::{self, MachineDescription};
use crate::openapi;
use crate::options::limits::Limits;
use crate::options::trusted_proxies::TrustedProxies;
#[cfg(feature = "metrics")]
use crate::stream::registry::StreamRegistry;
use crate::wire::timed_body::BodyRate;

/// Platform of a service: all that it has besides the routes of its machines.
pub(crate) struct Platform {
    /// Machines, for their rules and the OpenAPI document.
    pub(crate) machines: Vec<Arc<MachineDescription>>,
    /// Checks of `GET /api/ready`.
    pub(crate) ready_checks: Vec<health::ReadyCheck>,
    /// Limits of the service.
    pub(crate) limits: Limits,
    /// Finds the actor of a request.
    pub(crate) authenticator: Option<Arc<dyn DynAuthenticator>>,
    /// Proxies that name the addresses of their clients.
    pub(crate) trusted_proxies: Option<TrustedProxies>,
    /// Rules for pages of other origins.
    pub(crate) cors: Option<CorsLayer>,
    /// Streams, for the metrics.
    #[cfg(feature = "metrics")]
    pub(crate) streams: Arc<StreamRegistry>,
}

impl Platform {
    /// Adds the other routes and the layers to the routes of the machines.
    pub(crate) fn wrap(self, routes: Router) -> Router {
        let body_rate = BodyRate {
            timeout: self.limits.body_timeout,
            bytes_per_second: self.limits.min_body_rate,
        };
        let authenticated = self.authenticator.is_some();
        let limiter = RequestLimiter::new(&self.limits, self.authenticator, self.trusted_proxies);
        let description = openapi::ServiceDescription {
            authenticated,
            limits: self.limits,
        };
        let limited = routes
            .merge(machine::routes(&self.machines))
            .merge(openapi::routes(&self.machines, &description))
            .layer(middleware::from_fn_with_state(Arc::new(limiter), limit));
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
        router
            .layer(middleware::map_request_with_state(
                body_rate,
                limit_body_rate,
            ))
            .layer(middleware::from_fn(correlate::correlate))
    }
}
