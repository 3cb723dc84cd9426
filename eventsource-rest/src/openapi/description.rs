//! Settings of the service that an OpenAPI document describes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::options::endpoint::Endpoint;
use crate::options::limits::Limits;
use crate::wire::base_url::BaseUrl;

/// Settings of the service that the document describes.
pub(crate) struct ServiceDescription {
    /// Whether the service has an authenticator, so that clients may send credentials.
    pub(crate) authenticated: bool,
    /// Limits of the service.
    pub(crate) limits: Limits,
    /// Base of the URLs in responses.
    pub(crate) base_url: BaseUrl,
    /// Whether it has the endpoints of a runtime.
    #[cfg(feature = "runtime")]
    pub(crate) has_runtime: bool,
    /// Endpoints that are switched off.
    pub(crate) without: BTreeSet<Endpoint>,
    /// Views that clients may read.
    pub(crate) views: Vec<ViewDescription>,
}

/// View that the document describes.
pub(crate) struct ViewDescription {
    /// Name of the view.
    pub(crate) name: &'static str,
    /// Fields by which values are found.
    pub(crate) indexed: &'static [&'static str],
    /// Schema of a value.
    pub(crate) schema: Value,
    /// Whether reads need no actor.
    pub(crate) is_public: bool,
}
