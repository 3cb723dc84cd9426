//! The endpoints of the machines with what surrounds them.

use std::sync::Arc;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

#[cfg(feature = "metrics")]
use super::metrics::{self, Metrics};
use super::overload::{Load, limit};
use super::{correlate, health, panic};
use crate::machine::{self, Described};
use crate::openapi;
use crate::options::limits::Limits;
#[cfg(feature = "metrics")]
use crate::stream::registry::Streams;

/// What surrounds the routes of machines.
pub(crate) struct Platform {
    pub(crate) machines: Vec<Arc<Described>>,
    pub(crate) checks: Vec<health::Check>,
    pub(crate) limits: Limits,
    /// Whether something tells who asks, so that clients may have to say.
    pub(crate) authenticated: bool,
    pub(crate) cors: Option<CorsLayer>,
    #[cfg(feature = "metrics")]
    pub(crate) streams: Arc<Streams>,
}

impl Platform {
    /// Puts the routes of the machines in their surroundings.
    pub(crate) fn around(self, routes: Router) -> Router {
        let load = Load::new(self.limits.max_in_flight, self.limits.request_timeout);
        let document = openapi::Service {
            authenticated: self.authenticated,
            limits: self.limits,
        };
        let limited = routes
            .merge(machine::routes(&self.machines))
            .merge(openapi::routes(&self.machines, &document))
            .layer(middleware::from_fn_with_state(load, limit));
        // Whoever watches the service is answered also when it is overloaded.
        let mut router = limited.merge(health::routes(self.checks));
        #[cfg(feature = "docs")]
        {
            router = router.merge(super::docs::routes());
        }
        #[cfg(feature = "metrics")]
        {
            let metrics = Arc::new(Metrics::new(self.streams));
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
        if let Some(cors) = self.cors {
            router = router.layer(cors);
        }
        router.layer(middleware::from_fn(correlate::correlate))
    }
}
