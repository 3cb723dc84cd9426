//! What the application may say about what surrounds the endpoints.

use tower_http::cors::CorsLayer;

use crate::service::Service;

/// What was said.
#[derive(Default)]
pub(crate) struct Platform {
    pub(crate) cors: Option<CorsLayer>,
}

impl Service {
    /// Which pages of other origins may call the service from a browser; none if not given. Let it
    /// allow and expose the headers that its pages need, such as `If-Match` and `ETag`.
    ///
    /// ```
    /// use eventsource_rest::{CorsLayer, Service};
    ///
    /// let service = Service::new().cors(CorsLayer::permissive());
    /// # drop(service);
    /// ```
    pub fn cors(mut self, layer: CorsLayer) -> Self {
        self.platform.cors = Some(layer);
        self
    }
}
