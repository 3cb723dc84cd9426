//! Layers and routes around the endpoints of the machines.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

use super::gate::{Gate, gate};
#[cfg(feature = "metrics")]
use super::metrics::{self, Metrics};
use super::overload::{RequestLimiter, limit, limit_body_rate};
use super::response_headers::add_response_headers;
use super::{correlate, health, panic};
use crate::auth::actor::DynAuthenticator;
use crate::machine::{self, MachineDescription};
use crate::openapi;
use crate::options::endpoint::Endpoint;
use crate::options::limits::Limits;
use crate::options::site::Site;
use crate::options::trusted_proxies::TrustedProxies;
#[cfg(feature = "metrics")]
use crate::stream::registry::StreamRegistry;
use crate::wire::caching::keep_briefly;
use crate::wire::fallback::not_found;
use crate::wire::timed_body::BodyRate;

/// Platform of a service: all that it has besides the routes of its machines.
pub(crate) struct Platform {
    /// Machines, for their rules and the OpenAPI document.
    pub(crate) machines: Vec<Arc<MachineDescription>>,
    /// Views, for the OpenAPI document.
    pub(crate) views: Vec<openapi::ViewDescription>,
    /// Checks of `GET /api/ready`.
    pub(crate) ready_checks: Vec<health::ReadyCheck>,
    /// Limits of the service.
    pub(crate) limits: Limits,
    /// Finds the actor of a request.
    pub(crate) authenticator: Option<Arc<dyn DynAuthenticator>>,
    /// Proxies that name the addresses of their clients.
    pub(crate) trusted_proxies: Option<TrustedProxies>,
    /// Where clients reach the service.
    pub(crate) site: Site,
    /// Endpoints that are switched off.
    pub(crate) without: BTreeSet<Endpoint>,
    /// Whether the service is all that a server runs, so that it answers for every path.
    pub(crate) is_whole: bool,
    /// Rules for pages of other origins.
    pub(crate) cors: Option<CorsLayer>,
    /// Whether it has the endpoints of a runtime.
    #[cfg(feature = "runtime")]
    pub(crate) has_runtime: bool,
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
        let has = |endpoint: Endpoint| !self.without.contains(&endpoint);
        let mut described = Router::new();
        if has(Endpoint::Machine) {
            described = described.merge(machine::routes(&self.machines, &self.site.base_url));
        }
        if has(Endpoint::Docs) {
            let description = openapi::ServiceDescription {
                authenticated,
                limits: self.limits,
                base_url: self.site.base_url.clone(),
                #[cfg(feature = "runtime")]
                has_runtime: self.has_runtime,
                without: self.without.clone(),
                views: self.views,
            };
            described = described.merge(openapi::routes(&self.machines, &description));
        }
        // Where clients are authenticated, what one user may see must not be shown to the next one.
        if !authenticated {
            described = described.layer(middleware::map_response(keep_briefly));
        }
        let limited = routes
            .merge(described)
            .layer(middleware::from_fn_with_state(Arc::new(limiter), limit));
        // Health, docs and metrics are answered even when the service is overloaded.
        let mut router = limited.merge(health::routes(self.ready_checks));
        #[cfg(feature = "docs")]
        if has(Endpoint::Docs) {
            let docs = super::docs::routes().layer(middleware::map_response(keep_briefly));
            router = router.merge(docs);
        }
        #[cfg(feature = "metrics")]
        let metrics = has(Endpoint::Metrics).then(|| Arc::new(Metrics::new(self.streams)));
        #[cfg(feature = "metrics")]
        if let Some(metrics) = &metrics {
            router = router.merge(metrics::routes(Arc::clone(metrics)));
        }
        if self.is_whole {
            router = router.fallback(not_found);
        }
        router = router.layer(CatchPanicLayer::custom(panic::panic_response));
        #[cfg(feature = "compression")]
        {
            router = router.layer(tower_http::compression::CompressionLayer::new());
        }
        let checks = Arc::new(Gate::new(self.site, self.cors.as_ref()));
        if let Some(cors) = self.cors {
            router = router.layer(cors);
        }
        router = router.layer(middleware::from_fn_with_state(checks, gate));
        #[cfg(feature = "metrics")]
        if let Some(metrics) = metrics {
            router = router.layer(middleware::from_fn_with_state(metrics, metrics::observe));
        }
        router
            .layer(middleware::map_request_with_state(
                body_rate,
                limit_body_rate,
            ))
            .layer(middleware::from_fn(add_response_headers))
            .layer(middleware::from_fn(correlate::correlate))
    }
}
